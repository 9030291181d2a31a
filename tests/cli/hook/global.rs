//! `keyward hook install --global`: all repositories of a user, whose own hooks go on.

use super::{DEFAULT, commit, names, older, refuses_a_commit, shown, with_commit, write_hook};
use crate::support::{Folder, KEYWARD, Run, git_runs_configured_hooks};
use std::fs;

/// Where keyward puts the hooks of a user whose git wants files.
pub const FOLDER: &str = "home/.config/keyward/hooks";

pub fn repository() -> Folder {
    with_commit(Folder::repository_with_home())
}

/// Installs files of hooks for the user.
pub fn install_for_the_user(here: &Folder) -> Run {
    let run = older(here, &["install", "--global"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{}", run.out);
    run
}

/// The folder as it is in the configuration.
fn folder(here: &Folder) -> String {
    here.at(FOLDER).display().to_string()
}

fn hooks_path(here: &Folder) -> String {
    here.try_git(&["config", "--global", "core.hooksPath"]).out
}

#[test]
fn with_a_git_that_takes_them_from_its_configuration_they_are_there() {
    let here = repository();
    let run = here.keyward(&["hook", "install", "--global"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(refuses_a_commit(&here, 190));
    let guarded = |place: &str| {
        let line = |hook: &str| format!("{hook}: guarded by {}\n", place.replace('*', hook));
        DEFAULT.split(", ").map(line).collect::<String>()
    };
    if git_runs_configured_hooks() {
        assert_eq!(run.out, format!("installed in your own configuration: {DEFAULT}\n"));
        assert_eq!(here.keyward(&["hook", "status"]).out, guarded("hook.keyward-* in your own configuration"));
        let run = here.keyward(&["hook", "uninstall", "--global"]);
        assert_eq!(run.out, format!("taken out of your own configuration: {DEFAULT}\n"));
    } else {
        assert_eq!(here.keyward(&["hook", "status"]).out, guarded(&format!("{}/*", folder(&here))));
        assert_eq!(here.keyward(&["hook", "uninstall", "--global"]).status, 0);
    }
    assert_eq!(here.read("home/.gitconfig"), "");
    assert!(!refuses_a_commit(&here, 190));
}

#[test]
fn an_older_git_is_led_to_a_folder_of_ours_and_back() {
    let here = repository();
    let folder = folder(&here);
    assert_eq!(
        install_for_the_user(&here).out,
        format!(
            "installed in {folder}: {DEFAULT}\n\
             core.hooksPath leads git there; the hooks of each repository are run from there\n\
             while it is set, pre-commit, prek and lefthook refuse to install theirs\n"
        )
    );
    assert_eq!(hooks_path(&here), format!("{folder}\n"));
    assert!(refuses_a_commit(&here, 191));
    assert_eq!(install_for_the_user(&here).out, format!("up to date in {folder}: {DEFAULT}\n"));

    // A repository needs no hooks of its own then.
    let by = |hook: &str| format!("{hook}: guarded already by {folder}/{hook}\n");
    let all: String = DEFAULT.split(", ").map(by).collect();
    let run = older(&here, &["install"]);
    assert_eq!((run.status, run.out), (0, all));

    let run = older(&here, &["uninstall", "--global"]);
    assert_eq!(
        (run.status, run.out),
        (0, format!("taken out of {folder}: {DEFAULT}\ncore.hooksPath is unset again\n"))
    );
    assert_eq!((hooks_path(&here).as_str(), here.at("home/.config/keyward").exists()), ("", false));
    assert!(!refuses_a_commit(&here, 191));
    let run = older(&here, &["uninstall", "--global"]);
    assert_eq!((run.status, run.out.as_str()), (0, "no hook of keyward's is installed\n"));
}

#[test]
fn hooks_that_the_user_has_already_are_kept_where_they_are() {
    let here = repository();
    write_hook(&here, "home/my hooks/pre-commit", "echo mine >> ran");
    here.git(&["config", "--global", "core.hooksPath", "~/my hooks"]);
    let folder = here.at("home/my hooks").display().to_string();
    assert_eq!(
        install_for_the_user(&here).out,
        format!(
            "installed in {folder}: {DEFAULT}\n\
             pre-commit: the hook that was there runs first, as pre-commit.before-keyward\n"
        )
    );
    assert!(refuses_a_commit(&here, 195));
    assert_eq!(here.read("ran"), "mine\n");
    assert_eq!(older(&here, &["uninstall", "--global"]).status, 0);
    assert_eq!(
        (names(&here, "home/my hooks"), hooks_path(&here)),
        (vec!["pre-commit".to_owned()], "~/my hooks\n".into())
    );
}

#[test]
fn a_hooks_path_of_the_user_that_leads_nowhere_is_named() {
    let here = repository();
    for (value, refusal) in [
        (
            "",
            "core.hooksPath is empty, so git runs no hooks from files\n  \
             hint: git config --global --unset core.hooksPath\n",
        ),
        (
            "hooks",
            "core.hooksPath is 'hooks' in your own configuration\n  \
             caused by: that is another folder in each repository\n  \
             hint: keyward hook install in each of them, or git config --global --unset core.hooksPath\n",
        ),
    ] {
        here.git(&["config", "--global", "core.hooksPath", value]);
        let run = older(&here, &["install", "--global"]);
        assert_eq!((run.status, run.err), (2, format!("keyward: {refusal}")));
    }
    assert!(!here.at("home/.config").exists());
}

#[test]
fn a_newer_git_gives_the_folder_back_that_an_older_one_needed() {
    let here = repository();
    install_for_the_user(&here);
    let run = here.keyward(&["hook", "install", "--global"]);
    let folder = folder(&here);
    if !git_runs_configured_hooks() {
        return assert_eq!(run.out, format!("up to date in {folder}: {DEFAULT}\n"));
    }
    assert_eq!(
        (run.status, run.out),
        (
            0,
            format!(
                "installed in your own configuration: {DEFAULT}\n\
                 no longer needed, so taken out of {folder}: {DEFAULT}\n\
                 core.hooksPath is unset again\n"
            )
        )
    );
    assert_eq!((hooks_path(&here).as_str(), here.at("home/.config/keyward").exists()), ("", false));
    assert!(refuses_a_commit(&here, 196));
}

#[test]
fn a_folder_of_ours_that_is_gone_is_made_again_or_no_longer_led_to() {
    let here = repository();
    let folder = folder(&here);
    install_for_the_user(&here);
    fs::remove_dir_all(&folder).unwrap();
    let run = older(&here, &["status"]);
    let gone = |hook: &str| format!("{hook}: not guarded: core.hooksPath is '{folder}', which is not there\n");
    let all: String = DEFAULT.split(", ").map(gone).collect();
    assert_eq!((run.status, run.out), (1, format!("{all}  hint: keyward hook install --global\n")));
    assert_eq!(install_for_the_user(&here).out, format!("installed in {folder}: {DEFAULT}\n"));
    assert!(refuses_a_commit(&here, 198));

    fs::remove_dir_all(&folder).unwrap();
    let run = older(&here, &["uninstall", "--global"]);
    assert_eq!((run.status, run.out.as_str()), (0, "core.hooksPath is unset again\n"));
    assert_eq!(hooks_path(&here), "");
}

#[test]
fn the_folder_is_ours_wherever_it_was_made() {
    let here = repository();
    let with_xdg = |verb: &str| -> Run {
        let mut command = here.command_with_older_git(KEYWARD);
        command.args(["hook", verb, "--global"]).env("XDG_CONFIG_HOME", here.at("xdg")).output().unwrap().into()
    };
    assert_eq!(with_xdg("install").status, 0);
    let folder = here.at("xdg/keyward/hooks").display().to_string();
    assert_eq!(install_for_the_user(&here).out, format!("up to date in {folder}: {DEFAULT}\n"));
    let run = older(&here, &["uninstall", "--global"]);
    assert_eq!(
        (run.status, run.out),
        (0, format!("taken out of {folder}: {DEFAULT}\ncore.hooksPath is unset again\n"))
    );
    assert_eq!((hooks_path(&here).as_str(), here.at("xdg/keyward").exists()), ("", false));
}

#[test]
fn a_hook_that_somebody_put_into_our_folder_stays_with_it() {
    let here = repository();
    install_for_the_user(&here);
    write_hook(&here, &format!("{FOLDER}/post-commit"), "echo mine >> ran");
    let run = older(&here, &["uninstall", "--global"]);
    assert_eq!(
        (run.status, run.out),
        (
            0,
            format!(
                "taken out of {}: {DEFAULT}\n\
                 core.hooksPath still leads there, because it has hooks that are not keyward's\n",
                folder(&here)
            )
        )
    );
    here.stage("a", "x\n");
    assert_eq!((commit(&here, &[]).status, here.read("ran").as_str()), (0, "mine\n"));
}

#[test]
fn a_hook_that_the_user_switched_off_is_not_called_installed() {
    let here = repository();
    here.git(&["config", "--global", "hook.keyward-pre-push.enabled", "false"]);
    let run = here.keyward(&["hook", "install", "--global"]);
    if !git_runs_configured_hooks() {
        return assert_eq!(run.status, 0);
    }
    assert_eq!(
        (run.status, run.out),
        (
            1,
            format!(
                "installed in your own configuration: {DEFAULT}\n\
                 pre-push: not guarded: hook.keyward-pre-push.enabled is false\n  \
                 hint: git config --global --unset-all hook.keyward-pre-push.enabled\n"
            )
        )
    );
}

#[test]
fn a_configuration_of_the_user_that_is_no_file_is_never_replaced() {
    let here = Folder::repository();
    let pipe = here.at("pipe");
    assert!(here.command("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = here.command(KEYWARD);
    command.args(["hook", "install", "--global"]).env("GIT_CONFIG_GLOBAL", &pipe);
    let run: Run = command.output().unwrap().into();
    assert_eq!(
        (run.status, run.err),
        (
            2,
            format!(
                "keyward: GIT_CONFIG_GLOBAL is '{}', which is no file\n  \
                 caused by: git keeps the user's configuration there\n  \
                 hint: unset GIT_CONFIG_GLOBAL, or name a file\n",
                pipe.display()
            )
        )
    );
    assert!(!fs::metadata(&pipe).unwrap().is_file());
}

#[test]
fn the_folder_follows_xdg_config_home() {
    let here = repository();
    let mut command = here.command(KEYWARD);
    command.args(["hook", "install", "--global"]).env("XDG_CONFIG_HOME", here.at("xdg"));
    let run: Run = command.output().unwrap().into();
    assert_eq!(run.status, 0, "{}", run.err);
    let expected = if git_runs_configured_hooks() { "" } else { &here.at("xdg/keyward/hooks").display().to_string() };
    assert_eq!(hooks_path(&here).trim_end(), expected);
    assert!(shown(&here, "home").ends_with("home") && refuses_a_commit(&here, 197));
}
