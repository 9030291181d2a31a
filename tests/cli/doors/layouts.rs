//! What a commit would contain, in repositories of every layout, and with settings that hide text from others.

use super::commits::{key, staged_in};
use super::{Situation, commit, commit_file, guard, guarded, write_hook};
use crate::support::{Folder, Run};

/// The same with a setting.
fn staged_with(name: &str, value: &str) -> Run {
    staged_in(|here| {
        here.git(&["config", name, value]);
    })
}

pub(super) fn of_sha256() -> Folder {
    let here = Folder::new();
    here.git(&["init", "--quiet", "--object-format=sha256", "."]);
    here.git(&["config", "user.name", "Author"]);
    here.git(&["config", "user.email", "author@example.org"]);
    guard(&here);
    here
}

pub const ALL: &[Situation] = &[
    Situation {
        name: "a submodule's entry",
        act: || {
            let (here, other) = (guarded(), Folder::repository());
            commit_file(&other, "a", "x\n");
            let url = other.path().to_str().unwrap();
            here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
            commit(&here, &[])
        },
    },
    Situation {
        name: "in a submodule",
        act: || {
            let (here, other) = (guarded(), Folder::repository());
            commit_file(&other, "a", "x\n");
            let url = other.path().to_str().unwrap();
            here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
            for (name, value) in [("user.name", "Author"), ("user.email", "author@example.org")] {
                here.git(&["-C", "sub", "config", name, value]);
            }
            write_hook(&here, ".git/modules/sub", "pre-commit");
            here.write("sub/a.env", key().env_file());
            here.git(&["-C", "sub", "add", "a.env"]);
            here.try_git(&["-C", "sub", "commit", "--quiet", "--message", "x"])
        },
    },
    Situation {
        name: "in a linked work tree",
        act: || {
            let here = guarded();
            here.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
            here.write("linked/a.env", key().env_file());
            here.git(&["-C", "linked", "add", "a.env"]);
            here.try_git(&["-C", "linked", "commit", "--quiet", "--message", "x"])
        },
    },
    Situation {
        name: "a nested git, `GIT_DIR` and `GIT_WORK_TREE` inherited",
        act: || {
            let (here, elsewhere) = (guarded(), Folder::repository());
            here.stage("a.env", key().env_file());
            let mut git = here.command("git");
            git.current_dir(elsewhere.path()).env("GIT_DIR", here.at(".git")).env("GIT_WORK_TREE", here.path());
            git.args(["commit", "--quiet", "--message", "x"]).output().unwrap().into()
        },
    },
    Situation {
        name: "a split index",
        act: || {
            staged_in(|here| {
                here.git(&["update-index", "--split-index"]);
            })
        },
    },
    Situation {
        name: "a sparse index",
        act: || {
            let here = guarded();
            here.stage("in/a", "x\n");
            here.stage("out/deep/b", "y\n");
            here.commit();
            here.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
            here.stage("in/a.env", key().env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "an index of version 4",
        act: || {
            staged_in(|here| {
                here.git(&["update-index", "--index-version", "4"]);
            })
        },
    },
    Situation {
        name: "a repository of SHA-256",
        act: || {
            let here = of_sha256();
            here.stage("a.env", key().env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "`* -diff` in .gitattributes",
        act: || staged_in(|here| here.stage(".gitattributes", "* -diff\n")),
    },
    Situation {
        name: "`* binary` in .gitattributes, NULs in the file",
        act: || {
            let here = guarded();
            here.stage(".gitattributes", "* binary\n");
            here.stage("a.bin", format!("\0\0\0\n{}", key().env_file()));
            commit(&here, &[])
        },
    },
    Situation {
        name: "a textconv that shows nothing",
        act: || {
            staged_in(|here| {
                here.stage(".gitattributes", "* diff=blank\n");
                here.git(&["config", "diff.blank.textconv", "true"]);
            })
        },
    },
    Situation { name: "`diff.external=true`", act: || staged_with("diff.external", "true") },
    Situation { name: "`color.ui=always`", act: || staged_with("color.ui", "always") },
    Situation { name: "`diff.noprefix=true`", act: || staged_with("diff.noprefix", "true") },
    Situation {
        name: "a name with a line feed, a quote and a tab, `core.quotePath=true`",
        act: || {
            let here = guarded();
            here.git(&["config", "core.quotePath", "true"]);
            here.stage("a\n\"b\"\t.env", key().env_file());
            commit(&here, &[])
        },
    },
    Situation {
        name: "CRLF, `core.autocrlf=true`",
        act: || {
            let here = guarded();
            here.git(&["config", "core.autocrlf", "true"]);
            here.stage("a.env", key().env_file().replace('\n', "\r\n"));
            commit(&here, &[])
        },
    },
    Situation {
        name: "a filter takes the key out when the file is staged",
        act: || {
            staged_in(|here| {
                here.stage(".gitattributes", "*.env filter=clean\n");
                here.git(&["config", "filter.clean.clean", "sed s/=.*/=/"]);
            })
        },
    },
    Situation {
        name: "`working-tree-encoding=UTF-16`",
        act: || {
            let here = guarded();
            here.stage(".gitattributes", "*.env working-tree-encoding=UTF-16\n");
            let text = format!("\u{feff}{}", key().env_file());
            here.stage("a.env", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
            commit(&here, &[])
        },
    },
];
