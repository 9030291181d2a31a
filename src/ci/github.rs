//! GitHub Actions, and what speaks like it: the name of an event, and a file with what the event is about.

use super::subject::{Part, Subject, need, object, remote_branch, some_object};
use crate::config::Variables;
use crate::error::{Error, Result};
use serde_json::Value;

/// What is read of the environment.
pub(super) const VARIABLES: &[&str] = &["GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"];

const FIX: &str = "add `with: { fetch-depth: 0 }` under `uses: actions/checkout`";

/// Such a workflow runs in the base's name, and so does its checkout.
const FIX_OF_TARGET: &str =
    "run on `pull_request` (keyward needs no secrets), with `with: { fetch-depth: 0 }` under `uses: actions/checkout`";

/// The document at `GITHUB_EVENT_PATH`.
struct Payload {
    file: String,
    event: String,
    document: Value,
}

/// What a run on GitHub is about.
pub(super) fn subject(told: &Variables) -> Result<Subject> {
    let event = need(told, "GITHUB_EVENT_NAME", "the event that the workflow runs for")?;
    match event {
        "pull_request" | "pull_request_target" => Payload::read(told, event)?.pull_request(),
        "push" => Payload::read(told, event)?.push(),
        "merge_group" => Payload::read(told, event)?.merge_group(),
        _ => Ok(about(format!("GitHub {event}"), Part::Everything { why: None })),
    }
}

fn about(name: String, part: Part) -> Subject {
    Subject { name, part, fix: FIX.to_owned() }
}

impl Payload {
    fn read(told: &Variables, event: &str) -> Result<Self> {
        let file = need(told, "GITHUB_EVENT_PATH", "the file with what the event is about")?;
        let bytes = std::fs::read(file).map_err(|error| {
            Error::new(format!("could not read '{file}', which GITHUB_EVENT_PATH names"))
                .because(error)
                .hint("in a container, mount the folder that holds it; or keyward ci --base REF --head REF")
        })?;
        Self::parse(file, event, &bytes)
    }

    fn parse(file: &str, event: &str, bytes: &[u8]) -> Result<Self> {
        let document = serde_json::from_slice(bytes).map_err(|error| {
            Error::new(format!("GITHUB_EVENT_PATH names '{file}', which is not JSON")).because(error)
        })?;
        Ok(Self { file: file.to_owned(), event: event.to_owned(), document })
    }

    fn pull_request(&self) -> Result<Subject> {
        let name = match &self.document["number"] {
            Value::Number(number) => format!("GitHub pull request {number}"),
            _ => "GitHub pull request".to_owned(),
        };
        let part =
            Part::Brought { head: self.object("pull_request.head.sha")?, base: self.object("pull_request.base.sha")? };
        let fix = if self.event == "pull_request_target" { FIX_OF_TARGET } else { FIX };
        Ok(Subject { name, part, fix: fix.to_owned() })
    }

    fn push(&self) -> Result<Subject> {
        let a_ref = self.text("ref")?;
        let name = match (a_ref.strip_prefix("refs/heads/"), a_ref.strip_prefix("refs/tags/")) {
            (Some(branch), _) => format!("GitHub push to {branch}"),
            (_, Some(tag)) => format!("GitHub push of tag {tag}"),
            _ => format!("GitHub push to {a_ref}"),
        };
        let Some(head) = object(&self.place("after"), self.text("after")?)? else {
            return Ok(about(name, Part::Nothing { why: "it was deleted" }));
        };
        let before = object(&self.place("before"), self.text("before")?)?;
        let default = self.text("repository.default_branch")?;
        // What the default branch got is there already.
        let is_default = a_ref.strip_prefix("refs/heads/") == Some(default);
        let default = (!is_default).then(|| remote_branch(default));
        Ok(about(name, Part::Pushed { head, before, default }))
    }

    fn merge_group(&self) -> Result<Subject> {
        let part =
            Part::Brought { head: self.object("merge_group.head_sha")?, base: self.object("merge_group.base_sha")? };
        Ok(about("GitHub merge group".to_owned(), part))
    }

    /// The commit that a field names.
    fn object(&self, field: &str) -> Result<String> {
        some_object(&self.place(field), self.text(field)?)
    }

    fn text(&self, field: &str) -> Result<&str> {
        let found = field.split('.').try_fold(&self.document, |value, part| value.get(part));
        found.and_then(Value::as_str).ok_or_else(|| {
            Error::new(format!("'{}', which GITHUB_EVENT_PATH names, has no {field}", self.file))
                .because(format!("the payload of the event {} has it", self.event))
                .hint("keyward ci --base REF --head REF needs no payload")
        })
    }

    fn place(&self, field: &str) -> String {
        format!("{field} in '{}'", self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn payload(event: &str, document: Value) -> Payload {
        Payload { file: "event.json".to_owned(), event: event.to_owned(), document }
    }

    fn name(digit: &str) -> String {
        digit.repeat(40)
    }

    fn push(a_ref: &str, before: &str, after: &str) -> Part {
        let document = json!({"ref": a_ref, "before": name(before), "after": name(after),
            "repository": {"default_branch": "main"}});
        payload("push", document).push().expect("well-formed").part
    }

    #[test]
    fn a_pull_request_is_what_its_head_has_and_its_base_has_not() {
        let document = json!({"number": 12, "pull_request": {"head": {"sha": name("a")}, "base": {"sha": name("b")}}});
        let subject = payload("pull_request", document).pull_request().expect("well-formed");
        assert_eq!(subject.name, "GitHub pull request 12");
        assert_eq!(subject.part, Part::Brought { head: name("a"), base: name("b") });
    }

    #[test]
    fn a_push_is_told_apart_by_what_was_there_before() {
        let (head, main) = (name("a"), Some("refs/remotes/origin/main".to_owned()));
        for (a_ref, before, known, default) in [
            ("refs/heads/x", "b", Some(name("b")), main.clone()),
            ("refs/heads/x", "0", None, main.clone()),
            ("refs/tags/main", "0", None, main),
            ("refs/heads/main", "b", Some(name("b")), None),
            ("refs/heads/main", "0", None, None),
        ] {
            assert_eq!(
                push(a_ref, before, "a"),
                Part::Pushed { head: head.clone(), before: known, default },
                "{a_ref}"
            );
        }
        assert_eq!(push("refs/heads/x", "b", "0"), Part::Nothing { why: "it was deleted" });
    }

    #[test]
    fn a_field_that_is_missing_or_no_commit_is_named() {
        let of = |sha: Value| payload("merge_group", json!({"merge_group": {"head_sha": sha, "base_sha": name("b")}}));
        for (sha, said) in [
            (Value::Null, "'event.json', which GITHUB_EVENT_PATH names, has no merge_group.head_sha"),
            (json!("main"), "merge_group.head_sha in 'event.json' is 'main'"),
            (json!(name("0")), "merge_group.head_sha in 'event.json' is '0000"),
        ] {
            let error = of(sha).merge_group().expect_err("not a commit").to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }
}
