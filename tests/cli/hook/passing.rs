//! Where a user's `core.hooksPath` leads to a folder of ours, a repository's own hooks go on.

use super::global::{FOLDER, install_for_the_user, repository};
use super::{commit, install_files, refuses_a_commit, write_hook};
use crate::support::{KEYWARD, Key};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn a_repositorys_own_hooks_go_on_guarded_or_not() {
    let (here, key) = (repository(), Key::new(192));
    for hook in ["pre-commit", "post-commit", "commit-msg", "post-checkout"] {
        write_hook(&here, &format!(".git/hooks/{hook}"), &format!("echo {hook} \"$@\" >> ran"));
    }
    write_hook(&here, ".git/hooks/pre-push", "cat > heard; exit \"$(cat code)\"");
    here.write("code", "0");
    install_for_the_user(&here);
    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    here.git(&["checkout", "--quiet", "-b", "side"]);
    let ran = here.read("ran");
    let names: Vec<_> = ran.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["pre-commit", "commit-msg", "post-commit", "post-checkout"]);
    assert!(ran.contains("commit-msg .git/COMMIT_EDITMSG\n"), "{ran}");

    // Both hear of a push, and either refuses it.
    here.init("remote");
    let push = || here.try_git(&["push", "--quiet", "remote", "HEAD:refs/heads/a"]).status;
    here.write("code", "1");
    assert_eq!(push(), 1);
    here.write("code", "0");
    assert_eq!(push(), 0);
    assert!(here.read("heard").ends_with(&format!("refs/heads/a {}\n", "0".repeat(40))), "{}", here.read("heard"));
    here.stage("a.env", key.env_file());
    here.commit();
    assert_eq!(here.try_git(&["push", "--quiet", "remote", "HEAD:refs/heads/b"]).status, 1);
    // In a linked work tree, too.
    fs::remove_file(here.at("ran")).unwrap();
    here.git(&["worktree", "add", "--quiet", "-b", "tree", "linked", "main"]);
    here.git(&["-C", "linked", "commit", "--quiet", "--allow-empty", "--message", "x"]);
    assert!(here.read("linked/ran").starts_with("post-checkout "), "{}", here.read("linked/ran"));
    assert!(here.read("linked/ran").contains("\npre-commit\n"), "{}", here.read("linked/ran"));
}

#[test]
fn our_script_in_a_repository_is_not_run_a_second_time_but_what_it_keeps_is() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit", "echo own >> ran");
    install_files(&here);
    // Another version's binary is another line of the same script.
    let script = here.read(".git/hooks/pre-commit").replace(KEYWARD, "/nowhere/keyward");
    here.write(".git/hooks/pre-commit", script);
    install_for_the_user(&here);
    here.stage("a", "x\n");
    let run = commit(&here, &[]);
    assert_eq!((run.status, run.err.as_str(), here.read("ran").as_str()), (0, "", "own\n"));
    assert!(refuses_a_commit(&here, 193));
}

#[test]
fn a_repository_whose_hooks_are_a_link_to_ours_does_not_go_round_in_circles() {
    let here = repository();
    install_for_the_user(&here);
    fs::remove_dir_all(here.at(".git/hooks")).unwrap();
    symlink(here.at(FOLDER), here.at(".git/hooks")).unwrap();
    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    fs::remove_file(here.at(".git/hooks")).unwrap();
    fs::create_dir(here.at(".git/hooks")).unwrap();
    for hook in ["pre-commit", "post-commit"] {
        symlink(here.at(FOLDER).join(hook), here.at(".git/hooks").join(hook)).unwrap();
    }
    here.stage("a", "y\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert!(refuses_a_commit(&here, 194));
}
