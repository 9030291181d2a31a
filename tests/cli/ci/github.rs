//! The events of GitHub, with payloads as it documents them.

use super::{GONE, Server, ZEROS, at, found, short};
use crate::support::{KEYWARD, Key, Run};
use serde_json::{Value, json};

pub(super) fn pull_request(head: &str, base: &str) -> Value {
    json!({
        "action": "synchronize", "number": 12,
        "pull_request": {
            "number": 12, "state": "open", "title": "Add uploader",
            "head": {"label": "octo:feature", "ref": "feature", "sha": head},
            "base": {"label": "octo:main", "ref": "main", "sha": base},
        },
        "repository": {"full_name": "octo/hello", "default_branch": "main"},
        "sender": {"login": "octo"},
    })
}

pub(super) fn push(a_ref: &str, before: &str, after: &str) -> Value {
    json!({
        "ref": a_ref, "before": before, "after": after, "base_ref": null,
        "created": before == ZEROS, "deleted": after == ZEROS, "forced": before == GONE,
        "compare": "https://github.com/octo/hello/compare/a...b", "commits": [], "head_commit": null,
        "repository": {"full_name": "octo/hello", "default_branch": "main"},
        "pusher": {"name": "octo", "email": "octo@example.org"},
    })
}

fn merge_group(head: &str, base: &str) -> Value {
    json!({
        "action": "checks_requested",
        "merge_group": {
            "head_sha": head, "head_ref": "refs/heads/gh-readonly-queue/main/pr-12-abc",
            "base_sha": base, "base_ref": "refs/heads/main",
        },
        "repository": {"full_name": "octo/hello", "default_branch": "main"},
    })
}

impl Server {
    /// What GitHub would test of a pull request of this branch, and would check out: its merge into `main`.
    fn merge_ref(&self, branch: &str) {
        self.here.git(&["switch", "--quiet", "--detach", "main"]);
        self.here.git(&["merge", "--quiet", "--no-ff", "--message", "merge", branch]);
        self.here.git(&["update-ref", "refs/pull/12/merge", "HEAD"]);
        self.here.git(&["switch", "--quiet", "main"]);
        self.clone_whole("origin/main");
        self.here.git(&["-C", "clone", "fetch", "--quiet", "origin", "+refs/pull/12/merge:refs/remotes/pull/12/merge"]);
        self.here.git(&["-C", "clone", "checkout", "--quiet", "--detach", "refs/remotes/pull/12/merge"]);
    }

    fn pull_request(&self, branch: &str) -> (Run, String) {
        let (head, base) = (self.name(branch), self.name("main"));
        self.merge_ref(branch);
        let has = format!("what {} has and base {} has not", short(&head), short(&base));
        (self.github("pull_request", &pull_request(&head, &base)), format!("keyward: GitHub pull request 12: {has}"))
    }
}

#[test]
fn a_pull_request_is_what_its_branch_brings_also_in_the_middle_and_not_what_its_base_has() {
    let (server, key) = (Server::new(), Key::new(701));
    server.commit_on("feature", "a.env", &key.env_file());
    server.commit_on("feature", "a.env", "clean\n");
    server.commit_on("feature", "old.env", &format!("{}# a comment\n", server.old.env_file()));
    let (run, said) = server.pull_request("feature");
    found(&run, &format!("{said} (3 commits)"), &[at("a.env", &key)]);
    assert_eq!((&run.summary()["suppressed"], &run.summary()["commits"]), (&1.into(), &3.into()));
}

#[test]
fn what_a_base_got_since_is_no_matter_of_a_pull_request() {
    let (server, key) = (Server::new(), Key::new(702));
    server.commit_on("feature", "a", "a\n");
    server.commit_on("main", "moved-on.env", &key.env_file());
    let (run, said) = server.pull_request("feature");
    found(&run, &format!("{said} (1 commit)"), &[]);
}

#[test]
fn a_merge_within_a_pull_request_brings_its_own_change_and_nothing_that_the_base_has() {
    let (server, key) = (Server::new(), Key::new(703));
    server.commit_on("feature", "a", "a\n");
    server.commit_on("main", "moved-on.env", &Key::new(704).env_file());
    server.here.git(&["switch", "--quiet", "feature"]);
    server.here.git(&["merge", "--quiet", "--no-commit", "--no-ff", "main"]);
    server.here.stage("evil.env", key.env_file());
    server.here.commit_as("merge main");
    let (run, said) = server.pull_request("feature");
    found(&run, &format!("{said} (2 commits)"), &[at("evil.env", &key)]);
}

#[test]
fn a_push_is_what_came_since_the_branch_was_where_it_was() {
    let (server, key) = (Server::new(), Key::new(705));
    let before = server.name("main");
    server.commit_on("main", "a.env", &key.env_file());
    let after = server.commit_on("main", "a.env", "clean\n");
    server.clone_whole("origin/main");
    let run = server.github("push", &push("refs/heads/main", &before, &after));
    let has = format!("what {} has and {} has not (2 commits)", short(&after), short(&before));
    found(&run, &format!("keyward: GitHub push to main: {has}"), &[at("a.env", &key)]);
}

#[test]
fn a_new_branch_is_what_the_default_branch_has_not() {
    let (server, key) = (Server::new(), Key::new(706));
    let after = server.commit_on("feature", "a.env", &key.env_file());
    server.clone_whole("origin/feature");
    let run = server.github("push", &push("refs/heads/feature", ZEROS, &after));
    let has = format!("what {} has and origin/main has not (1 commit)", short(&after));
    found(&run, &format!("keyward: GitHub push to feature: {has}"), &[at("a.env", &key)]);
}

