//! The reports for forges and services: what each says, whole, of a finding of each kind.

mod validators;

use crate::support::{ACCOUNT, Folder, KEYWARD, Key, Run};
use serde_json::{Value, json};

/// A repository with a pair, an ID in a presigned URL, an ID that a marker accepts, and a lone ID behind a word that
/// is not ASCII; scanned from a folder below its top.
struct Kinds {
    here: Folder,
    pair: Key,
    url: Key,
    accepted: Key,
    lone: Key,
}

impl Kinds {
    fn new(seed: u64) -> Self {
        let [pair, url, accepted, lone] = [0, 1, 2, 3].map(|more| Key::new(seed + more));
        let here = Folder::repository();
        here.write("app/in/a.env", pair.env_file());
        here.write("app/in/b", format!("https://b.example.org/x?AWSAccessKeyId={}&Expires=1&Signature=x\n", url.id));
        here.write("app/in/c", format!("id {} # keyward:allow known\n", accepted.id));
        here.write("app/in/d", format!("cl\u{e9} {}\n", lone.id));
        Self { here, pair, url, accepted, lone }
    }

    fn report(&self, format: &str) -> String {
        let run = self.here.keyward_in("app", &["scan", "in", "--quiet", "--format", format]);
        assert_eq!(run.status, 1, "{}", run.err);
        run.out
    }

    fn parsed(&self, format: &str) -> Value {
        serde_json::from_str(&self.report(format)).unwrap()
    }

    /// The messages of the pair, the lone ID and the one in a URL.
    fn messages(&self) -> [String; 3] {
        let Self { pair, url, lone, .. } = self;
        [
            format!("AWS access key {}, account {ACCOUNT}, secret {}...(40)", pair.id, &pair.secret[..4]),
            format!("AWS access key ID {}, account {ACCOUNT}", lone.id),
            format!("AWS access key ID {}, account {ACCOUNT}", url.id),
        ]
    }
}

#[test]
fn concise_is_a_finding_a_line_in_the_order_of_paths() {
    let kinds = Kinds::new(920);
    let Kinds { pair, url, lone, .. } = &kinds;
    assert_eq!(
        kinds.report("concise"),
        format!(
            "in/a.env:3:23: critical aws-access-key {} AWS access key, account {ACCOUNT}, secret {}...(40)\n\
             in/b:1:40: low aws-access-key-id {} AWS access key ID, account {ACCOUNT}\n\
             in/d:1:5: medium aws-access-key-id {} AWS access key ID, account {ACCOUNT}\n",
            pair.id,
            &pair.secret[..4],
            url.id,
            lone.id
        )
    );
}

#[test]
fn sarif_has_each_finding_with_its_places_from_the_top_of_the_repository() {
    let kinds = Kinds::new(924);
    let report = kinds.parsed("sarif");
    let run = &report["runs"][0];
    let [pair, lone, url] = kinds.messages();
    let accepted = format!("AWS access key ID {}, account {ACCOUNT}", kinds.accepted.id);
    let place = |uri: &str, line: u32, column: u32, end: u32| {
        json!({"artifactLocation": {"uri": uri},
               "region": {"startLine": line, "startColumn": column, "endLine": line, "endColumn": end}})
    };
    let result = |at: usize, rule: (&str, usize, &str), message: &str, place: Value, severity: &str| {
        let theirs = &run["results"][at];
        json!({
            "ruleId": rule.0, "ruleIndex": rule.1, "level": rule.2, "message": {"text": format!("{message}.")},
            "locations": [{"physicalLocation": place}],
            "partialFingerprints": theirs["partialFingerprints"],
            "properties": {"severity": severity, "confidence": "high",
                           "fingerprint": theirs["properties"]["fingerprint"]},
        })
    };
    let mut expected = [
        result(0, ("aws-access-key", 0, "error"), &pair, place("app/in/a.env", 3, 23, 63), "critical"),
        result(1, ("aws-access-key-id", 9, "warning"), &lone, place("app/in/d", 1, 5, 25), "medium"),
        result(2, ("aws-access-key-id", 9, "note"), &url, place("app/in/b", 1, 40, 60), "low"),
        result(3, ("aws-access-key-id", 9, "warning"), &accepted, place("app/in/c", 1, 4, 24), "medium"),
    ];
    expected[0]["relatedLocations"] =
        json!([{"id": 1, "message": {"text": "The key ID."}, "physicalLocation": place("app/in/a.env", 2, 19, 39)}]);
    expected[3]["suppressions"] = json!([{"kind": "inSource", "justification": "accepted by a marker in the file"}]);
    assert_eq!(run["results"], json!(expected));
    assert_eq!(
        (&report["version"], &run["automationDetails"], &run["columnKind"], &run["invocations"]),
        (
            &json!("2.1.0"),
            &json!({"id": "keyward/"}),
            &json!("unicodeCodePoints"),
            &json!([{"executionSuccessful": true}])
        )
    );
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(
        (&rule["id"], &rule["properties"]),
        (
            &json!("aws-access-key"),
            &json!({"tags": ["security", "secret"], "precision": "high", "security-severity": "9.5"})
        )
    );
}

