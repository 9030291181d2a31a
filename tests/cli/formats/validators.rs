//! The reports before the judges whom forges ask, all of them real, on what makes reports break: nothing, one finding,
//! hostile names, parts that could not be examined, a history, and one finding more than GitHub takes.

use crate::support::{Folder, Key, installed};
use serde_json::Value;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// What `setup.sh` installs; bumped with it.
static TOOLS: LazyLock<PathBuf> = LazyLock::new(|| installed("formats", "validators-2"));

/// The reports that somebody has a validator for.
const JUDGED: [&str; 5] = ["sarif", "gitlab-secrets", "gitlab-codequality", "junit", "rdjson"];

/// The file of a report: Microsoft's validator passes over what does not end like this.
fn file(format: &str) -> String {
    format!("{format}.sarif")
}

/// Names with all that has a meaning in a URI, JSON, XML, a workflow command or a terminal, and what is no text.
const HOSTILE: [&[u8]; 5] = [
    b"a b%20.env",
    b"quote\"'<&>]]>.env",
    b"line\nbreak\r::error::x,y:z.env",
    b"\x1b[31m\xff\x01\xef\xbf\xbe.env",
    "h\u{e4}user/\u{202e}\u{65e5}\u{672c} #?.env".as_bytes(),
];

fn says(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// Asks for all reports at once and has each judged.
fn judged(here: &Folder, arguments: &[&str]) -> i32 {
    let status = judged_but_sarif(here, arguments);
    sarif(&here.at(file("sarif")));
    status
}

fn judged_but_sarif(here: &Folder, arguments: &[&str]) -> i32 {
    let outputs: Vec<_> =
        JUDGED.iter().flat_map(|format| ["-f".to_owned(), format.to_string(), "-o".to_owned(), file(format)]).collect();
    let outputs: Vec<_> = outputs.iter().map(String::as_str).collect();
    let run = here.keyward(&[&["scan", "--quiet"], arguments, &outputs].concat());
    assert_eq!(run.out, "");
    others(here);
    run.status
}

/// What judges the reports other than SARIF.
fn others(here: &Folder) {
    for schema in ["gitlab-secrets", "gitlab-codequality"] {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/formats").join(format!("{schema}.json"));
        let script = "import fastjsonschema, json, sys\n\
                      fastjsonschema.compile(json.load(open(sys.argv[2])))(json.load(open(sys.argv[1])))";
        python(script, &[&here.at(file(schema)), &own]);
    }
    let script = "import sys, xmlschema\nxmlschema.XMLSchema(sys.argv[2]).validate(sys.argv[1])";
    python(script, &[&here.at(file("junit")), &TOOLS.join("junit-10.xsd")]);
    let validator = TOOLS.join("node/node_modules/.bin/rdformat-validator");
    let (valid, said) =
        says(Command::new(validator).args(["--strict", "--no-extra-fields"]).arg(here.at(file("rdjson"))));
    assert!(valid && said.contains("Valid files: 1") && said.contains("Total errors: 0"), "{said}");
    for format in JUDGED {
        let report = std::fs::read(here.at(file(format))).unwrap();
        // What steers a terminal is escaped, in all of them.
        assert!(!report.iter().any(|byte| byte.is_ascii_control() && *byte != b'\n'), "{format}");
    }
}

/// The rules of SARIF and those of GitHub's ingestion. One warning stays, which shows as well that the report was
/// looked at: without a page of the project in `Cargo.toml` there is no URI to name.
fn sarif(report: &Path) {
    let validator = TOOLS.join("node/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    let mut command = Command::new(validator);
    command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    command.args(["validate", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]).arg(report);
    let (valid, said) = says(&mut command);
    let complaints: Vec<_> =
        said.lines().filter(|line| line.contains(": error ") || line.contains(": warning ")).collect();
    let known = |line: &&str| line.contains("warning SARIF2005") && line.contains("'informationUri'");
    assert!(valid && complaints.len() == 1 && complaints.iter().all(known), "{said}");
}

fn python(script: &str, arguments: &[&Path]) {
    let (valid, said) = says(Command::new(TOOLS.join("python/bin/python")).args(["-c", script]).args(arguments));
    assert!(valid, "{said}");
}

fn parsed(here: &Folder, report: &str) -> Value {
    serde_json::from_str(&here.read(file(report))).unwrap()
}

/// A judge who takes anything proves nothing.
#[test]
fn the_validators_refuse_what_forges_would() {
    let here = Folder::repository();
    here.write("in/a b.env", Key::new(915).env_file());
    assert_eq!(judged(&here, &["in"]), 1);
    for (format, right, wrong) in [
        ("sarif", "a%20b.env", "a b.env"),
        ("sarif", "\"fullDescription\"", "\"other\""),
        ("gitlab-secrets", "\",\"status\"", "Z\",\"status\""),
        ("gitlab-secrets", "\"sha\"", "\"hash\""),
        ("gitlab-codequality", "blocker", "fatal"),
        ("junit", "<testcase ", "<testcase line=\"3\" "),
        ("rdjson", "\"ERROR\"", "\"SEVERE\""),
    ] {
        let report = here.read(file(format));
        assert!(report.contains(right), "{format}: {report}");
        here.write(file(format), report.replace(right, wrong));
        let judgement =
            std::panic::catch_unwind(|| if format == "sarif" { sarif(&here.at(file("sarif"))) } else { others(&here) });
        assert!(judgement.is_err(), "{format} with {wrong}");
        here.write(file(format), report);
    }
}

#[test]
fn a_clean_scan_gives_reports_that_every_validator_takes() {
    let here = Folder::repository();
    here.write("in/a", "x\n");
    assert_eq!(judged(&here, &["in"]), 0);
}

#[test]
fn hostile_names_give_reports_that_every_validator_takes() {
    let here = Folder::repository();
    for (seed, name) in (900..).zip(HOSTILE) {
        here.write(Path::new("in").join(std::ffi::OsStr::from_bytes(name)), Key::new(seed).env_file());
    }
    assert_eq!(judged(&here, &["in"]), 1);
    let results = parsed(&here, "sarif")["runs"][0]["results"].clone();
    let mut uris: Vec<_> = results.as_array().unwrap().iter().map(uri).collect();
    uris.sort_unstable();
    assert_eq!(
        uris,
        [
            "in/%1B%5B31m%FF%01%EF%BF%BE.env",
            "in/a%20b%2520.env",
            "in/h%C3%A4user/%E2%80%AE%E6%97%A5%E6%9C%AC%20%23%3F.env",
            "in/line%0Abreak%0D%3A%3Aerror%3A%3Ax%2Cy%3Az.env",
            "in/quote%22%27%3C%26%3E%5D%5D%3E.env",
        ]
    );
    // Each command of the workflow is a line, and there are no others.
    let said = here.keyward(&["scan", "in", "--quiet", "--format", "github"]).out;
    assert_eq!(said.lines().filter(|line| line.starts_with("::error file=in/")).count(), 5, "{said}");
    assert_eq!(said.lines().count(), 6, "{said}");
    assert_eq!(here.keyward(&["scan", "in", "--quiet", "--format", "concise"]).out.lines().count(), 5);
}

fn uri(result: &Value) -> &str {
    result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
}

#[test]
fn a_scan_that_is_incomplete_says_so_in_every_report() {
    let (here, key) = (Folder::repository(), Key::new(910));
    here.write("in/a.env", key.env_file());
    here.write("in/b.env", format!("{}: x # keyward:allow known\n", Key::new(911).id));
    assert_eq!(judged(&here, &["in", "missing"]), 1);
    let invocation = &parsed(&here, "sarif")["runs"][0]["invocations"][0].clone();
    assert_eq!(invocation["executionSuccessful"], false);
    let message = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert!(message.as_str().unwrap().starts_with("not examined: missing: "), "{message}");
    let scan = parsed(&here, "gitlab-secrets")["scan"].clone();
    let levels: Vec<_> = scan["messages"].as_array().unwrap().iter().map(|message| &message["level"]).collect();
    assert_eq!(scan["status"], "failure");
    assert_eq!(levels, ["warn", "info"]);
    assert_eq!(parsed(&here, "gitlab-codequality")[0]["check_name"], "incomplete");
    assert_eq!(parsed(&here, "rdjson")["diagnostics"][0]["code"]["value"], "incomplete");
    assert!(here.read(file("junit")).contains("<error type=\"incomplete\" message=\"not examined: missing: "));
    let said = here.keyward(&["scan", "in", "missing", "--quiet", "--format", "github"]).out;
    assert!(said.starts_with("::error title=keyward is incomplete::not examined: missing: "), "{said}");
    assert!(said.ends_with("keyward: 1 finding; 1 part not examined\n"), "{said}");
}

#[test]
fn a_history_gives_reports_that_every_validator_takes() {
    let (here, key) = (Folder::repository(), Key::new(912));
    here.stage("a b.env", key.env_file());
    here.commit();
    here.git(&["rm", "--quiet", "a b.env"]);
    here.git(&["commit", "--quiet", "--allow-empty", "--message", &Key::new(913).env_file()]);
    assert_eq!(judged(&here, &["--history"]), 1);
    let commit = here.git(&["rev-parse", "HEAD^"]).out.trim().to_owned();
    let report = parsed(&here, "sarif");
    assert_eq!(report["runs"][0]["automationDetails"]["id"], "keyward-history/");
    let vulnerabilities = parsed(&here, "gitlab-secrets")["vulnerabilities"].clone();
    let found =
        vulnerabilities.as_array().unwrap().iter().find(|found| found["location"]["file"] == "a b.env").unwrap();
    assert_eq!(found["location"]["commit"]["sha"], commit);
    // The lines are none of HEAD's files any more, so nothing points there.
    let said = here.keyward(&["scan", "--history", "--quiet", "--format", "github"]).out;
    let annotation = said.lines().find(|line| line.contains(&key.id)).unwrap();
    assert!(annotation.starts_with("::error title=AWS access key::"), "{said}");
    assert!(annotation.ends_with(&format!(", brought by commit {} at a b.env:3:23", &commit[..8])), "{said}");
}

#[test]
fn of_more_findings_than_a_forge_takes_the_gravest_come_first_and_the_rest_is_said() {
    let here = Folder::repository();
    for file in 0..25 {
        let mut text = String::new();
        for line in 0..1000 {
            writeln!(text, "id {}", Key::new(100_000 + file * 1000 + line).id).unwrap();
        }
        here.write(format!("in/{file}.txt"), text);
    }
    let pair = Key::new(914);
    here.write("in/z.env", pair.env_file());
    // Microsoft's validator takes half a minute for them, and has seen results of every kind in the other tests.
    assert_eq!(judged_but_sarif(&here, &["in"]), 1);

    let run = &parsed(&here, "sarif")["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!((results.len(), uri(&results[0])), (25_000, "in/z.env"));
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
        "1 milder finding left out: GitHub takes 25000 of a run."
    );
    let issues = parsed(&here, "gitlab-codequality");
    let fingerprints: std::collections::HashSet<_> =
        issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), 25_001);
    assert_eq!(parsed(&here, "gitlab-secrets")["vulnerabilities"][25_000]["severity"], "Medium");
    assert_eq!(parsed(&here, "rdjson")["diagnostics"].as_array().unwrap().len(), 25_001);
    assert!(here.read(file("junit")).contains("tests=\"25001\" failures=\"25001\" errors=\"0\""));
    let said = here.keyward(&["scan", "in", "--quiet", "--format", "github"]).out;
    let count = |level| said.lines().filter(|line| line.starts_with(level)).count();
    assert_eq!((count("::error "), count("::warning "), count("::notice ")), (1, 10, 0));
    assert!(said.ends_with("\nkeyward: 25,001 findings, 11 of them annotated\n"), "{said}");
}
