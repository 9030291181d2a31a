//! What a message would say.

use super::{Situation, commit, guarded, with_old_key};
use crate::support::{Folder, Key, Run};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn key() -> Key {
    Key::new(910)
}

/// Commits with an editor that puts `content` before what git wrote, or behind it.
fn edited(here: &Folder, arguments: &[&str], script: &str) -> Run {
    let editor = here.at(".git/editor");
    fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let mut git = here.command("git");
    git.env("GIT_EDITOR", editor).args(["commit", "--quiet"]).args(arguments).output().unwrap().into()
}

/// A script that writes `text` above what stands in the file.
fn above(text: &str) -> String {
    format!("{{ cat <<'END'; cat \"$1\"; }} > \"$1.new\" && mv \"$1.new\" \"$1\"\n{text}\nEND")
}

fn change(here: &Folder) {
    here.stage("README", "changed\n");
}

pub const ALL: &[Situation] = &[
    Situation {
        name: "`commit -m` with the key",
        act: || {
            let here = guarded();
            change(&here);
            here.try_git(&["commit", "--quiet", "--message", &format!("use it\n\n{}", key().env_file())])
        },
    },
    Situation {
        name: "the key typed in the editor",
        act: || {
            let here = guarded();
            change(&here);
            edited(&here, &[], &above(&format!("use it\n\n{}", key().env_file())))
        },
    },
    Situation {
        name: "the key in a comment, which git leaves out",
        act: || {
            let here = guarded();
            change(&here);
            edited(&here, &[], &above(&format!("use it\n# {}", key().env_file().replace('\n', "\n# "))))
        },
    },
    Situation {
        name: "the same with `-m`, where git keeps it",
        act: || {
            let here = guarded();
            change(&here);
            let message = format!("use it\n# {}", key().env_file().replace('\n', "\n# "));
            here.try_git(&["commit", "--quiet", "--message", &message])
        },
    },
    Situation {
        name: "the same with `commit.cleanup=whitespace`, where git keeps it",
        act: || {
            let here = guarded();
            change(&here);
            here.git(&["config", "commit.cleanup", "whitespace"]);
            edited(&here, &[], &above(&format!("use it\n# {}", key().env_file().replace('\n', "\n# "))))
        },
    },
    Situation {
        name: "a line with `#`, `core.commentChar=;`: no comment",
        act: || {
            let here = guarded();
            change(&here);
            here.git(&["config", "core.commentChar", ";"]);
            edited(&here, &[], &above(&format!("use it\n# {}", key().env_file().replace('\n', "\n# "))))
        },
    },
    Situation {
        name: "`commit -v` of a change that takes an old key out",
        act: || {
            let here = with_old_key(&key());
            here.stage("old.env", "clean\n");
            edited(&here, &["--verbose"], &above("take it out"))
        },
    },
    Situation {
        name: "`commit -v`, the key typed above the scissors",
        act: || {
            let here = guarded();
            change(&here);
            edited(&here, &["--verbose"], &above(&key().env_file()))
        },
    },
    Situation {
        name: "a scissors line typed by hand, the key below it: git keeps that",
        act: || {
            let here = guarded();
            change(&here);
            let scissors = "# ------------------------ >8 ------------------------";
            edited(&here, &[], &above(&format!("title\n{scissors}\n{}", key().env_file())))
        },
    },
    Situation {
        name: "`--cleanup=scissors` by configuration, the key below that line",
        act: || {
            let here = guarded();
            change(&here);
            here.git(&["config", "commit.cleanup", "scissors"]);
            let scissors = "# ------------------------ >8 ------------------------";
            edited(&here, &[], &above(&format!("title\n{scissors}\n{}", key().env_file())))
        },
    },
    Situation {
        name: "`core.commentChar=auto`, git's own lines deleted, the last one starts with `$`",
        act: || {
            let here = guarded();
            change(&here);
            here.git(&["config", "core.commentChar", "auto"]);
            let text = format!("title\n\n$ export A={} S={}", key().id, key().secret);
            edited(&here, &[], &format!("cat > \"$1\" <<'END'\n{text}\nEND"))
        },
    },
    Situation {
        name: "`commit -e --cleanup=whitespace`, the key in a comment: git keeps it, and does not tell (left to the push)",
        act: || {
            let here = guarded();
            change(&here);
            let text = format!("use it\n# {}", key().env_file().replace('\n', "\n# "));
            edited(&here, &["--edit", "--cleanup=whitespace"], &above(&text))
        },
    },
    Situation {
        name: "`commit --amend` keeps a message with the key",
        act: || {
            let here = guarded();
            here.git(&["commit", "--quiet", "--no-verify", "--allow-empty", "--message", &key().env_file()]);
            here.try_git(&["commit", "--quiet", "--amend", "--no-edit", "--allow-empty"])
        },
    },
    Situation {
        name: "the message of a merge",
        act: || {
            let here = guarded();
            here.git(&["switch", "--quiet", "--create", "side"]);
            here.stage("b", "x\n");
            here.commit();
            here.git(&["switch", "--quiet", "main"]);
            here.try_git(&["merge", "--quiet", "--no-ff", "side", "--message", &key().env_file()])
        },
    },
    Situation {
        name: "nothing in it",
        act: || {
            let here = guarded();
            change(&here);
            commit(&here, &[])
        },
    },
];

