//! What the strings of pickles, compiled modules and classes show, at their places in the file.

use super::level::Level;
use super::rows::in_memory;
use super::walk::Walk;
use crate::archive::{Content, Trouble};
use crate::detect::found::Credential;
use crate::detect::{Candidate, Span};
use crate::strings::{Form, Strings};
use crate::text::Locator;
use std::ops::Range;

impl Walk<'_> {
    /// Looks at the strings of a file.
    pub(super) fn strings(&mut self, form: Form, content: Content<'_>) -> Result<(), Trouble> {
        let bytes = in_memory(content)?;
        let strings = form.strings(&bytes);
        let text = strings.text(&bytes);
        self.budget.bytes(text.len() as u64)?;
        let mut level = Level::get();
        let mut examined = self.eye.examined(&text, &mut level);
        level.put();
        let starts = strings.starts();
        let places = examined.credentials.iter_mut().flat_map(Credential::places_mut);
        // What is out of time keeps its place in the text, and the scan is incomplete.
        let mut in_time = Ok(());
        let places = places.take_while(|_| {
            in_time = self.budget.time();
            in_time.is_ok()
        });
        let mut written: Vec<_> =
            places.filter_map(|found| Some((written_at(found, &strings, &starts, &bytes)?, found))).collect();
        written.sort_by_key(|(range, _)| range.start);
        // In one pass: a file may hold a secret in every line.
        let mut locator = Locator::default();
        for (range, found) in written {
            let start = locator.advance(&bytes, 0, range.start);
            found.span = Span { start, end: locator.clone().advance(&bytes, 0, range.end) };
            found.at = range.start;
        }
        // Whoever asks why something was dismissed is told of the bytes as they are.
        examined.dismissals.clear();
        self.seen.add(self.here(), examined);
        in_time?;
        if strings.is_whole { Ok(()) } else { Err(Trouble::Broken("it breaks off".to_owned())) }
    }
}

/// Where in the file a value is written.
fn written_at(found: &Candidate, strings: &Strings, starts: &[usize], bytes: &[u8]) -> Option<Range<usize>> {
    let (at, end) = strings.place(starts, found.at)?;
    let written = found.written.expose().as_bytes();
    // A value in an encoding stands somewhere in what is written.
    let from = at.saturating_sub(if found.inside.is_empty() { 0 } else { written.len() });
    let start = memchr::memmem::find(&bytes[from..end], written).map_or(at, |offset| from + offset);
    Some(start..(start + written.len()).min(end).max(start))
}
