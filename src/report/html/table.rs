//! The findings as the scripts read them: chunks of JSON, each with the columns of its rows for the table, which are
//! read at once, and with their details, which are read when somebody unfolds a row. So a page opens before all of it is
//! understood, and a chunk is all that is in memory here.

use super::escape;
use crate::config::{ScanSettings, Secrets};
use crate::finding::{Finding, Location, Mark, Reach, SourceKind, Suppression, Whereabouts, short_name};
use crate::report::human::{path_of, remark, whole_value};
use crate::report::{refusal, rules};
use crate::rules::Rule;
use crate::sanitize::sanitize;
use crate::scan::Outcome;
use bstr::{BString, ByteSlice};
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};

/// Findings in a chunk.
const CHUNK: usize = 500;

/// Places of a finding that are shown; a key can stand in a file a thousand times.
const PLACES_SHOWN: usize = 20;

/// Characters of a redacted value that are shown, as in the report for people.
const VALUE_SHOWN: usize = 44;

#[derive(Serialize)]
struct RuleFacts {
    id: &'static str,
    title: &'static str,
}

/// The columns of some rows.
#[derive(Default, Serialize)]
struct Rows<'f> {
    severity: Vec<u8>,
    rule: Vec<usize>,
    key: Vec<&'f str>,
    account: Vec<String>,
    path: Vec<String>,
    line: Vec<u64>,
    commit: Vec<&'f str>,
    date: Vec<&'f str>,
    author: Vec<String>,
    title: Vec<String>,
    /// Nothing for those that count.
    suppressed: Vec<&'static str>,
}

/// What an unfolded row shows beside its columns.
#[derive(Serialize)]
struct Details<'f> {
    what: String,
    confidence: &'static str,
    fingerprint: &'f str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inside: Vec<&'static str>,
    places: Vec<Place>,
    #[serde(skip_serializing_if = "is_zero")]
    more_places: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The path as a shell takes it from anywhere in the repository, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    staged: Option<String>,
}

#[derive(Serialize)]
struct Place {
    /// Where it is another than the row's.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    line: u64,
    column: u64,
    before: String,
    value: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

pub(super) fn write(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let known: Vec<RuleFacts> =
        settings.policy.facts().map(|facts| RuleFacts { id: facts.id, title: facts.title }).collect();
    script("rules", &known, out)?;
    let numbers: HashMap<&str, usize> = known.iter().enumerate().map(|(at, facts)| (facts.id, at)).collect();
    for chunk in outcome.findings.chunks(CHUNK) {
        script("rows", &rows(chunk, &numbers), out)?;
        let details: Vec<_> = chunk.iter().map(|finding| details(finding, settings.secrets)).collect();
        script("details", &details, out)?;
    }
    Ok(())
}

/// A block of data, which a browser does not run.
fn script(class: &str, value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" class=\"{class}\">")?;
    escape::json(value, out)?;
    writeln!(out, "</script>")
}

fn rows<'f>(chunk: &'f [Finding], numbers: &HashMap<&str, usize>) -> Rows<'f> {
    let mut rows = Rows::default();
    for finding in chunk {
        rows.severity.push(finding.severity as u8);
        rows.rule.push(numbers.get(finding.rule.id()).copied().unwrap_or_default());
        rows.key.push(finding.key_id.as_ref().map_or("", |id| id.as_str()));
        rows.account.push(finding.account.map(|account| account.to_string()).unwrap_or_default());
        rows.path.push(path_of(finding.origin.path.as_bstr()));
        rows.line.push(finding.locations[0].span.start.line);
        rows.suppressed.push(finding.suppressed_by.map_or("", Suppression::name));
        if let Some(provenance) = &finding.provenance {
            let safe = |text: &Option<String>| sanitize(text.as_deref().unwrap_or_default()).into_owned();
            rows.commit.push(provenance.commit.as_deref().unwrap_or_default());
            rows.date.push(provenance.date.as_deref().unwrap_or_default());
            rows.author.push(safe(&provenance.author));
            rows.title.push(safe(&provenance.title));
        } else {
            rows.commit.push("");
            rows.date.push("");
            rows.author.push(String::new());
            rows.title.push(String::new());
        }
    }
    rows
}

fn details(finding: &Finding, secrets: Secrets) -> Details<'_> {
    let mut places: Vec<_> = finding.locations.iter().take(PLACES_SHOWN).collect();
    places.sort_by_key(|location| (location.path != finding.origin.path, location.span));
    let reach = finding.provenance.as_ref().and_then(|provenance| provenance.reach.as_ref());
    let staged = finding.origin.source == SourceKind::Staged;
    Details {
        what: if finding.rule == Rule::AccessKey { finding.rule.facts().what.to_owned() } else { remark(finding) },
        confidence: rules::confidence(finding.confidence),
        fingerprint: finding.fingerprint.as_str(),
        source: finding.origin.source.name(),
        blob: finding.origin.blob.as_deref(),
        canary: finding.account.and_then(crate::credential::Account::canary),
        secret: finding.secret.as_ref().map(|secret| sanitize(&secrets.brief(secret)).into_owned()),
        inside: finding.locations[0].inside.iter().map(|encoding| encoding.name()).collect(),
        places: places.into_iter().map(|location| place(finding, location, secrets)).collect(),
        more_places: finding.locations.len().saturating_sub(PLACES_SHOWN),
        reach: reach.map(still_in),
        marker: finding.mark.as_ref().map(beside),
        reason: finding.reason.as_deref().map(|reason| sanitize(reason).into_owned()),
        staged: staged
            .then(|| refusal::quoted(BString::from([&b":/"[..], finding.origin.artifact()].concat()).as_ref())),
    }
}

fn place(finding: &Finding, location: &Location, secrets: Secrets) -> Place {
    let value = whole_value(finding, location, secrets);
    let value = match value.char_indices().nth(VALUE_SHOWN) {
        Some((end, _)) if secrets == Secrets::Redacted => format!("{}...", sanitize(&value[..end])),
        _ => sanitize(&value).into_owned(),
    };
    let ellipsis = if location.lead.cut { "..." } else { "" };
    Place {
        path: (location.path != finding.origin.path).then(|| path_of(location.path.as_bstr())),
        line: location.span.start.line,
        column: location.span.start.column,
        before: format!("{ellipsis}{}", sanitize(location.lead.text())),
        value,
    }
}

fn beside(mark: &Mark) -> String {
    let reason = if mark.marker.accepts() { "" } else { ", without a reason, so it does not count" };
    format!("{}:{}{reason}", path_of(mark.path.as_bstr()), mark.line)
}

fn still_in(reach: &Reach) -> String {
    match reach {
        Reach::Refs { count, first, head } => {
            let more = count.saturating_sub(first.len());
            let more = if more > 0 { format!(" and {more} more refs") } else { String::new() };
            let head = match head {
                Whereabouts::InHead => "and in HEAD".to_owned(),
                Whereabouts::RemovedBy(commit) => format!("removed from HEAD by {}", short_name(commit)),
                Whereabouts::NeverInHead => "not in HEAD".to_owned(),
            };
            format!("{}{more} ({head})", sanitize(&first.join(", ")))
        }
        Reach::Unreachable { held_by: Some(name) } => format!("no ref, but {} still holds it", sanitize(name)),
        Reach::Unreachable { held_by: None } => "no ref: in this clone until git gc removes it".to_owned(),
    }
}
