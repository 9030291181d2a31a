//! `keyward hook status` is true of the git that runs: what only looks like a guard is none.

use super::{guarded, install, install_files, older, repository, script_that_calls, shown, write_hook};
use crate::support::{Folder, KEYWARD, Run, git_runs_configured_hooks};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

const DOORS: [&str; 4] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"];

/// The whole answer where all doors but some are guarded by what `by` says.
fn all_but(open: &[(&str, &str)], hints: &[&str], by: impl Fn(&str) -> String) -> (i32, String) {
    let line = |door: &&str| match open.iter().find(|(name, _)| name == door) {
        Some((_, "")) => format!("{door}: not guarded\n"),
        Some((_, why)) => format!("{door}: not guarded: {why}\n"),
        None => format!("{door}: guarded by {}\n", by(door)),
    };
    let hints = hints.iter().map(|hint| format!("  hint: {hint}\n"));
    (i32::from(!open.is_empty()), DOORS.iter().map(line).chain(hints).collect())
}

/// The answer where no door is guarded, for one reason.
fn none(why: &str, hint: &str) -> (i32, String) {
    all_but(&DOORS.map(|door| (door, why)), &[hint], |_| unreachable!())
}

fn status(here: &Folder) -> (i32, String) {
    told(here.keyward(&["hook", "status"]))
}

/// The answer with an older git, for which hooks are files.
fn status_of_files(here: &Folder) -> (i32, String) {
    told(older(here, &["status"]))
}

fn told(run: Run) -> (i32, String) {
    assert_eq!(run.err, "");
    (run.status, run.out)
}

fn by_file(here: &Folder) -> impl Fn(&str) -> String {
    let folder = shown(here, ".git/hooks");
    move |door| format!("{folder}/{door}")
}

fn by_configuration(door: &str) -> String {
    format!("hook.keyward-{door} in this repository's configuration")
}

#[test]
fn all_doors_are_open_and_then_all_are_guarded() {
    let here = repository();
    assert_eq!(status(&here), none("", "keyward hook install"));
    install(&here);
    if git_runs_configured_hooks() {
        assert_eq!(status(&here), all_but(&[], &[], by_configuration));
    } else {
        assert_eq!(status(&here), all_but(&[], &[], by_file(&here)));
    }
}

#[test]
fn a_door_that_was_not_asked_for_is_open() {
    let here = repository();
    assert_eq!(older(&here, &["install", "--hooks", "pre-commit,commit-msg,pre-push"]).status, 0);
    assert_eq!(status_of_files(&here), all_but(&[("pre-merge-commit", "")], &["keyward hook install"], by_file(&here)));
}

#[test]
fn an_older_git_ignores_the_configuration_and_that_is_said() {
    let here = guarded();
    let idle = |door: &str| {
        format!("git 2.39.5 runs no hooks from its configuration (2.54 does), so hook.keyward-{door} is idle")
    };
    let idle = DOORS.map(|door| (door, idle(door)));
    let idle: Vec<_> = idle.iter().map(|(door, why)| (*door, why.as_str())).collect();
    if git_runs_configured_hooks() {
        assert_eq!(status_of_files(&here), all_but(&idle, &["keyward hook install"], by_file(&here)));
    } else {
        // As a newer git would have left it.
        for door in DOORS {
            here.git(&["config", &format!("hook.keyward-{door}.command"), "true"]);
            fs::remove_file(here.at(format!(".git/hooks/{door}"))).unwrap();
        }
        let run = status_of_files(&here);
        assert_eq!(run, all_but(&idle, &["keyward hook install"], by_file(&here)));
    }
}

#[test]
fn a_hook_that_is_done_twice_is_said_and_install_leaves_one() {
    let here = guarded();
    install_files(&here);
    let file = by_file(&here);
    if git_runs_configured_hooks() {
        let both = |door: &str| format!("{}, and by {}", by_configuration(door), file(door));
        assert_eq!(status(&here), all_but(&[], &["keyward hook install leaves one of the two"], both));
        install(&here);
        assert_eq!(status(&here), all_but(&[], &[], by_configuration));
    } else {
        assert_eq!(status(&here), all_but(&[], &[], file));
    }
}

