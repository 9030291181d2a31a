//! The script itself: it finds keyward or refuses, hands on what git says, and never comes round to itself.

use super::{commit, install_files, older, published_script, repository, script_that_calls, shown, write_hook};
use crate::support::{Folder, KEYWARD, Key, Run};

/// The `PATH` of a machine without keyward.
const PATH: &str = "/usr/bin:/bin";

/// A hook that writes down what it hears, and then does as the file `code` says.
const HEARS: &str = "printf '%s|' \"$@\" >> heard; cat >> heard; exit \"$(cat code)\"";

#[test]
fn a_binary_that_is_gone_is_refused_in_the_words_of_the_event() {
    let here = repository();
    for (event, refused) in [
        ("pre-commit", "the commit was not made"),
        ("pre-merge-commit", "the merge was not made"),
        ("commit-msg", "the commit was not made"),
        ("pre-push", "the push was not made"),
        ("pre-receive", "the push was refused"),
        ("update", "the push was refused"),
    ] {
        let path = format!(".git/hooks/{event}");
        write_hook(&here, &path, "");
        here.write(&path, script_that_calls(event, "/nowhere/keyward"));
        let run: Run = here.command("sh").args(["-c", &path]).env("PATH", PATH).output().unwrap().into();
        let expected = format!(
            "keyward: {refused}: the hook cannot find keyward\n  hint: install it again, or remove .git/hooks/{event}\n"
        );
        assert_eq!((run.status, run.err), (2, expected));
    }
    here.stage("a", "x\n");
    let run: Run =
        here.command("git").args(["commit", "--message", "x"]).env("PATH", path_of_git()).output().unwrap().into();
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("keyward: the commit was not made: the hook cannot find keyward\n"), "{}", run.err);
}

/// The folder of the git on the PATH, and a machine without keyward.
fn path_of_git() -> String {
    let paths = std::env::var_os("PATH").unwrap();
    let folder = std::env::split_paths(&paths).find(|folder| folder.join("git").is_file()).unwrap();
    format!("{}:{PATH}", folder.display())
}

#[test]
fn a_binary_that_moved_is_found_on_the_path() {
    let (here, key) = (repository(), Key::new(150));
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", script_that_calls("pre-commit", "/nowhere/keyward"));
    here.stage("a.env", key.env_file());
    let folder = std::path::Path::new(KEYWARD).parent().unwrap();
    let path = format!("{}:{}", folder.display(), path_of_git());
    let run: Run = here.command("git").args(["commit", "--message", "x"]).env("PATH", path).output().unwrap().into();
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("keyward: this commit would leak an AWS credential\n"), "{}", run.err);
}

#[test]
fn a_kept_push_hook_and_keyward_both_hear_what_is_pushed() {
    let (here, key) = (repository(), Key::new(151));
    write_hook(&here, ".git/hooks/pre-push", HEARS);
    here.write("code", "0");
    install_files(&here);
    here.init("remote");
    here.git(&["remote", "add", "origin", "remote"]);
    let commit = here.git(&["rev-parse", "HEAD"]).out;
    assert_eq!(here.try_git(&["push", "--quiet", "origin", "HEAD:refs/heads/a"]).status, 0);
    let zeros = "0".repeat(40);
    let heard = format!("origin|remote|HEAD {} refs/heads/a {zeros}\n", commit.trim_end());
    assert_eq!(here.read("heard"), heard);

    // Nothing to push is nothing to hear, and a failure of either stops the push.
    here.git(&["push", "--quiet", "origin", "HEAD:refs/heads/a"]);
    assert_eq!(here.read("heard"), format!("{heard}origin|remote|"));
    here.write("code", "7");
    assert_eq!(here.try_git(&["push", "--quiet", "origin", "HEAD:refs/heads/b"]).status, 1);
    here.write("code", "0");
    here.stage("a.env", key.env_file());
    here.commit();
    let run = here.try_git(&["push", "--quiet", "origin", "HEAD:refs/heads/b"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("keyward: "), "{}", run.err);
}

#[test]
fn a_kept_hook_that_does_not_listen_takes_nothing_away_from_keyward() {
    let (here, key) = (repository(), Key::new(152));
    write_hook(&here, ".git/hooks/pre-push", "exit 0");
    install_files(&here);
    here.init("remote");
    here.stage("a.env", key.env_file());
    here.commit();
    assert_eq!(here.try_git(&["push", "--quiet", "remote", "HEAD:refs/heads/a"]).status, 1);
}

#[test]
fn a_hook_that_cannot_hear_what_is_pushed_refuses() {
    let here = repository();
    install_files(&here);
    let run: Run = here.command("sh").args(["-c", ".git/hooks/pre-push a b <&-"]).output().unwrap().into();
    assert_eq!(run.status, 2);
    assert!(
        run.err.ends_with(
            "keyward: the push was not made: the hook cannot read which refs are pushed\n  \
             hint: git's standard input must reach .git/hooks/pre-push\n"
        ),
        "{}",
        run.err
    );
}

#[test]
fn arguments_and_the_failure_of_a_kept_hook_are_handed_on() {
    let here = repository();
    write_hook(&here, ".git/hooks/commit-msg", HEARS);
    here.write("code", "5");
    install_files(&here);
    let message = here.at("a message");
    here.write("a message", "hello\n");
    let mut hook = here.command(here.at(".git/hooks/commit-msg").to_str().unwrap());
    let run: Run = hook.arg(&message).output().unwrap().into();
    assert_eq!((run.status, here.read("heard")), (5, format!("{}|", message.display())));
    here.write("code", "0");
    let mut hook = here.command(here.at(".git/hooks/commit-msg").to_str().unwrap());
    assert_eq!(hook.arg(&message).status().unwrap().code(), Some(0));
}

/// What the pre-commit framework writes, in short: it runs the hook that it moved aside, and no second time below it.
fn framework() -> &'static str {
    "# File generated by pre-commit: https://pre-commit.com\n\
     if [ -n \"$RUNNING_LEGACY\" ]; then echo 'bug: runs itself'; exit 1; fi\n\
     echo framework >> ran\n\
     if [ -x \"${0%/*}/pre-commit.legacy\" ]; then RUNNING_LEGACY=1 \"${0%/*}/pre-commit.legacy\" \"$@\" || exit; fi"
}

