//! `keyward hook`: what would leak is refused, and what was there before is not hurt.
//!
//! Where git runs hooks from its configuration, `install` puts them there; otherwise they are files. Tests of files
//! run with any git, because keyward can be given one that calls itself older ([`older`]); git itself runs such files
//! in every version. Tests of the configuration say what holds with an older git, too.

mod bare;
mod commits;
mod configured;
mod files;
mod global;
mod managers;
mod passing;
mod places;
mod script;
mod status;

use crate::support::{Folder, KEYWARD, Key, Run, git_runs_configured_hooks};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// What is guarded unless other hooks are named.
const DEFAULT: &str = "pre-commit, pre-merge-commit, commit-msg, pre-push";

/// A repository with one commit.
fn repository() -> Folder {
    with_commit(Folder::repository())
}

fn with_commit(here: Folder) -> Folder {
    here.stage("README", "hello\n");
    here.commit();
    here
}

/// A repository with one commit and the hooks.
fn guarded() -> Folder {
    let here = repository();
    install(&here);
    here
}

fn install(here: &Folder) {
    let run = here.keyward(&["hook", "install"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{}", run.out);
}

/// Runs `keyward hook` with a git that calls itself older.
fn older(here: &Folder, arguments: &[&str]) -> Run {
    here.keyward_with_older_git(&[&["hook"], arguments].concat())
}

/// Installs files of hooks.
fn install_files(here: &Folder) {
    let run = older(here, &["install"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{}", run.out);
}

/// The way in which this git gets its hooks, as `install` tells it.
fn native_place(here: &Folder) -> String {
    if git_runs_configured_hooks() { "this repository's configuration".to_owned() } else { shown(here, ".git/hooks") }
}

/// A path as keyward shows it.
fn shown(here: &Folder, path: &str) -> String {
    here.path().canonicalize().unwrap().join(path).display().to_string()
}

fn commit(here: &Folder, arguments: &[&str]) -> Run {
    here.try_git(&[&["commit", "--quiet", "--message", "change"], arguments].concat())
}

/// Is a commit with a key in it refused, and by keyward?
fn refuses_a_commit(here: &Folder, seed: u64) -> bool {
    here.stage("leak.env", Key::new(seed).env_file());
    let run = commit(here, &[]);
    here.git(&["rm", "--quiet", "--cached", "--force", "leak.env"]);
    run.status == 1 && run.err.contains("keyward: this commit would leak an AWS credential")
}

fn write_hook(here: &Folder, path: &str, script: &str) {
    here.write(path, format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(here.at(path), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The names in a folder, those of git's samples left out.
fn names(here: &Folder, folder: &str) -> Vec<String> {
    let names = fs::read_dir(here.at(folder)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| !name.ends_with(".sample")).collect();
    names.sort();
    names
}

/// keyward's script as it is installed for an event.
fn script(event: &str) -> String {
    script_that_calls(event, KEYWARD)
}

fn script_that_calls(event: &str, keyward: &str) -> String {
    let script = include_str!("../../../hooks/guard");
    script.replacen("event=pre-commit", &format!("event={event}"), 1).replacen("''", &format!("'{keyward}'"), 1)
}

/// The hook that the first version installed.
fn published_script() -> String {
    let script = include_str!("../../../hooks/former/pre-commit-1");
    script.replacen("keyward=keyward", &format!("keyward='{KEYWARD}'"), 1)
}