#[test]
fn a_hook_that_is_switched_off_guards_nothing() {
    let here = guarded();
    here.git(&["config", "hook.keyward-pre-push.enabled", "false"]);
    if git_runs_configured_hooks() {
        let off = [("pre-push", "hook.keyward-pre-push.enabled is false")];
        let hint = "git config --local --unset-all hook.keyward-pre-push.enabled";
        assert_eq!(status(&here), all_but(&off, &[hint], by_configuration));
        here.git(&["config", "--local", "--unset-all", "hook.keyward-pre-push.enabled"]);
        assert_eq!(status(&here), all_but(&[], &[], by_configuration));
    } else {
        assert_eq!(status(&here), all_but(&[], &[], by_file(&here)));
    }
}

#[test]
fn a_hook_that_is_not_executable_guards_nothing() {
    let here = repository();
    install_files(&here);
    let path = shown(&here, ".git/hooks/commit-msg");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let why = format!("git ignores {path}, because it is not executable");
    let expected = all_but(&[("commit-msg", &why)], &["keyward hook install"], by_file(&here));
    assert_eq!(status_of_files(&here), expected);
    // That hint helps, although the file is what keyward installs.
    install_files(&here);
    assert_eq!(status_of_files(&here), all_but(&[], &[], by_file(&here)));
}

#[test]
fn a_binary_that_is_gone_guards_only_by_luck() {
    let here = repository();
    install_files(&here);
    let path = shown(&here, ".git/hooks/pre-push");
    // A folder of that name is none either.
    for gone in ["/nowhere/keyward", "/usr"] {
        here.write(".git/hooks/pre-push", script_that_calls("pre-push", gone));
        let why = format!("{path} calls {gone}, which is gone, and guards only if PATH has another");
        let expected = all_but(&[("pre-push", &why)], &["keyward hook install"], by_file(&here));
        assert_eq!(status_of_files(&here), expected);
    }

    let here = guarded();
    if git_runs_configured_hooks() {
        let key = "hook.keyward-pre-push.command";
        let command = here.git(&["config", key]).out;
        here.git(&["config", key, command.trim_end().replace(KEYWARD, "/nowhere/keyward").as_str()]);
        let why = "hook.keyward-pre-push calls /nowhere/keyward, which is gone, and guards only if PATH has another";
        assert_eq!(status(&here), all_but(&[("pre-push", why)], &["keyward hook install"], by_configuration));
    }
}

#[test]
fn a_hooks_path_with_which_no_file_runs_is_named() {
    let here = repository();
    install_files(&here);
    for (value, said) in [("", "empty"), ("/dev/null", "/dev/null")] {
        here.git(&["config", "core.hooksPath", value]);
        let why = format!("core.hooksPath is {said}, so git runs no hooks from files");
        assert_eq!(status_of_files(&here), none(&why, "git config --local --unset core.hooksPath"));
    }
    here.git(&["config", "core.hooksPath", "nowhere"]);
    let why = "core.hooksPath is 'nowhere', which is not there";
    assert_eq!(status_of_files(&here), none(why, "keyward hook install"));
}

