//! The reports for programs: `jsonl`, an object a line, and `json`, the same objects in one document. `README.md`
//! describes the schema; a change that takes something away raises its number.

use super::each::Each;
use crate::config::{ScanSettings, Secrets};
use crate::finding::{Finding, Location, Reach, Whereabouts};
use crate::rules::{Confidence, Severity};
use crate::scan::Outcome;
use crate::source::Gap;
use base64::Engine as _;
use bstr::ByteSlice;
use serde::Serialize;
use std::io::{self, Write};

/// The version of the schema.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct FindingObject<'f> {
    schema: u32,
    r#type: &'static str,
    rule: &'static str,
    severity: Severity,
    confidence: Confidence,
    key_id: Option<&'f str>,
    account: Option<String>,
    canary: Option<&'static str>,
    secret: Option<String>,
    locations: Vec<LocationObject<'f>>,
    source: &'static str,
    blob: Option<&'f str>,
    // These four are for findings in history.
    commit: Option<&'f str>,
    author: Option<&'f str>,
    date: Option<&'f str>,
    reachable: Option<ReachObject<'f>>,
    inside: Vec<&'static str>,
    suppressed_by: Option<&'static str>,
    reason: Option<&'f str>,
    fingerprint: &'f str,
}

/// What still leads to a finding in history.
#[derive(Default, Serialize)]
struct ReachObject<'f> {
    refs: usize,
    first: &'f [String],
    in_head: bool,
    removed_by: Option<&'f str>,
    held_by: Option<&'f str>,
}

#[derive(Serialize)]
struct LocationObject<'f> {
    path: std::borrow::Cow<'f, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    part: &'static str,
}

#[derive(Serialize)]
struct SummaryObject<'s> {
    schema: u32,
    r#type: &'static str,
    findings: usize,
    suppressed: usize,
    below_confidence: u64,
    files: u64,
    spared: u64,
    excluded: u64,
    special: u64,
    submodules: u64,
    lfs_pointers: u64,
    blobs: u64,
    commits: u64,
    bytes: u64,
    incomplete: &'s [Gap],
    notes: Vec<&'s String>,
}

#[derive(Serialize)]
struct Document<'d, F: Serialize> {
    schema: u32,
    findings: F,
    summary: SummaryObject<'d>,
}

/// Writes an object a line: the findings, then the summary.
///
/// # Errors
/// What writing reports.
pub fn lines(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        serde_json::to_writer(&mut *out, &finding_object(finding, settings.secrets))?;
        writeln!(out)?;
    }
    serde_json::to_writer(&mut *out, &summary_object(outcome))?;
    writeln!(out)
}

/// Writes one document.
///
/// # Errors
/// What writing reports.
pub fn document(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let findings = Each(|| outcome.findings.iter().map(|finding| finding_object(finding, settings.secrets)));
    let document = Document { schema: SCHEMA, findings, summary: summary_object(outcome) };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn finding_object(finding: &Finding, secrets: Secrets) -> FindingObject<'_> {
    let provenance = finding.provenance.as_ref();
    FindingObject {
        schema: SCHEMA,
        r#type: "finding",
        rule: finding.rule.id(),
        severity: finding.severity,
        confidence: finding.confidence,
        key_id: finding.key_id.as_ref().map(crate::credential::KeyId::as_str),
        account: finding.account.map(|account| account.to_string()),
        canary: finding.account.and_then(crate::credential::Account::canary),
        secret: finding.secret.as_ref().map(|secret| secrets.brief(secret)),
        locations: finding.locations.iter().map(location_object).collect(),
        source: finding.origin.source.name(),
        blob: finding.origin.blob.as_deref(),
        commit: provenance.and_then(|provenance| provenance.commit.as_deref()),
        author: provenance.and_then(|provenance| provenance.author.as_deref()),
        date: provenance.and_then(|provenance| provenance.date.as_deref()),
        reachable: provenance.and_then(|provenance| provenance.reach.as_ref()).map(reach_object),
        inside: finding.locations[0].inside.iter().map(|encoding| encoding.name()).collect(),
        suppressed_by: finding.suppressed_by.map(crate::finding::Suppression::name),
        reason: finding.reason.as_deref(),
        fingerprint: finding.fingerprint.as_str(),
    }
}

fn reach_object(reach: &Reach) -> ReachObject<'_> {
    match reach {
        Reach::Refs { count, first, head } => ReachObject {
            refs: *count,
            first,
            in_head: *head == Whereabouts::InHead,
            removed_by: match head {
                Whereabouts::RemovedBy(commit) => Some(commit),
                Whereabouts::InHead | Whereabouts::NeverInHead => None,
            },
            held_by: None,
        },
        Reach::Unreachable { held_by } => ReachObject { held_by: held_by.as_deref(), ..ReachObject::default() },
    }
}

fn location_object(location: &Location) -> LocationObject<'_> {
    let path = location.path.to_str_lossy();
    let exact = location.path.to_str().is_ok();
    let path_base64 = (!exact).then(|| base64::engine::general_purpose::STANDARD.encode(location.path.as_bytes()));
    LocationObject {
        path,
        path_base64,
        line: location.span.start.line,
        column: location.span.start.column,
        end_line: location.span.end.line,
        end_column: location.span.end.column,
        part: location.part.name(),
    }
}

fn summary_object(outcome: &Outcome) -> SummaryObject<'_> {
    let summary = &outcome.summary;
    let findings = outcome.standing().count();
    SummaryObject {
        schema: SCHEMA,
        r#type: "summary",
        findings,
        suppressed: outcome.findings.len() - findings,
        below_confidence: summary.below_confidence,
        files: summary.files,
        spared: summary.spared,
        excluded: summary.excluded,
        special: summary.special,
        submodules: summary.submodules,
        lfs_pointers: summary.lfs_pointers,
        blobs: summary.blobs,
        commits: summary.commits,
        bytes: summary.bytes,
        incomplete: &summary.incomplete,
        notes: summary.as_it_is.iter().chain(&summary.notes).collect(),
    }
}
