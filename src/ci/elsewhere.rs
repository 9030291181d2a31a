//! Jenkins, and every CI that keyward does not know: what somebody asks for, or everything.

use super::subject::{Part, Subject, remote_branch};
use crate::config::Variables;

/// What is read of the environment.
pub(super) const VARIABLES: &[&str] = &[
    BASE,
    HEAD,
    "JENKINS_URL",
    "GIT_COMMIT",
    "GIT_PREVIOUS_SUCCESSFUL_COMMIT",
    "BRANCH_NAME",
    "CHANGE_ID",
    "CHANGE_TARGET",
];

/// What is known already, a revision; `--base` sets it, too.
pub const BASE: &str = "KEYWARD_BASE";

/// What is examined, a revision; `--head` sets it, too.
pub const HEAD: &str = "KEYWARD_HEAD";

/// What somebody asks for by name, in whatever CI.
pub(super) fn as_asked(told: &Variables) -> Option<Subject> {
    let head = told.get(HEAD).cloned();
    let part = match (told.get(BASE).cloned(), head) {
        (Some(base), head) => Part::Brought { head: head.unwrap_or_else(checked_out), base },
        (None, Some(head)) => Part::Pushed { head, before: None, default: None },
        (None, None) => return None,
    };
    let fix = "let the CI clone everything (fetch-depth: 0, GIT_DEPTH: 0), or: git fetch --unshallow origin";
    Some(Subject { name: "as asked".to_owned(), part, fix: fix.to_owned() })
}

/// What a run is about that neither GitHub nor GitLab started.
pub(super) fn subject(told: &Variables) -> Subject {
    if told.contains_key("JENKINS_URL") {
        return jenkins(told);
    }
    Subject {
        name: "no CI that keyward knows".to_owned(),
        part: Part::Everything { why: Some("KEYWARD_BASE, or --base REF, narrows that down") },
        fix: "git fetch --unshallow origin".to_owned(),
    }
}

fn jenkins(told: &Variables) -> Subject {
    let head = told.get("GIT_COMMIT").cloned().unwrap_or_else(checked_out);
    if let Some(target) = told.get("CHANGE_TARGET") {
        // What somebody may copy into a script.
        let is_plain = target.chars().all(|letter| letter.is_alphanumeric() || "/._-".contains(letter));
        let branch = if is_plain { target } else { "TARGET" };
        let number = told.get("CHANGE_ID").map(|number| format!(" {number}")).unwrap_or_default();
        return Subject {
            name: format!("Jenkins change{number}"),
            part: Part::Brought { head, base: remote_branch(target) },
            fix: format!(
                "before it: sh 'git fetch origin +refs/heads/{branch}:refs/remotes/origin/{branch}', and clone without \
                 depth (cloneOption, shallow: false)"
            ),
        };
    }
    let branch = told.get("BRANCH_NAME").map(|name| format!(" of {name}")).unwrap_or_default();
    Subject {
        name: format!("Jenkins build{branch}"),
        part: Part::Pushed { head, before: told.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT").cloned(), default: None },
        fix: "clone without depth: checkout scmGit(..., extensions: [cloneOption(shallow: false)])".to_owned(),
    }
}

fn checked_out() -> String {
    "HEAD".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(all: &[(&'static str, &str)]) -> Variables {
        all.iter().map(|&(name, value)| (name, value.to_owned())).collect()
    }

    #[test]
    fn a_base_alone_is_about_what_is_checked_out() {
        let asked = |all: &[_]| as_asked(&told(all)).map(|subject| subject.part);
        let brought = |head: &str| Part::Brought { head: head.to_owned(), base: "b".to_owned() };
        assert_eq!(asked(&[(BASE, "b")]), Some(brought("HEAD")));
        assert_eq!(asked(&[(BASE, "b"), (HEAD, "h")]), Some(brought("h")));
        assert_eq!(asked(&[(HEAD, "h")]), Some(Part::Pushed { head: "h".to_owned(), before: None, default: None }));
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn jenkins_tells_a_change_by_its_target_and_a_build_by_the_last_that_succeeded() {
        let (url, head) = (("JENKINS_URL", "https://ci.example.org/"), ("GIT_COMMIT", "h"));
        let change = subject(&told(&[url, head, ("CHANGE_ID", "5"), ("CHANGE_TARGET", "main")]));
        assert_eq!(change.name, "Jenkins change 5");
        let base = "refs/remotes/origin/main".to_owned();
        assert_eq!(change.part, Part::Brought { head: "h".to_owned(), base });
        let build = subject(&told(&[url, ("BRANCH_NAME", "x"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "b")]));
        assert_eq!(build.name, "Jenkins build of x");
        let before = Some("b".to_owned());
        assert_eq!(build.part, Part::Pushed { head: "HEAD".to_owned(), before, default: None });
    }
}
