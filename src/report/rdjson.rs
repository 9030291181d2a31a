//! Reviewdog's diagnostics, which it turns into comments of GitHub, GitLab, Bitbucket and Gerrit. They have no place
//! for a scan that is incomplete, so each part that was not examined is a diagnostic of its own.

use super::each::Each;
use super::issue::{self, Issue, Level};
use crate::config::{ScanSettings, Secrets};
use crate::rules::Severity;
use crate::scan::Outcome;
use crate::source::Gap;
use crate::text::Position;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Report<D: Serialize> {
    source: Source,
    diagnostics: D,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Place,
    severity: &'static str,
    code: Code,
}

#[derive(Serialize)]
struct Place {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

/// Both from 1; the column counts bytes.
#[derive(Serialize)]
struct Point {
    line: u64,
    column: u64,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

/// Writes what was not examined and the findings that count, the gravest first.
///
/// # Errors
/// What writing reports.
pub fn document(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::standing(outcome);
    let diagnostics = Each(|| {
        let gaps = outcome.summary.incomplete.iter().map(gap_object);
        gaps.chain(issues.iter().map(|issue| object(issue, settings.secrets)))
    });
    serde_json::to_writer(&mut *out, &Report { source: Source { name: "keyward" }, diagnostics })?;
    writeln!(out)
}

fn object(issue: &Issue<'_>, secrets: Secrets) -> Diagnostic {
    let span = issue.span();
    let range = Range { start: point(span.start), end: point(span.end) };
    Diagnostic {
        message: issue.message(secrets),
        location: Place { path: issue.path().into_owned(), range: Some(range) },
        severity: severity(issue.finding.severity),
        code: Code { value: issue.finding.rule.id() },
    }
}

fn gap_object(gap: &Gap) -> Diagnostic {
    Diagnostic {
        message: issue::gap(gap),
        location: Place { path: gap.what.clone(), range: None },
        severity: "ERROR",
        code: Code { value: "incomplete" },
    }
}

fn point(position: Position) -> Point {
    Point { line: position.line, column: position.byte_column }
}

fn severity(severity: Severity) -> &'static str {
    match Level::from(severity) {
        Level::Note => "INFO",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    }
}
