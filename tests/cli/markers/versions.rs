//! Markers in a history, where one credential stands in many versions, and in pushes.

use super::fates;
use crate::history::{filler, scan};
use crate::support::{Folder, KEYWARD, Key, Run};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn marked(key: &Key, marker: &str) -> String {
    format!("{} # {marker}\n", key.env_file().trim_end())
}

#[test]
fn a_credential_in_a_history_is_accepted_by_any_version_with_a_marker() {
    let (here, key, other) = (Folder::repository(), Key::new(620), Key::new(621));
    here.stage("start", "x\n");
    let start = here.commit_as("start");
    here.stage("a.env", key.env_file());
    here.stage("b.env", other.env_file());
    here.commit_as("leak");
    let range = format!("{start}..HEAD");
    assert_eq!((scan(&here, &[]).status, scan(&here, &["--range", &range]).status), (1, 1));

    here.stage("a.env", format!("{}{}", marked(&key, "keyward:allow a test key"), filler(50)));
    here.commit_as("accept");
    here.git(&["mv", "a.env", "c.env"]);
    here.stage("c.env", format!("{}{}", key.env_file(), filler(60)));
    here.commit_as("the marker is gone again");
    let expected = [("a.env:3".to_owned(), json!("marker")), ("b.env:3".to_owned(), Value::Null)];
    for _ in 0..2 {
        for threads in ["-j1", "-j8"] {
            assert_eq!(fates(&scan(&here, &[threads])), expected);
            assert_eq!(fates(&scan(&here, &["--range", &range, threads])), expected);
        }
        assert_eq!(scan(&here, &["-j1"]).out, scan(&here, &["-j8"]).out);
        here.repack();
    }
    assert_eq!(fates(&scan(&here, &["--no-markers"])).iter().filter(|(_, why)| why.is_null()).count(), 2);
    let run = here.keyward(&["scan", "--history", "--range", &range]);
    assert!(run.err.ends_with("\n  1 accepted by a marker in the file\n"), "{}", run.err);
}

#[test]
fn a_marker_without_a_reason_is_named_where_it_stands() {
    let (here, key) = (Folder::repository(), Key::new(622));
    here.stage("a.env", key.env_file());
    here.commit_as("leak");
    here.git(&["mv", "a.env", "b.env"]);
    here.stage("b.env", format!("# moved\n{}", marked(&key, "keyward:allow")));
    here.commit_as("mark");
    for arguments in [&[][..], &["--range", "HEAD"]] {
        let run = scan(&here, arguments);
        assert_eq!((run.status, fates(&run)), (1, vec![("a.env:3".to_owned(), Value::Null)]));
        assert_eq!(run.summary()["notes"], json!(["b.env:4  keyward:allow needs a reason to count"]));
    }
}

#[test]
fn a_marker_at_the_key_id_of_another_version_does_not_accept_the_pair() {
    let (here, key) = (Folder::repository(), Key::new(623));
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={} # keyward:allow test\n", key.id));
    here.commit_as("id");
    assert_eq!(scan(&here, &[]).status, 0);
    here.stage("a.env", key.env_file());
    here.commit_as("pair");
    assert_eq!(fates(&scan(&here, &[])), [("a.env:3".to_owned(), Value::Null)]);
}

/// A work tree and the bare repository that it pushes to, which is guarded.
fn guarded_server(hook: &str) -> Folder {
    let here = Folder::repository();
    here.git(&["init", "--quiet", "--bare", "--initial-branch=main", "server.git"]);
    here.git(&["remote", "add", "origin", "server.git"]);
    here.write(".git/info/exclude", "server.git\n");
    guard(&here, hook);
    here
}

/// Puts a hook into `server.git`.
pub fn guard(here: &Folder, hook: &str) {
    let script = format!("server.git/hooks/{hook}");
    here.write(&script, format!("#!/bin/sh\nexec '{KEYWARD}' hook run {hook} \"$@\"\n"));
    fs::set_permissions(here.at(&script), fs::Permissions::from_mode(0o755)).unwrap();
}

fn push(here: &Folder) -> Run {
    here.try_git(&["push", "--quiet", "origin", "HEAD"])
}

#[test]
fn a_marker_that_a_push_brings_does_not_count() {
    for hook in ["pre-receive", "update"] {
        let (here, key) = (guarded_server(hook), Key::new(624));
        here.stage("a.txt", "x\n");
        here.commit_as("start");
        assert_eq!(push(&here).status, 0);
        for branch in ["main", "topic"] {
            here.git(&["switch", "--quiet", "-C", branch]);
            here.stage("sub/a.env", marked(&key, "keyward:allow a test key"));
            here.commit_as("marked");
            let run = push(&here);
            assert_eq!(run.status, 1, "{hook} {branch}");
            let note = "sub/a.env:3  accepted by the author with a marker, which does not count here";
            assert!(run.err.contains(note), "{hook} {branch}: {}", run.err);
            here.git(&["reset", "--quiet", "--hard", "HEAD^"]);
        }
    }
}

#[test]
fn what_the_base_holds_with_a_marker_may_be_pushed_with_one() {
    let (here, key, other) = (guarded_server("pre-receive"), Key::new(625), Key::new(626));
    here.stage("a.env", marked(&key, "keyward:allow a test key"));
    here.commit_as("accepted");
    // Whoever keeps the repository lets it in.
    let hook = here.at("server.git/hooks/pre-receive");
    fs::rename(&hook, here.at("hook")).unwrap();
    assert_eq!(push(&here).status, 0);
    fs::rename(here.at("hook"), &hook).unwrap();

    // Copied with its marker, on the branch and on a new one, whose base is HEAD.
    here.stage("deep/b.env", format!("# copied\n{}", marked(&key, "gitleaks:allow")));
    here.commit_as("copy");
    let run = push(&here);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("keyward: 1 finding accepted by a marker in the file"), "{}", run.err);
    here.git(&["switch", "--quiet", "--create", "topic"]);
    here.stage("c.env", marked(&key, "keyward:allow a test key"));
    here.commit_as("copy");
    assert_eq!(push(&here).status, 0);

    // Copied without it, or another one beside the marker.
    here.stage("d.env", key.env_file());
    here.commit_as("copy");
    assert_eq!(push(&here).status, 1);
    here.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    here.stage("a.env", marked(&other, "keyward:allow a test key"));
    here.commit_as("exchange");
    let run = push(&here);
    assert!(run.err.contains("a.env:3  accepted by the author with a marker"), "{}", run.err);
}

#[test]
fn a_base_that_cannot_be_read_accepts_nothing() {
    let (here, key) = (Folder::repository(), Key::new(627));
    here.stage("a.env", marked(&key, "keyward:allow a test key"));
    let new = here.commit_as("marked");
    // As on a server whose refs do not name it yet.
    here.git(&["switch", "--quiet", "--orphan", "empty"]);
    here.git(&["branch", "-D", "--quiet", "main"]);
    let old = "1234567890".repeat(4);
    let run = here.keyward(&["hook", "run", "update", "refs/heads/main", &old, &new]);
    assert_eq!(run.status, 1);
    let said = format!("keyward: incomplete: the markers in {old}: unknown commit '{old}'");
    assert!(run.err.contains(&said), "{}", run.err);
    assert!(run.err.contains("accepted by the author with a marker"), "{}", run.err);

    // Nor does a base that there is not.
    let null = "0".repeat(40);
    let run = here.keyward(&["hook", "run", "update", "refs/heads/main", &null, &new]);
    assert_eq!(run.status, 1);
    assert!(!run.err.contains("incomplete"), "{}", run.err);
}
