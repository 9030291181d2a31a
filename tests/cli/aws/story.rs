//! The story that the README tells, as it happens: a key is found, looked into, switched off, and asked about once more.

use super::Desk;
use super::cloud::cloud;
use super::stub::{Reply, Stub};
use super::triage::without_service_credentials;
use serde_json::json;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

const README: &str = include_str!("../../../README.md");

#[test]
#[expect(clippy::print_stdout, reason = "whoever changes the story puts this into the README")]
fn the_story_in_the_readme_is_what_happens() {
    let key = cloud().user("ci-uploader");
    cloud().call("iam", "create_group", &json!({ "GroupName": "ci" }));
    cloud().call("iam", "add_user_to_group", &json!({ "GroupName": "ci", "UserName": "ci-uploader" }));
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    cloud().call("iam", "attach_group_policy", &json!({ "GroupName": "ci", "PolicyArn": arn }));
    cloud().call_as(&key, "iam", "list_users");
    // moto takes inactive keys for good ones; AWS does not, and neither does this.
    let (id, is_off) = (key.id.clone(), AtomicBool::new(false));
    let stub = Stub::before(&cloud().url, move |request, _| {
        if request.action() == "UpdateAccessKey" {
            is_off.store(true, Ordering::SeqCst);
        }
        if request.key_id() == id && is_off.load(Ordering::SeqCst) {
            return Reply::error(403, "InvalidClientTokenId", "The security token included in the request is invalid");
        }
        without_service_credentials(request)
    });
    let desk = Desk::at(&stub.url).with_profile("security", &cloud().responder);
    desk.here.write("deploy/prod.env", key.env_file());
    let today = cloud().last_use(&key)["LastUsedDate"].as_str().unwrap()[..10].to_owned();
    let acts: [(&[&str], i32); 4] = [
        (&["scan", "deploy"], 1),
        (&["triage", &key.id, "--profile", "security"], 0),
        (&["deactivate", &key.id, "--profile", "security"], 0),
        (&["verify", "--scan", "deploy", "--profile", "security"], 0),
    ];
    let mut told = String::new();
    for (arguments, status) in acts {
        let run = if arguments[0] == "deactivate" {
            let run = desk.keyward_typing(&key.id[16..], arguments);
            (run.status, run.err + &run.out)
        } else {
            together(&desk, arguments)
        };
        assert_eq!(run.0, status, "{arguments:?}: {}", run.1);
        told += &["$ keyward ", &arguments.join(" "), "\n", &run.1, "\n"].concat();
    }
    assert_eq!(cloud().status("ci-uploader", &key), "Inactive");
    let told = told
        .replace(&key.id, "AKIARZPUZDIKEXAMPLE2")
        .replace(&format!(": {}\n", &key.id[16..]), ": PLE2\n")
        .replace(&key.starred(), &format!("wJal{}", "*".repeat(36)))
        .replace(&stub.url, "http://127.0.0.1:45660")
        .replace(&desk.here.path().display().to_string(), "/home/you")
        .replace(&today, "2026-11-24");
    let told = without_times(&told);
    let shown = README.split("```console\n").find(|block| block.starts_with("$ keyward scan deploy\n"));
    let shown = shown.unwrap_or_default().split("```").next().unwrap();
    println!("{told}");
    assert_eq!(told.trim_end(), shown.trim_end());
}

/// Runs keyward with all that it says in one stream, as a terminal shows it.
fn together(desk: &Desk, arguments: &[&str]) -> (i32, String) {
    let as_usual = desk.command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(as_usual.get_program()).args(as_usual.get_args());
    command.current_dir(as_usual.get_current_dir().unwrap()).env_clear();
    command.envs(as_usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = desk.done(command.output().unwrap().into());
    (run.status, run.out)
}

/// The text with times of the day, seconds and fingerprints as the README has them.
fn without_times(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if let Some((start, _)) = line.split_once(" bytes in ") {
            *line = format!("{start} bytes in 0.00 s");
        } else if let Some((start, _)) = line.split_once("= fingerprint ") {
            *line = format!("{start}= fingerprint 0123456789ab");
        } else if line.starts_with("evidence: ") {
            let (start, _) = line.rsplit_once('-').unwrap();
            *line = format!("{start}-20261124T101500Z.json");
        } else {
            *line = at_ten(line);
        }
    }
    lines.join("\n")
}

/// The line with ten o'clock for every time of the day.
fn at_ten(line: &str) -> String {
    let mut parts = line.split("2026-11-24T");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |line, rest| {
        let fraction = |letter: char| letter.is_ascii_digit() || letter == '.';
        let rest = rest[8..].trim_start_matches(fraction).trim_start_matches('Z');
        format!("{line}2026-11-24T10:00:00Z{rest}")
    })
}
