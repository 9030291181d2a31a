//! What a commit would contain.

use super::{Situation, commit, guard, guarded, layouts, with_old_key};
use crate::support::{Folder, KEYWARD, Key, Random, Run};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{chown, symlink};
use std::process::Stdio;

pub(super) fn key() -> Key {
    Key::new(900)
}

/// A file with the key is staged, once the repository is as it shall be.
pub(super) fn staged_in(prepare: impl Fn(&Folder)) -> Run {
    let here = guarded();
    prepare(&here);
    here.stage("a.env", key().env_file());
    commit(&here, &[])
}

fn moved(edit: impl Fn(&str) -> String) -> Run {
    let here = with_old_key(&key());
    here.git(&["mv", "old.env", "new.env"]);
    here.stage("new.env", edit(&key().env_file()));
    commit(&here, &[])
}

pub const ALL: &[Situation] = &[
    Situation { name: "a key is staged", act: || staged_in(|_| {}) },
    Situation {
        name: "the first commit of all",
        act: || {
            let here = Folder::repository();
            guard(&here);
            here.stage("a.env", key().env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "`commit -a` of a tracked file",
        act: || {
            let here = guarded();
            here.write("README", key().env_file());
            commit(&here, &["--all"])
        },
    },
    Situation {
        name: "`commit -p`, the part with the key chosen",
        act: || {
            let here = guarded();
            here.write("README", format!("hello\n{}", key().env_file()));
            let mut git = here.command("git");
            git.args(["commit", "--patch", "--message", "x"]).stdin(Stdio::piped());
            let mut child = git.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(b"y\n").unwrap();
            child.wait_with_output().unwrap().into()
        },
    },
    Situation {
        name: "`commit --only` of a clean file, the key staged beside it",
        act: || {
            let here = guarded();
            here.stage("a.env", key().env_file());
            here.write("README", "changed\n");
            commit(&here, &["--only", "README"])
        },
    },
    Situation {
        name: "`commit --only` of the file with the key",
        act: || {
            let here = guarded();
            here.stage("b", "clean\n");
            here.write("README", key().env_file());
            commit(&here, &["--only", "README"])
        },
    },
    Situation {
        name: "`commit --amend` that adds the key",
        act: || {
            let here = guarded();
            here.stage("a.env", key().env_file());
            commit(&here, &["--amend"])
        },
    },
    Situation {
        name: "`commit --amend` of the message of a commit that holds it (left to the push)",
        act: || commit(&with_old_key(&key()), &["--amend"]),
    },
    Situation { name: "`commit --allow-empty`", act: || commit(&guarded(), &["--allow-empty"]) },
    Situation {
        name: "only a deletion",
        act: || {
            let here = with_old_key(&key());
            here.git(&["rm", "--quiet", "old.env"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "staged with the key, cleaned on disk",
        act: || {
            let here = guarded();
            here.stage("a.env", key().env_file());
            here.write("a.env", "clean\n");
            commit(&here, &[])
        },
    },
    Situation {
        name: "staged clean, the key only on disk",
        act: || {
            let here = guarded();
            here.stage("a.env", "clean\n");
            here.write("a.env", key().env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "intent to add (`add -N`), something else staged",
        act: || {
            let here = guarded();
            here.write("a.env", key().env_file());
            here.git(&["add", "--intent-to-add", "a.env"]);
            here.stage("b", "clean\n");
            commit(&here, &[])
        },
    },
    Situation {
        name: "intent to add, then `commit -a`",
        act: || {
            let here = guarded();
            here.write("a.env", key().env_file());
            here.git(&["add", "--intent-to-add", "a.env"]);
            commit(&here, &["--all"])
        },
    },
    Situation { name: "a file with an old key is renamed", act: || moved(str::to_owned) },
    Situation { name: "renamed and edited, the same key", act: || moved(|content| format!("# moved\n{content}")) },
    Situation {
        name: "renamed, and another key added",
        act: || moved(|content| format!("{content}{}", Key::new(901).env_file())),
    },
    Situation {
        name: "a change of mode",
        act: || {
            let here = with_old_key(&key());
            here.git(&["update-index", "--chmod=+x", "old.env"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "a link whose target is the key",
        act: || {
            let here = guarded();
            symlink(format!("{}:{}", key().id, key().secret.replace('/', "+")), here.at("link")).unwrap();
            here.git(&["add", "link"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "a file that becomes such a link",
        act: || {
            let here = guarded();
            fs::remove_file(here.at("README")).unwrap();
            symlink(&key().id, here.at("README")).unwrap();
            commit(&here, &["--all"])
        },
    },
    Situation {
        name: "a link to a file with a key outside the repository",
        act: || {
            let (here, outside) = (guarded(), Folder::new());
            outside.write("a.env", key().env_file());
            symlink(outside.at("a.env"), here.at("link")).unwrap();
            here.git(&["add", "link"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "`keyward:allow REASON` in the line of the secret",
        act: || {
            let here = guarded();
            here.stage("a.env", format!("{} # keyward:allow made up\n", key().env_file().trim_end()));
            commit(&here, &[])
        },
    },
    Situation {
        name: "`keyward:allow` without a reason",
        act: || {
            let here = guarded();
            here.stage("a.env", format!("{} # keyward:allow\n", key().env_file().trim_end()));
            commit(&here, &[])
        },
    },
    Situation {
        name: "20 MB that do not compress, the key behind them",
        act: || {
            let here = guarded();
            let mut random = Random(77);
            let mut bytes: Vec<u8> = (0..2_500_000).flat_map(|_| random.next().to_le_bytes()).collect();
            bytes.extend_from_slice(format!("\n{}", key().env_file()).as_bytes());
            here.stage("big.bin", bytes);
            let run = commit(&here, &[]);
            Run { err: run.err.replace(&big_line(&run.err), "big.bin:LINE"), ..run }
        },
    },
    Situation {
        name: "`commit --no-verify` (left to the push)",
        act: || {
            let here = guarded();
            here.stage("a.env", key().env_file());
            commit(&here, &["--no-verify"])
        },
    },
];

#[test]
fn a_repository_of_somebody_else_is_not_called_clean() {
    // libgit2 does not know this repository's format, so that it is git who refuses.
    let here = layouts::of_sha256();
    here.stage("a.env", key().env_file());
    let mut keyward = here.command(KEYWARD);
    keyward.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["hook", "run", "pre-commit"]);
    is_refused_to(&keyward.output().unwrap().into());
    // Here libgit2 does; only root can give a folder away.
    let here = guarded();
    here.stage("a.env", key().env_file());
    if ["", ".git"].iter().all(|path| chown(here.at(path), Some(12_345), None).is_ok()) {
        is_refused_to(&here.keyward(&["hook", "run", "pre-commit"]));
    }
}

fn is_refused_to(run: &Run) {
    assert_eq!(run.status, 2, "{}", run.err);
    let hint = "hint: git config --global --add safe.directory PATH, if you trust that repository\n";
    assert!(run.err.ends_with(hint), "{}", run.err);
}

/// The place in the large file: its line depends on where random bytes happen to be line feeds.
fn big_line(said: &str) -> String {
    let place = said.lines().find(|line| line.starts_with("big.bin:")).unwrap();
    place.split("  ").next().unwrap().to_owned()
}

#[test]
fn a_session_token_that_is_added_to_an_old_temporary_pair_is_new() {
    let (here, key) = (guarded(), Key::new(903));
    let pair = key.env_file().replace("AKIA", "ASIA");
    here.stage("a.env", &pair);
    here.commit();
    let token = format!("IQoJb3JpZ2luX2Vj{}", Random(78).text(crate::support::BASE64, 400));
    here.stage("a.env", format!("{pair}AWS_SESSION_TOKEN={token}\n"));
    let run = commit(&here, &[]);
    assert_eq!(run.status, 1, "{}", run.err);
}

#[test]
fn a_file_called_like_a_flag_is_a_file() {
    let here = guarded();
    here.stage("a.env", key().env_file());
    for name in ["-h", "--help", "-V"] {
        assert_eq!(here.keyward(&["hook", "run", "pre-commit", name, "a.env"]).status, 1, "{name}");
    }
}

#[test]
fn files_are_taken_whole_from_the_index_where_nothing_is_staged() {
    let here = with_old_key(&key());
    here.write("old.env", "cleaned on disk\n");
    let run = here.keyward(&["hook", "run", "pre-commit", "README", "old.env"]);
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("keyward: these files hold an AWS credential\n\nold.env:3:23  AWS"), "{}", run.err);
    assert!(run.err.ends_with(&format!("\n1 finding in 1 of 2 files ({} bytes).\n", 6 + key().env_file().len())));
    // One that the index does not hold is read from the disk, and a path may be absolute.
    here.write("new.env", key().env_file());
    let path = here.at("new.env");
    let run = here.keyward(&["hook", "run", "pre-commit", path.to_str().unwrap()]);
    assert_eq!(run.status, 1, "{}", run.err);
    let run = here.keyward(&["hook", "run", "pre-commit", "README"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    // What is staged counts in any case, and beside it the files that are named.
    here.stage("staged.env", Key::new(902).env_file());
    let run = here.keyward(&["hook", "run", "pre-commit", "README", "old.env"]);
    assert!(run.err.contains("staged.env:3:23") && run.err.contains("old.env:3:23"), "{}", run.err);
}
