//! What a push would send.

use super::{Situation, commit_file, guard, guarded};
use crate::support::{Folder, Key, Run};

fn key() -> Key {
    Key::new(930)
}

/// A repository whose `main` a remote, `remote.git`, has.
pub(super) fn cloned() -> Folder {
    let here = guarded();
    here.git(&["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"]);
    here.git(&["remote", "add", "origin", "remote.git"]);
    here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
    here
}

/// The same, and a local commit with the key.
fn with_key() -> Folder {
    let here = cloned();
    commit_file(&here, "a.env", &key().env_file());
    here
}

fn push(here: &Folder, arguments: &[&str]) -> Run {
    here.try_git(&[&["push", "--quiet"], arguments].concat())
}

/// A blob with the key.
fn blob(here: &Folder) -> String {
    here.write("blob", key().env_file());
    here.git(&["hash-object", "-w", "blob"]).out.trim().to_owned()
}

pub const ALL: &[Situation] = &[
    Situation { name: "a commit with the key", act: || push(&with_key(), &["origin", "main"]) },
    Situation {
        name: "a commit with the key, and one that takes it out",
        act: || {
            let here = with_key();
            here.git(&["rm", "--quiet", "a.env"]);
            here.commit();
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "a commit with the key, and one that accepts it by a marker",
        act: || {
            let here = with_key();
            commit_file(&here, "a.env", &format!("{} # keyward:allow made up\n", key().env_file().trim_end()));
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "nothing in the new commits",
        act: || {
            let here = cloned();
            commit_file(&here, "b", "x\n");
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "the remote has the key, and a new commit edits the file",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            commit_file(&here, "a.env", &format!("# more\n{}", key().env_file()));
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "the remote has the key, and a new commit moves the file",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            here.git(&["mv", "a.env", "b.env"]);
            here.commit();
            push(&here, &["origin", "main"])
        },
    },
    Situation { name: "a new branch", act: || push(&with_key(), &["origin", "main:refs/heads/new"]) },
    Situation {
        name: "`--all`, the key on the second branch",
        act: || {
            let here = cloned();
            commit_file(&here, "b", "x\n");
            here.git(&["switch", "--quiet", "--create", "second", "HEAD~1"]);
            commit_file(&here, "a.env", &key().env_file());
            here.git(&["switch", "--quiet", "main"]);
            push(&here, &["--all", "origin"])
        },
    },
    Situation { name: "`--mirror`", act: || push(&with_key(), &["--mirror", "origin"]) },
    Situation {
        name: "a commit by its name: `HEAD:refs/heads/x`, `HEAD~1:refs/heads/y`",
        act: || push(&with_key(), &["origin", "HEAD:refs/heads/x", "HEAD~1:refs/heads/y"]),
    },
    Situation {
        name: "`--force`, the remote's commit unknown here",
        act: || {
            let (here, other) = (with_key(), Folder::new());
            let url = here.at("remote.git");
            other.git(&["clone", "--quiet", url.to_str().unwrap(), "."]);
            other.git(&[
                "-c",
                "user.name=B",
                "-c",
                "user.email=b@example.org",
                "commit",
                "--quiet",
                "--allow-empty",
                "-m",
                "x",
            ]);
            other.git(&["push", "--quiet", "origin", "HEAD:main"]);
            push(&here, &["--force", "origin", "main"])
        },
    },
    Situation {
        name: "an annotated tag with the key in its message",
        act: || {
            let here = cloned();
            here.git(&["tag", "--annotate", "v1", "--message", &key().env_file()]);
            push(&here, &["origin", "v1"])
        },
    },
    Situation {
        name: "a tag of a blob",
        act: || {
            let here = cloned();
            here.git(&["tag", "file", &blob(&here)]);
            push(&here, &["origin", "file"])
        },
    },
    Situation {
        name: "a note",
        act: || {
            let here = cloned();
            here.git(&["notes", "add", "--message", &key().env_file()]);
            push(&here, &["origin", "refs/notes/commits"])
        },
    },
    Situation {
        name: "the key in a message of a commit",
        act: || {
            let here = cloned();
            here.git(&["commit", "--quiet", "--no-verify", "--allow-empty", "--message", &key().env_file()]);
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "the key in what a merge itself changes",
        act: || {
            let here = cloned();
            here.git(&["switch", "--quiet", "--create", "side"]);
            commit_file(&here, "b", "x\n");
            here.git(&["switch", "--quiet", "main"]);
            commit_file(&here, "c", "x\n");
            here.git(&["merge", "--quiet", "--no-commit", "side"]);
            commit_file(&here, "a.env", &key().env_file());
            push(&here, &["origin", "main"])
        },
    },
    Situation { name: "by URL", act: || push(&with_key(), &["remote.git", "main"]) },
    Situation {
        name: "by URL, what another remote has already",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            here.git(&["init", "--quiet", "--bare", "other.git"]);
            push(&here, &["other.git", "main"])
        },
    },
    Situation {
        name: "to a new remote, which has nothing yet",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            here.git(&["init", "--quiet", "--bare", "other.git"]);
            here.git(&["remote", "add", "other", "other.git"]);
            push(&here, &["other", "main"])
        },
    },
    Situation {
        name: "to a remote whose URL was changed since: a private repository is published",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            here.git(&["init", "--quiet", "--bare", "public.git"]);
            here.git(&["remote", "set-url", "origin", "public.git"]);
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "to a push URL that is another place than the one it is fetched from",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            here.git(&["init", "--quiet", "--bare", "public.git"]);
            here.git(&["remote", "set-url", "--push", "origin", "public.git"]);
            push(&here, &["origin", "main:refs/heads/new"])
        },
    },
    Situation {
        name: "to the remote `team`, what only the remote `team/alice` has",
        act: || {
            let here = with_key();
            for (name, folder) in [("team", "team.git"), ("team/alice", "alice.git")] {
                here.git(&["init", "--quiet", "--bare", folder]);
                // Newer versions of git refuse to add the second one, and read it all the same.
                here.git(&["config", &format!("remote.{name}.url"), folder]);
                let fetch = format!("+refs/heads/*:refs/remotes/{name}/*");
                here.git(&["config", &format!("remote.{name}.fetch"), &fetch]);
            }
            here.git(&["push", "--quiet", "--no-verify", "team/alice", "main"]);
            push(&here, &["team", "main"])
        },
    },
    Situation {
        name: "a branch that was deleted there, what its other branches have",
        act: || {
            let here = with_key();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main", "main:refs/heads/side"]);
            here.git(&["-C", "remote.git", "branch", "--quiet", "-D", "side"]);
            push(&here, &["origin", "main:refs/heads/side"])
        },
    },
    Situation {
        name: "only deletions",
        act: || {
            let here = cloned();
            here.git(&["push", "--quiet", "--no-verify", "origin", "main:refs/heads/gone"]);
            push(&here, &["origin", ":gone"])
        },
    },
    Situation { name: "everything is there", act: || push(&cloned(), &["origin", "main"]) },
    Situation {
        name: "what a rebase, a cherry-pick or `--no-verify` brought past the hooks",
        act: || {
            let here = cloned();
            here.git(&["switch", "--quiet", "--create", "side"]);
            commit_file(&here, "a.env", &key().env_file());
            here.git(&["switch", "--quiet", "main"]);
            here.git(&["cherry-pick", "side"]);
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "from a repository of SHA-256",
        act: || {
            let here = Folder::new();
            here.git(&["init", "--quiet", "--object-format=sha256", "--initial-branch=main", "."]);
            here.git(&["config", "user.name", "Author"]);
            here.git(&["config", "user.email", "author@example.org"]);
            here.git(&["init", "--quiet", "--object-format=sha256", "--bare", "remote.git"]);
            here.git(&["remote", "add", "origin", "remote.git"]);
            guard(&here);
            commit_file(&here, "a.env", &key().env_file());
            push(&here, &["origin", "main"])
        },
    },
    Situation {
        name: "from a shallow clone",
        act: || {
            let (here, clone) = (with_key(), Folder::new());
            here.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
            let url = format!("file://{}", here.at("remote.git").display());
            clone.git(&["clone", "--quiet", "--depth=1", "--branch=main", &url, "."]);
            guard(&clone);
            clone.git(&["config", "user.name", "B"]);
            clone.git(&["config", "user.email", "b@example.org"]);
            commit_file(&clone, "new.env", &Key::new(931).env_file());
            push(&clone, &["origin", "main"])
        },
    },
];

#[test]
fn a_line_that_is_not_gits_is_an_error() {
    let here = cloned();
    let run = here.keyward_reading("main\n", &["hook", "run", "pre-push", "origin", "remote.git"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            2,
            "keyward: 'main' does not tell which ref is pushed\n  \
             hint: git's standard input must reach keyward as it is\n"
        )
    );
}

#[test]
fn under_a_manager_that_keeps_standard_input_all_local_branches_and_tags_are_examined() {
    let here = cloned();
    here.git(&["switch", "--quiet", "--create", "second"]);
    commit_file(&here, "a.env", &key().env_file());
    here.git(&["switch", "--quiet", "main"]);
    let mut keyward = here.command(crate::support::KEYWARD);
    keyward.env("PRE_COMMIT", "1").env("PRE_COMMIT_REMOTE_NAME", "origin").args(["hook", "run", "pre-push"]);
    let run: Run = keyward.output().unwrap().into();
    assert_eq!(run.status, 1);
    let told = "keyward: something that is not pushed yet holds an AWS credential\n  \
                (what is pushed was not told, so all local branches and tags were examined)\n\na.env:3:23  AWS";
    assert!(run.err.starts_with(told), "{}", run.err);
    // Another manager says nothing of itself, and leaves standard input empty.
    let run = here.keyward(&["hook", "run", "pre-push", "origin", "remote.git"]);
    assert!(run.status == 1 && run.err.starts_with(told), "{}", run.err);
}
