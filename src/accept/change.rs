//! Making a baseline, adding to it, and pruning it.

use super::record::Record;
use super::{attributes, demand_all, said};
use crate::allow::baseline::{Entry, Found, NAME, Salt, Terms};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::report::human;
use crate::sanitize::sanitize;
use crate::survey::{self, Look, Part, Place};
use std::collections::BTreeSet;
use std::io::Write;

/// Accepts all of today's.
pub(super) fn create(place: &Place, terms: &Terms, history: bool, out: &mut dyn Write) -> Result<()> {
    let mut record = Record::open(place)?;
    if record.before.is_some() {
        return Err(Error::new(format!("there is a {NAME} already"))
            .because("to make it anew would accept what nobody has looked at")
            .hint("keyward baseline add FINGERPRINT --reason TEXT, or keyward baseline update"));
    }
    // What a marker accepts needs no line, and a report shows what is likely.
    let survey = place.look(&parts(Part::Files, history.then_some(Part::History)), Look::AtReported)?;
    demand_all(&survey.gaps, "no baseline was made")?;
    let mut standing: Vec<&Finding> =
        survey.found.iter().map(|(_, finding)| finding).filter(|finding| finding.suppressed_by.is_none()).collect();
    if standing.is_empty() {
        return said(writeln!(out, "no credentials, so there is nothing to accept: {NAME} was not made"));
    }
    // Whole pairs first: what they bring needs no line of its own. The order is that of reports otherwise.
    standing.sort_by_key(|finding| std::cmp::Reverse(finding.values().collect::<BTreeSet<_>>().len()));
    let salt = record.salt(place)?;
    let mut accepted: BTreeSet<&str> = BTreeSet::new();
    let mut lines = Vec::new();
    for finding in standing {
        if finding.values().any(|value| !accepted.contains(value)) {
            accepted.extend(finding.values());
            record.baseline.add(entry(finding, salt, terms));
            lines.push(human::summary(finding));
        }
    }
    let told = record.write(place)?;
    let mut answer = || {
        writeln!(out, "accepted {} in {NAME}:", count(lines.len(), "credential"))?;
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        writeln!(out, "Accepted is not harmless: what was ever pushed is public, so switch it off.")?;
        tell(&told, out)
    };
    said(answer())
}

/// Accepts one.
pub(super) fn add(place: &Place, fingerprint: &str, terms: &Terms, history: bool, out: &mut dyn Write) -> Result<()> {
    let mut record = Record::open(place)?;
    let survey = place.look(&parts(Part::AllFiles, history.then_some(Part::WholeHistory)), Look::AtAll)?;
    let hint = if history {
        "keyward scan --history shows the fingerprint of each finding"
    } else {
        "keyward baseline add FINGERPRINT --history --reason TEXT looks at all that was ever committed, too"
    };
    let found = survey::named(fingerprint, &survey.found, hint);
    // What was not found may stand in what was not examined.
    let found = found.or_else(|error| demand_all(&survey.gaps, "it was not found").and(Err(error)))?;
    let salt = record.salt(place)?;
    let (mut new, mut before) = (Vec::new(), Vec::new());
    for (_, finding) in found {
        // One place may show less of it than another.
        if new.iter().all(|known: &&Finding| finding.values().any(|value| known.values().all(|other| other != value))) {
            new.push(finding);
            before.extend(record.baseline.replace(&finding.values().collect::<Vec<_>>(), entry(finding, salt, terms)));
        }
    }
    let told = record.write(place)?;
    let mut answer = || {
        writeln!(out, "accepted in {NAME}:")?;
        new.iter().try_for_each(|finding| writeln!(out, "  {}", human::summary(finding)))?;
        before.iter().try_for_each(|old: &Entry| {
            writeln!(out, "before, it was accepted since {}: {}", old.accepted, sanitize(&old.reason))
        })?;
        tell(&told, out)
    };
    said(answer())
}

/// Leaves out what is gone.
pub(super) fn update(place: &Place, history: bool, out: &mut dyn Write) -> Result<()> {
    let mut record = Record::open(place)?;
    if record.before.is_none() {
        return Err(none_here());
    }
    let survey = place.look(&parts(Part::AllFiles, history.then_some(Part::History)), Look::AtAll)?;
    demand_all(&survey.gaps, &format!("{NAME} stays as it is"))?;
    let old = record.baseline.clone();
    let index = old.index();
    let about = |finding: &Finding| finding.values().flat_map(|value| index.about(value)).collect::<Vec<&Entry>>();
    let (mut used, mut of_history): (BTreeSet<&Entry>, BTreeSet<&Entry>) = Default::default();
    for (part, finding) in &survey.found {
        if *part == Part::History { &mut of_history } else { &mut used }.extend(about(finding));
    }
    let only_history = of_history.difference(&used).count();
    used.append(&mut of_history);
    record.baseline.prune(|entry| used.contains(entry));
    let kept: BTreeSet<&Entry> = record.baseline.entries().collect();
    let removed: Vec<&Entry> = old.entries().filter(|entry| !kept.contains(entry)).collect();
    let told = record.write(place)?;
    let mut answer = || {
        writeln!(out, "removed from {NAME}: {} of {}", removed.len(), count(old.len(), "line"))?;
        for entry in &removed {
            let why = if used.contains(entry) { "another line accepts it longer" } else { "gone" };
            let (path, reason) = (human::path_of(entry.path.as_ref()), sanitize(&entry.reason));
            writeln!(out, "  {path}  {}, {why}\n    accepted {}: {reason}", sanitize(&entry.rule), entry.accepted)?;
        }
        if only_history > 0 {
            writeln!(out, "kept for the history alone, which still holds it: {}", count(only_history, "line"))?;
            writeln!(out, "  hint: keyward baseline update --forget-history, if nobody scans the history")?;
        }
        if removed.is_empty() && told.is_empty() { Ok(()) } else { tell(&told, out) }
    };
    said(answer())
}

/// What to look at.
fn parts(files: Part, history: Option<Part>) -> Vec<Part> {
    [files, Part::Index].into_iter().chain(history).collect()
}

fn entry(finding: &Finding, salt: Salt, terms: &Terms) -> Entry {
    let found = Found { rule: finding.rule.id(), path: finding.origin.path.as_ref() };
    Entry::new(finding.values(), salt, found, terms)
}

/// What was written besides the baseline, and what goes into the next commit.
fn tell(told: &[String], out: &mut dyn Write) -> std::io::Result<()> {
    told.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    let attributes = if told.is_empty() { String::new() } else { format!(" :/{}", attributes::FILE) };
    writeln!(out, "For others it counts with a commit: git add :/{NAME}{attributes}")
}

pub(super) fn none_here() -> Error {
    Error::new(format!("there is no {NAME} at the top of this work tree"))
        .hint("keyward baseline create accepts all that a scan finds today")
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