#[test]
fn a_refused_message_can_be_opened_again_as_the_hook_says() {
    let here = guarded();
    change(&here);
    let run = here.try_git(&["commit", "--quiet", "--message", &format!("use it\n\n{}", key().env_file())]);
    let starred = key().starred();
    assert_eq!(
        run.err,
        format!(
            "keyward: the message of this commit holds an AWS credential\n\n\
             .git/COMMIT_EDITMSG:5:23  AWS access key {id}, account 123456789012\n    \
             4 | AWS_ACCESS_KEY_ID={id}\n    \
             5 | AWS_SECRET_ACCESS_KEY={starred}\n      \
             |                       ^ the secret of {id}\n      \
             = fingerprint {fingerprint}\n\n  \
             Take it out:    Open the message again:\n                  \
             git commit --verbose --edit --file=.git/COMMIT_EDITMSG\n  \
             Not a secret?   Add `keyward:allow REASON` to its line of the message\n  \
             Already pushed? It is public, so switch it off first:\n                  \
             aws iam update-access-key --status Inactive\n                  \
             --access-key-id {id} --user-name USER\n\n\
             1 finding in the message. The commit was not made.\n",
            id = key().id,
            fingerprint = key().fingerprint()
        )
    );
    let run = edited(&here, &["--verbose", "--edit", "--file=.git/COMMIT_EDITMSG"], "echo clean > \"$1\"");
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}

#[test]
fn a_message_that_was_refused_above_changes_is_opened_again_without_them() {
    let here = with_old_key(&key());
    here.stage("old.env", "clean\n");
    let run = edited(&here, &["--verbose"], &above(&Key::new(911).env_file()));
    assert_eq!(run.status, 1, "{}", run.err);
    let again = ["--verbose", "--edit", "--file=.git/COMMIT_EDITMSG"];
    let run = edited(&here, &again, "sed -i '1,3d' \"$1\"; sed -i '1i title' \"$1\"");
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(here.git(&["log", "-1", "--format=%B"]).out.trim(), "title");
}

#[test]
fn a_message_that_cannot_be_read_is_not_called_clean() {
    let here = guarded();
    let run = here.keyward(&["hook", "run", "commit-msg", "nowhere"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (2, "keyward: could not read 'nowhere'\n  caused by: No such file or directory (os error 2)\n")
    );
    let run = here.keyward(&["hook", "run", "commit-msg"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            2,
            "keyward: the commit-msg hook got 0 arguments\n  caused by: git hands it the file that holds the message\n  \
             hint: in a script of your own: keyward hook run commit-msg \"$@\"\n"
        )
    );
}
