//! Every door of git, situation by situation, with real git: what git did, and what keyward said.
//!
//! `docs/doors.md` holds the table that these situations give; it is compared whole.

mod commits;
mod hostile;
mod layouts;
mod malformed;
mod merges;
mod messages;
mod pushes;
mod servers;

use crate::support::{Folder, KEYWARD, Key, Run};
use rayon::prelude::*;
use regex::Regex;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Something that people do, the last command of which is judged.
pub struct Situation {
    pub name: &'static str,
    pub act: fn() -> Run,
}

/// Situations under one heading.
type Part = (&'static str, &'static [&'static [Situation]]);

const PARTS: [Part; 5] = [
    ("Commits: pre-commit", &[commits::ALL, layouts::ALL]),
    ("Messages: commit-msg", &[messages::ALL]),
    ("Merges: pre-merge-commit, and pre-commit after it", &[merges::ALL]),
    ("Pushes: pre-push", &[pushes::ALL]),
    ("A server: pre-receive, update", &[servers::ALL]),
];

#[test]
fn what_git_does_and_keyward_says_in_each_situation_is_what_the_table_tells() {
    let table = PARTS.iter().map(part).collect::<String>();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doors.md");
    let page = fs::read_to_string(file).unwrap();
    let (intro, told) = page.split_once("\n## ").unwrap();
    let now = format!("{intro}\n{table}");
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("doors.md"), now).unwrap();
    let told = format!("## {told}");
    let differing: Vec<_> = table.lines().filter(|line| !told.contains(line)).collect();
    assert!(table == told, "docs/doors.md tells otherwise (target/tmp/doors.md is what is true now):\n{differing:#?}");
}

fn part((title, situations): &Part) -> String {
    let rows = situations.par_iter().copied().flatten().map(|situation| {
        let run = (situation.act)();
        format!("| {} | {} | {} |\n", situation.name, if run.status == 0 { "done" } else { "refused" }, said(&run))
    });
    let rows: String = rows.collect();
    format!("## {title}\n\n| situation | git | keyward |\n|---|---|---|\n{rows}\n")
}

/// What keyward said, and the place that it named first; names of objects differ from run to run.
fn said(run: &Run) -> String {
    let lines = run.err.lines().map(|line| line.trim_start_matches("remote: ").trim_end());
    let (own, others): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("keyward: "));
    let mut said: Vec<String> = own.iter().map(|line| line["keyward: ".len()..].to_owned()).collect();
    if let Some(place) = others.iter().find(|line| line.contains("  AWS access key")) {
        said.push(format!("`{}`", place.split("  ").next().unwrap()));
    }
    let key = Regex::new("AKIA[A-Z2-7]{16}").unwrap();
    let object = Regex::new("[0-9a-f]{8,}").unwrap();
    let said = said.join("; ");
    let said = object.replace_all(&said, "OID");
    if said.is_empty() { "-".to_owned() } else { key.replace_all(&said, "KEYID").into_owned() }
}

/// A repository with one commit, `README`, and all hooks.
pub fn guarded() -> Folder {
    let here = Folder::repository();
    here.stage("README", "hello\n");
    here.commit();
    guard(&here);
    here
}

/// Puts the least of hooks in: what `keyward hook install` does is tested elsewhere.
pub fn guard(here: &Folder) {
    for hook in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        write_hook(here, ".git", hook);
    }
}

pub fn write_hook(here: &Folder, git_dir: &str, hook: &str) {
    let path = format!("{git_dir}/hooks/{hook}");
    here.write(&path, format!("#!/bin/sh\nexec '{KEYWARD}' hook run {hook} \"$@\"\n"));
    fs::set_permissions(here.at(&path), fs::Permissions::from_mode(0o755)).unwrap();
}

/// One with a file that holds a key, committed past the hooks: it is old.
pub fn with_old_key(key: &Key) -> Folder {
    let here = guarded();
    here.stage("old.env", key.env_file());
    here.commit();
    here
}

pub fn commit(here: &Folder, arguments: &[&str]) -> Run {
    here.try_git(&[&["commit", "--quiet", "--message", "change"], arguments].concat())
}

/// Commits a file past the hooks.
pub fn commit_file(here: &Folder, path: &str, content: &str) {
    here.stage(path, content);
    here.commit();
}
