//! Where files of hooks go: git says where, and a folder that serves other repositories is left alone.

use super::{commit, install, install_files, names, older, refuses_a_commit, repository, shown, write_hook};
use crate::support::{Folder, Key};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn installing_in_a_linked_work_tree_guards_the_whole_repository() {
    let here = repository();
    here.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
    let run = here.keyward_in_with_older_git("linked", &["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(here.at(".git/hooks/pre-commit").exists());
    assert!(refuses_a_commit(&here, 140));
}

#[test]
fn installing_in_a_submodule_guards_the_submodule() {
    let (here, other, key) = (repository(), repository(), Key::new(115));
    let url = other.path().to_str().unwrap();
    here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
    let run = here.keyward_in_with_older_git("sub", &["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(here.at(".git/modules/sub/hooks/pre-commit").exists());
    here.write("sub/a.env", key.env_file());
    here.git(&["-C", "sub", "add", "a.env"]);
    here.git(&["-C", "sub", "config", "user.name", "Author"]);
    here.git(&["-C", "sub", "config", "user.email", "author@example.org"]);
    assert_eq!(here.try_git(&["-C", "sub", "commit", "--quiet", "--message", "x"]).status, 1);
    assert!(!refuses_a_commit(&here, 141), "the repository around it has no hook");
}

#[test]
fn a_hooks_folder_inside_the_repository_is_used() {
    let here = repository();
    here.git(&["config", "core.hooksPath", ".githooks"]);
    install_files(&here);
    assert_eq!(names(&here, ".githooks").len(), 4);
    assert!(refuses_a_commit(&here, 117));
}

#[test]
fn a_relative_hooks_folder_of_the_user_is_a_folder_of_the_repository() {
    let here = Folder::repository_with_home();
    here.git(&["config", "--global", "core.hooksPath", ".githooks"]);
    install_files(&here);
    assert_eq!(names(&here, ".githooks").len(), 4);
    assert!(refuses_a_commit(&here, 142));
}

#[test]
fn a_hooks_folder_that_other_repositories_share_is_left_alone() {
    let (here, shared) = (Folder::repository_with_home(), Folder::new());
    shared.write("hooks/README", "");
    let folder = shared.at("hooks");
    let value = folder.to_str().unwrap();

    // Set for the user.
    here.git(&["config", "--global", "core.hooksPath", value]);
    for verb in ["install", "uninstall"] {
        let run = older(&here, &[verb]);
        assert_eq!(
            (run.status, run.err),
            (
                2,
                format!(
                    "keyward: core.hooksPath is set outside this repository (global configuration: '{value}')\n  \
                     caused by: git runs the hooks of that folder, which serves other repositories too\n  \
                     hint: with --global, keyward hook install and uninstall work there\n"
                )
            )
        );
    }
    here.git(&["config", "--global", "--unset", "core.hooksPath"]);

    // Set for the repository, to a folder outside; and the default folder replaced by a link that leads there.
    here.git(&["config", "core.hooksPath", value]);
    let run = older(&here, &["install"]);
    let refusal = format!(
        "keyward: the hooks folder {value} lies outside this repository\n  \
         caused by: core.hooksPath, or a link, leads there\n  \
         hint: call keyward from the hooks there: keyward hook run NAME \"$@\" || exit\n"
    );
    assert_eq!((run.status, run.err), (2, refusal.clone()));
    here.git(&["config", "--unset", "core.hooksPath"]);
    fs::remove_dir_all(here.at(".git/hooks")).unwrap();
    symlink(&folder, here.at(".git/hooks")).unwrap();
    let run = older(&here, &["install"]);
    assert_eq!((run.status, run.err), (2, refusal.replace(value, &shown(&here, ".git/hooks"))));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    // Nothing is made outside either.
    here.git(&["config", "core.hooksPath", shared.at("new/hooks").to_str().unwrap()]);
    assert_eq!(older(&here, &["install"]).status, 2);
    assert!(!shared.at("new").exists());
}

#[test]
fn uninstalling_never_takes_hooks_out_of_another_repository() {
    let (here, shared) = (repository(), repository());
    install_files(&shared);
    fs::remove_dir_all(here.at(".git/hooks")).unwrap();
    symlink(shared.at(".git/hooks"), here.at(".git/hooks")).unwrap();
    let run = older(&here, &["uninstall"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert_eq!(names(&shared, ".git/hooks").len(), 4);
}

#[test]
fn a_hooks_path_that_switches_hooks_off_is_named() {
    let here = repository();
    for (value, said) in [("", "empty"), ("/dev/null", "/dev/null")] {
        here.git(&["config", "core.hooksPath", value]);
        let run = older(&here, &["install"]);
        assert_eq!(
            (run.status, run.err),
            (
                2,
                format!(
                    "keyward: core.hooksPath is {said}, so git runs no hooks from files\n  \
                     hint: git config --local --unset core.hooksPath\n"
                )
            )
        );
    }
    assert!(!here.at("pre-commit").exists());
}

#[test]
fn hooks_that_core_hooks_path_hides_are_taken_out_too() {
    let here = repository();
    install_files(&here);
    here.git(&["config", "core.hooksPath", ".githooks"]);
    write_hook(&here, ".githooks/pre-commit", "exit 0");
    let run = older(&here, &["uninstall"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!((names(&here, ".git/hooks").len(), names(&here, ".githooks").len()), (0, 1));
}

#[test]
fn a_native_install_guards_whatever_the_hooks_folder_is() {
    let (here, key) = (repository(), Key::new(143));
    here.git(&["config", "core.hooksPath", ".githooks"]);
    install(&here);
    here.stage("a.env", key.env_file());
    assert_eq!(commit(&here, &[]).status, 1);
}
