//! What keyward says, and in which form.

use crate::support::{ACCOUNT, Folder, Key, Run};
use keyward::credential::Fingerprint;
use serde_json::json;
use std::process::Stdio;

#[test]
fn a_pair_is_one_object_with_the_secret_first() {
    let (here, key) = (Folder::new(), Key::new(200));
    here.write("a.env", key.env_file());
    let run = here.scan(&[]);
    let objects = run.objects();
    let fingerprint = objects[0]["fingerprint"].clone();
    assert!(fingerprint.as_str().unwrap().starts_with("v1:"));
    assert_eq!(
        objects,
        [
            json!({
                "schema": 1, "type": "finding", "rule": "aws-access-key", "severity": "critical", "confidence": "high",
                "key_id": key.id, "account": ACCOUNT, "canary": null, "secret": format!("{}...(40)", &key.secret[..4]),
                "locations": [
                    {"path": "a.env", "line": 3, "column": 23, "end_line": 3, "end_column": 63, "part": "secret"},
                    {"path": "a.env", "line": 2, "column": 19, "end_line": 2, "end_column": 39, "part": "key_id"},
                ],
                "source": "tree", "blob": null, "commit": null, "author": null, "date": null, "reachable": null,
                "inside": [], "suppressed_by": null, "reason": null, "fingerprint": fingerprint,
            }),
            json!({
                "schema": 1, "type": "summary", "findings": 1, "suppressed": 0, "below_confidence": 0, "files": 1,
                "spared": 0, "excluded": 0, "special": 0, "submodules": 0, "lfs_pointers": 0, "blobs": 0, "commits": 0,
                "bytes": key.env_file().len(), "incomplete": [], "notes": [],
            }),
        ]
    );
    let document: serde_json::Value = serde_json::from_str(&here.keyward(&["scan", "--format", "json"]).out).unwrap();
    assert_eq!(document, json!({"schema": 1, "findings": [objects[0]], "summary": objects[1]}));
}

#[test]
fn the_report_for_people_shows_the_lines_and_counts_what_was_examined() {
    let (here, key, lone) = (Folder::repository(), Key::new(201), Key::new(202));
    here.write("b/app.env", key.env_file());
    here.write("a.js", format!("const id = \"{}\";\n", lone.id));
    here.write("c/d.ini", format!("aws_secret_access_key = {}\n", lone.secret));
    let Run { status, out, err } = here.keyward(&["scan"]);
    let (id, starred, lone_id) = (&key.id, key.starred(), &lone.id);
    assert_eq!(
        out,
        format!(
            "a.js:1:13  AWS access key ID {lone_id}, account {ACCOUNT}\n    \
             1 | ...id = \"{lone_id}\n      \
             |          ^ a key ID; no secret stands near it\n      \
             = fingerprint {}\n\n\
             b/app.env:3:23  AWS access key {id}, account {ACCOUNT}\n    \
             2 | AWS_ACCESS_KEY_ID={id}\n    \
             3 | AWS_SECRET_ACCESS_KEY={starred}\n      \
             |                       ^ the secret of {id}\n      \
             = fingerprint {}\n\n\
             c/d.ini:1:25  AWS secret access key\n    \
             1 | aws_secret_access_key = {}\n      \
             |                         ^ a secret; no key ID stands near it\n      \
             = fingerprint {}\n\n",
            Fingerprint::of(lone_id).short(),
            key.fingerprint(),
            lone.starred(),
            lone.fingerprint(),
        )
    );
    let (said, time) = err.split_once(" in 0.").unwrap();
    assert!(said.starts_with("3 findings in 3 of 4 files, ") && time.ends_with(" s\n"), "{err}");
    assert_eq!(status, 1);
}

