//! What has been accepted, why, and what of it is still there.

use super::change::none_here;
use super::record::Record;
use super::said;
use crate::allow::Day;
use crate::allow::baseline::{Entry, NAME};
use crate::error::Result;
use crate::finding::Finding;
use crate::report::human;
use crate::sanitize::sanitize;
use crate::survey::{Look, Part, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Places of one credential that are named.
const PLACES_SHOWN: usize = 4;

/// Explains each line, with what it accepts in the files of today.
pub(super) fn show(place: &Place, out: &mut dyn Write) -> Result<()> {
    let record = Record::open(place)?;
    if record.before.is_none() {
        return Err(none_here());
    }
    let survey = place.look(&[Part::AllFiles, Part::Index], Look::AtAll)?;
    let index = record.baseline.index();
    let mut there: BTreeMap<&Entry, Vec<&Finding>> = BTreeMap::new();
    for (_, finding) in &survey.found {
        for value in finding.values() {
            for entry in index.about(value) {
                let known = there.entry(entry).or_default();
                if !known.iter().any(|known| std::ptr::eq(*known, finding)) {
                    known.push(finding);
                }
            }
        }
    }
    let mut entries: Vec<&Entry> = record.baseline.entries().collect();
    entries.sort_by_key(|entry| (&entry.path, *entry));
    let mut answer = || {
        for entry in &entries {
            explain(entry, there.get(entry).map_or(&[], Vec::as_slice), out)?;
        }
        let (all, gone) = (entries.len(), entries.len() - there.len());
        let over = entries.iter().filter(|entry| entry.is_over(Day::today())).count();
        writeln!(out, "{NAME}: lines {all}, that accept nothing in the files of today {gone}, that are over {over}")?;
        if gone > 0 {
            writeln!(out, "keyward baseline update removes those that the history does not hold, either")?;
        }
        if let Some(gap) = survey.gaps.first() {
            writeln!(out, "not everything was examined: {}: {}", sanitize(&gap.what), sanitize(&gap.why))?;
        }
        Ok(())
    };
    said(answer())
}

fn explain(entry: &Entry, there: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    let (path, rule) = (human::path_of(entry.path.as_ref()), sanitize(&entry.rule));
    match there.first() {
        Some(finding) => writeln!(out, "{}", human::summary(finding))?,
        None => writeln!(out, "{path}  {rule}, not in the files of today")?,
    }
    let over = if entry.is_over(Day::today()) { ", which is over" } else { "" };
    let until = entry.until.map(|until| format!(" until {until}{over}")).unwrap_or_default();
    writeln!(out, "    accepted {}{until}: {}", entry.accepted, sanitize(&entry.reason))?;
    // What is in the index stands there, too.
    let mut seen = BTreeSet::new();
    let places = there.iter().map(|finding| human::place(finding)).filter(|place| seen.insert(place.clone()));
    let places: Vec<String> = places.skip(1).collect();
    for place in places.iter().take(PLACES_SHOWN) {
        writeln!(out, "    also at {place}")?;
    }
    if let more @ 1.. = places.len().saturating_sub(PLACES_SHOWN) {
        writeln!(out, "    and at {more} more places")?;
    }
    writeln!(out)
}