#[test]
fn what_is_not_new_is_suppressed_from_outside() {
    let (here, key) = (Folder::repository(), Key::new(928));
    here.stage("a.env", key.env_file());
    here.commit();
    here.stage("a.env", format!("{}more\n", key.env_file()));
    let run = here.keyward(&["scan", "--staged", "--quiet", "--format", "sarif"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        report["runs"][0]["results"][0]["suppressions"],
        json!([{"kind": "external", "justification": "not new: the changed files held it before"}])
    );
}

#[test]
fn the_fingerprints_of_a_report_survive_moved_lines_and_tell_paths_apart() {
    let (here, key) = (Folder::repository(), Key::new(929));
    let fingerprints = || -> Vec<Value> {
        let run = here.keyward(&["scan", "--quiet", "--format", "sarif"]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap().iter();
        results.map(|result| result["partialFingerprints"].clone()).collect()
    };
    here.write("a.env", key.env_file());
    let before = fingerprints();
    let hash = before[0]["primaryLocationLineHash"].as_str().unwrap();
    assert!(hash.len() == 18 && hash.ends_with(":1"), "{hash}");
    here.write("a.env", format!("\n\n# moved\n{}", key.env_file()));
    assert_eq!(fingerprints(), before);
    here.write("b.env", key.env_file());
    let both = fingerprints();
    assert_eq!(both[0], before[0]);
    assert_ne!(both[1], before[0]);
}

#[test]
fn gitlab_secrets_has_each_finding_that_counts() {
    let kinds = Kinds::new(930);
    let report = kinds.parsed("gitlab-secrets");
    let program = json!({"id": "keyward", "name": "keyward", "version": env!("CARGO_PKG_VERSION"),
                         "vendor": {"name": "keyward"}});
    let scan = &report["scan"];
    assert_eq!(
        scan,
        &json!({"analyzer": program, "scanner": program, "type": "secret_detection", "start_time": scan["start_time"],
                "end_time": scan["end_time"], "status": "success",
                "messages": [{"level": "info", "value": "not counted: 1 finding, accepted or not new"}]})
    );
    let found = &report["vulnerabilities"][0];
    let [message, ..] = kinds.messages();
    assert_eq!(
        found,
        &json!({
            "id": found["id"], "name": "AWS access key", "description": message, "severity": "Critical",
            "solution": format!(
                "Switch it off first, for whoever has a copy of the repository has it: aws iam update-access-key \
                 --status Inactive --access-key-id {} --user-name USER. Then look in CloudTrail for what it did, and \
                 give what used it a role or a profile. Rewriting history comes last. If it is no secret, add \
                 `keyward:allow REASON` to its line.",
                kinds.pair.id
            ),
            "identifiers": [
                {"type": "keyward_rule", "name": "keyward aws-access-key", "value": "aws-access-key"},
                {"type": "cwe", "name": "CWE-798", "value": "798",
                 "url": "https://cwe.mitre.org/data/definitions/798.html"},
            ],
            "location": {"file": "app/in/a.env", "start_line": 3, "end_line": 3, "commit": {"sha": "0000000"}},
            "tracking": {"type": "source", "items": [{
                "file": "app/in/a.env", "start_line": 3, "end_line": 3,
                "signatures": found["tracking"]["items"][0]["signatures"],
            }]},
        })
    );
    let severities: Vec<_> = report["vulnerabilities"].as_array().unwrap().iter().map(|f| &f["severity"]).collect();
    assert_eq!(severities, ["Critical", "Medium", "Low"]);
}

#[test]
fn gitlab_codequality_has_each_finding_that_counts() {
    let kinds = Kinds::new(934);
    let report = kinds.parsed("gitlab-codequality");
    let [pair, lone, url] = kinds.messages();
    let issue = |at: usize, message: &str, rule: &str, severity: &str, path: &str, line: u32| {
        json!({"description": message, "check_name": rule, "fingerprint": report[at]["fingerprint"],
               "severity": severity, "location": {"path": path, "lines": {"begin": line}}})
    };
    assert_eq!(
        report,
        json!([
            issue(0, &pair, "aws-access-key", "blocker", "app/in/a.env", 3),
            issue(1, &lone, "aws-access-key-id", "major", "app/in/d", 1),
            issue(2, &url, "aws-access-key-id", "minor", "app/in/b", 1),
        ])
    );
}

#[test]
fn rdjson_counts_columns_in_bytes() {
    let kinds = Kinds::new(938);
    let [pair, lone, url] = kinds.messages();
    let diagnostic = |message: &str, rule: &str, severity: &str, path: &str, (line, column, end): (u32, u32, u32)| {
        json!({"message": message, "severity": severity, "code": {"value": rule}, "location": {"path": path,
               "range": {"start": {"line": line, "column": column}, "end": {"line": line, "column": end}}}})
    };
    assert_eq!(
        kinds.parsed("rdjson"),
        json!({"source": {"name": "keyward"}, "diagnostics": [
            diagnostic(&pair, "aws-access-key", "ERROR", "app/in/a.env", (3, 23, 63)),
            diagnostic(&lone, "aws-access-key-id", "WARNING", "app/in/d", (1, 6, 26)),
            diagnostic(&url, "aws-access-key-id", "INFO", "app/in/b", (1, 40, 60)),
        ]})
    );
}

#[test]
fn junit_fails_a_test_for_each_finding_that_fails_the_scan() {
    let kinds = Kinds::new(942);
    let [pair, lone, url] = kinds.messages();
    let Kinds { pair: key, accepted, lone: lone_key, url: url_key, .. } = &kinds;
    let remedy = |id: &str| {
        format!(
            "Switch it off first, for whoever has a copy of the repository has it: aws iam update-access-key --status \
             Inactive --access-key-id {id} --user-name USER. Then look in CloudTrail for what it did, and give what \
             used it a role or a profile. Rewriting history comes last. If it is no secret, add `keyward:allow \
             REASON` to its line."
        )
    };
    let report = kinds.report("junit");
    let time = report.split(" time=\"").nth(1).unwrap().split('"').next().unwrap();
    let case = |path: &str, at: &str, message: &str, element: &str, says: &str, id: &str| {
        let rule = if path.ends_with("a.env") { "aws-access-key" } else { "aws-access-key-id" };
        format!(
            "    <testcase classname=\"{path}\" name=\"{at}  {message}\">\n      \
             <{element} type=\"{rule}\" message=\"{says}\">{path}:{at}: {says}\n{}</{element}>\n    </testcase>\n",
            remedy(id)
        )
    };
    let accepted_message = format!("AWS access key ID {}, account {ACCOUNT}", accepted.id);
    let mild = format!("too mild to fail the scan: low: {url}");
    let counts = format!("name=\"keyward\" tests=\"4\" failures=\"2\" errors=\"0\" time=\"{time}\"");
    let cases = [
        case("app/in/a.env", "3:23", &pair, "failure", &format!("critical: {pair}"), &key.id),
        case("app/in/d", "1:5", &lone, "failure", &format!("medium: {lone}"), &lone_key.id),
        case("app/in/b", "1:40", &url, "skipped", &mild, &url_key.id),
        case("app/in/c", "1:4", &accepted_message, "skipped", "accepted by a marker in the file", &accepted.id),
    ];
    assert_eq!(
        report,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite {counts}>\n{}  \
             </testsuite>\n</testsuites>\n",
            cases.concat()
        )
    );
}

#[test]
fn junit_of_a_clean_scan_has_a_test_that_passes() {
    let here = Folder::new();
    here.write("a", "x\n");
    let report = here.keyward(&["scan", "--quiet", "--format", "junit"]).out;
    assert!(report.contains("tests=\"1\" failures=\"0\" errors=\"0\""), "{report}");
    assert!(report.contains("\n    <testcase classname=\"keyward\" name=\"no AWS credentials\"/>\n"), "{report}");
}

#[test]
fn github_annotates_lines_and_adds_to_the_summary_of_the_step() {
    let kinds = Kinds::new(946);
    kinds.here.write("summary.md", "before\n");
    let mut command = kinds.here.command(KEYWARD);
    command.current_dir(kinds.here.at("app")).env("GITHUB_STEP_SUMMARY", kinds.here.at("summary.md"));
    let run: Run = command.args(["scan", "in", "--quiet", "--format", "github"]).output().unwrap().into();
    let [pair, lone, url] = kinds.messages();
    assert_eq!(
        run,
        Run {
            status: 1,
            out: format!(
                "::error file=app/in/a.env,line=3,endLine=3,col=23,endColumn=63,title=AWS access key::\
                 {pair} at app/in/a.env:3:23\n\
                 ::warning file=app/in/d,line=1,endLine=1,col=5,endColumn=25,title=AWS access key ID::\
                 {lone} at app/in/d:1:5\n\
                 ::notice file=app/in/b,line=1,endLine=1,col=40,endColumn=60,title=AWS access key ID::\
                 {url} at app/in/b:1:40\n\
                 keyward: 3 findings\n"
            ),
            err: String::new(),
        }
    );
    // What Markdown could take for its own is written as a number.
    let written = |text: &str| {
        let letters = text.chars().map(|letter| match letter {
            ':' | ',' | '(' | ')' => format!("&#{};", u32::from(letter)),
            '+' => "&#43;".to_owned(),
            _ => letter.to_string(),
        });
        format!("<code>{}</code>", letters.collect::<String>())
    };
    assert_eq!(
        kinds.here.read("summary.md"),
        format!(
            "before\n### keyward: 3 findings\n\n\n| Severity | Place | What |\n|---|---|---|\n\
             | critical | {} | {} |\n| medium | {} | {} |\n| low | {} | {} |\n\n",
            written("app/in/a.env:3:23"),
            written(&pair),
            written("app/in/d:1:5"),
            written(&lone),
            written("app/in/b:1:40"),
            written(&url)
        )
    );
    // Without it, what is said there would be missed in silence.
    let mut command = kinds.here.command(KEYWARD);
    command.env("GITHUB_STEP_SUMMARY", "nowhere/summary.md");
    let run: Run = command.args(["scan", "app", "--format", "github"]).output().unwrap().into();
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: could not add to 'nowhere/summary.md'\n  caused by: "), "{}", run.err);
    // Other forms leave it alone.
    let mut command = kinds.here.command(KEYWARD);
    command.env("GITHUB_STEP_SUMMARY", kinds.here.at("other.md"));
    command.args(["scan", "app", "--format", "concise"]).output().unwrap();
    assert!(!kinds.here.at("other.md").exists());
}

#[test]
fn a_path_is_told_from_the_top_wherever_keyward_stands() {
    let kinds = Kinds::new(950);
    let first = |folder: &str, arguments: &[&str]| {
        let run = kinds.here.keyward_in(folder, &[&["scan", "-q", "-f", "gitlab-codequality"], arguments].concat());
        let report: Value = serde_json::from_str(&run.out).unwrap();
        report[0]["location"]["path"].as_str().unwrap().to_owned()
    };
    std::os::unix::fs::symlink("app", kinds.here.at("link")).unwrap();
    let absolute = kinds.here.at("app/in/a.env").display().to_string();
    for (folder, argument) in [
        (".", "."),
        (".", "./app/"),
        ("app", "in/a.env"),
        ("app/in", "../../app"),
        ("app", "../link/in"),
        (".", &absolute),
    ] {
        assert_eq!(first(folder, &[argument]), "app/in/a.env", "{argument} in {folder}");
    }
}
