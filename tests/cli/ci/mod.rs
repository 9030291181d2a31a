//! `keyward ci`: each CI as it tells what a run is about, over a server's repository and a clone of it.

mod elsewhere;
mod files;
mod github;
mod gitlab;
mod refused;

use crate::support::{Folder, KEYWARD, Key, Run};
use serde_json::Value;

/// A commit that does not exist.
const GONE: &str = "1234567890123456789012345678901234567890";

const ZEROS: &str = "0000000000000000000000000000000000000000";

/// The repository of a server, with two commits on `main`: the second one brings `old.env`.
struct Server {
    here: Folder,
    /// What `old.env` holds.
    old: Key,
}

impl Server {
    fn new() -> Self {
        let (here, old) = (Folder::repository(), Key::new(700));
        here.stage("README", "hello\n");
        here.commit_as("root");
        here.stage("old.env", old.env_file());
        here.commit_as("old");
        Self { here, old }
    }

    /// Commits a file on a branch, which begins at HEAD if it is new, and stays there.
    fn commit_on(&self, branch: &str, path: &str, content: &str) -> String {
        if self.here.try_git(&["switch", "--quiet", branch]).status != 0 {
            self.here.git(&["switch", "--quiet", "--create", branch]);
        }
        self.here.stage(path, content);
        self.here.commit_as(path)
    }

    fn name(&self, revision: &str) -> String {
        self.here.git(&["rev-parse", revision]).out.trim().to_owned()
    }

    /// Clones it as `git clone` with these arguments does, into `clone`, and checks a commit out as CIs do.
    fn clone(&self, arguments: &[&str], commit: &str) {
        let url = format!("file://{}", self.here.path().display());
        self.here.git(&[&["clone", "--quiet"], arguments, &[&url, "clone"]].concat());
        self.here.git(&["-C", "clone", "checkout", "--quiet", "--detach", commit]);
    }

    /// The same with the whole history of all branches.
    fn clone_whole(&self, commit: &str) {
        self.clone(&[], commit);
    }

    fn ci(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = self.here.command(KEYWARD);
        command.current_dir(self.here.at("clone")).envs(variables.iter().copied());
        command.arg("ci").args(arguments).output().unwrap().into()
    }

    /// Runs it as a step of a workflow on GitHub; reports are jsonl.
    fn github(&self, event: &str, payload: &Value) -> Run {
        self.here.write("event.json", payload.to_string());
        let file = self.here.at("event.json");
        let variables =
            [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", event), ("GITHUB_EVENT_PATH", file.to_str().unwrap())];
        self.ci(&variables, &["--format", "jsonl"])
    }

    /// Runs it as a job of a pipeline on GitLab; reports are jsonl.
    fn gitlab(&self, source: &str, variables: &[(&str, &str)]) -> Run {
        let of_all = [("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", source), ("CI_DEFAULT_BRANCH", "main")];
        self.ci(&[&of_all, variables].concat(), &["--format", "jsonl"])
    }
}

/// What is said before anything is examined.
fn heading(run: &Run) -> &str {
    run.err.lines().next().unwrap()
}

fn short(name: &str) -> &str {
    &name[..8]
}

/// A finding in a jsonl report.
fn at(path: &str, key: &Key) -> String {
    format!("{path}:3 {}", key.id)
}

/// It found just this that is new, and said first what it looked at.
fn found(run: &Run, said: &str, findings: &[String]) {
    assert_eq!(heading(run), said, "{}", run.err);
    let new = run.objects().into_iter().zip(run.found()).filter(|(object, _)| object["suppressed_by"].is_null());
    let new: Vec<String> = new.map(|(_, found)| found).collect();
    assert_eq!((run.status, new), (i32::from(!findings.is_empty()), findings.to_vec()), "{}", run.err);
}

/// It examined nothing, and these are all its words.
fn refused(run: &Run, said: &str) {
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (2, "", said));
}
