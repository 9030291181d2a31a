//! What the page says first, as plain markup: how much was found, of which gravity, in which accounts, what was examined,
//! and, loudly, what was not.

use super::escape::markup;
use crate::config::{History, ScanSettings, Secrets, Target};
use crate::report::{closing, rules};
use crate::rules::Severity;
use crate::sanitize::{sanitize, sanitize_lines};
use crate::scan::Outcome;
use indicatif::HumanCount;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Accounts that are named; the table can be grouped by all of them.
const ACCOUNTS_SHOWN: usize = 8;

/// Gaps that are named; the reports for programs name all.
const GAPS_SHOWN: usize = 50;

/// The headline in a few words.
pub(super) fn title(outcome: &Outcome, settings: &ScanSettings) -> String {
    match outcome.standing().count() {
        0 if !outcome.summary.incomplete.is_empty() => "no credentials in the part that was examined".to_owned(),
        0 if closing::nothing_to_examine(outcome, settings).is_some() => "nothing to examine".to_owned(),
        0 => "no credentials".to_owned(),
        found => closing::findings(found),
    }
}

pub(super) fn write(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let found = outcome.standing().next().is_some();
    let mood = if found { "found" } else { "calm" };
    writeln!(out, "<h1 class=\"{mood}\">{}</h1>", capital(&title(outcome, settings)))?;
    incomplete(outcome, out)?;
    if settings.secrets == Secrets::Shown && found {
        writeln!(out, "<p class=\"loud\" role=\"alert\">This page holds secrets in full: share it with nobody.</p>")?;
    }
    severities(outcome, out)?;
    accounts(outcome, out)?;
    let examined = match closing::nothing_to_examine(outcome, settings) {
        Some(why) => capital(why),
        None => {
            format!("Scanned {}: {} examined", subject(&settings.target), closing::examined(&outcome.summary, settings))
        }
    };
    writeln!(out, "<p>{}.</p>", markup(&examined))?;
    let asides = closing::asides(outcome, settings);
    if !asides.is_empty() {
        writeln!(out, "<p class=\"aside\">{}.</p>", markup(&asides.join(", ")))?;
    }
    for note in &outcome.summary.notes {
        writeln!(out, "<p class=\"note\">{}</p>", markup(&sanitize_lines(note)))?;
    }
    for note in closing::as_it_is(&outcome.summary) {
        writeln!(out, "<p class=\"note\">{}</p>", markup(&sanitize_lines(&note)))?;
    }
    Ok(())
}

/// The gravest first, each a button that fills the filter in.
fn severities(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut counts = BTreeMap::<Severity, u64>::new();
    for finding in outcome.standing() {
        *counts.entry(finding.severity).or_default() += 1;
    }
    if counts.is_empty() {
        return Ok(());
    }
    write!(out, "<p class=\"severities\">")?;
    for (severity, count) in counts.iter().rev() {
        let (name, count) = (rules::severity(*severity), HumanCount(*count));
        writeln!(out, "<button class=\"{name}\" data-filter=\"{name}\"><b>{count}</b> {name}</button>")?;
    }
    writeln!(out, "</p>")
}

/// Those with most findings first.
fn accounts(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for account in outcome.standing().filter_map(|finding| finding.account) {
        *counts.entry(account).or_insert(0_u64) += 1;
    }
    if counts.is_empty() {
        return Ok(());
    }
    let mut accounts: Vec<_> = counts.into_iter().collect();
    accounts.sort_by_key(|(account, count)| (std::cmp::Reverse(*count), *account));
    write!(out, "<p>{} ", if accounts.len() == 1 { "In account" } else { "In accounts" })?;
    for (account, count) in accounts.iter().take(ACCOUNTS_SHOWN) {
        let canary = if account.canary().is_some() { ", a canary" } else { "" };
        writeln!(out, "<button data-filter=\"{account}\">{account}</button> ({}{canary})", HumanCount(*count))?;
    }
    if let Some(more @ 1..) = accounts.len().checked_sub(ACCOUNTS_SHOWN) {
        write!(out, "and {} more", HumanCount(more as u64))?;
    }
    writeln!(out, "</p>")
}

fn incomplete(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let gaps = &outcome.summary.incomplete;
    if gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div class=\"loud\" role=\"alert\"><strong>Incomplete: this was not examined.</strong><ul>")?;
    for gap in gaps.iter().take(GAPS_SHOWN) {
        write!(out, "<li>{}: {}", markup(&sanitize(&gap.what)), markup(&sanitize_lines(&gap.why)))?;
        if let Some(hint) = &gap.hint {
            write!(out, "<br>hint: {}", markup(&sanitize_lines(hint)))?;
        }
        writeln!(out, "</li>")?;
    }
    if let Some(more @ 1..) = gaps.len().checked_sub(GAPS_SHOWN) {
        writeln!(out, "<li>and {} more</li>", HumanCount(more as u64))?;
    }
    writeln!(out, "</ul></div>")
}

/// What was to be examined, in words.
fn subject(target: &Target) -> String {
    match target {
        Target::Tree(paths, _) if paths.len() == 1 && paths[0].as_os_str() == "." => "this folder".to_owned(),
        Target::Tree(paths, _) => {
            let names: Vec<_> = paths.iter().take(5).map(|path| shown(&path.to_string_lossy())).collect();
            let more = if paths.len() > names.len() { " and more" } else { "" };
            format!("{}{more}", names.join(", "))
        }
        Target::Staged(_) => "what the next commit would contain".to_owned(),
        Target::Message(_) => "the message of the next commit".to_owned(),
        Target::Stdin => "standard input".to_owned(),
        Target::History(scope) => history(scope),
    }
}

fn history(scope: &History) -> String {
    let whose = scope.folder.as_ref().map(|folder| format!(" of {}", shown(&folder.to_string_lossy())));
    let ranges: Vec<_> = scope.ranges.iter().map(|range| shown(range)).collect();
    let part = if ranges.is_empty() { String::new() } else { format!(", {}", ranges.join(", ")) };
    let without: Vec<_> = scope.not.iter().map(|name| shown(name)).collect();
    let without = if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) };
    format!("the history{}{part}{without}", whose.unwrap_or_default())
}

fn shown(name: &str) -> String {
    sanitize(name).into_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
