//! Hooks in git's configuration, which git runs from 2.54 on; with an older one, each test says what holds there.

use super::{
    DEFAULT, commit, guarded, install, install_files, names, older, published_script, refuses_a_commit, repository,
    shown, write_hook,
};
use crate::support::{Folder, KEYWARD, Key, Run, git_runs_configured_hooks};

/// What `git config` lists of keyward's, the values of `command` left out.
fn entries(here: &Folder, scope: &str) -> String {
    here.try_git(&["config", scope, "--name-only", "--get-regexp", "^hook\\.keyward"]).out
}

/// Does this git run hooks from its configuration? Where not, `install` must have written files and no configuration.
fn are_configured(here: &Folder) -> bool {
    let configured = git_runs_configured_hooks();
    assert_eq!(entries(here, "--local").is_empty(), !configured);
    assert_eq!(names(here, ".git/hooks").contains(&"pre-push".to_owned()), !configured);
    configured
}

#[test]
fn four_hooks_are_put_in_are_up_to_date_and_are_taken_out() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit", "echo before >> ran");
    let run = here.keyward(&["hook", "install"]);
    if !are_configured(&here) {
        return assert!(run.out.starts_with(&format!("installed in {}: {DEFAULT}\n", shown(&here, ".git/hooks"))));
    }
    let place = "this repository's configuration";
    assert_eq!((run.status, run.out), (0, format!("installed in {place}: {DEFAULT}\n")));
    assert!(refuses_a_commit(&here, 170));
    // The hook that was there runs beside them, from where it was.
    assert_eq!((names(&here, ".git/hooks"), here.read("ran")), (vec!["pre-commit".to_owned()], "before\n".to_owned()));

    let run = here.keyward(&["hook", "install"]);
    assert_eq!((run.status, run.out), (0, format!("up to date in {place}: {DEFAULT}\n")));
    let run = here.keyward(&["hook", "uninstall"]);
    assert_eq!((run.status, run.out), (0, format!("taken out of {place}: {DEFAULT}\n")));
    assert_eq!(entries(&here, "--local"), "");
    assert!(!refuses_a_commit(&here, 170));
}

#[test]
fn each_event_has_its_name_and_its_command() {
    let here = guarded();
    if !are_configured(&here) {
        return;
    }
    for event in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        let get = |key: &str| here.git(&["config", "--local", "--get-all", &format!("hook.keyward-{event}.{key}")]).out;
        assert_eq!(get("event"), format!("{event}\n"));
        let command = get("command");
        assert!(command.starts_with(&format!("keyward='{KEYWARD}'; ")), "{command}");
        assert!(command.ends_with(&format!("; \"$keyward\" hook run {event}\n")), "{command}");
    }
}

#[test]
fn a_binary_that_is_gone_refuses_the_commit_and_says_how_to_go_on() {
    let here = guarded();
    if !are_configured(&here) {
        return;
    }
    let key = "hook.keyward-pre-commit.command";
    let command = here.git(&["config", key]).out;
    here.git(&["config", key, command.trim_end().replace(KEYWARD, "/nowhere/keyward").as_str()]);
    here.stage("a", "x\n");
    let run = commit(&here, &[]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            1,
            "keyward: the commit was not made: the hook cannot find keyward\n  \
             hint: install it again, or: git config --local --remove-section hook.keyward-pre-commit\n"
        )
    );
    // That hint is a command that works.
    here.git(&["config", "--local", "--remove-section", "hook.keyward-pre-commit"]);
    assert_eq!(commit(&here, &[]).status, 0);
}

#[test]
fn a_push_is_heard_by_all_hooks_with_its_arguments() {
    let (here, key) = (repository(), Key::new(171));
    write_hook(&here, ".git/hooks/pre-push", "printf '%s|' \"$@\" > heard; cat >> heard");
    install(&here);
    here.init("remote");
    here.git(&["remote", "add", "origin", "remote"]);
    let push = |to: &str| here.try_git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/{to}")]).status;
    assert_eq!(push("a"), 0);
    assert!(here.read("heard").starts_with("origin|remote|HEAD "), "{}", here.read("heard"));
    here.stage("a.env", key.env_file());
    here.commit();
    assert_eq!(push("b"), 1);
}

