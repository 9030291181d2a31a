//! The commands with which a step of a GitHub workflow annotates lines, and the summary that its page shows.
//!
//! Everybody who may read a workflow's log reads these, so secrets are redacted whatever was asked for.

use super::closing::{counted, findings};
use super::issue::{self, Issue, Level};
use super::rules::severity;
use crate::config::Secrets;
use crate::finding::{Reach, Whereabouts};
use crate::sanitize::sanitize;
use crate::scan::Outcome;
use std::io::{self, Write};

/// Annotations of each level that GitHub takes of a step; it drops the rest in silence.
const SHOWN: usize = 10;

/// Findings that the summary lists; GitHub takes a megabyte of a step.
const LISTED: usize = 100;

/// Characters of a path that the summary shows.
const PATH_SHOWN: usize = 200;

/// Writes an annotation for each of the gravest findings, then a line that counts all.
///
/// # Errors
/// What writing reports.
pub fn commands(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::standing(outcome);
    let incomplete = &outcome.summary.incomplete;
    let mut annotated = 0;
    if let Some(gap) = incomplete.first() {
        let more = if incomplete.len() > 1 { format!(", and {} more", incomplete.len() - 1) } else { String::new() };
        writeln!(out, "::error title=keyward is incomplete::{}{}", data(&issue::gap(gap)), data(&more))?;
    }
    for level in [Level::Error, Level::Warning, Level::Note] {
        let taken = usize::from(level == Level::Error && !incomplete.is_empty());
        let of_level = issues.iter().filter(|issue| Level::from(issue.finding.severity) == level);
        for issue in of_level.take(SHOWN - taken) {
            annotation(issue, level, out)?;
            annotated += 1;
        }
    }
    let rest = if annotated < issues.len() { format!(", {annotated} of them annotated") } else { String::new() };
    writeln!(out, "keyward: {}{rest}{}", count(&issues), parts(outcome))
}

fn annotation(issue: &Issue<'_>, level: Level, out: &mut dyn Write) -> io::Result<()> {
    let finding = issue.finding;
    let (start, end) = (issue.span().start, issue.span().end);
    let command = match level {
        Level::Note => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    write!(out, "::{command} ")?;
    if stands_in_a_file(issue) {
        write!(out, "file={},line={},endLine={},", property(&issue.path()), start.line, end.line)?;
        // GitHub takes columns of one line only.
        if start.line == end.line {
            write!(out, "col={},endColumn={},", start.column, end.column)?;
        }
    }
    let message = issue.message(Secrets::Redacted);
    let place = format!("{}:{}:{}", issue.path(), start.line, start.column);
    writeln!(out, "title={}::{}", property(finding.rule.title()), data(&format!("{message} at {place}")))
}

/// Lines of what HEAD does not have any more are no lines of its files.
fn stands_in_a_file(issue: &Issue<'_>) -> bool {
    match issue.finding.provenance.as_ref().and_then(|provenance| provenance.reach.as_ref()) {
        None | Some(Reach::Refs { head: Whereabouts::InHead, .. }) => true,
        Some(Reach::Refs { .. } | Reach::Unreachable { .. }) => false,
    }
}

/// Text behind the `::` of a command, as GitHub's own toolkit escapes it; nothing in it can begin another command.
fn data(text: &str) -> String {
    sanitize(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn count(issues: &[Issue<'_>]) -> String {
    if issues.is_empty() { "no credentials".to_owned() } else { findings(issues.len()) }
}

fn parts(outcome: &Outcome) -> String {
    match outcome.summary.incomplete.len() {
        0 => String::new(),
        parts => format!("; {} not examined", counted(parts as u64, "part")),
    }
}

/// Writes the summary of a step, in Markdown.
///
/// # Errors
/// What writing reports.
pub fn summary(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::standing(outcome);
    writeln!(out, "### keyward: {}{}\n", count(&issues), parts(outcome))?;
    for gap in outcome.summary.incomplete.iter().take(LISTED) {
        writeln!(out, "* {}", code(&issue::gap(gap)))?;
    }
    if !issues.is_empty() {
        writeln!(out, "\n| Severity | Place | What |\n|---|---|---|")?;
    }
    for issue in issues.iter().take(LISTED) {
        let at = issue.span().start;
        let place = format!("{}:{}:{}", cut(&issue.path()), at.line, at.column);
        let what = issue.message(Secrets::Redacted);
        writeln!(out, "| {} | {} | {} |", severity(issue.finding.severity), code(&place), code(&what))?;
    }
    if issues.len() > LISTED {
        writeln!(out, "\nand {} more", findings(issues.len() - LISTED))?;
    }
    writeln!(out)
}

fn cut(path: &str) -> String {
    let shown: String = path.chars().take(PATH_SHOWN).collect();
    if shown.len() < path.len() { format!("{shown}...") } else { shown }
}

/// Text that is nothing but text for Markdown: no link, no mention, no end of a cell.
fn code(text: &str) -> String {
    let is_plain = |letter: char| !letter.is_ascii_punctuation() || "/.-".contains(letter);
    let written = |letter| if is_plain(letter) { letter.to_string() } else { format!("&#{};", u32::from(letter)) };
    format!("<code>{}</code>", sanitize(text).chars().map(written).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_ends_where_it_is_meant_to() {
        assert_eq!(property("a,b:c%2C\nd::error::x"), "a%2Cb%3Ac%252C\\nd%3A%3Aerror%3A%3Ax");
    }

    #[test]
    fn text_in_a_summary_is_text() {
        assert_eq!(code("a|b <i>@x"), "<code>a&#124;b &#60;i&#62;&#64;x</code>");
    }
}
