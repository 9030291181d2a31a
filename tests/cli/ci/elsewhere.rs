//! Jenkins, plain variables and flags, and nothing at all.

use super::{GONE, Server, at, found, short};
use crate::support::Key;

const JSONL: [&str; 2] = ["--format", "jsonl"];

const URL: (&str, &str) = ("JENKINS_URL", "https://ci.example.org/");

#[test]
fn jenkins_examines_what_a_change_brings_to_its_target() {
    let (server, key) = (Server::new(), Key::new(730));
    let head = server.commit_on("feature", "a.env", &key.env_file());
    server.clone_whole("HEAD");
    let change =
        [("GIT_COMMIT", head.as_str()), ("CHANGE_ID", "5"), ("CHANGE_TARGET", "main"), ("BRANCH_NAME", "PR-5")];
    let run = server.ci(&[&[URL], &change[..]].concat(), &JSONL);
    let has = format!("what {} has and base origin/main has not (1 commit)", short(&head));
    found(&run, &format!("keyward: Jenkins change 5: {has}"), &[at("a.env", &key)]);
}

#[test]
fn jenkins_examines_what_came_since_the_last_build_that_succeeded() {
    let (server, key) = (Server::new(), Key::new(731));
    let before = server.name("main");
    server.commit_on("main", "a.env", &key.env_file());
    let head = server.commit_on("main", "b", "b\n");
    server.clone_whole("HEAD");
    let build = [URL, ("GIT_COMMIT", &head), ("BRANCH_NAME", "main")];
    let run = server.ci(&[&build[..], &[("GIT_PREVIOUS_SUCCESSFUL_COMMIT", &before)]].concat(), &JSONL);
    let has = format!("what {} has and {} has not (2 commits)", short(&head), short(&before));
    found(&run, &format!("keyward: Jenkins build of main: {has}"), &[at("a.env", &key)]);

    // The first build, and one behind a rewritten branch.
    let all = [at("a.env", &key), at("old.env", &server.old)];
    let has = format!("keyward: Jenkins build of main: all that {} has (4 commits)", short(&head));
    found(&server.ci(&build, &JSONL), &has, &all);
    let run = server.ci(&[&build[..], &[("GIT_PREVIOUS_SUCCESSFUL_COMMIT", GONE)]].concat(), &JSONL);
    found(&run, &format!("{has}; 12345678, where it was, is not here any more"), &all);
}

#[test]
fn variables_and_flags_say_what_to_examine_in_any_ci_and_flags_count_more() {
    let (server, key) = (Server::new(), Key::new(732));
    server.commit_on("feature", "a.env", &key.env_file());
    server.commit_on("feature", "b", "b\n");
    server.clone_whole("HEAD");
    let base = ("KEYWARD_BASE", "origin/main");
    let in_github = ("GITHUB_ACTIONS", "true");
    let has = "keyward: as asked: what HEAD has and base origin/main has not (2 commits)";
    found(&server.ci(&[base], &JSONL), has, &[at("a.env", &key)]);
    found(&server.ci(&[base, in_github], &JSONL), has, &[at("a.env", &key)]);
    let run = server.ci(&[("KEYWARD_BASE", "nope")], &[&["--base", "origin/main"], &JSONL[..]].concat());
    found(&run, has, &[at("a.env", &key)]);
    let run = server.ci(&[base, ("KEYWARD_HEAD", "origin/main~1")], &JSONL);
    found(&run, "keyward: as asked: what origin/main~1 has and base origin/main has not (0 commits)", &[]);
    let run = server.ci(&[], &[&["--base", "HEAD~1", "--head", "HEAD"], &JSONL[..]].concat());
    found(&run, "keyward: as asked: what HEAD has and base HEAD~1 has not (1 commit)", &[]);
    let run = server.ci(&[], &[&["--head", "origin/main"], &JSONL[..]].concat());
    found(&run, "keyward: as asked: all that origin/main has (2 commits)", &[at("old.env", &server.old)]);
}

#[test]
fn where_nothing_is_known_everything_is_examined_and_that_is_said() {
    let server = Server::new();
    server.clone_whole("HEAD");
    let run = server.ci(&[("CI", "true"), ("KEYWARD_BASE", "")], &JSONL);
    let said = "keyward: no CI that keyward knows: everything that this clone has (3 refs); \
                KEYWARD_BASE, or --base REF, narrows that down";
    found(&run, said, &[at("old.env", &server.old)]);
}
