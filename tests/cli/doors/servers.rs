//! What a server is sent.

use super::{Situation, commit_file, write_hook};
use crate::support::{Folder, Key, Run};
use std::fs;

fn key() -> Key {
    Key::new(940)
}

/// A repository without hooks whose `main` is on a server, `remote.git`, that has one.
fn served_by(hook: &str) -> Folder {
    let here = Folder::repository();
    commit_file(&here, "README", "hello\n");
    here.git(&["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
    here.git(&["remote", "add", "origin", "remote.git"]);
    here.git(&["push", "--quiet", "origin", "main"]);
    write_hook(&here, "remote.git", hook);
    here
}

pub(super) fn served() -> Folder {
    served_by("pre-receive")
}

/// One that has the key already.
fn served_with_old_key() -> Folder {
    let here = served();
    fs::remove_file(here.at("remote.git/hooks/pre-receive")).unwrap();
    commit_file(&here, "old.env", &key().env_file());
    here.git(&["push", "--quiet", "origin", "main"]);
    write_hook(&here, "remote.git", "pre-receive");
    here
}

fn with_key(here: Folder) -> Folder {
    commit_file(&here, "a.env", &key().env_file());
    here
}

fn push(here: &Folder, arguments: &[&str]) -> Run {
    here.try_git(&[&["push", "--quiet", "origin"], arguments].concat())
}

pub const ALL: &[Situation] = &[
    Situation { name: "a commit with the key", act: || push(&with_key(served()), &["main"]) },
    Situation { name: "a new branch", act: || push(&with_key(served()), &["main:refs/heads/new"]) },
    Situation {
        name: "two branches, the second with the key",
        act: || {
            let here = served();
            commit_file(&here, "b", "x\n");
            here.git(&["branch", "clean"]);
            push(&with_key(here), &["clean", "main"])
        },
    },
    Situation {
        name: "nothing in the new commits",
        act: || {
            let here = served();
            commit_file(&here, "b", "x\n");
            push(&here, &["main"])
        },
    },
    Situation {
        name: "a forced push that drops a commit and brings the key",
        act: || {
            let here = served();
            commit_file(&here, "b", "x\n");
            here.git(&["push", "--quiet", "origin", "main"]);
            here.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
            push(&with_key(here), &["--force", "main"])
        },
    },
    Situation {
        name: "an edit of a file whose key is old (thin pack)",
        act: || {
            let here = served_with_old_key();
            commit_file(&here, "old.env", &format!("{}# more\n", key().env_file()));
            push(&here, &["main"])
        },
    },
    Situation {
        name: "an annotated tag with the key in its message",
        act: || {
            let here = served();
            here.git(&["tag", "--annotate", "v1", "--message", &key().env_file()]);
            push(&here, &["v1"])
        },
    },
    Situation {
        name: "a tag of a blob",
        act: || {
            let here = served();
            here.write("blob", key().env_file());
            let blob = here.git(&["hash-object", "-w", "blob"]).out;
            here.git(&["tag", "file", blob.trim()]);
            push(&here, &["file"])
        },
    },
    Situation {
        name: "a marker that comes with the push",
        act: || {
            let here = served();
            commit_file(&here, "a.env", &format!("{} # keyward:allow made up\n", key().env_file().trim_end()));
            push(&here, &["main"])
        },
    },
    Situation {
        name: "a deletion",
        act: || {
            let here = served();
            here.git(&["push", "--quiet", "origin", "main:refs/heads/gone"]);
            push(&here, &[":gone"])
        },
    },
    Situation { name: "a branch of what is there", act: || push(&served(), &["main:refs/heads/same"]) },
    Situation {
        name: "into an empty repository",
        act: || {
            let here = with_key(served());
            here.git(&["init", "--quiet", "--bare", "empty.git"]);
            write_hook(&here, "empty.git", "pre-receive");
            here.git(&["remote", "set-url", "origin", "empty.git"]);
            push(&here, &["main"])
        },
    },
    Situation {
        name: "more than can be examined in time (`keyward.timeBudget`), here a setting that is none",
        act: || {
            let here = served();
            here.git(&["-C", "remote.git", "config", "keyward.timeBudget", "soon"]);
            push(&with_key(here), &["main"])
        },
    },
    Situation { name: "`update` instead", act: || push(&with_key(served_by("update")), &["main"]) },
];

fn objects(here: &Folder) -> String {
    here.git(&["-C", "remote.git", "cat-file", "--batch-all-objects", "--batch-check"]).out
}

#[test]
fn a_server_keeps_no_object_of_a_push_that_its_hook_refuses() {
    let here = with_key(served());
    let before = objects(&here);
    let run = push(&here, &["main"]);
    assert_ne!(run.status, 0);
    assert!(run.err.contains("remote: keyward: this push holds an AWS credential, so it is refused"), "{}", run.err);
    assert_eq!(objects(&here), before);
    assert!(!run.err.contains(&key().secret), "{}", run.err);
}

#[test]
fn update_refuses_the_one_ref_that_brings_the_key() {
    let here = served_by("update");
    commit_file(&here, "b", "x\n");
    here.git(&["branch", "clean"]);
    let here = with_key(here);
    assert_ne!(push(&here, &["clean", "main"]).status, 0);
    let refs = here.git(&["-C", "remote.git", "for-each-ref", "--format=%(refname)"]).out;
    assert_eq!(refs, "refs/heads/clean\nrefs/heads/main\n");
    let on_server = here.git(&["-C", "remote.git", "rev-parse", "main"]).out;
    assert_eq!(on_server, here.git(&["rev-parse", "main~2"]).out);
}
