//! `keyward explain`: all that is known of one credential, and what to do about it, for people.

use super::closing::counted;
use super::human::{path_of, remark, summary};
use super::issue::why_suppressed;
use super::rules::{confidence, severity};
use crate::config::ScanSettings;
use crate::credential::Account;
use crate::finding::{Finding, Location, SourceKind};
use crate::rules::{Confidence, Rule};
use crate::sanitize::sanitize;
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Places that are named.
const PLACES_SHOWN: usize = 20;

/// Columns beside the titles.
const COLUMNS: usize = 64;

/// Writes what is known of a credential of which `findings`, never empty, are the places where it was found.
///
/// # Errors
/// What writing reports.
pub fn write(findings: &[&Finding], settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let first = gravest(findings);
    writeln!(out, "{}", summary(first))?;
    section("fingerprint", &[first.fingerprint.as_str().to_owned()], out)?;
    section("What", &what(first), out)?;
    section("Where", &places(findings), out)?;
    if let Some(provenance) = findings.iter().find_map(|finding| finding.provenance.as_ref()) {
        super::provenance::write(provenance, out)?;
    }
    section("Why", &folded(why(first)), out)?;
    section("Counts", &folded(counts(findings, settings)), out)?;
    section("To do", &to_do(first), out)?;
    section("Not a secret?", &accept(first), out)
}

/// The one that says most.
fn gravest<'f>(findings: &[&'f Finding]) -> &'f Finding {
    let rank = |finding: &&&Finding| (finding.suppressed_by.is_none(), finding.confidence, finding.severity);
    let first = findings.iter().copied().rev().max_by_key(|finding| rank(&finding));
    first.expect("something was found")
}

/// Writes a title and, beside and below it, what belongs to it.
fn section(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    lines.iter().enumerate().try_for_each(|(at, line)| {
        let title = if at == 0 { title } else { "" };
        writeln!(out, "  {title:<14}{}", sanitize(line))
    })
}

/// Long lines in several, the later ones indented.
fn folded(lines: Vec<String>) -> Vec<String> {
    let mut folded: Vec<String> = Vec::new();
    for line in lines {
        let mut start = String::new();
        for word in line.split(' ') {
            if start.trim_start().is_empty() || start.chars().count() + word.chars().count() < COLUMNS {
                start = if start.is_empty() { word.to_owned() } else { format!("{start} {word}") };
            } else {
                folded.push(std::mem::replace(&mut start, format!("  {word}")));
            }
        }
        folded.push(start);
    }
    folded
}

fn what(finding: &Finding) -> Vec<String> {
    let facts = finding.rule.facts();
    let canary = finding.account.and_then(Account::canary);
    let canary = canary.map(|owner| format!("a canary of {owner}: bait, and whoever uses it raises an alarm"));
    let secret = finding.secret.as_ref().map(|secret| format!("{}, of which no more is shown", secret.redacted()));
    [Some(facts.what.to_owned()), secret, canary].into_iter().flatten().collect()
}

fn places(findings: &[&Finding]) -> Vec<String> {
    let mut places = Vec::new();
    let mut seen = BTreeSet::new();
    for location in findings.iter().flat_map(|finding| &finding.locations) {
        let inside = location.inside.iter().map(|encoding| format!(", in {}", encoding.name()));
        let inside = inside.collect::<String>();
        let (path, at) = (path_of(location.path.as_bstr()), location.span.start);
        let place = format!("{path}:{}:{}  {}{inside}", at.line, at.column, location.part.title());
        if seen.insert(place.clone()) {
            places.push(place);
        }
    }
    let more = places.len().saturating_sub(PLACES_SHOWN);
    places.truncate(PLACES_SHOWN);
    places.extend((more > 0).then(|| format!("and {more} more")));
    places
}

/// Why it is believed.
fn why(finding: &Finding) -> Vec<String> {
    let facts = finding.rule.facts();
    let mut lines = vec![format!("rule {}: {}", facts.id, facts.how), format!("here: {}", remark(finding))];
    lines.extend(apart(finding));
    lines.extend(finding.locations.first().map(name_before));
    lines.extend(finding.account.map(|account| format!("account {account} can be read from it, without asking AWS")));
    lines.push(format!("confidence {}: {}", confidence(finding.confidence), how_sure(finding)));
    lines.push(format!("severity {}; the format: {}", severity(finding.severity), facts.source));
    lines
}