#[test]
fn a_linked_work_tree_without_the_hooks_folder_is_not_guarded() {
    let here = repository();
    here.git(&["config", "core.hooksPath", ".githooks"]);
    install_files(&here);
    let by = |door: &str| shown(&here, &format!(".githooks/{door}"));
    assert_eq!(status_of_files(&here), all_but(&[], &[], by));
    here.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
    let run = here.keyward_in_with_older_git("linked", &["hook", "status"]);
    assert_eq!(told(run), none("core.hooksPath is '.githooks', which is not there", "keyward hook install"));
    // Where it is checked out, it guards.
    here.write("linked/.githooks/.keep", "");
    let run = here.keyward_in_with_older_git("linked", &["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let by = |door: &str| shown(&here, &format!("linked/.githooks/{door}"));
    assert_eq!(told(here.keyward_in_with_older_git("linked", &["hook", "status"])), all_but(&[], &[], by));
}

#[test]
fn without_a_repository_there_is_nothing_to_do() {
    let here = Folder::new();
    for verb in ["install", "uninstall", "status"] {
        for run in [here.keyward(&["hook", verb]), older(&here, &[verb])] {
            assert_eq!(
                (run.status, run.err.as_str()),
                (
                    2,
                    "keyward: not a git repository (nor any of its parents)\n  \
                     hint: keyward scan PATH examines files without git\n"
                )
            );
        }
    }
}

#[test]
fn a_repository_that_git_refuses_is_no_missing_one() {
    let here = repository();
    let mut command = here.command(KEYWARD);
    let run: Run =
        command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["hook", "status"]).output().unwrap().into();
    assert_eq!(run.status, 2);
    assert!(run.err.contains("  caused by: fatal: detected dubious ownership in repository"), "{}", run.err);
}

#[test]
fn another_hook_guards_if_it_calls_keyward_and_minds_the_answer() {
    let here = repository();
    install_files(&here);
    let path = shown(&here, ".git/hooks/pre-push");
    let by = |door: &str| {
        let file = shown(&here, &format!(".git/hooks/{door}"));
        if door == "pre-push" { format!("{file}, which calls keyward") } else { file }
    };
    for script in ["exec keyward hook run pre-push \"$@\"", "keyward hook run pre-push \"$@\" || exit\nnpm test"] {
        write_hook(&here, ".git/hooks/pre-push", script);
        assert_eq!(status_of_files(&here), all_but(&[], &[], by), "{script}");
    }
    let ignores = format!("{path} calls keyward, and goes on whatever it answers");
    let write = "write there: keyward hook run pre-push \"$@\" || exit";
    for (script, why, hint) in [
        ("keyward hook run pre-push \"$@\"\nnpm test", ignores.as_str(), write),
        ("keyward hook run pre-push \"$@\" || true", &ignores, write),
        ("keyward hook run pre-commit", "", "keyward hook install"),
        ("npm test", "", "keyward hook install"),
    ] {
        write_hook(&here, ".git/hooks/pre-push", script);
        assert_eq!(status_of_files(&here), all_but(&[("pre-push", why)], &[hint], by), "{script}");
    }
}

#[test]
fn a_guard_that_somebody_else_wrote_is_not_doubled() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-push", "exec keyward hook run pre-push \"$@\"");
    let (path, folder) = (shown(&here, ".git/hooks/pre-push"), shown(&here, ".git/hooks"));
    assert_eq!(
        older(&here, &["install"]).out,
        format!(
            "pre-push: guarded already by {path}, which calls keyward\n\
             installed in {folder}: pre-commit, pre-merge-commit, commit-msg\n"
        )
    );
}

#[test]
fn a_link_to_our_script_guards_and_a_pipe_is_not_waited_for() {
    let here = repository();
    install_files(&here);
    fs::rename(here.at(".git/hooks/pre-push"), here.at("script")).unwrap();
    symlink(here.at("script"), here.at(".git/hooks/pre-push")).unwrap();
    assert_eq!(status_of_files(&here), all_but(&[], &[], by_file(&here)));
    install_files(&here);
    assert!(fs::symlink_metadata(here.at(".git/hooks/pre-push")).unwrap().is_symlink());
    fs::remove_file(here.at(".git/hooks/pre-push")).unwrap();
    assert!(here.command("mkfifo").arg(here.at(".git/hooks/pre-push")).status().unwrap().success());
    let why = format!("git ignores {}, because it is not executable", shown(&here, ".git/hooks/pre-push"));
    let hint = format!("chmod +x {}", shown(&here, ".git/hooks/pre-push"));
    assert_eq!(status_of_files(&here), all_but(&[("pre-push", &why)], &[&hint], by_file(&here)));
}
