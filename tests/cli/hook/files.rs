//! Hooks as files: an existing one is kept, runs first, and is given back.

use super::{
    DEFAULT, commit, install_files, names, older, published_script, refuses_a_commit, repository, script, shown,
    write_hook,
};
use crate::support::{Folder, Key};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn four_hooks_are_put_in_are_up_to_date_and_are_taken_out() {
    let here = repository();
    let folder = shown(&here, ".git/hooks");
    let run = older(&here, &["install"]);
    assert_eq!((run.status, run.out), (0, format!("installed in {folder}: {DEFAULT}\n")));
    assert_eq!(names(&here, ".git/hooks"), ["commit-msg", "pre-commit", "pre-merge-commit", "pre-push"]);
    assert_eq!(here.read(".git/hooks/pre-push"), script("pre-push"));
    assert!(refuses_a_commit(&here, 130));

    let run = older(&here, &["install"]);
    assert_eq!((run.status, run.out), (0, format!("up to date in {folder}: {DEFAULT}\n")));
    let run = older(&here, &["uninstall"]);
    assert_eq!((run.status, run.out), (0, format!("taken out of {folder}: {DEFAULT}\n")));
    assert_eq!(names(&here, ".git/hooks"), [""; 0]);
    assert!(!refuses_a_commit(&here, 130));
    let run = older(&here, &["uninstall"]);
    assert_eq!((run.status, run.out.as_str()), (0, "no hook of keyward's is installed\n"));
}

#[test]
fn an_existing_hook_is_kept_runs_first_and_is_given_back() {
    let (here, key) = (repository(), Key::new(116));
    let hook = "echo before >> ran; git add -- late.env 2>/dev/null; exit \"$(cat code)\"";
    write_hook(&here, ".git/hooks/pre-commit", hook);
    let before = here.read(".git/hooks/pre-commit");
    here.write("code", "0");
    let folder = shown(&here, ".git/hooks");
    assert_eq!(
        older(&here, &["install"]).out,
        format!(
            "installed in {folder}: {DEFAULT}\n\
             pre-commit: the hook that was there runs first, as pre-commit.before-keyward\n"
        )
    );
    install_files(&here);

    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert_eq!(here.read("ran"), "before\n");
    // What that hook stages is judged, too.
    here.write("late.env", key.env_file());
    here.stage("b", "x\n");
    assert_eq!(commit(&here, &[]).status, 1);
    // And its refusal stands.
    here.git(&["rm", "--quiet", "--cached", "-f", "late.env"]);
    fs::remove_file(here.at("late.env")).unwrap();
    here.write("code", "3");
    assert_eq!(commit(&here, &[]).status, 1);

    assert_eq!(
        older(&here, &["uninstall"]).out,
        format!("taken out of {folder}: {DEFAULT}\npre-commit: the hook that was there before is back\n")
    );
    assert_eq!(here.read(".git/hooks/pre-commit"), before);
    assert_eq!(names(&here, ".git/hooks"), ["pre-commit"]);
}

#[test]
fn the_published_script_is_replaced_where_it_stands() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit.before-keyward", "echo before >> ran");
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", published_script());
    install_files(&here);
    assert_eq!(here.read(".git/hooks/pre-commit"), script("pre-commit"));
    assert!(refuses_a_commit(&here, 131));
    assert_eq!(here.read("ran"), "before\n");

    here.write(".git/hooks/pre-commit", published_script());
    assert_eq!(older(&here, &["uninstall"]).status, 0);
    assert_eq!(here.read(".git/hooks/pre-commit"), "#!/bin/sh\necho before >> ran\n");
}

#[test]
fn only_the_hooks_that_are_named_are_put_in() {
    let here = repository();
    let run = older(&here, &["install", "--hooks", "commit-msg,update"]);
    assert_eq!(run.out, format!("installed in {}: commit-msg, update\n", shown(&here, ".git/hooks")));
    assert_eq!(names(&here, ".git/hooks"), ["commit-msg", "update"]);
    assert_eq!(older(&here, &["uninstall"]).status, 0);
    assert_eq!(names(&here, ".git/hooks"), [""; 0]);
}

#[test]
fn a_hook_that_cannot_be_kept_leaves_everything_as_it_was() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-push", "exec run-hook \"$(basename \"$0\")\"");
    let run = older(&here, &["install"]);
    assert_eq!(
        (run.status, run.err),
        (
            2,
            format!(
                "keyward: {} looks at its own name, so it cannot be kept under another\n  \
                 hint: add this line to it: keyward hook run pre-push \"$@\" || exit\n",
                shown(&here, ".git/hooks/pre-push")
            )
        )
    );
    assert_eq!(names(&here, ".git/hooks"), ["pre-push"]);
}

