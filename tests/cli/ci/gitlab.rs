//! The pipelines of GitLab, with its predefined variables.

use super::{GONE, Server, ZEROS, at, found, short};
use crate::support::Key;

#[test]
fn a_merge_request_is_what_its_branch_brings_also_where_the_result_of_the_merge_is_tested() {
    let (server, key) = (Server::new(), Key::new(720));
    let base = server.name("main");
    let head = server.commit_on("feature", "a.env", &key.env_file());
    server.commit_on("main", "moved-on.env", &Key::new(721).env_file());
    server.here.git(&["switch", "--quiet", "--create", "result"]);
    server.here.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "feature"]);
    let result = server.name("HEAD");
    server.clone_whole("HEAD");
    let request = [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)];
    let plain = [("CI_COMMIT_SHA", head.as_str()), ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")];
    let merged = [("CI_COMMIT_SHA", result.as_str()), ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &head)];
    let has = format!("what {} has and base {} has not (1 commit)", short(&head), short(&base));
    for more in [plain, merged] {
        let run = server.gitlab("merge_request_event", &[request, more].concat());
        found(&run, &format!("keyward: GitLab merge request 7: {has}"), &[at("a.env", &key)]);
    }
}

#[test]
fn a_pipeline_of_a_branch_is_what_was_pushed() {
    let (server, key) = (Server::new(), Key::new(722));
    let before = server.name("main");
    let after = server.commit_on("feature", "a.env", &key.env_file());
    server.clone_whole("HEAD");
    let commit = [("CI_COMMIT_SHA", after.as_str()), ("CI_COMMIT_BRANCH", "feature")];
    for (from, has) in [
        (before.as_str(), format!("{} has not (1 commit)", short(&before))),
        (ZEROS, "origin/main has not (1 commit)".to_owned()),
        (GONE, "origin/main has not (1 commit); 12345678, where it was, is not here any more".to_owned()),
    ] {
        let run = server.gitlab("push", &[&commit[..], &[("CI_COMMIT_BEFORE_SHA", from)]].concat());
        let said = format!("keyward: GitLab push to feature: what {} has and {has}", short(&after));
        found(&run, &said, &[at("a.env", &key)]);
    }
}

#[test]
fn a_pipeline_of_a_tag_reads_its_message() {
    let (server, key) = (Server::new(), Key::new(723));
    server.here.git(&["tag", "--annotate", "--message", &key.env_file(), "v1"]);
    let commit = server.name("main");
    server.clone_whole("v1");
    let told = [("CI_COMMIT_SHA", commit.as_str()), ("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_BEFORE_SHA", ZEROS)];
    let run = server.gitlab("push", &told);
    assert_eq!(run.status, 1, "{}", run.err);
    let said = "keyward: GitLab push of tag v1: what v1 has and origin/main has not (0 commits)\n";
    assert!(run.err.starts_with(said) && run.out.contains(&key.id), "{}", run.err);
}

#[test]
fn a_scheduled_pipeline_examines_everything() {
    let server = Server::new();
    server.clone_whole("HEAD");
    let commit = server.name("main");
    let run = server.gitlab("schedule", &[("CI_COMMIT_SHA", &commit), ("CI_COMMIT_BEFORE_SHA", ZEROS)]);
    let said = "keyward: GitLab schedule: everything that this clone has (3 refs)";
    found(&run, said, &[at("old.env", &server.old)]);
}
