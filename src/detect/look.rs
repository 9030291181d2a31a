//! From hits to judged sightings, through all layers of encoding.
//!
//! A text may hold another one in base64, and that one a third: each layer is looked at with the same doors and
//! judges. What is found in an inner layer stands where the outermost encoding is written.

use super::encoded::{Coverage, Encoding, Outer, Unfolded};
use super::label::Label;
use super::{Stretch, Verdict, key_id, secret, token, units};
use crate::prefilter::{Door, Doors, Hit, SECRET_LEN};
use std::ops::Range;

/// Layers of encoding that are unfolded, one inside the other: base64 of base64.
const DEPTH: usize = 2;

/// Bytes before and behind a key ID in which its secret may stand in another way than as itself.
const NEAR_KEY_ID: (usize, usize) = (512, 1024);

/// Bytes behind the name of a secret in which its value must stand.
const BEHIND_LABEL: usize = 240;

/// A judged hit before it has a line and a column; offsets are those of the stretch.
pub(super) struct Sighting {
    /// What is written there, an encoding included.
    pub(super) written: Range<usize>,
    /// Where the value itself is written: in an encoded text, the part of it that holds the value.
    pub(super) at: usize,
    end: usize,
    pub(super) inside: Vec<Encoding>,
    pub(super) verdict: Verdict,
}

/// What of a text has been read already, by the text's offsets.
#[derive(Debug, Default)]
pub(super) struct Covered {
    encoded: Coverage,
    /// Up to where secrets with escapes were looked for around key IDs.
    near_key_ids: usize,
}

/// One layer: a text, and how it is written in the outermost one.
struct Layer<'b> {
    bytes: &'b [u8],
    base: usize,
    /// Nothing in the outermost.
    around: Option<Around<'b>>,
    inside: Vec<Encoding>,
}

/// What lies around an inner layer.
struct Around<'b> {
    /// The outermost text, and where the outermost encoding stands in it.
    outer: Outer<'b>,
    /// The next layer, and the encoded text in it.
    above: &'b Layer<'b>,
    unfolded: &'b Unfolded,
}

/// The sightings at `hits` in a stretch.
pub(super) fn look(doors: &dyn Doors, stretch: &Stretch<'_>, hits: &[Hit], covered: &mut Covered) -> Vec<Sighting> {
    let mut sightings = Vec::new();
    let layer = Layer { bytes: stretch.bytes, base: stretch.base, around: None, inside: Vec::new() };
    layer.look(doors, hits, covered, &mut sightings);
    sightings
}

impl Layer<'_> {
    fn look(&self, doors: &dyn Doors, hits: &[Hit], covered: &mut Covered, sightings: &mut Vec<Sighting>) {
        for &hit in hits {
            match hit.door {
                Door::KeyId => {
                    let Some((run, verdict)) = key_id::judge(self.bytes, hit.at) else { continue };
                    if matches!(verdict, Verdict::Kept(_)) {
                        let from = hit.at.saturating_sub(NEAR_KEY_ID.0);
                        self.escaped_near(from..run.written.end + NEAR_KEY_ID.1, covered, sightings);
                    }
                    sightings.push(self.sighting(run.written, &run.ways, verdict));
                }
                Door::Secret => {
                    let outer = self.around.as_ref().map(|around| &around.outer);
                    let (value, verdict) = secret::judge(self.bytes, hit.at, outer);
                    sightings.push(self.sighting(value, &[], verdict));
                }
                Door::Token(kind) => {
                    if let Some((run, verdict)) = token::judge(kind, self.bytes, hit.at) {
                        sightings.push(self.sighting(run.written, &run.ways, verdict));
                    }
                }
                Door::Label => {
                    let end = self.bytes.len().min(hit.at + BEHIND_LABEL);
                    self.escaped(hit.at..end, sightings, Label::is_secret);
                }
                Door::Wide { .. } | Door::Encoded { .. } | Door::EncodedSecret { .. } => {
                    self.unfold(doors, hit, covered, sightings);
                }
            }
        }
    }

    /// Looks at secrets that are written with escapes, or split, near a key ID.
    fn escaped_near(&self, range: Range<usize>, covered: &mut Covered, sightings: &mut Vec<Sighting>) {
        let start = range.start.max(covered.near_key_ids.saturating_sub(self.base));
        let end = range.end.min(self.bytes.len());
        if start < end {
            covered.near_key_ids = self.base + end;
            self.escaped(start..end, sightings, |_| true);
        }
    }

    /// Looks at secrets that are written with escapes, or split, and begin in `range`.
    fn escaped(&self, range: Range<usize>, sightings: &mut Vec<Sighting>, counts: impl Fn(Label) -> bool) {
        for run in units::escaped_runs(self.bytes, range, SECRET_LEN) {
            if let Some((verdict, label)) = secret::judge_escaped(self.bytes, &run)
                && counts(label)
            {
                sightings.push(self.sighting(run.written, &run.ways, verdict));
            }
        }
    }

    fn unfold(&self, doors: &dyn Doors, hit: Hit, covered: &mut Covered, sightings: &mut Vec<Sighting>) {
        if self.inside.len() == DEPTH {
            return;
        }
        for found in covered.encoded.unfold(self.bytes, self.base, hit) {
            self.look_into(doors, hit, &found, sightings);
        }
    }

    fn look_into(&self, doors: &dyn Doors, hit: Hit, found: &Unfolded, sightings: &mut Vec<Sighting>) {
        let mut hits = Vec::new();
        doors.hits(&found.plain, &mut hits);
        // The door's characters leave some bits of the literal open, so it fires for its neighbours as well.
        let is_literal = !matches!(hit.door, Door::EncodedSecret { .. });
        if is_literal && !doors.open(&hits, &found.plain) {
            return;
        }
        let outer = match &self.around {
            Some(around) => around.outer.clone(),
            None => Outer { bytes: self.bytes, written: found.written.clone() },
        };
        let inner = Layer {
            bytes: &found.plain,
            base: 0,
            around: Some(Around { outer, above: self, unfolded: found }),
            inside: [&self.inside[..], &[found.encoding]].concat(),
        };
        let first = sightings.len();
        inner.look(doors, &hits, &mut Covered::default(), sightings);
        // What touches a cut may be the half of something else; the next hit sees it whole.
        let (front, back) = (inner.place(0), inner.place(found.plain.len().saturating_sub(1)));
        let is_whole = |at: usize, end: usize| !(found.cut.0 && at <= front || found.cut.1 && end >= back);
        let mut index = 0;
        sightings.retain(|sighting| {
            index += 1;
            index <= first || is_whole(sighting.at, sighting.end)
        });
    }

    /// Where the byte at `offset` is written in the outermost layer.
    fn place(&self, offset: usize) -> usize {
        match &self.around {
            None => offset,
            Some(around) => around.above.place(around.unfolded.place(offset)),
        }
    }

    fn sighting(&self, value: Range<usize>, ways: &[Encoding], verdict: Verdict) -> Sighting {
        let inside = [&self.inside, ways].concat();
        let (at, end) = (self.place(value.start), self.place(value.end));
        let written = self.around.as_ref().map_or(value, |around| around.outer.written.clone());
        Sighting { written, at, end, inside, verdict }
    }
}
