//! Baselines that two branches have written, merged by the real git.

use crate::support::{Folder, Key, Run};

const FILE: &str = ".keyward-baseline";

fn accept(here: &Folder, key: &Key, path: &str) {
    here.stage(path, key.env_file());
    let run = here.keyward(&["baseline", "add", &key.fingerprint(), "--reason", path]);
    assert_eq!(run.status, 0, "{}", run.err);
    here.git(&["add", "--all"]);
    here.commit();
}

/// Two branches that each accept two credentials, and one that both do, beside one that was there; `prepared` is in the first commit.
fn branches(prepared: impl FnOnce(&Folder)) -> Folder {
    let here = Folder::repository();
    here.stage("README", "x\n");
    prepared(&here);
    here.commit();
    here.git(&["switch", "--quiet", "--create", "topic"]);
    for seed in [760, 761, 764] {
        accept(&here, &Key::new(seed), &format!("{seed}.env"));
    }
    here.git(&["switch", "--quiet", "main"]);
    for seed in [762, 763, 764] {
        accept(&here, &Key::new(seed), &format!("{seed}.env"));
    }
    here
}

fn merge(here: &Folder) -> Run {
    here.try_git(&["merge", "--quiet", "--no-edit", "topic"])
}

#[test]
fn two_branches_that_each_accept_something_merge_without_a_conflict() {
    // Made on both sides, and made before.
    for is_there in [false, true] {
        let here = branches(|here| {
            if is_there {
                here.stage("old.env", Key::new(765).env_file());
                assert_eq!(here.keyward(&["baseline", "create"]).status, 0);
                here.git(&["add", "--all"]);
            }
        });
        let run = merge(&here);
        assert_eq!(run.status, 0, "{}{}", run.out, run.err);
        let scan = here.scan(&[]);
        assert_eq!(
            (scan.status, scan.summary()["suppressed"].as_u64()),
            (0, Some(5 + u64::from(is_there))),
            "{}",
            scan.err
        );
        assert_eq!(here.scan(&["--history"]).status, 0);
        // What git put together is in order again with the next line.
        accept(&here, &Key::new(766), "new.env");
        let written = here.read(FILE);
        assert_eq!(written.lines().filter(|line| !line.starts_with('#')).count(), 6 + usize::from(is_there));
        assert!(written.lines().filter(|line| !line.starts_with('#')).is_sorted());
    }
}

#[test]
fn a_conflict_without_the_line_in_gitattributes_says_what_to_do() {
    let here = branches(|_| {});
    here.git(&["switch", "--quiet", "topic"]);
    let forget = |here: &Folder| {
        here.git(&["rm", "--quiet", ".gitattributes"]);
        here.commit();
    };
    forget(&here);
    here.git(&["switch", "--quiet", "main"]);
    forget(&here);
    assert_eq!(merge(&here).status, 1);
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: could not read .keyward-baseline\n  caused by: line "), "{}", run.err);
    let hint = "  hint: delete the lines that begin with <<<<<<<, ======= and >>>>>>>, keep all others\n";
    assert!(run.err.contains(": a merge left its marks here\n") && run.err.ends_with(hint), "{}", run.err);
    // That is all there is to do.
    let marks = ["<<<<<<<", "=======", ">>>>>>>"];
    let file = here.read(FILE);
    let lines = file.lines().filter(|line| !marks.iter().any(|mark| line.starts_with(mark)));
    let text = lines.collect::<Vec<_>>().join("\n");
    here.write(FILE, text);
    assert_eq!(here.scan(&[]).status, 0);
}
