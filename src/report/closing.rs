//! What is said on standard error when a scan is over: what was not examined, and one line that counts what was.

use super::refusal;
use crate::config::{Asked, ScanSettings, Target};
use crate::finding::{Finding, Suppression};
use crate::rules::Confidence;
use crate::sanitize::{sanitize, sanitize_lines};
use crate::scan::{Outcome, Scope, Summary};
use indicatif::HumanCount;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

/// Gaps, and texts examined only as they are, that are named; the machine-readable reports name all.
pub(super) const SHOWN: usize = 20;

/// Writes the gaps, the notes and, unless the run is quiet, the closing line.
///
/// # Errors
/// What writing reports.
pub fn write(outcome: &Outcome, settings: &ScanSettings, elapsed: Duration, err: &mut dyn Write) -> io::Result<()> {
    gaps(&outcome.summary, err)?;
    if settings.quiet {
        return Ok(());
    }
    accepted(outcome, settings, err)?;
    let is_history = matches!(settings.target, Target::History(_));
    if is_history && settings.asked == Asked::Directly && outcome.standing().next().is_some() {
        after_a_leak(outcome, err)?;
    }
    match settings.asked {
        Asked::Directly => writeln!(err, "{}", closing_line(outcome, settings, elapsed)),
        Asked::ByHook { event, below_top } => refusal::write(event, below_top, outcome, settings, err),
    }
}

/// Writes the notes, and what was not examined.
///
/// # Errors
/// What writing reports.
pub fn gaps(summary: &Summary, err: &mut dyn Write) -> io::Result<()> {
    for note in &summary.notes {
        writeln!(err, "keyward: {}", sanitize_lines(note))?;
    }
    for note in as_it_is(summary) {
        writeln!(err, "keyward: {}", sanitize_lines(&note))?;
    }
    for gap in summary.incomplete.iter().take(SHOWN) {
        writeln!(err, "keyward: incomplete: {}: {}", sanitize(&gap.what), sanitize_lines(&gap.why))?;
        if let Some(hint) = &gap.hint {
            writeln!(err, "  hint: {hint}")?;
        }
    }
    if let Some(more @ 1..) = summary.incomplete.len().checked_sub(SHOWN) {
        writeln!(err, "keyward: incomplete: and {more} more")?;
    }
    Ok(())
}

/// What is said of texts that were examined only as they are; how many more there are is said of what is not named.
pub(super) fn as_it_is(summary: &Summary) -> impl Iterator<Item = Cow<'_, str>> {
    let more = summary.as_it_is.len().checked_sub(SHOWN).filter(|more| *more > 0);
    let more =
        more.map(|more| format!("and {more} more that could not be unpacked whole; --format jsonl names all").into());
    summary.as_it_is.iter().take(SHOWN).map(|note| Cow::from(note.as_str())).chain(more)
}

/// Of what a hook lets through because somebody said so, people hear; the closing line of other scans says it.
fn accepted(outcome: &Outcome, settings: &ScanSettings, err: &mut dyn Write) -> io::Result<()> {
    if settings.asked == Asked::Directly {
        return Ok(());
    }
    for (count, words) in acceptances(outcome) {
        writeln!(err, "keyward: {} accepted {words}", findings(count))?;
    }
    Ok(())
}

/// How many findings were accepted, and in which ways; those that accepted nothing are left out.
fn acceptances(outcome: &Outcome) -> Vec<(usize, String)> {
    let own = [
        (Suppression::Marker, "by a marker in the file"),
        (Suppression::Baseline, "in .keyward-baseline"),
        (Suppression::Config, "by the config"),
    ];
    let own = own.map(|(why, words)| (outcome.suppressed(why), words.to_owned()));
    let mut peers = BTreeMap::<&str, usize>::new();
    for finding in &outcome.findings {
        if let Some(Suppression::Peer(file)) = finding.suppressed_by {
            *peers.entry(file).or_default() += 1;
        }
    }
    let peers = peers.into_iter().map(|(file, count)| (count, format!("in {file}")));
    own.into_iter().chain(peers).filter(|(count, _)| *count > 0).collect()
}

fn closing_line(outcome: &Outcome, settings: &ScanSettings, elapsed: Duration) -> String {
    let summary = &outcome.summary;
    let found = outcome.standing().count();
    let examined = examined(summary, settings);
    let mut line = if let Some(nothing) = nothing_to_examine(outcome, settings) {
        format!("nothing to examine: {nothing}")
    } else if found > 0 {
        let places = match settings.target {
            Target::History(_) => String::new(),
            Target::Tree(..) | Target::Staged(_) | Target::Message(_) | Target::Stdin => {
                format!("{} of ", affected(outcome))
            }
        };
        format!("{} in {places}{examined} in {}", findings(found), seconds(elapsed))
    } else if summary.incomplete.is_empty() {
        format!("no credentials: {examined} in {}", seconds(elapsed))
    } else {
        format!("no credentials in the part that was examined ({examined})")
    };
    line.push_str(&wrapped(&asides(outcome, settings)));
    line
}