/// How its halves were joined.
fn apart(finding: &Finding) -> Option<String> {
    let secret = finding.locations.first()?;
    let id = finding.locations.iter().find(|place| place.part == crate::finding::Part::KeyId)?;
    if finding.rule != Rule::AccessKey {
        return None;
    }
    Some(if id.path == secret.path {
        let lines = counted(id.span.start.line.abs_diff(secret.span.start.line), "line");
        format!("its halves stand {lines} apart, and no other fits better")
    } else {
        "its halves lie in two files, and there is no other half that either could belong to".to_owned()
    })
}

fn name_before(place: &Location) -> String {
    match place.lead.text().trim() {
        "" => "no name stands before it that says what it is".to_owned(),
        name => format!("before it stands: {name}"),
    }
}

fn how_sure(finding: &Finding) -> &'static str {
    match (finding.rule, finding.confidence) {
        (Rule::AccessKey, Confidence::High) => "a pair is hardly ever anything else",
        (Rule::AccessKey, _) => "a pair, but over two files",
        (_, Confidence::High) => "its form is hardly ever anything else",
        (_, Confidence::Medium) => "its form is no proof, but what stands around it fits",
        (_, Confidence::Low) => "random characters, and nothing that says what they are",
    }
}

/// What a scan makes of it.
fn counts(findings: &[&Finding], settings: &ScanSettings) -> Vec<String> {
    let suppressed = |finding: &&&Finding| finding.suppressed_by.is_some();
    let standing: Vec<&&Finding> = findings.iter().filter(|finding| !suppressed(finding)).collect();
    let mut lines: BTreeSet<String> = findings.iter().filter_map(|finding| why_suppressed(finding)).collect();
    if let Some(severest) = standing.iter().map(|finding| finding.severity).max() {
        let is_reported = standing.iter().any(|finding| finding.confidence >= settings.min_confidence);
        lines.insert(if !is_reported {
            "not reported: below --min-confidence, so a scan exits as if it were not there".to_owned()
        } else if severest >= settings.fail_on {
            "nobody has accepted it: scans exit with 1, hooks refuse what brings it".to_owned()
        } else {
            "reported, but below --fail-on: by itself it does not make a scan fail".to_owned()
        });
    }
    lines.into_iter().collect()
}

fn to_do(finding: &Finding) -> Vec<String> {
    let id = finding.key_id.map_or_else(|| "KEYID".to_owned(), |id| id.to_string());
    let is_temporary = finding.key_id.is_some_and(|id| id.is_temporary());
    let off: Vec<String> = match finding.rule {
        Rule::AccessKey | Rule::AccessKeyId | Rule::SecretAccessKey if is_temporary => vec![
            "1. If it has not expired: revoke the sessions of its role (IAM console,".to_owned(),
            "   the role, Revoke active sessions); it cannot be switched off itself".to_owned(),
        ],
        Rule::AccessKey | Rule::AccessKeyId | Rule::SecretAccessKey => vec![
            "1. If it was pushed or shown to anybody, switch it off:".to_owned(),
            "   aws iam update-access-key --status Inactive \\".to_owned(),
            format!("       --access-key-id {id} --user-name USER"),
        ],
        _ => vec!["1. If it was pushed or shown to anybody, revoke it where it was made".to_owned()],
    };
    let look = match finding.rule {
        Rule::AccessKey | Rule::AccessKeyId | Rule::SecretAccessKey => vec![
            "2. See what it did since:".to_owned(),
            "   aws cloudtrail lookup-events --lookup-attributes \\".to_owned(),
            format!("   AttributeKey=AccessKeyId,AttributeValue={id}"),
        ],
        _ => vec!["2. See what it did since".to_owned()],
    };
    let out = match finding.origin.source {
        SourceKind::History => "4. Rewriting history (git filter-repo) comes last: clones keep it",
        SourceKind::Tree | SourceKind::Staged | SourceKind::Message | SourceKind::Stdin => "4. Take it out of the file",
    };
    let instead = "3. Give what used it a role or a profile (aws sso login) instead";
    off.into_iter().chain(look).chain([instead.to_owned(), out.to_owned()]).collect()
}

fn accept(finding: &Finding) -> Vec<String> {
    let history = if finding.origin.source == SourceKind::History { " --history" } else { "" };
    vec![
        "Add `keyward:allow REASON` to the line of its first place; or:".to_owned(),
        format!("keyward baseline add {}{history} --reason TEXT", finding.fingerprint.short()),
    ]
}
