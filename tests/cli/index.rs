//! The index, read in place, says what git says of it.

use crate::support::{Folder, Random};
use keyward::git::{Change, Staged, Store};
use keyward::source::pending;
use std::fs;
use std::os::unix::fs::symlink;

/// What is staged, as git tells it: a line a change.
fn by_git(here: &Folder) -> Vec<String> {
    let listing = here.git(&[
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--ita-invisible-in-index",
        "--ignore-submodules=none",
        "HEAD",
        "--",
    ]);
    let fields: Vec<&str> = listing.out.split('\0').filter(|field| !field.is_empty()).collect();
    let is_file = |mode: &str| mode.starts_with("10") || mode == "120000";
    let changes = fields.chunks(2).map(|change| {
        let record: Vec<&str> = change[0][1..].split(' ').collect();
        let old = if is_file(record[0]) { record[2] } else { "-" };
        let new = match (record[4], record[1]) {
            ("U", _) => "unmerged",
            ("D", _) => "deleted",
            (_, "160000") => "submodule",
            _ => record[3],
        };
        format!("{} {old} {new}", change[1])
    });
    let mut changes: Vec<String> = changes.collect();
    changes.sort();
    // A conflict stands there twice: as such, and as a change of what one side has.
    let torn: Vec<String> =
        changes.iter().filter_map(|change| change.strip_suffix(" unmerged").map(str::to_owned)).collect();
    changes.retain(|change| {
        let path = change.split(' ').next().unwrap();
        change.ends_with(" unmerged") || !torn.iter().any(|torn| torn.split(' ').next() == Some(path))
    });
    changes.dedup();
    changes
}

/// The same, as the index read in place tells it; nothing where that is left to git.
fn by_ourselves(here: &Folder) -> Option<Vec<String>> {
    let local = Store::find(Some(here.path())).unwrap().local().unwrap();
    let tell = |Change { path, old, new }: &Change| {
        let old = old.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let new = match new {
            Staged::Blob(id) => id.to_string(),
            Staged::Submodule => "submodule".to_owned(),
            Staged::Deleted => "deleted".to_owned(),
            Staged::Unmerged => "unmerged".to_owned(),
        };
        format!("{path} {old} {new}")
    };
    let mut changes: Vec<String> = pending::changes(&local)?.iter().map(tell).collect();
    changes.sort();
    Some(changes)
}

/// One of a few paths, so that files and folders take each other's names.
fn path(random: &mut Random) -> String {
    let names = ["a", "b", "a-b", "a.b", "c"];
    let depth = 1 + random.below(3);
    (0..depth).map(|_| names[random.below(names.len())]).collect::<Vec<_>>().join("/")
}

fn step(here: &Folder, random: &mut Random) {
    let path = path(random);
    let target = here.at(&path);
    match random.below(10) {
        0..=3 => {
            // Whatever stood in the way of a folder goes.
            for above in target.ancestors().skip(1).take_while(|above| *above != here.path()) {
                if above.is_file() || above.is_symlink() {
                    fs::remove_file(above).unwrap();
                }
            }
            if target.is_dir() {
                fs::remove_dir_all(&target).unwrap();
            }
            here.write(&path, format!("{}\n", random.below(4)));
            here.try_git(&["add", "--all", "."]);
        }
        4 => {
            here.try_git(&["rm", "-r", "--quiet", "--force", "--cached", "--ignore-unmatch", &path]);
        }
        5 => {
            here.try_git(&["update-index", "--chmod=+x", &path]);
        }
        6 if !target.exists() && target.parent().is_some_and(std::path::Path::is_dir) => {
            symlink("elsewhere", &target).unwrap();
            here.try_git(&["add", &path]);
        }
        7 => {
            here.try_git(&["add", "--intent-to-add", "."]);
        }
        8 => {
            let commit = here.git(&["rev-parse", "HEAD"]).out;
            here.try_git(&[
                "update-index",
                "--add",
                "--cacheinfo",
                &format!("160000,{},sub{}", commit.trim(), random.below(3)),
            ]);
        }
        _ => {
            here.try_git(&["commit", "--quiet", "--message", "x"]);
        }
    }
}

#[test]
fn after_any_steps_the_index_read_in_place_tells_what_git_tells() {
    let mut by_us = 0;
    for seed in 1..=8 {
        let (here, mut random) = (Folder::repository(), Random(seed * 77_777 + 1));
        here.stage("a/first", "x\n");
        here.commit();
        for at in 0..25 {
            step(&here, &mut random);
            if let Some(changes) = by_ourselves(&here) {
                by_us += 1;
                assert_eq!(changes, by_git(&here), "seed {seed}, step {at}");
            }
        }
    }
    assert!(by_us > 150, "only {by_us} of 200 were not left to git");
}

#[test]
fn a_conflict_is_told_and_other_forms_of_an_index_are_left_to_git() {
    let here = Folder::repository();
    for (branch, content) in [("main", "base\n"), ("side", "side\n"), ("main", "main\n")] {
        here.try_git(&["switch", "--quiet", "--create", branch]);
        here.try_git(&["switch", "--quiet", branch]);
        here.stage("a", content);
        here.commit();
    }
    assert_ne!(here.try_git(&["merge", "--quiet", "side"]).status, 0);
    here.stage("new", "x\n");
    assert_eq!(by_ourselves(&here), Some(by_git(&here)));
    assert!(by_git(&here).iter().any(|change| change.ends_with(" unmerged")));
    here.git(&["reset", "--quiet", "--hard"]);
    assert_eq!(by_ourselves(&here), Some(vec![]));

    for change in [&["update-index", "--index-version", "4"][..], &["update-index", "--split-index"]] {
        here.git(change);
        assert_eq!(by_ourselves(&here), None);
        here.git(&["update-index", "--no-split-index"]);
        here.git(&["update-index", "--index-version", "2"]);
    }
    // An index that is cut off is git's to complain of.
    let index = fs::read(here.at(".git/index")).unwrap();
    for len in [0, 11, 40, index.len() - 21] {
        fs::write(here.at(".git/index"), &index[..len]).unwrap();
        assert_eq!(by_ourselves(&here), None, "{len}");
    }
}
