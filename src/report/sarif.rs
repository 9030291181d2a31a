//! SARIF 2.1.0 (OASIS), with what GitHub's code scanning asks for beyond it: every rule explained, a relative,
//! percent-encoded URI and a whole region for each place, no empty text, and a fingerprint that is not made of
//! line numbers. Written as it is made.
//!
//! What a history holds is a run of another category than what the files hold, so that an upload of one does not
//! close the alerts of the other.

use super::closing::counted;
use super::each::Each;
use super::issue::{self, Issue, Level};
use super::rules::confidence;
use crate::config::{ScanSettings, Secrets, Target};
use crate::detect::Span;
use crate::finding::{Inside, Location, Part, Suppression};
use crate::rules::facts::Facts;
use crate::rules::{Confidence, Severity};
use crate::scan::Outcome;
use bstr::{BStr, ByteSlice};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Results in a run that GitHub takes; it shows the first 5,000 of them by severity.
const RESULTS: usize = 25_000;

/// Places beside the first one that are written; GitHub keeps as many.
const RELATED: usize = 100;

/// What stays as it is in a path: the unreserved characters of RFC 3986, and the slash.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

#[derive(Serialize)]
struct Log<R: Serialize> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [R; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R: Serialize> {
    tool: Tool,
    automation_details: AutomationDetails,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: R,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    information_uri: &'static str,
    rules: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [LocationObject; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationObject>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<SuppressionObject>,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationObject {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

#[derive(Serialize)]
struct Fingerprints {
    /// The only one that GitHub reads.
    #[serde(rename = "primaryLocationLineHash")]
    line_hash: String,
    #[serde(rename = "keyward/v1")]
    keyward: String,
}

#[derive(Serialize)]
struct SuppressionObject {
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Properties {
    severity: Severity,
    confidence: Confidence,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

/// Writes a log with one run.
///
/// # Errors
/// What writing reports.
pub fn log(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::all(outcome);
    let shown = &issues[..issues.len().min(RESULTS)];
    let known: Vec<&Facts> = settings.policy.facts().collect();
    let numbers: HashMap<&str, usize> = known.iter().enumerate().map(|(at, facts)| (facts.id, at)).collect();
    let run = Run {
        tool: Tool { driver: driver(&known) },
        automation_details: AutomationDetails {
            id: if matches!(settings.target, Target::History(_)) { "keyward-history/" } else { "keyward/" },
        },
        column_kind: "unicodeCodePoints",
        invocations: [invocation(outcome, issues.len() - shown.len())],
        results: Each(|| shown.iter().map(|issue| result(issue, outcome, settings.secrets, &numbers))),
    };
    serde_json::to_writer(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    writeln!(out)
}

fn driver(known: &[&Facts]) -> Driver {
    Driver {
        name: "keyward",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: known.iter().copied().map(rule).collect(),
    }
}

fn rule(facts: &Facts) -> serde_json::Value {
    let remedy = issue::remedy(facts.rule, None);
    // How it is recognised can begin with the letters of a prefix, which stay as they are.
    let (what, how) = (sentence(facts.what), facts.how);
    json!({
        "id": facts.id,
        "name": pascal(facts.id),
        "shortDescription": {"text": sentence(facts.title)},
        "fullDescription": {"text": format!("{}: {}.", capitalised(facts.title), facts.what)},
        "help": {
            "text": format!("{what} {remedy} How it is recognised: {how}. Documented: {}.", facts.source),
            "markdown": format!("{what}\n\n{remedy}\n\n**How it is recognised:** {how}.\n\n**Documented:** {}.", facts.source),
        },
        "defaultConfiguration": {"level": level(facts.severity)},
        "properties": {
            "tags": ["security", "secret"],
            "precision": confidence(facts.confidence),
            "security-severity": match facts.severity {
                Severity::Low => "2.0",
                Severity::Medium => "5.0",
                Severity::High => "8.0",
                Severity::Critical => "9.5",
            },
        },
    })
}

/// `aws-access-key` as `AwsAccessKey`.
fn pascal(id: &str) -> String {
    id.split('-').map(capitalised).collect()
}

fn sentence(text: &str) -> String {
    format!("{}.", capitalised(text))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn level(severity: Severity) -> &'static str {
    match Level::from(severity) {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn invocation(outcome: &Outcome, left_out: usize) -> Invocation {
    let incomplete = &outcome.summary.incomplete;
    let note = |level, text: String| Notification { level, message: Text { text: format!("{text}.") } };
    let more = (left_out > 0).then(|| {
        note(
            "warning",
            format!("{} left out: GitHub takes {RESULTS} of a run", counted(left_out as u64, "milder finding")),
        )
    });
    Invocation {
        execution_successful: incomplete.is_empty(),
        tool_execution_notifications: incomplete.iter().map(|gap| note("error", issue::gap(gap))).chain(more).collect(),
    }
}

fn result(issue: &Issue<'_>, outcome: &Outcome, secrets: Secrets, numbers: &HashMap<&str, usize>) -> ResultObject {
    let finding = issue.finding;
    let others = finding.locations.iter().enumerate().skip(1).take(RELATED);
    let related = others.map(|(at, place)| LocationObject {
        id: Some(at),
        message: Some(Text { text: part(place.part).to_owned() }),
        ..location(place, outcome)
    });
    let suppression = finding.suppressed_by.zip(issue.why_suppressed()).map(|(by, why)| SuppressionObject {
        kind: if by == Suppression::Marker { "inSource" } else { "external" },
        justification: why,
    });
    ResultObject {
        rule_id: finding.rule.id(),
        rule_index: numbers.get(finding.rule.id()).copied().unwrap_or_default(),
        level: level(finding.severity),
        message: Text { text: format!("{}.", issue.message(secrets)) },
        locations: [location(&finding.locations[0], outcome)],
        related_locations: related.collect(),
        partial_fingerprints: Fingerprints {
            line_hash: format!("{:016x}:1", issue.name() >> 64),
            keyward: format!("{:032x}", issue.name()),
        },
        suppressions: suppression.into_iter().collect(),
        properties: Properties {
            severity: finding.severity,
            confidence: finding.confidence,
            fingerprint: finding.fingerprint.as_str().to_owned(),
            commit: finding.provenance.as_ref().and_then(|provenance| provenance.commit.clone()),
        },
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::KeyId => "The key ID.",
        Part::Secret => "The secret.",
        Part::Token => "The token.",
    }
}

fn location(place: &Location, outcome: &Outcome) -> LocationObject {
    let Span { start, end } = issue::place_in_file(place);
    let (file, _) = Inside::split(place.packed, place.path.as_bstr());
    LocationObject {
        id: None,
        message: None,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&outcome.top.path(file)) },
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            },
        },
    }
}

/// A path of any bytes as a URI: relative, or with its scheme if it is absolute.
fn uri(path: &BStr) -> String {
    let scheme = if path.starts_with(b"/") { "file://" } else { "" };
    format!("{scheme}{}", percent_encode(path, PATH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_any_bytes_is_a_uri() {
        for (path, expected) in [
            (&b"deploy/prod.env"[..], "deploy/prod.env"),
            (b"a b%\n\"'\xff:?#", "a%20b%25%0A%22%27%FF%3A%3F%23"),
            ("h\u{e4}user".as_bytes(), "h%C3%A4user"),
            (b"/tmp/a", "file:///tmp/a"),
        ] {
            assert_eq!(uri(path.into()), expected);
        }
    }
}
