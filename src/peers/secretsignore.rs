//! `.secretsignore` of ripsecrets: paths, as `.gitignore` writes them, and behind `[secrets]` values, one a line.
//!
//! Source: ripsecrets 0.1, `src/ignore_info.rs`, read 2026-11-24.

use super::{Note, Reading};
use crate::allow::{Check, Condition, Entry, Globs, Target};
use crate::pattern::Pattern;

/// The line behind which values stand.
const SECRETS: &str = "[secrets]";

pub(super) fn read(name: &str, text: &str) -> Reading {
    let mut reading = Reading::default();
    let paths_end = text.lines().position(|line| line == SECRETS);
    let count = paths_end.unwrap_or(usize::MAX);
    match Globs::new(text.lines().take(count)) {
        Ok(globs) if globs.is_empty() => {}
        Ok(globs) => {
            let reason = "its path is ignored there".to_owned();
            let first = text.lines().take(count).position(is_said).unwrap_or_default();
            reading.entries.push(entry(reason, format!("{name}:{}", first + 1), Check::Globs(globs)));
        }
        Err((line, why)) => reading.notes.push(Note::malformed(line, "the paths", why)),
    }
    let values = text.lines().enumerate().skip(count.saturating_add(1)).filter(|(_, line)| is_said(line));
    for (at, value) in values {
        let reason = "its value is ignored there".to_owned();
        match Pattern::new(&format!("^{}$", regex_syntax::escape(value))) {
            Ok(pattern) => {
                let check = Check::Values(Target::Secret, vec![pattern]);
                reading.entries.push(entry(reason, format!("{name}:{}", at + 1), check));
            }
            Err(mistake) => reading.notes.push(Note::malformed(at + 1, "the value", mistake.what)),
        }
    }
    reading
}

fn is_said(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

fn entry(reason: String, place: String, check: Check) -> Entry {
    Entry { reason, place, expires: None, rules: Vec::new(), condition: Condition::All, checks: vec![check] }
}