#[test]
fn what_a_file_of_hooks_stages_afterwards_is_stopped_at_the_push() {
    let (here, key) = (repository(), Key::new(176));
    write_hook(&here, ".git/hooks/pre-commit", "git add late.env");
    install(&here);
    here.write("late.env", key.env_file());
    here.stage("a", "x\n");
    // git runs the hooks of its configuration before the file, and ours after the file that it keeps.
    assert_eq!(commit(&here, &[]).status, i32::from(!are_configured(&here)));
    here.init("remote");
    let pushed = here.try_git(&["push", "--quiet", "remote", "HEAD:refs/heads/a"]).status;
    assert_eq!(pushed, i32::from(are_configured(&here)));
}

#[test]
fn files_from_an_older_git_are_taken_out_so_that_nothing_is_done_twice() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit", "echo before >> ran");
    install_files(&here);
    let run = here.keyward(&["hook", "install"]);
    let folder = shown(&here, ".git/hooks");
    if !git_runs_configured_hooks() {
        return assert_eq!(run.out, format!("up to date in {folder}: {DEFAULT}\n"));
    }
    assert_eq!(
        (run.status, run.out),
        (
            0,
            format!(
                "installed in this repository's configuration: {DEFAULT}\n\
                 no longer needed, so taken out of {folder}: {DEFAULT}\n\
                 pre-commit: the hook that was there before is back\n"
            )
        )
    );
    assert_eq!(names(&here, ".git/hooks"), ["pre-commit"]);
    assert!(refuses_a_commit(&here, 172));
    assert_eq!(here.read("ran"), "before\n");
}

#[test]
fn the_published_script_is_taken_out_too() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", published_script());
    install(&here);
    if are_configured(&here) {
        assert_eq!(names(&here, ".git/hooks"), [""; 0]);
    }
    assert!(refuses_a_commit(&here, 173));
}

#[test]
fn an_older_git_gets_files_beside_the_configuration_that_it_ignores() {
    let here = guarded();
    let had = entries(&here, "--local");
    install_files(&here);
    assert_eq!(entries(&here, "--local"), had);
    assert_eq!(names(&here, ".git/hooks").len(), 4);
    assert!(refuses_a_commit(&here, 174));
    // Uninstalling takes both, whichever git does it.
    assert_eq!(older(&here, &["uninstall"]).status, 0);
    assert_eq!((names(&here, ".git/hooks").len(), entries(&here, "--local")), (0, String::new()));
}

#[test]
fn a_hook_that_is_switched_off_is_not_called_installed() {
    let here = repository();
    here.git(&["config", "hook.keyward-pre-push.enabled", "false"]);
    let run = here.keyward(&["hook", "install"]);
    if !git_runs_configured_hooks() {
        return assert_eq!(run.status, 0);
    }
    let off = "pre-push: not guarded: hook.keyward-pre-push.enabled is false\n  \
               hint: git config --local --unset-all hook.keyward-pre-push.enabled\n";
    let installed = format!("installed in this repository's configuration: {DEFAULT}\n");
    assert_eq!((run.status, run.out), (1, format!("{installed}{off}")));
    // What keyward did not write, it does not take out.
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 0);
    assert_eq!(entries(&here, "--local"), "hook.keyward-pre-push.enabled\n");
}

#[test]
fn a_hook_of_the_user_and_of_the_repository_runs_once() {
    let here = super::with_commit(Folder::repository_with_home());
    let global: Run = here.keyward(&["hook", "install", "--global"]);
    assert_eq!(global.status, 0, "{}", global.err);
    if !git_runs_configured_hooks() {
        return;
    }
    install(&here);
    // Twice in one configuration, too.
    here.git(&["config", "--add", "hook.keyward-pre-commit.event", "pre-commit"]);
    let counts = "echo once >> ran; true";
    for scope in ["--global", "--local"] {
        here.git(&["config", scope, "hook.keyward-pre-commit.command", counts]);
    }
    here.stage("a", "x\n");
    assert_eq!((commit(&here, &[]).status, here.read("ran").as_str()), (0, "once\n"));
    install(&here);
    assert_eq!(here.git(&["config", "--local", "--get-all", "hook.keyward-pre-commit.event"]).out, "pre-commit\n");
    assert!(refuses_a_commit(&here, 175));
    let run = here.keyward(&["hook", "install"]);
    assert_eq!(run.out, format!("up to date in this repository's configuration: {DEFAULT}\n"));
}
