//! What a merge brings.

use super::{Situation, commit, commit_file, guarded};
use crate::support::{Folder, Key, Run};

fn key() -> Key {
    Key::new(920)
}

/// A branch `side` that holds the key in a file of its own, and `main` that has gone on.
fn diverged() -> Folder {
    let here = guarded();
    here.git(&["switch", "--quiet", "--create", "side"]);
    commit_file(&here, "side.env", &key().env_file());
    here.git(&["switch", "--quiet", "main"]);
    commit_file(&here, "main.txt", "x\n");
    here
}

/// The same where a remote has `side` already.
fn published() -> Folder {
    let here = diverged();
    here.git(&["update-ref", "refs/remotes/origin/side", "side"]);
    here
}

/// Both sides change the same line; `side` brings the key beside it.
fn in_conflict() -> Folder {
    let here = guarded();
    commit_file(&here, "a.txt", "base\n");
    here.git(&["switch", "--quiet", "--create", "side"]);
    here.stage("side.env", key().env_file());
    commit_file(&here, "a.txt", "side\n");
    here.git(&["switch", "--quiet", "main"]);
    commit_file(&here, "a.txt", "main\n");
    assert_ne!(here.try_git(&["merge", "--quiet", "side"]).status, 0);
    here
}

fn merge(here: &Folder) -> Run {
    here.try_git(&["merge", "--quiet", "--no-ff", "--no-edit", "side"])
}

pub const ALL: &[Situation] = &[
    Situation { name: "only local commits hold the key", act: || merge(&diverged()) },
    Situation {
        name: "a plain `git commit` after that refusal",
        act: || {
            let here = diverged();
            assert_ne!(merge(&here).status, 0);
            commit(&here, &[])
        },
    },
    Situation { name: "a remote has the commit that brought it", act: || merge(&published()) },
    Situation {
        name: "a remote has it, and a local commit on top edits the file",
        act: || {
            let here = published();
            here.git(&["switch", "--quiet", "side"]);
            commit_file(&here, "side.env", &format!("# more\n{}", key().env_file()));
            here.git(&["switch", "--quiet", "main"]);
            merge(&here)
        },
    },
    Situation {
        name: "a remote has it, and a local commit on top brings another",
        act: || {
            let here = published();
            here.git(&["switch", "--quiet", "side"]);
            commit_file(&here, "more.env", &Key::new(921).env_file());
            here.git(&["switch", "--quiet", "main"]);
            merge(&here)
        },
    },
    Situation {
        name: "a conflict, resolved; only local commits hold the key",
        act: || {
            let here = in_conflict();
            here.stage("a.txt", "both\n");
            commit(&here, &[])
        },
    },
    Situation {
        name: "a conflict, resolved; a remote has the commit that brought it",
        act: || {
            let here = in_conflict();
            here.git(&["update-ref", "refs/remotes/origin/side", "side"]);
            here.stage("a.txt", "both\n");
            commit(&here, &[])
        },
    },
    Situation {
        name: "a conflict, resolved with a key that neither side had",
        act: || {
            let here = in_conflict();
            here.git(&["update-ref", "refs/remotes/origin/side", "side"]);
            here.stage("a.txt", Key::new(922).env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "a conflict, not resolved",
        act: || {
            let here = in_conflict();
            here.keyward(&["hook", "run", "pre-commit"])
        },
    },
    Situation {
        name: "three branches at once, one with the key",
        act: || {
            let here = diverged();
            here.git(&["switch", "--quiet", "--create", "third", "main"]);
            commit_file(&here, "third", "x\n");
            here.git(&["switch", "--quiet", "main"]);
            commit_file(&here, "fourth", "x\n");
            here.try_git(&["merge", "--quiet", "--no-edit", "third", "side"])
        },
    },
    Situation {
        name: "`merge --squash`, then `git commit`",
        act: || {
            let here = diverged();
            here.git(&["merge", "--quiet", "--squash", "side"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "`cherry-pick -n`, then `git commit`",
        act: || {
            let here = diverged();
            here.git(&["cherry-pick", "--no-commit", "side"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "HEAD has the key, the other side moves it",
        act: || {
            let here = guarded();
            commit_file(&here, "old.env", &key().env_file());
            here.git(&["switch", "--quiet", "--create", "side"]);
            here.git(&["mv", "old.env", "new.env"]);
            here.commit();
            here.git(&["switch", "--quiet", "main"]);
            commit_file(&here, "main.txt", "x\n");
            merge(&here)
        },
    },
    Situation {
        name: "a fast-forward: git runs no hook (left to the push)",
        act: || {
            let here = guarded();
            here.git(&["switch", "--quiet", "--create", "side"]);
            commit_file(&here, "side.env", &key().env_file());
            here.git(&["switch", "--quiet", "main"]);
            here.try_git(&["merge", "--quiet", "--ff-only", "side"])
        },
    },
    Situation {
        name: "`git cherry-pick`: git runs no hook (left to the push)",
        act: || diverged().try_git(&["cherry-pick", "side"]),
    },
    Situation {
        name: "`git rebase`: git runs no hook (left to the push)",
        act: || diverged().try_git(&["rebase", "--quiet", "main", "side"]),
    },
];

#[test]
fn a_merge_of_what_a_remote_has_is_warned_about_with_the_commit() {
    let here = published();
    let commit = here.git(&["rev-parse", "--short=8", "side"]).out;
    let run = merge(&here);
    assert_eq!(
        (run.status, run.err),
        (
            0,
            format!(
                "keyward: warning: side.env:3  AWS access key {}\n  \
                 comes with the merge; a remote has {}, which brought it: switch it off\n",
                key().id,
                commit.trim()
            )
        )
    );
}
