//! GitLab's report of secret detection, schema 15: what makes findings appear under a merge request and in the list
//! of vulnerabilities. GitLab drops a report whole that breaks a rule of its schema.
//!
//! Whoever reads the project's vulnerabilities reads this, so secrets are redacted whatever was asked for.

use super::closing;
use super::each::Each;
use super::issue::{self, Issue};
use crate::config::Secrets;
use crate::rules::Severity;
use crate::scan::Outcome;
use serde::Serialize;
use std::io::{self, Write};
use std::time::SystemTime;

/// The version of the schema: of those that GitLab takes, nothing newer than 15.0 is used.
const SCHEMA: &str = "15.2.0";

/// The commit of what is in none, as GitLab's own analyzers write it.
const NO_COMMIT: &str = "0000000";

#[derive(Serialize)]
struct Report<V: Serialize> {
    version: &'static str,
    scan: Scan,
    vulnerabilities: V,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Program,
    scanner: Program,
    r#type: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Program {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: &'static str,
    description: String,
    severity: &'static str,
    solution: String,
    identifiers: [Identifier; 2],
    location: Place,
    tracking: Tracking,
}

#[derive(Serialize)]
struct Identifier {
    r#type: &'static str,
    name: String,
    value: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    start_line: u64,
    end_line: u64,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
}

#[derive(Serialize)]
struct Tracking {
    r#type: &'static str,
    items: [Tracked; 1],
}

#[derive(Serialize)]
struct Tracked {
    file: String,
    start_line: u64,
    end_line: u64,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    algorithm: &'static str,
    value: String,
}

/// Writes the findings that count, the gravest first.
///
/// # Errors
/// What writing reports.
pub fn document(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::standing(outcome);
    let report =
        Report { version: SCHEMA, scan: scan(outcome), vulnerabilities: Each(|| issues.iter().map(vulnerability)) };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

fn scan(outcome: &Outcome) -> Scan {
    let incomplete = &outcome.summary.incomplete;
    let gaps = incomplete.iter().map(|gap| Message { level: "warn", value: issue::gap(gap) });
    let suppressed = outcome.findings.len() - outcome.standing().count();
    let accepted = (suppressed > 0).then(|| Message {
        level: "info",
        value: format!("not counted: {}, accepted or not new", closing::findings(suppressed)),
    });
    let [start_time, end_time] = outcome.time.map(time);
    Scan {
        analyzer: program(),
        scanner: program(),
        r#type: "secret_detection",
        start_time,
        end_time,
        status: if incomplete.is_empty() { "success" } else { "failure" },
        messages: gaps.chain(accepted).collect(),
    }
}

fn program() -> Program {
    let vendor = Vendor { name: "keyward" };
    Program { id: "keyward", name: "keyward", version: env!("CARGO_PKG_VERSION"), vendor }
}

/// UTC without saying so: the schema allows no zone.
fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string().trim_end_matches('Z').to_owned()
}

fn vulnerability(issue: &Issue<'_>) -> Vulnerability {
    let finding = issue.finding;
    let span = issue.span();
    let (file, start_line, end_line) = (issue.path().into_owned(), span.start.line, span.end.line);
    let commit = finding.provenance.as_ref().and_then(|provenance| provenance.commit.clone());
    let signature = Signature { algorithm: "hash", value: format!("{:032x}", issue.name()) };
    Vulnerability {
        id: uuid(issue.name()),
        name: finding.rule.title(),
        description: issue.message(Secrets::Redacted),
        severity: match finding.severity {
            Severity::Low => "Low",
            Severity::Medium => "Medium",
            Severity::High => "High",
            Severity::Critical => "Critical",
        },
        solution: issue.remedy(),
        identifiers: [
            Identifier {
                r#type: "keyward_rule",
                name: format!("keyward {}", finding.rule.id()),
                value: finding.rule.id(),
                url: None,
            },
            Identifier {
                r#type: "cwe",
                name: "CWE-798".to_owned(),
                value: "798",
                url: Some("https://cwe.mitre.org/data/definitions/798.html"),
            },
        ],
        tracking: Tracking {
            r#type: "source",
            items: [Tracked { file: file.clone(), start_line, end_line, signatures: [signature] }],
        },
        location: Place {
            file,
            start_line,
            end_line,
            commit: Commit { sha: commit.unwrap_or_else(|| NO_COMMIT.to_owned()) },
        },
    }
}

/// 128 bits as a UUID of one's own making (version 8, RFC 9562).
fn uuid(bits: u128) -> String {
    let marked = bits & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
    let digits = format!("{marked:032x}");
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_has_no_zone_and_no_fraction() {
        assert_eq!(time(SystemTime::UNIX_EPOCH + Duration::from_millis(86_399_999)), "1970-01-01T23:59:59");
    }

    #[test]
    fn a_name_is_a_uuid_that_says_it_was_made_here() {
        assert_eq!(uuid(0), "00000000-0000-8000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-8fff-bfff-ffffffffffff");
    }
}
