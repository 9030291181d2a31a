//! What nobody gets to know: no secret leaves keyward, and a scan talks to nobody.

use super::unknown_key;
use crate::aws::cloud::{cloud, holds_no_secret, keep_secret};
use crate::aws::stub::Stub;
use crate::aws::{Desk, files, stranger};
use crate::support::{Folder, KEYWARD, Run};
use std::fs;

#[test]
fn no_secret_is_an_argument_or_written_anywhere() {
    let key = cloud().user("traced");
    let desk = Desk::new().with_profile("default", &cloud().responder);
    desk.here.write("keys/a.env", key.env_file());
    desk.here.write("report.jsonl", desk.here.scan(&["keys"]).out);
    for (arguments, input, status, call) in [
        (vec!["verify", "--scan", "keys"], None, 1, "GetCallerIdentity"),
        (vec!["verify", "--report", "report.jsonl", "--format", "json"], None, 1, "GetCallerIdentity"),
        (vec!["verify", &key.id], Some(&key.secret), 1, "GetCallerIdentity"),
        (vec!["triage", &key.id], None, 0, "GetAccessKeyLastUsed"),
        (vec!["deactivate", &key.id, "--yes"], None, 0, "UpdateAccessKey"),
    ] {
        let calls = "trace=execve,write,writev,pwrite64,sendto,sendmsg";
        let options = ["-f", "-qq", "-s", "1000000", "-e", calls, "-o", "trace", KEYWARD];
        let arguments = [&options[..], &arguments].concat();
        let mut strace = desk.command_of("strace", &arguments);
        if let Some(secret) = input {
            desk.here.write("piped", secret);
            strace.stdin(fs::File::open(desk.here.at("piped")).unwrap());
        }
        let run = desk.done(strace.output().unwrap().into());
        assert_eq!(run.status, status, "{}{}", run.out, run.err);
        let trace = desk.here.read("trace");
        // It was traced, and what was sent is signed.
        assert!(trace.contains(call) && trace.contains("execve("), "{}", trace.len());
        holds_no_secret(&trace, "what was run, written and sent");
    }
    let written = files(desk.here.path()).into_iter().filter(|file| file.ends_with("verified.jsonl"));
    assert_eq!(written.count(), 1);
}

/// The findings of a scan, and what was said, without the time it took.
fn scanned(here: &Folder, wrapper: &[&str], arguments: &[&str]) -> Run {
    let words = [wrapper, &[KEYWARD, "scan"], arguments].concat();
    let run: Run = here.command(words[0]).args(&words[1..]).output().unwrap().into();
    let err = run.err.lines().map(|line| line.split(" in 0.").next().unwrap_or(line).to_owned()).collect::<Vec<_>>();
    Run { err: err.join("\n"), ..run }
}

#[test]
fn a_scan_without_a_network_is_the_same_scan() {
    let here = Folder::repository();
    let key = stranger(950);
    here.stage("a.env", key.env_file());
    here.commit();
    here.stage("b.env", stranger(951).env_file());
    let alone = ["unshare", "--user", "--map-root-user", "--net"];
    let possible = here.command(alone[0]).args(&alone[1..]).arg("true").status().unwrap().success();
    assert!(possible, "the tests need namespaces: sysctl kernel.unprivileged_userns_clone=1, or root");
    for arguments in [&["."][..], &["--staged"], &["--history"], &[".", "--format", "jsonl"]] {
        assert_eq!(scanned(&here, &alone, arguments), scanned(&here, &[], arguments), "{arguments:?}");
    }
}

#[test]
fn a_scan_opens_no_socket() {
    let here = Folder::repository();
    here.stage("a.env", stranger(952).env_file());
    here.commit();
    for arguments in [&["."][..], &["--staged"], &["--history"]] {
        let strace = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", "trace"];
        scanned(&here, &strace, arguments);
        let trace = here.read("trace");
        assert_eq!(trace.lines().filter(|line| line.contains("AF_INET")).count(), 0, "{arguments:?}: {trace}");
    }
}

#[test]
fn quiet_means_verdicts_alone() {
    let stub = Stub::alone(|_, _| unknown_key());
    let (desk, key) = (Desk::at(&stub.url), stranger(953));
    keep_secret(&key.secret);
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes", "--quiet"]);
    assert_eq!((run.status, run.err.as_str(), run.out.lines().count()), (0, "", 1));
}
