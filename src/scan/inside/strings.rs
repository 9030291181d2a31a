//! What the strings of pickles, compiled modules and classes show, at their places in the file.

use super::level::Level;
use super::rows::in_memory;
use super::walk::Walk;
use crate::archive::{Content, Trouble};
use crate::detect::found::Credential;
use crate::detect::{Candidate, Span};
use crate::strings::{Form, Strings};
use crate::text::Locator;

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
        for found in examined.credentials.iter_mut().flat_map(Credential::places_mut) {
            relocate(found, &strings, &bytes);
        }
        // Whoever asks why something was dismissed is told of the bytes as they are.
        examined.dismissals.clear();
        self.seen.add(self.here(), examined);
        if strings.is_whole { Ok(()) } else { Err(Trouble::Broken("it breaks off".to_owned())) }
    }
}

/// Says where in the file a value stands.
fn relocate(found: &mut Candidate, strings: &Strings, bytes: &[u8]) {
    let Some((at, end)) = strings.place(found.at) else { return };
    let written = found.written.expose().as_bytes();
    // A value in an encoding stands somewhere in what is written.
    let from = at.saturating_sub(if found.inside.is_empty() { 0 } else { written.len() });
    let start = memchr::memmem::find(&bytes[from..end], written).map_or(at, |offset| from + offset);
    let mut locator = Locator::default();
    let span_start = locator.advance(bytes, 0, start);
    let span_end = locator.advance(bytes, 0, (start + written.len()).min(end).max(start));
    found.span = Span { start: span_start, end: span_end };
    found.at = start;
}
