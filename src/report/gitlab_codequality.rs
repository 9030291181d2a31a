//! GitLab's report of code quality, which the free tier shows in merge requests, too: a list of issues. It has no
//! place for a scan that is incomplete, so each part that was not examined is an issue of its own.

use super::issue::{self, Issue};
use crate::config::{ScanSettings, Secrets};
use crate::credential::Fingerprint;
use crate::rules::Severity;
use crate::scan::Outcome;
use crate::source::Gap;
use serde::{Serialize, Serializer};
use std::io::{self, Write};

#[derive(Serialize)]
struct IssueObject {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// Writes what was not examined and the findings that count, the gravest first. Of issues with the same fingerprint
/// GitLab shows one, so each has its own.
///
/// # Errors
/// What writing reports.
pub fn document(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::standing(outcome);
    let gaps = outcome.summary.incomplete.iter().map(gap_object);
    let found = issues.iter().map(|issue| object(issue, settings.secrets));
    serde_json::Serializer::new(&mut *out).collect_seq(gaps.chain(found))?;
    writeln!(out)
}

fn object(issue: &Issue<'_>, secrets: Secrets) -> IssueObject {
    let finding = issue.finding;
    IssueObject {
        description: issue.message(secrets),
        check_name: finding.rule.id(),
        fingerprint: format!("{:032x}", issue.name()),
        severity: match finding.severity {
            Severity::Low => "minor",
            Severity::Medium => "major",
            Severity::High => "critical",
            Severity::Critical => "blocker",
        },
        location: place(issue.path().into_owned(), issue.span().start.line),
    }
}

fn gap_object(gap: &Gap) -> IssueObject {
    let description = issue::gap(gap);
    let fingerprint = Fingerprint::of(&description).as_str().trim_start_matches("v1:").to_owned();
    IssueObject {
        description,
        check_name: "incomplete",
        fingerprint,
        severity: "major",
        location: place(gap.what.clone(), 1),
    }
}

fn place(path: String, begin: u64) -> Place {
    Place { path, lines: Lines { begin } }
}