/// Remarks, side by side as long as they fit into 80 columns; the first on a line of its own.
fn wrapped(remarks: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for remark in remarks {
        match lines.last_mut() {
            Some(line) if line.chars().count() + remark.chars().count() + 4 <= 80 => {
                line.push_str(", ");
                line.push_str(remark);
            }
            _ => lines.push(remark.clone()),
        }
    }
    lines.into_iter().flat_map(|line| ["\n  ".to_owned(), line]).collect()
}

/// What was examined, in numbers.
pub(super) fn examined(summary: &Summary, settings: &ScanSettings) -> String {
    format!("{}, {}", files(summary, settings), bytes(summary.bytes))
}

/// Why there was nothing to examine, if so.
pub(super) fn nothing_to_examine(outcome: &Outcome, settings: &ScanSettings) -> Option<&'static str> {
    let summary = &outcome.summary;
    let examined_something = summary.files + summary.blobs + summary.commits + summary.other_objects > 0;
    if examined_something || outcome.standing().next().is_some() || !summary.incomplete.is_empty() {
        return None;
    }
    Some(match &settings.target {
        Target::History(scope) if scope.is_range() => "the range brings no new objects",
        Target::History(_) => "the repository holds no objects",
        Target::Tree(..) | Target::Staged(_) | Target::Message(_) | Target::Stdin => "no file is staged",
    })
}

/// What to do about a credential that is in the history already.
fn after_a_leak(outcome: &Outcome, err: &mut dyn Write) -> io::Result<()> {
    let id = key_id(outcome);
    writeln!(err, "  First, switch it off: whoever has a copy of the repository has it.")?;
    writeln!(err, "      aws iam update-access-key --status Inactive \\")?;
    writeln!(err, "          --access-key-id {id} --user-name USER")?;
    writeln!(err, "  Then look in CloudTrail for what it did, and give what used it a role or a profile.")?;
    writeln!(err, "  Rewriting history (git filter-repo) comes last: forks, clones and caches keep it.\n")
}

pub(super) fn key_id(outcome: &Outcome) -> String {
    let id = outcome.standing().find_map(|finding| finding.key_id);
    id.map_or_else(|| "KEYID".to_owned(), |id| id.to_string())
}

/// What the line does not count as examined or found.
pub(super) fn asides(outcome: &Outcome, settings: &ScanSettings) -> Vec<String> {
    let summary = &outcome.summary;
    let suppressed = |why| outcome.suppressed(why) as u64;
    let below_fail = outcome.standing().filter(|finding| finding.severity < settings.fail_on).count();
    let level = match settings.min_confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    };
    [
        (summary.spared, "untracked and ignored spared".to_owned()),
        (summary.excluded, "left out by the config".to_owned()),
        (summary.special, "pipes or devices passed over".to_owned()),
        (summary.submodules, "submodules not entered".to_owned()),
        (summary.lfs_pointers, "files of Git LFS not examined".to_owned()),
    ]
    .into_iter()
    .chain(acceptances(outcome).into_iter().map(|(count, words)| (count as u64, format!("accepted {words}"))))
    .chain([
        (suppressed(Suppression::AlreadyThere), "not new: the changed files held them before".to_owned()),
        (suppressed(Suppression::AlreadyPushed), "not new: a remote has them already".to_owned()),
        (below_fail as u64, "too mild to fail the scan".to_owned()),
        (summary.below_confidence, format!("below {level} confidence not shown")),
    ])
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", HumanCount(count)))
    .collect()
}

pub(super) fn affected(outcome: &Outcome) -> HumanCount {
    let paths: BTreeSet<_> = outcome.standing().map(|finding: &Finding| finding.origin.artifact()).collect();
    HumanCount(paths.len() as u64)
}

pub(super) fn findings(count: usize) -> String {
    counted(count as u64, "finding")
}

pub(super) fn files(summary: &Summary, settings: &ScanSettings) -> String {
    let kind = match settings.target {
        Target::Staged(_) if summary.scope == Scope::AsAsked => "staged ",
        Target::Staged(_) | Target::Tree(..) | Target::Message(_) | Target::Stdin => "",
        Target::History(_) => return objects(summary),
    };
    counted(summary.files, &format!("{kind}file"))
}

fn objects(summary: &Summary) -> String {
    format!("{}, {}", counted(summary.commits, "commit"), counted(summary.blobs, "blob"))
}

/// `25,001 findings`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// Two significant digits and a decimal unit: `8.1 GB`, `12 KB`.
pub(super) fn bytes(count: u64) -> String {
    let mut unit = 1;
    for name in ["bytes", "KB", "MB", "GB"] {
        if count < unit * 1000 || name == "GB" {
            let (whole, tenth) = (count / unit, count % unit * 10 / unit);
            let tenth = if unit > 1 && whole < 10 { format!(".{tenth}") } else { String::new() };
            return format!("{}{tenth} {name}", HumanCount(whole));
        }
        unit *= 1000;
    }
    unreachable!("the last unit takes everything")
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.*} s", if elapsed.as_secs() < 1 { 2 } else { 1 }, elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_and_a_unit() {
        for (count, text) in
            [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 KB"), (12_345, "12 KB"), (8_100_000_000, "8.1 GB")]
        {
            assert_eq!(bytes(count), text);
        }
    }
}
