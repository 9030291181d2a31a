//! What a clone cannot answer is exit 2 with what to write into the CI's configuration, and never a pass.

use super::github::{pull_request, push};
use super::{GONE, Server, ZEROS, refused, short};
use crate::support::{Key, Run};
use serde_json::json;
use std::os::unix::fs::chown;

const SHALLOW: &str = "  caused by: this clone is shallow\n";

const GITHUB: &str = "  hint: add `with: { fetch-depth: 0 }` under `uses: actions/checkout`\n";

const GITLAB: &str = "  hint: add `variables: { GIT_DEPTH: 0 }` to the job in .gitlab-ci.yml\n";

/// A branch `feature` of three commits, of which a clone has the last `depth` and nothing else.
fn shallow(depth: &str) -> Server {
    let server = Server::new();
    for title in ["a", "b", "c"] {
        server.commit_on("feature", title, title);
    }
    server.clone(&["--depth", depth, "--branch", "feature"], "HEAD");
    server
}

/// The words about a clone that ends at `end`, within what is to be examined.
fn cut(name: &str, end: &str, hint: &str) -> String {
    format!(
        "keyward: {name}: not everything is in this clone\n  caused by: this clone is shallow: it ends at {}, and so \
         lacks a part of what is to be examined\n{hint}",
        short(end)
    )
}

#[test]
fn a_pull_request_without_its_base_or_its_middle_is_refused() {
    let server = shallow("1");
    let (head, base) = (server.name("feature"), server.name("main"));
    let request = pull_request(&head, &base);
    let said = format!("keyward: GitHub pull request 12: base {} is not in this clone\n", short(&base));
    refused(&server.github("pull_request", &request), &format!("{said}{SHALLOW}{GITHUB}"));
    // Somebody fetches the base alone, and the middle is still missing.
    server.here.git(&["-C", "clone", "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main"]);
    refused(&server.github("pull_request", &request), &cut("GitHub pull request 12", &head, GITHUB));
}

#[test]
fn the_merge_that_github_checks_out_by_default_is_refused() {
    let server = shallow("1");
    let (head, base) = (server.name("feature"), server.name("main"));
    server.here.git(&["switch", "--quiet", "--detach", "main"]);
    server.here.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "feature"]);
    server.here.git(&["update-ref", "refs/pull/12/merge", "HEAD"]);
    std::fs::remove_dir_all(server.here.at("clone")).unwrap();
    server.here.git(&["init", "--quiet", "clone"]);
    let url = format!("file://{}", server.here.path().display());
    for (depth, said) in [
        (
            "1",
            format!("keyward: GitHub pull request 12: head {} is not in this clone\n{SHALLOW}{GITHUB}", short(&head)),
        ),
        ("2", cut("GitHub pull request 12", &head, GITHUB)),
    ] {
        let fetch = ["-C", "clone", "fetch", "--quiet", "--depth", depth, &url, "refs/pull/12/merge"];
        server.here.git(&fetch);
        server.here.git(&["-C", "clone", "checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        refused(&server.github("pull_request", &pull_request(&head, &base)), &said);
    }
}

#[test]
fn a_shallow_clone_that_has_all_of_the_range_is_good_enough() {
    let server = shallow("4");
    let (head, base) = (server.name("feature"), server.name("main"));
    let run = server.github("pull_request", &pull_request(&head, &base));
    assert_eq!(run.status, 0, "{}", run.err);
    let run = server.github("push", &push("refs/heads/feature", &server.name("feature~1"), &head));
    assert_eq!(run.status, 0, "{}", run.err);
}

#[test]
fn a_base_whose_own_history_is_cut_off_does_not_make_old_things_new() {
    let server = shallow("2");
    let head = server.name("feature");
    let base = server.commit_on("main", "moved-on", "x\n");
    std::fs::remove_dir_all(server.here.at("clone")).unwrap();
    server.clone(&["--single-branch", "--branch", "feature"], "HEAD");
    server.here.git(&["-C", "clone", "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main"]);
    let run = server.github("pull_request", &pull_request(&head, &base));
    refused(&run, &cut("GitHub pull request 12", &base, GITHUB));
}

#[test]
fn pushes_to_a_shallow_clone_are_refused_where_it_does_not_reach() {
    let server = shallow("1");
    let (head, before) = (server.name("feature"), server.name("feature~1"));
    for from in [&before, GONE] {
        let said = format!("keyward: GitHub push to feature: commit {} is not in this clone\n", short(from));
        let run = server.github("push", &push("refs/heads/feature", from, &head));
        refused(&run, &format!("{said}{SHALLOW}{GITHUB}"));
    }
    let run = server.github("push", &push("refs/heads/feature", ZEROS, &head));
    let said = "keyward: GitHub push to feature: base origin/main is not in this clone\n";
    refused(&run, &format!("{said}{SHALLOW}{GITHUB}"));
    let run = server.github("push", &push("refs/heads/main", ZEROS, &head));
    refused(&run, &cut("GitHub push to main", &head, GITHUB));
}

#[test]
fn everything_is_not_in_a_shallow_clone() {
    let server = shallow("2");
    let end = server.name("feature~1");
    let run = server.github("schedule", &json!({"schedule": "17 3 * * 1"}));
    refused(&run, &cut("GitHub schedule", &end, GITHUB));
    refused(&server.gitlab("schedule", &[]), &cut("GitLab schedule", &end, GITLAB));
    let said = cut("no CI that keyward knows", &end, "  hint: git fetch --unshallow origin\n");
    refused(&server.ci(&[], &[]), &said);
}

#[test]
fn gitlab_and_jenkins_hear_their_own_remedy() {
    let server = shallow("1");
    let (head, base) = (server.name("feature"), server.name("main"));
    let request =
        [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str()), ("CI_COMMIT_SHA", &head)];
    let said = format!("keyward: GitLab merge request 7: base {} is not in this clone\n", short(&base));
    refused(&server.gitlab("merge_request_event", &request), &format!("{said}{SHALLOW}{GITLAB}"));
    let branch = [("CI_COMMIT_BEFORE_SHA", ZEROS), ("CI_COMMIT_BRANCH", "feature"), ("CI_COMMIT_SHA", &head)];
    let said = "keyward: GitLab push to feature: base origin/main is not in this clone\n";
    refused(&server.gitlab("push", &branch), &format!("{said}{SHALLOW}{GITLAB}"));

    let url = ("JENKINS_URL", "https://ci.example.org/");
    let run = server.ci(&[url, ("CHANGE_TARGET", "main")], &[]);
    let said =
        format!("keyward: Jenkins change: base origin/main is not in this clone\n{SHALLOW}  hint: before it: sh ");
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with(&said), "{}", run.err);
    let clone = "  hint: clone without depth: checkout scmGit(..., extensions: [cloneOption(shallow: false)])\n";
    refused(&server.ci(&[url], &[]), &cut("Jenkins build", &head, clone));
}

