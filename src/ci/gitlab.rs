//! GitLab CI: all is in variables.

use super::subject::{Part, Subject, need, object, remote_branch, some_object};
use crate::config::Variables;
use crate::error::Result;

/// What is read of the environment.
pub(super) const VARIABLES: &[&str] = &[
    "GITLAB_CI",
    "CI_PIPELINE_SOURCE",
    "CI_COMMIT_SHA",
    "CI_COMMIT_BEFORE_SHA",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_TAG",
    "CI_DEFAULT_BRANCH",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
];

const FIX: &str = "add `variables: { GIT_DEPTH: 0 }` to the job in .gitlab-ci.yml";

/// What a pipeline of GitLab's is about.
pub(super) fn subject(told: &Variables) -> Result<Subject> {
    let (name, part) = match need(told, "CI_PIPELINE_SOURCE", "what started the pipeline")? {
        "merge_request_event" => merge_request(told)?,
        "push" => push(told)?,
        source => (format!("GitLab {source}"), Part::Everything { why: None }),
    };
    Ok(Subject { name, part, fix: FIX.to_owned() })
}

fn merge_request(told: &Variables) -> Result<(String, Part)> {
    let number = need(told, "CI_MERGE_REQUEST_IID", "the number of the merge request")?;
    // Where results of merges are tested, the commit is such a result, and has what the target got since.
    let merged = "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA";
    let head = if told.contains_key(merged) { merged } else { "CI_COMMIT_SHA" };
    let part = Part::Brought {
        head: commit(told, head, "the commit that is tested")?,
        base: commit(told, "CI_MERGE_REQUEST_DIFF_BASE_SHA", "where the merge request left its target")?,
    };
    Ok((format!("GitLab merge request {number}"), part))
}

fn push(told: &Variables) -> Result<(String, Part)> {
    let head = commit(told, "CI_COMMIT_SHA", "the commit that is tested")?;
    let before = need(told, "CI_COMMIT_BEFORE_SHA", "the commit where the branch was before")?;
    let before = object("CI_COMMIT_BEFORE_SHA", before)?;
    let default = need(told, "CI_DEFAULT_BRANCH", "the name of the default branch")?;
    let (branch, tag) = (told.get("CI_COMMIT_BRANCH"), told.get("CI_COMMIT_TAG"));
    // What the default branch got is there already.
    let is_default = branch.is_some_and(|branch| branch == default);
    let default = (!is_default).then(|| remote_branch(default));
    Ok(match (branch, tag) {
        // A tag has a message of its own.
        (_, Some(tag)) => {
            (format!("GitLab push of tag {tag}"), Part::Pushed { head: format!("refs/tags/{tag}"), before, default })
        }
        (Some(branch), _) => (format!("GitLab push to {branch}"), Part::Pushed { head, before, default }),
        _ => ("GitLab push".to_owned(), Part::Pushed { head, before, default }),
    })
}

fn commit(told: &Variables, name: &str, expected: &str) -> Result<String> {
    some_object(name, need(told, name, expected)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str, more: &[(&'static str, &str)]) -> Variables {
        let head = "a".repeat(40);
        let all = [("CI_PIPELINE_SOURCE", source), ("CI_COMMIT_SHA", &head), ("CI_DEFAULT_BRANCH", "main")];
        all.iter().chain(more).map(|&(name, value)| (name, value.to_owned())).collect()
    }

    #[test]
    fn where_results_of_merges_are_tested_the_source_is_what_counts() {
        let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        let plain = [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &b)];
        let merged = [&plain[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", c.as_str())]].concat();
        for (more, head) in [(&plain[..], a), (&merged, c.clone())] {
            let subject = subject(&told("merge_request_event", more)).expect("well-formed");
            assert_eq!(subject.name, "GitLab merge request 7");
            assert_eq!(subject.part, Part::Brought { head, base: b.clone() });
        }
    }

    #[test]
    fn a_pipeline_of_a_branch_is_a_push_and_all_others_are_about_everything() {
        let zeros = "0".repeat(40);
        let subject_of = |source: &str, branch: &str| {
            subject(&told(source, &[("CI_COMMIT_BRANCH", branch), ("CI_COMMIT_BEFORE_SHA", &zeros)]))
                .expect("well-formed")
        };
        let head = "a".repeat(40);
        let main = Some("refs/remotes/origin/main".to_owned());
        assert_eq!(subject_of("push", "x").part, Part::Pushed { head: head.clone(), before: None, default: main });
        assert_eq!(subject_of("push", "main").part, Part::Pushed { head, before: None, default: None });
        for source in ["schedule", "web", "api"] {
            assert_eq!(subject_of(source, "main").part, Part::Everything { why: None });
        }
    }

    #[test]
    fn a_variable_that_is_missing_is_named_with_what_it_should_be() {
        let error = subject(&told("push", &[])).expect_err("nothing tells what was before").to_string();
        let said =
            "CI_COMMIT_BEFORE_SHA is not set\n  caused by: it should be the commit where the branch was before\n";
        assert!(error.starts_with(said), "{error}");
    }
}