/// The framework's `install`: what is not its own is moved aside.
fn install_framework(here: &Folder) {
    here.git(&["config", "alias.mv-hook", "!mv .git/hooks/pre-commit .git/hooks/pre-commit.legacy"]);
    here.git(&["mv-hook"]);
    write_hook(here, ".git/hooks/pre-commit", framework());
}

#[test]
fn a_framework_that_takes_its_place_again_is_run_once_and_keyward_with_it() {
    let (here, key) = (repository(), Key::new(153));
    write_hook(&here, ".git/hooks/pre-commit", framework());
    install_files(&here);
    install_framework(&here);
    here.stage("a", "x\n");
    let run = commit(&here, &[]);
    assert_eq!((run.status, run.err.as_str(), here.read("ran").as_str()), (0, "", "framework\n"));
    here.stage("a.env", key.env_file());
    assert_eq!(commit(&here, &[]).status, 1);

    // Installing again changes nothing, and uninstalling leaves the framework alone.
    let folder = shown(&here, ".git/hooks");
    let all = "pre-commit, pre-merge-commit, commit-msg, pre-push";
    assert_eq!(older(&here, &["install"]).out, format!("up to date in {folder}: {all}\n"));
    assert_eq!(older(&here, &["uninstall"]).out, format!("taken out of {folder}: {all}\n"));
    assert_eq!(super::names(&here, ".git/hooks"), ["pre-commit"]);
    assert_eq!(here.read(".git/hooks/pre-commit"), format!("#!/bin/sh\n{}\n", framework()));
}

#[test]
fn a_hook_of_the_users_own_runs_on_below_a_framework() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit", "echo own >> ran");
    install_files(&here);
    install_framework(&here);
    here.stage("a", "x\n");
    assert_eq!((commit(&here, &[]).status, here.read("ran").as_str()), (0, "framework\nown\n"));
    // What was kept is given back to the framework, which runs it.
    assert_eq!(older(&here, &["uninstall"]).status, 0);
    assert_eq!(super::names(&here, ".git/hooks"), ["pre-commit", "pre-commit.legacy"]);
    assert_eq!(here.read(".git/hooks/pre-commit.legacy"), "#!/bin/sh\necho own >> ran\n");
}

#[test]
fn the_published_script_below_a_framework_is_replaced_where_it_was_moved() {
    let here = repository();
    write_hook(&here, ".git/hooks/pre-commit.before-keyward", framework());
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", published_script());
    install_framework(&here);
    install_files(&here);
    here.stage("a", "x\n");
    let run = commit(&here, &[]);
    assert_eq!((run.status, run.err.as_str(), here.read("ran").as_str()), (0, "", "framework\n"));
}

#[test]
fn a_kept_hook_that_calls_the_hook_again_does_not_go_round_in_circles() {
    let (here, key) = (repository(), Key::new(154));
    write_hook(&here, ".git/hooks/pre-commit", "echo round >> ran; exec .git/hooks/pre-commit");
    install_files(&here);
    here.stage("a", "x\n");
    assert_eq!((commit(&here, &[]).status, here.read("ran").as_str()), (0, "round\n"));
    here.stage("a.env", key.env_file());
    assert_eq!(commit(&here, &[]).status, 1);
}
