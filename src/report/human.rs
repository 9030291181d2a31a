//! The report for people: plain words, the fact first, then what to do; readable without colour and on 80 columns.

use super::link;
use crate::config::{Links, ScanSettings, Secrets};
use crate::detect::DismissedKind;
use crate::detect::lead::Lead;
use crate::finding::{Dismissed, Finding, Location, Part};
use crate::rules::{Rule, Severity};
use crate::sanitize::sanitize;
use crate::scan::Outcome;
use anstyle::{AnsiColor, Style};
use bstr::ByteSlice;
use std::io::{self, Write};

/// Lines of a finding that are shown; a key can stand in a file a thousand times.
const LINES_SHOWN: usize = 4;

/// Characters of a line that are shown before a value; with the longest value a line stays within 80 columns.
const LEAD_SHOWN: usize = 28;

/// Characters of a value that are shown; an encoded text can have thousands.
const VALUE_SHOWN: usize = 44;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Writes all findings that nothing suppresses, a blank line after each.
///
/// # Errors
/// What writing reports.
pub fn findings(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    for finding in outcome.standing() {
        headline(finding, settings.links, out)?;
        lines(finding, settings.secrets, out)?;
        canary(finding, out)?;
        writeln!(out, "{FAINT}      = fingerprint {}{FAINT:#}", finding.fingerprint.short())?;
        if let Some(provenance) = &finding.provenance {
            super::provenance::write(provenance, out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes why each value was dismissed.
///
/// # Errors
/// What writing reports.
pub fn dismissals(dismissed: &[Dismissed], out: &mut dyn Write) -> io::Result<()> {
    for Dismissed { dismissal, origin } in dismissed {
        let value = match dismissal.kind {
            DismissedKind::KeyId => dismissal.value.expose().to_owned(),
            DismissedKind::Secret => dismissal.value.redacted(),
        };
        let (path, at) = (path_of(origin.path.as_ref()), dismissal.span.start);
        writeln!(out, "{path}:{}:{}  dismissed {value}: {}", at.line, at.column, dismissal.reason.describe())?;
    }
    Ok(())
}

/// A path, harmless for a terminal.
#[must_use]
pub fn path_of(path: &bstr::BStr) -> String {
    sanitize(&path.to_str_lossy()).into_owned()
}

/// A finding on one line, without colour: where, what, whose.
#[must_use]
pub fn summary(finding: &Finding) -> String {
    format!("{}  {}", place(finding), what(finding))
}

/// Its place, as editors take it.
#[must_use]
pub fn place(finding: &Finding) -> String {
    let at = finding.locations[0].span.start;
    format!("{}:{}:{}", path_of(finding.origin.path.as_bstr()), at.line, at.column)
}

/// What it is, with its key ID and account.
fn what(finding: &Finding) -> String {
    let id = finding.key_id.map(|id| format!(" {id}")).unwrap_or_default();
    let account = match finding.account {
        Some(account) => format!(", account {account}"),
        None if finding.key_id.is_some() => ", account unknown".to_owned(),
        None => String::new(),
    };
    let inside = finding.locations[0].inside.iter().map(|encoding| format!(", in {}", encoding.name()));
    format!("{}{id}{account}{}", finding.rule.title(), inside.collect::<String>())
}

fn headline(finding: &Finding, links: Links, out: &mut dyn Write) -> io::Result<()> {
    let at = finding.locations[0].span.start;
    let style = severity_style(finding.severity);
    let path = path_of(finding.origin.path.as_bstr());
    let (open, close) = link::around(finding, links);
    write!(out, "{open}{STRONG}{path}:{}:{}{STRONG:#}{close}  ", at.line, at.column)?;
    let title = finding.rule.title();
    writeln!(out, "{style}{title}{style:#}{}", &what(finding)[title.len()..])
}

fn severity_style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Critical | Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
    };
    Style::new().bold().fg_color(Some(colour.into()))
}

fn lines(finding: &Finding, secrets: Secrets, out: &mut dyn Write) -> io::Result<()> {
    let mut shown: Vec<(usize, &Location)> = finding.locations.iter().enumerate().take(LINES_SHOWN).collect();
    shown.sort_by_key(|(_, location)| (location.path != finding.origin.path, location.span));
    for (index, location) in shown {
        let before = line_before(&location.lead);
        let value = value_in_place(finding, location, secrets);
        if location.path != finding.origin.path {
            writeln!(out, "{FAINT}      |{FAINT:#} in {}", path_of(location.path.as_bstr()))?;
        }
        writeln!(out, "{FAINT}{:>5} |{FAINT:#} {before}{value}", location.span.start.line)?;
        // The first location is the one that the headline names.
        if index == 0 {
            let indent = " ".repeat(before.chars().count());
            writeln!(out, "{FAINT}      |{FAINT:#} {indent}^ {}", remark(finding))?;
        }
    }
    match finding.locations.len().saturating_sub(LINES_SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "{FAINT}      |{FAINT:#} and at {more} more places of this file"),
    }
}

fn line_before(lead: &Lead) -> String {
    let text = lead.text();
    let hidden = text.chars().count().saturating_sub(LEAD_SHOWN);
    let shown: String = text.chars().skip(hidden).collect();
    let ellipsis = if lead.cut || hidden > 0 { "..." } else { "" };
    format!("{ellipsis}{}", sanitize(&shown))
}

fn value_in_place(finding: &Finding, location: &Location, secrets: Secrets) -> String {
    let value = whole_value(finding, location, secrets);
    match value.char_indices().nth(VALUE_SHOWN) {
        Some((end, _)) => format!("{}...", sanitize(&value[..end])),
        None => sanitize(&value).into_owned(),
    }
}

/// What stands at a place, as far as it may be shown: a key ID is no secret.
pub(super) fn whole_value(finding: &Finding, location: &Location, secrets: Secrets) -> String {
    match (location.part, &finding.key_id) {
        (Part::KeyId, Some(_)) if location.inside.is_empty() => location.written.expose().to_owned(),
        _ => secrets.in_place(&location.written),
    }
}

pub(super) fn remark(finding: &Finding) -> String {
    match (finding.rule, finding.key_id) {
        (Rule::AccessKey, Some(id)) => format!("the secret of {id}"),
        (Rule::AccessKeyId, _) if finding.severity == Severity::Low => "signs a request; the secret is not here".into(),
        (Rule::AccessKeyId, _) => "a key ID; no secret stands near it".into(),
        (Rule::SecretAccessKey, _) => "a secret; no key ID stands near it".into(),
        (rule, _) => rule.facts().what.into(),
    }
}

fn canary(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    match finding.account.and_then(crate::credential::Account::canary) {
        Some(owner) => writeln!(out, "      a canary of {owner}: bait, and whoever uses it raises an alarm"),
        None => Ok(()),
    }
}