#[test]
fn a_hook_that_did_not_run_is_kept_and_does_not_run() {
    let here = repository();
    here.write(".git/hooks/pre-commit", "#!/bin/sh\necho ran >> ran\n");
    assert_eq!(
        older(&here, &["install"]).out,
        format!(
            "installed in {}: {DEFAULT}\n\
             pre-commit: the hook that was there is kept as pre-commit.before-keyward; \
             it does not run, because it is not executable\n",
            shown(&here, ".git/hooks")
        )
    );
    assert!(refuses_a_commit(&here, 132) && !here.at("ran").exists());
}

#[test]
fn a_hook_that_is_a_link_is_kept_as_a_link_and_its_target_is_not_written() {
    let here = Folder::repository();
    write_hook(&here, "shared/hook", "exit 0");
    let before = here.read("shared/hook");
    symlink(here.at("shared/hook"), here.at(".git/hooks/pre-commit")).unwrap();
    install_files(&here);
    assert_eq!(here.read("shared/hook"), before);
    assert!(fs::symlink_metadata(here.at(".git/hooks/pre-commit")).unwrap().is_file());
    assert_eq!(older(&here, &["uninstall"]).status, 0);
    assert!(fs::symlink_metadata(here.at(".git/hooks/pre-commit")).unwrap().is_symlink());
}

#[test]
fn a_hook_that_only_speaks_of_keyward_is_kept_like_any_other() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "# keyward hook is run below\necho ran >> ran");
    let before = here.read(".git/hooks/pre-commit");
    install_files(&here);
    assert_eq!(here.read(".git/hooks/pre-commit.before-keyward"), before);
    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert_eq!(here.read("ran"), "ran\n");
}

#[test]
fn a_script_of_ours_that_somebody_changed_is_theirs() {
    let here = Folder::repository();
    install_files(&here);
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", format!("{}./lint.sh\n", script("pre-commit")));
    let run = older(&here, &["uninstall"]);
    let changed = shown(&here, ".git/hooks/pre-commit");
    assert_eq!(
        (run.status, run.out, run.err),
        (
            2,
            format!("taken out of {}: pre-merge-commit, commit-msg, pre-push\n", shown(&here, ".git/hooks")),
            format!(
                "keyward: {changed} is not what keyward installed: somebody changed it\n  hint: it was left alone\n"
            )
        )
    );
    assert_eq!(names(&here, ".git/hooks"), ["pre-commit"]);
}

#[test]
fn a_hook_that_another_tool_wrote_over_ours_is_not_mixed_up_with_the_one_that_was_kept() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "exit 0");
    install_files(&here);
    write_hook(&here, ".git/hooks/pre-commit", "exit 1");
    let (hook, kept) = (shown(&here, ".git/hooks/pre-commit"), shown(&here, ".git/hooks/pre-commit.before-keyward"));
    for (verb, rest) in [
        (
            "install",
            "caused by: another tool wrote its hook over keyward's, or somebody changed keyward's\n  \
             hint: remove one of them, then run keyward hook install again\n",
        ),
        (
            "uninstall",
            "caused by: the first is not keyward's, the second was kept by keyward\n  \
             hint: rename the second one to the first, or remove it\n",
        ),
    ] {
        let run = older(&here, &[verb]);
        assert_eq!((run.status, run.err), (2, format!("keyward: both {hook} and {kept} are there\n  {rest}")));
    }
    assert_eq!(names(&here, ".git/hooks"), ["pre-commit", "pre-commit.before-keyward"]);
}

#[test]
fn uninstalling_gives_the_old_hook_back_even_if_ours_was_removed_by_hand() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "exit 0");
    install_files(&here);
    fs::remove_file(here.at(".git/hooks/pre-commit")).unwrap();
    let run = older(&here, &["uninstall"]);
    assert_eq!(
        (run.status, run.out),
        (
            0,
            format!(
                "taken out of {}: pre-merge-commit, commit-msg, pre-push\n\
                 pre-commit: keyward's hook was gone; what was before it is back\n",
                shown(&here, ".git/hooks")
            )
        )
    );
    assert!(here.read(".git/hooks/pre-commit").ends_with("exit 0\n"));
}

#[test]
fn uninstalling_touches_nobody_elses_hook() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "exit 0");
    let run = older(&here, &["uninstall"]);
    assert_eq!((run.status, run.out.as_str()), (0, "no hook of keyward's is installed\n"));
    assert_eq!(names(&here, ".git/hooks"), ["pre-commit"]);
}