#[test]
fn a_base_that_was_not_fetched_is_not_taken_for_an_empty_one() {
    let server = Server::new();
    let head = server.commit_on("feature", "a", "a\n");
    server.clone(&["--single-branch", "--branch", "feature"], "HEAD");
    let run = server.github("push", &push("refs/heads/feature", ZEROS, &head));
    let said =
        "keyward: GitHub push to feature: base origin/main is not in this clone\n  caused by: it was not fetched\n";
    refused(&run, &format!("{said}{GITHUB}"));
    let run = server.ci(&[("KEYWARD_BASE", "nope")], &[]);
    let said = "keyward: as asked: base nope is not in this clone\n  caused by: it was not fetched\n  hint: let the CI";
    assert!(run.status == 2 && run.err.starts_with(said), "{}", run.err);
}

#[test]
fn a_pull_request_of_a_fork_that_runs_in_the_name_of_its_base_is_told_how_to_be_seen() {
    let server = Server::new();
    server.clone_whole("HEAD");
    let run = server.github("pull_request_target", &pull_request(GONE, &server.name("main")));
    refused(
        &run,
        "keyward: GitHub pull request 12: head 12345678 is not in this clone\n  caused by: it was not fetched\n  hint: \
         run on `pull_request` (keyward needs no secrets), with `with: { fetch-depth: 0 }` under `uses: actions/checkout`\n",
    );
}

#[test]
fn a_payload_that_is_missing_or_malformed_is_an_error_that_says_what_was_expected() {
    let server = Server::new();
    server.clone_whole("HEAD");
    let event = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "push")];
    let with = |path: &str| server.ci(&[&event[..], &[("GITHUB_EVENT_PATH", path)]].concat(), &[]);
    let expect = |run: &Run, said: &str| {
        assert!(run.status == 2 && run.out.is_empty() && run.err.starts_with(said), "{}", run.err);
    };
    let unset =
        "keyward: GITHUB_EVENT_PATH is not set\n  caused by: it should be the file with what the event is about";
    expect(&server.ci(&event, &[]), unset);
    let gone = "keyward: could not read '../gone.json', which GITHUB_EVENT_PATH names\n  caused by: No such file";
    expect(&with("../gone.json"), gone);
    for (payload, said) in [
        ("{\"ref\":", "keyward: GITHUB_EVENT_PATH names '../event.json', which is not JSON\n  caused by: EOF"),
        (
            "[]",
            "keyward: '../event.json', which GITHUB_EVENT_PATH names, has no ref\n  caused by: the payload of the event \
             push has it\n  hint: keyward ci --base REF --head REF needs no payload\n",
        ),
        (
            "{\"ref\": \"refs/heads/main\", \"after\": \"--output=x\"}",
            "keyward: after in '../event.json' is '--output=x'\n  caused by: it should be the whole name of a commit\n",
        ),
    ] {
        server.here.write("event.json", payload);
        expect(&with("../event.json"), said);
    }
    let said =
        "keyward: GITHUB_EVENT_NAME is not set\n  caused by: it should be the event that the workflow runs for\n";
    expect(&server.ci(&[("GITHUB_ACTIONS", "true")], &[]), said);
    let said = "keyward: CI_COMMIT_SHA is not set\n  caused by: it should be the commit that is tested\n";
    expect(&server.gitlab("push", &[]), said);
}

#[test]
fn a_clone_of_somebody_else_is_refused_with_the_command() {
    let (server, key) = (Server::new(), Key::new(740));
    server.commit_on("main", "a.env", &key.env_file());
    server.clone_whole("HEAD");
    // Only root can give a folder away.
    if ["clone", "clone/.git"].iter().all(|path| chown(server.here.at(path), Some(12_345), None).is_ok()) {
        let run = server.ci(&[], &[]);
        assert_eq!((run.status, run.out.as_str()), (2, ""));
        assert!(run.err.contains("caused by: fatal: detected dubious ownership in repository at"), "{}", run.err);
        assert!(run.err.contains("\n  hint: git config --global --add safe.directory "), "{}", run.err);
    }
}

#[test]
fn a_folder_without_a_repository_is_not_clean() {
    let server = Server::new();
    std::fs::create_dir(server.here.at("clone")).unwrap();
    std::fs::remove_dir_all(server.here.at(".git")).unwrap();
    let run = server.ci(&[("KEYWARD_BASE", "main")], &[]);
    assert!(run.status == 2 && run.err.starts_with("keyward: not a git repository"), "{}", run.err);
}
