//! The files that people take into their own repositories: GitHub's action, and those below `docs/ci`.

use super::github::push;
use super::{GONE, Server, ZEROS};
use crate::support::{Folder, KEYWARD, Key, Run, installed};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// What knows the schemas.
static TOOLS: LazyLock<PathBuf> = LazyLock::new(|| installed("ci", "ci-1").join("python/bin"));

/// The action, as JSON.
static ACTION: LazyLock<Value> = LazyLock::new(|| {
    let print = "import json, sys; from ruamel.yaml import YAML; print(json.dumps(YAML(typ='safe').load(sys.stdin)))";
    let file = std::fs::File::open(ours("action.yml")).unwrap();
    let run: Run = Command::new(TOOLS.join("python")).args(["-c", print]).stdin(file).output().unwrap().into();
    serde_json::from_str(&run.out).unwrap()
});

const WORKFLOWS: [&str; 2] = ["docs/ci/github.yml", "docs/ci/github-scheduled.yml"];

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(ours(path)).unwrap()
}

fn steps() -> impl Iterator<Item = &'static Value> {
    ACTION["runs"]["steps"].as_array().unwrap().iter()
}

fn script(step: usize) -> &'static str {
    ACTION["runs"]["steps"][step]["run"].as_str().unwrap()
}

#[test]
fn the_files_are_what_the_schemas_of_github_and_gitlab_take() {
    for (schema, files) in [
        ("vendor.github-actions", &["action.yml"][..]),
        ("vendor.github-workflows", &WORKFLOWS),
        ("vendor.gitlab-ci", &["docs/ci/gitlab-ci.yml"]),
    ] {
        let mut check = Command::new(TOOLS.join("check-jsonschema"));
        let output =
            check.args(["--builtin-schema", schema]).args(files.iter().map(|file| ours(file))).output().unwrap();
        assert!(output.status.success(), "{files:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn nothing_from_outside_is_a_part_of_a_script() {
    assert_eq!(steps().count(), 2);
    for step in steps() {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
    }
}

#[test]
fn other_actions_are_pinned_and_every_clone_is_whole() {
    let uses = WORKFLOWS.map(read);
    let uses = uses.iter().flat_map(|file| file.lines()).filter_map(|line| line.split_once("uses: "));
    let mut clones = 0;
    for (_, used) in uses {
        let (action, version) = used.split_once('@').unwrap();
        let hash = version.split(' ').next().unwrap();
        let is_pinned = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_pinned || used == "OWNER/keyward@VERSION", "{used}");
        clones += usize::from(action == "actions/checkout");
    }
    let whole: usize = WORKFLOWS.iter().map(|file| read(file).matches("fetch-depth: 0").count()).sum();
    assert_eq!((clones, whole), (2, 2));
    assert!(read("docs/ci/gitlab-ci.yml").contains("GIT_DEPTH: 0"));
    assert!(read("docs/ci/Jenkinsfile").contains("shallow: false"));
}

/// A step of the action as a runner starts it, with the variables that the runner sets.
fn step(server: &Server, number: usize, variables: &[(&str, &str)]) -> Run {
    let here = &server.here;
    here.write("step.sh", script(number));
    for file in ["environment", "output"] {
        here.write(file, "");
    }
    let mut bash = here.command("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "../step.sh"]).current_dir(here.at("clone"));
    bash.env("GITHUB_ENV", here.at("environment")).env("GITHUB_OUTPUT", here.at("output"));
    bash.env("GITHUB_ACTION_PATH", here.at("action")).env("RUNNER_TEMP", here.path());
    bash.envs(variables.iter().copied()).output().unwrap().into()
}

/// The second step, about a push that ends at `after`.
fn scanned(server: &Server, (before, after): (&str, &str), inputs: &[(&str, &str)]) -> Run {
    server.here.write("event.json", push("refs/heads/feature", before, after).to_string());
    let event = server.here.at("event.json");
    let of_all = [
        ("KEYWARD", KEYWARD),
        ("FAIL_ON", "medium"),
        ("MIN_CONFIDENCE", "medium"),
        ("MORE", ""),
        ("REPORT", ""),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ];
    step(server, 1, &[&of_all, inputs].concat())
}

#[test]
fn the_action_tells_how_many_findings_there_are_and_where_the_report_is() {
    let (server, key) = (Server::new(), Key::new(750));
    let after = server.commit_on("feature", "a.env", &key.env_file());
    server.clone_whole("HEAD");
    let report = server.here.at("keyward.jsonl").display().to_string();
    for (event, inputs, status, findings) in [
        ((ZEROS, after.as_str()), &[][..], 1, "1"),
        ((ZEROS, &after), &[("MORE", "--exit-zero\n  --threads 1")], 0, "1"),
        ((GONE, ZEROS), &[], 0, "0"),
        ((ZEROS, GONE), &[], 2, ""),
    ] {
        let run = scanned(&server, event, inputs);
        assert_eq!(run.status, status, "{}", run.err);
        assert_eq!(server.here.read("output"), format!("findings={findings}\nreport={report}\n"));
        // People who read the log see it, too.
        assert_eq!(run.out.contains("\na.env:3:23  AWS access key"), findings == "1", "{}", run.out);
    }
    let run = scanned(&server, (ZEROS, &after), &[("FAIL_ON", "critical"), ("REPORT", "own.jsonl")]);
    assert_eq!((run.status, server.here.read("output").as_str()), (1, "findings=1\nreport=own.jsonl\n"));
    // Hostile words stay words.
    let run = scanned(&server, (ZEROS, &after), &[("MORE", "$(touch pwned) ;touch pwned")]);
    assert_eq!((run.status, server.here.at("clone/pwned").exists()), (2, false), "{}", run.err);
}

/// A program in a folder of its own; what it is told goes to the file `told`.
fn program(here: &Folder, path: &str, does: &str) {
    here.write(path, format!("#!/bin/sh\necho \"$PWD $*\" >>'{}'\n{does}\n", here.at("told").display()));
    let run = here.command("chmod").arg("755").arg(here.at(path)).output().unwrap();
    assert!(run.status.success());
}

#[test]
fn the_action_takes_the_keyward_on_the_path_and_builds_its_own_where_that_is_another() {
    let server = Server::new();
    server.clone_whole("HEAD");
    let here = &server.here;
    std::fs::create_dir(here.at("action")).unwrap();
    program(here, "bin/keyward", "echo keyward 9.9.9");
    program(here, "bin/cargo", "mkdir -p ../keyward/bin; cp ../other ../keyward/bin/keyward");
    program(here, "other", "echo keyward 1.2.3");
    let machine = std::env::var_os("PATH").unwrap();
    let path = [here.at("bin").as_os_str(), &machine].join(OsStr::new(":"));
    let path = path.to_str().unwrap();
    let install = |version: &str| {
        here.write("told", "");
        let run = step(&server, 0, &[("PATH", path), ("VERSION", version)]);
        (run.status, run.out, here.read("environment"), here.read("told").contains("/action install --quiet --locked"))
    };
    let on_the_path = format!("KEYWARD={}\n", here.at("bin/keyward").display());
    let built = format!("KEYWARD={}\n", here.at("keyward/bin/keyward").display());
    assert_eq!(install(""), (0, String::new(), on_the_path.clone(), false));
    assert_eq!(install("9.9.9"), (0, String::new(), on_the_path, false));
    assert_eq!(install("1.2.3"), (0, String::new(), built, true));
    let said = "::error::this action is keyward 1.2.3, and the input version asks for 4.5.6\n";
    assert_eq!(install("4.5.6"), (2, said.to_owned(), String::new(), true));
}
