//! How a credential came into the history, for people.

use crate::finding::{Provenance, Reach, Whereabouts, short_name};
use crate::sanitize::sanitize;
use std::io::{self, Write};

/// Writes who brought it, and what still leads to it.
///
/// # Errors
/// What writing reports.
pub fn write(provenance: &Provenance, out: &mut dyn Write) -> io::Result<()> {
    if let Some(commit) = &provenance.commit {
        write!(out, "    brought by  {}", short_name(commit))?;
        if let Some(date) = provenance.date.as_ref().and_then(|date| date.get(..10)) {
            write!(out, "  {date}")?;
        }
        if let Some(author) = &provenance.author {
            write!(out, "  {}", sanitize(author))?;
        }
        if let Some(title) = &provenance.title {
            write!(out, "  \"{}\"", sanitize(title))?;
        }
        writeln!(out)?;
    }
    match &provenance.reach {
        None => Ok(()),
        Some(Reach::Refs { count, first, head }) => {
            write!(out, "    still in    {}", sanitize(&first.join(", ")))?;
            if *count > first.len() {
                write!(out, " and {} more refs", count - first.len())?;
            }
            match head {
                Whereabouts::InHead => writeln!(out, " (and in HEAD)"),
                Whereabouts::RemovedBy(commit) => writeln!(out, " (removed from HEAD by {})", short_name(commit)),
                Whereabouts::NeverInHead => writeln!(out, " (not in HEAD)"),
            }
        }
        Some(Reach::Unreachable { held_by: Some(name) }) => {
            writeln!(out, "    unreachable, but {} still holds it", sanitize(name))
        }
        Some(Reach::Unreachable { held_by: None }) => {
            writeln!(out, "    unreachable: in this clone until git gc removes it")
        }
    }
}