#[test]
fn documented_examples_are_clean_and_explain_says_why() {
    let here = Folder::new();
    here.write(
        "guide.md",
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    );
    let run = here.keyward(&["scan", "--explain"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    let dismissed: Vec<_> = run.err.lines().take(2).collect();
    assert_eq!(
        dismissed,
        [
            "guide.md:1:21  dismissed AKIAIOSFODNN7EXAMPLE: documented example",
            "guide.md:2:25  dismissed wJal...(40): documented example",
        ]
    );
    assert!(run.err.lines().nth(2).unwrap().starts_with("no credentials: 1 file, 106 bytes in "), "{}", run.err);
}

#[test]
fn a_part_is_dismissed_for_itself_and_never_for_its_neighbour() {
    let (here, key) = (Folder::new(), Key::new(203));
    let example = "AKIAIOSFODNN7EXAMPLE";
    here.write("a.env", format!("# EXAMPLE\nAWS_ACCESS_KEY_ID={example}\nAWS_SECRET_ACCESS_KEY={}\n", key.secret));
    let run = here.scan(&[]);
    assert_eq!(run.found(), ["a.env:3 -"]);
    assert_eq!(run.objects()[0]["rule"], "aws-secret-access-key");
}

#[test]
fn canaries_are_said_and_an_older_key_has_an_unknown_account() {
    let here = Folder::new();
    // A key ID of a canary account, and one of the scheme that holds no account; both put together here.
    here.write("a.txt", format!("key {}{}\n", "AKIASP2TPHJS", "RM3FJQUX"));
    here.write("b.txt", format!("key {}{}\n", "AKIAJ4WX6RTL", "2NQSVKHD"));
    let run = here.scan(&[]);
    let facts: Vec<_> = run.objects()[..2].iter().map(|f| (f["account"].clone(), f["canary"].clone())).collect();
    assert_eq!(facts, [(json!("171436882533"), json!("canarytokens.org")), (json!(null), json!(null))]);
    let text = here.keyward(&["scan"]).out;
    assert!(text.contains("a canary of canarytokens.org: bait"), "{text}");
    assert!(text.contains("account unknown"), "{text}");
}

#[test]
fn secrets_are_redacted_in_every_form_until_somebody_asks_for_them() {
    let (here, key, other) = (Folder::new(), Key::new(204), Key::new(205));
    // A second secret stands before the first on its line, and a password before both.
    here.write("a.csv", format!("bob,Pa55w0rd,{},{}\n", key.id, key.secret));
    here.write("b.sh", format!("f {} {} aws_secret_key={}\n", other.secret, key.id, key.secret));
    here.write("c.yaml", format!("AWS_SECRET_ACCESS_KEY: {}\n", base64(&key.secret)));
    let (asked, never) = (
        ["human", "json", "jsonl", "concise", "sarif", "gitlab-codequality", "junit", "rdjson"],
        ["github", "gitlab-secrets"],
    );
    for format in asked.into_iter().chain(never) {
        let run = here.keyward(&["scan", "--explain", "--format", format, "--min-confidence", "low"]);
        for secret in [&key.secret, &other.secret, "Pa55w0rd", &base64(&key.secret)] {
            assert!(!run.out.contains(secret) && !run.err.contains(secret), "{format}: {}{}", run.out, run.err);
        }
        let shown = here.keyward(&["scan", "--format", format, "--show-secrets"]);
        // What everybody reads who may see a workflow or a project has none, whatever was asked for.
        assert_eq!(shown.out.contains(&key.secret), asked.contains(&format), "{format}: {}", shown.out);
    }
}

fn base64(text: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text)
}

#[test]
fn a_value_in_base64_has_the_span_of_the_encoded_text() {
    let (here, key) = (Folder::new(), Key::new(206));
    here.write(
        "secret.yaml",
        format!("data:\n  AWS_ACCESS_KEY_ID: {}\n  AWS_SECRET_ACCESS_KEY: {}\n", base64(&key.id), base64(&key.secret)),
    );
    let run = here.scan(&[]);
    let finding = &run.objects()[0];
    assert_eq!((&finding["key_id"], &finding["inside"]), (&json!(key.id), &json!(["base64"])));
    assert_eq!(
        finding["locations"],
        json!([
            {"path": "secret.yaml", "line": 3, "column": 26, "end_line": 3, "end_column": 82, "part": "secret"},
            {"path": "secret.yaml", "line": 2, "column": 22, "end_line": 2, "end_column": 50, "part": "key_id"},
        ])
    );
}

#[test]
fn a_fingerprint_survives_moved_lines_and_other_files() {
    let (here, key) = (Folder::new(), Key::new(207));
    here.write("a.env", key.env_file());
    let first = here.scan(&[]).objects()[0]["fingerprint"].clone();
    std::fs::remove_file(here.at("a.env")).unwrap();
    here.write("deep/other.ini", format!("\n\n# moved\n{}", key.env_file()));
    assert_eq!(here.scan(&[]).objects()[0]["fingerprint"], first);
}

#[test]
fn the_scales_decide_what_is_reported_and_what_fails() {
    let (here, key) = (Folder::new(), Key::new(208));
    here.write("bare.txt", format!("value {}\n", key.secret));
    let run = here.scan(&[]);
    assert_eq!((run.status, run.found().len(), &run.summary()["below_confidence"]), (0, 0, &json!(1)));
    assert_eq!(here.scan(&["--min-confidence", "low"]).status, 1);

    here.write("bare.txt", format!("id {}\n", key.id));
    assert_eq!(here.scan(&[]).status, 1);
    let run = here.scan(&["--fail-on", "high"]);
    assert_eq!((run.status, run.found().len()), (0, 1));
    assert_eq!(here.scan(&["--exit-zero"]).status, 0);
}

#[test]
fn several_reports_at_once_go_where_they_are_sent() {
    let (here, key) = (Folder::new(), Key::new(209));
    here.write("in/a.env", key.env_file());
    let run =
        here.keyward(&["scan", "in", "-f", "jsonl", "-o", "r.jsonl", "-f", "json", "-o", "r.json", "-f", "human"]);
    assert_eq!(run.status, 1);
    assert_eq!(here.read("r.jsonl").lines().count(), 2);
    assert!(here.read("r.json").starts_with("{\n"));
    assert!(run.out.starts_with("in/a.env:3:23  AWS access key"));

    let run = here.keyward(&["scan", "in", "-f", "json", "-f", "human"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (2, "keyward: two reports would both go to standard output\n  hint: give one of them an --output\n")
    );
    let run = here.keyward(&["scan", "in", "-o", "nowhere/r.txt"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: could not write 'nowhere/r.txt'\n  caused by: "), "{}", run.err);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let (here, key) = (Folder::new(), Key::new(210));
    here.write("a.env", key.env_file());
    let plain = here.keyward(&["scan"]).out;
    let coloured = here.keyward(&["scan", "--color", "always"]).out;
    assert!(!plain.contains('\x1b') && coloured.contains('\x1b'));
    let forced = |variable: &str, value: &str| {
        let mut command = here.command(crate::support::KEYWARD);
        let run: Run = command.env(variable, value).args(["scan"]).output().unwrap().into();
        run.out.contains('\x1b')
    };
    assert!(forced("CLICOLOR_FORCE", "1"));
    assert!(!forced("NO_COLOR", "1"));
}

#[test]
fn a_reader_who_has_seen_enough_causes_no_panic_and_no_other_status() {
    let here = Folder::new();
    for number in 0..2000 {
        here.write(format!("{number}.env"), Key::new(5000 + number).env_file());
    }
    let mut command = here.command(crate::support::KEYWARD);
    let mut child = command.arg("scan").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("2,000 findings in 2,000 of 2,000 files"), "{}", run.err);
}

#[test]
fn a_quiet_clean_scan_says_nothing() {
    let here = Folder::new();
    here.write("a", "x\n");
    let run = here.keyward(&["scan", "--quiet"]);
    assert_eq!(run, Run { status: 0, out: String::new(), err: String::new() });
}

#[test]
fn the_gravest_place_of_a_repeated_value_decides() {
    let (here, key) = (Folder::new(), Key::new(220));
    here.write("a", format!("blob {}\n\nmore text\naws_secret_access_key = {}\n", key.secret, key.secret));
    assert_eq!(here.scan(&[]).found(), ["a:4 -"]);
    let url = format!("https://b.example.org/x?AWSAccessKeyId={}&Expires=1&Signature=x", key.id);
    here.write("a", format!("{url}\n\n[default]\naws_access_key_id = {}\n", key.id));
    let run = here.scan(&[]);
    assert_eq!((run.status, run.found()), (1, vec![format!("a:4 {}", key.id)]));
}

#[test]
fn a_key_id_in_a_path_or_behind_an_escape_is_found() {
    let (here, key) = (Folder::new(), Key::new(221));
    let id = &key.id;
    for text in [
        format!("https://console.example.com/teams/PlatformEngineering/projects/AccessKeyRotation2024/{id}"),
        format!("/var/lib/jenkins/workspace/DeployPipeline/EuWest1/Rotation2024/keys/{id}"),
        format!("{id}/Users/SharedDrive/QuarterlyBackups2024/Customers/KeysExportFinal"),
        format!("\"[default]\\n{id}\\n\""),
        format!("aws_access_key_id%3D{id}%26x"),
    ] {
        here.write("a", &text);
        assert_eq!(here.scan(&[]).found(), [format!("a:1 {id}")], "{text}");
    }
}

#[test]
fn every_profile_of_a_long_encoded_file_keeps_its_own_secret() {
    let here = Folder::new();
    let keys: Vec<_> = (0..40).map(|seed| Key::new(7000 + seed)).collect();
    let ini: Vec<_> = keys.iter().map(Key::env_file).collect();
    let ini = ini.concat();
    here.write("a", base64(&ini));
    let mut found: Vec<_> = here.keyward(&["scan", "--format", "jsonl", "--show-secrets"]).objects();
    found.pop();
    let mut pairs: Vec<_> = found.iter().map(|f| (f["key_id"].clone(), f["secret"].clone())).collect();
    pairs.sort_by_key(|pair| pair.0.to_string());
    let mut expected: Vec<_> = keys.iter().map(|key| (json!(key.id), json!(key.secret))).collect();
    expected.sort_by_key(|pair| pair.0.to_string());
    assert_eq!(pairs, expected);
}

#[test]
fn a_placeholder_keeps_its_neighbours_apart() {
    let (here, dev, prod) = (Folder::new(), Key::new(222), Key::new(223));
    let example = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    here.write(
        "a",
        format!(
            "[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
             [prod]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            dev.id, example.1, example.0, prod.secret
        ),
    );
    assert_eq!(here.scan(&[]).found(), [format!("a:2 {}", dev.id), "a:6 -".to_owned()]);
}

#[test]
fn an_encoded_place_of_a_plain_finding_is_starred_too() {
    let (here, key) = (Folder::new(), Key::new(224));
    let encoded = base64(&format!("{}:{}", key.secret, key.id));
    here.write("a", format!("{}blob: {encoded}\n", key.env_file()));
    let out = here.keyward(&["scan"]).out;
    assert!(!out.contains(&encoded[..12]), "{out}");
}

#[test]
fn a_report_goes_through_a_pipe_or_a_link_and_keeps_a_files_mode() {
    use std::os::unix::fs::PermissionsExt;
    let (here, key) = (Folder::new(), Key::new(225));
    here.write("in/a.env", key.env_file());
    here.write("target", "");
    std::os::unix::fs::symlink("target", here.at("link")).unwrap();
    here.keyward(&["scan", "in", "-f", "json", "-o", "link"]);
    assert!(here.read("target").starts_with('{'));
    assert!(std::fs::symlink_metadata(here.at("link")).unwrap().is_symlink());
    std::fs::set_permissions(here.at("target"), std::fs::Permissions::from_mode(0o640)).unwrap();
    here.keyward(&["scan", "in", "-f", "jsonl", "-o", "target"]);
    assert_eq!(std::fs::metadata(here.at("target")).unwrap().permissions().mode() & 0o777, 0o640);
    let run = here.keyward(&["scan", "in", "-f", "jsonl", "-o", "-"]);
    assert_eq!(run.found(), [format!("in/a.env:3 {}", key.id)]);
}

#[test]
fn columns_do_not_depend_on_where_the_window_ends() {
    let (here, key) = (Folder::new(), Key::new(226));
    for shift in 0..3 {
        here.write("a", format!("{}{} {}\n", "x".repeat(shift), "日".repeat(100_000), key.id));
        let column = here.scan(&[]).objects()[0]["locations"][0]["column"].clone();
        assert_eq!(column, json!(100_002 + shift));
    }
}

#[test]
fn halves_in_two_files_of_a_folder_are_one_finding_at_medium_confidence() {
    let (here, key, other) = (Folder::new(), Key::new(227), Key::new(228));
    here.write("keys/id.txt", format!("{}\n", key.id));
    here.write("keys/secret.txt", format!("{}\n", key.secret));
    let run = here.scan(&[]);
    let finding = &run.objects()[0];
    assert_eq!((run.status, run.found().len()), (1, 1));
    assert_eq!((&finding["rule"], &finding["confidence"]), (&json!("aws-access-key"), &json!("medium")));
    let paths: Vec<_> = finding["locations"].as_array().unwrap().iter().map(|at| at["path"].clone()).collect();
    assert_eq!(paths, ["keys/secret.txt", "keys/id.txt"]);
    let text = here.keyward(&["scan"]).out;
    assert!(text.contains(&format!("      | in keys/id.txt\n    1 | {}\n", key.id)), "{text}");

    // Where there is a choice, nobody guesses: two IDs, and a secret that nothing names.
    here.write("keys/other.txt", format!("{}\n", other.id));
    assert_eq!(here.scan(&[]).found(), [format!("keys/id.txt:1 {}", key.id), format!("keys/other.txt:1 {}", other.id)]);
}

#[test]
fn halves_in_two_files_of_a_commit_are_one_finding() {
    let (here, key) = (Folder::repository(), Key::new(229));
    here.stage("a/id", &key.id);
    here.stage("b/secret.env", format!("AWS_SECRET_ACCESS_KEY={}\n", key.secret));
    assert_eq!(here.scan(&["--staged"]).found(), [format!("b/secret.env:1 {}", key.id)]);
}

#[test]
fn every_rule_does_what_it_says() {
    let here = Folder::new();
    let run = here.keyward(&["rules", "test"]);
    assert_eq!(run.status, 0, "{}", run.out);
    assert!(run.out.ends_with(" passed, 0 failed\n"), "{}", run.out);
    for line in here.keyward(&["rules", "list"]).out.lines() {
        let name = line.split(' ').next().unwrap();
        let shown = here.keyward(&["rules", "show", name]).out;
        assert!(shown.contains("\n  documented  ") && shown.contains("\n  finds "), "{shown}");
    }
    let run = here.keyward(&["rules", "show", "aws"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (2, "keyward: there is no rule 'aws'\n  hint: keyward rules list names them\n")
    );
}

#[test]
fn a_private_key_counts_where_its_file_bears_the_name_that_aws_gives() {
    let here = Folder::new();
    let mut random = crate::support::Random(99);
    let body = random.text(crate::support::BASE64, 640);
    let pem = format!("{} PRIVATE KEY-----\n{body}\n-----END\n", "-----BEGIN RSA");
    here.write("test.pem", &pem);
    assert_eq!(here.scan(&[]).found(), Vec::<String>::new());
    here.write(format!("pk-APKA{}.pem", "Q".repeat(16)), &pem);
    assert_eq!(here.scan(&[]).objects()[0]["rule"], "aws-private-key");
}