#[test]
fn a_tag_brings_its_message() {
    let (server, key) = (Server::new(), Key::new(707));
    server.here.git(&["tag", "--annotate", "--message", &key.env_file(), "v1"]);
    let after = server.name("v1");
    server.clone_whole("v1");
    let run = server.github("push", &push("refs/tags/v1", ZEROS, &after));
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.out.contains(&key.id) && !run.out.contains(&server.old.id), "{}", run.out);
    let said =
        format!("keyward: GitHub push of tag v1: what {} has and origin/main has not (0 commits)\n", short(&after));
    assert!(run.err.starts_with(&said), "{}", run.err);
}

#[test]
fn a_forced_push_is_what_the_default_branch_has_not_and_on_that_branch_everything_it_has() {
    let (server, key) = (Server::new(), Key::new(708));
    let after = server.commit_on("feature", "a.env", &key.env_file());
    server.clone_whole("origin/feature");
    let run = server.github("push", &push("refs/heads/feature", GONE, &after));
    let gone = "12345678, where it was, is not here any more";
    let has = format!("what {} has and origin/main has not (1 commit); {gone}", short(&after));
    found(&run, &format!("keyward: GitHub push to feature: {has}"), &[at("a.env", &key)]);

    let main = server.name("main");
    let run = server.github("push", &push("refs/heads/main", GONE, &main));
    let has = format!("all that {} has (2 commits); {gone}", short(&main));
    found(&run, &format!("keyward: GitHub push to main: {has}"), &[at("old.env", &server.old)]);
}

#[test]
fn the_first_push_of_a_repository_is_all_that_it_brings() {
    let server = Server::new();
    server.clone_whole("origin/main");
    let main = server.name("main");
    let run = server.github("push", &push("refs/heads/main", ZEROS, &main));
    let said = format!("keyward: GitHub push to main: all that {} has (2 commits)", short(&main));
    found(&run, &said, &[at("old.env", &server.old)]);
}

#[test]
fn of_a_deleted_branch_nothing_is_examined_and_the_report_is_written() {
    let server = Server::new();
    server.clone_whole("origin/main");
    let run = server.github("push", &push("refs/heads/feature", GONE, ZEROS));
    assert_eq!((run.status, run.summary()["findings"].as_u64()), (0, Some(0)));
    assert_eq!(
        run.err,
        "keyward: GitHub push to feature: it was deleted, so there is nothing to examine\n\
         nothing to examine: the range brings no new objects\n"
    );
}

#[test]
fn a_merge_group_is_what_the_queue_adds() {
    let (server, key) = (Server::new(), Key::new(709));
    let base = server.name("main");
    let head = server.commit_on("gh-readonly-queue/main/pr-12-abc", "a.env", &key.env_file());
    server.clone_whole("HEAD");
    let run = server.github("merge_group", &merge_group(&head, &base));
    let has = format!("what {} has and base {} has not (1 commit)", short(&head), short(&base));
    found(&run, &format!("keyward: GitHub merge group: {has}"), &[at("a.env", &key)]);
}

#[test]
fn on_a_schedule_and_by_hand_everything_is_examined_on_all_branches() {
    let (server, key) = (Server::new(), Key::new(710));
    server.commit_on("feature", "a.env", &key.env_file());
    server.here.git(&["switch", "--quiet", "main"]);
    server.clone_whole("origin/main");
    let repository = json!({"full_name": "octo/hello", "default_branch": "main"});
    for (event, payload) in [
        ("schedule", json!({"schedule": "17 3 * * 1", "repository": repository})),
        ("workflow_dispatch", json!({"inputs": {}, "ref": "refs/heads/main", "repository": repository})),
    ] {
        let run = server.github(event, &payload);
        // Two branches, origin's HEAD, and the branch of the clone.
        let said = format!("keyward: GitHub {event}: everything that this clone has (4 refs)");
        found(&run, &said, &[at("a.env", &key), at("old.env", &server.old)]);
    }
}

#[test]
fn annotations_come_first_and_people_read_what_was_found_and_what_to_do() {
    let (server, key) = (Server::new(), Key::new(711));
    let (base, head) = (server.name("main"), server.commit_on("feature", "a.env", &key.env_file()));
    server.clone_whole("origin/feature");
    server.here.write("event.json", pull_request(&head, &base).to_string());
    let mut keyward = server.here.command(KEYWARD);
    keyward.current_dir(server.here.at("clone")).env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request");
    keyward.env("GITHUB_EVENT_PATH", "../event.json").env("GITHUB_STEP_SUMMARY", server.here.at("summary.md"));
    let run: Run = keyward.arg("ci").output().unwrap().into();
    assert_eq!(run.status, 1);
    assert!(run.out.starts_with("::error file=a.env,line=3,endLine=3,col=23,endColumn=63,title="), "{}", run.out);
    assert!(run.out.contains(&format!("\na.env:3:23  AWS access key {}", key.id)), "{}", run.out);
    assert!(server.here.read("summary.md").contains(&key.id));
    assert!(!run.out.contains(&key.secret) && !server.here.read("summary.md").contains(&key.secret));
    let said = format!(
        "keyward: GitHub pull request 12: what {} has and base {} has not (1 commit)\n  First, switch it off",
        short(&head),
        short(&base)
    );
    assert!(run.err.starts_with(&said), "{}", run.err);
    let run: Run = keyward.args(["--quiet", "--exit-zero"]).output().unwrap().into();
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}
