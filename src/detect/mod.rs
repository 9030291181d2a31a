//! What is a credential? From the prefilter's hits to credentials, with a reason for everything dismissed.
//!
//! [`Evidence`] gathers what one text (a file, a blob) shows, stretch by stretch; [`Evidence::conclude`] joins key
//! IDs and secrets into pairs once all of it was seen. **Law 2**: what becomes of a hit depends on the hit, on at
//! most [`MARGIN`] bytes around it and on the text's other hits, so that a text can be examined through a bounded
//! window and costs what its hits cost.
//!
//! Nothing here knows of files, git or reports.

pub mod encoded;
pub mod examples;
pub mod key_id;
pub mod label;
pub mod lead;
pub mod pair;
pub mod randomness;
pub mod secret;

use crate::credential::{KeyId, Secret};
use crate::prefilter::{Door, Hit, Prefilter};
use crate::text::{Locator, Position};
use encoded::{Coverage, Encoding};
use lead::Lead;
use std::ops::Range;

/// Bytes on either side of a hit that its judgement may look at, the value itself included.
pub const MARGIN: usize = 4096;

/// Layers of encoding that are unfolded, one inside the other.
const DEPTH: usize = 2;

/// Why something that looks like a credential is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Printed in a vendor's documentation.
    DocumentedExample,
    /// Made by hand to stand for a value.
    Placeholder,
    /// A part of a longer base64 text.
    InsideBase64,
    /// A line of a base64 block, as in certificates and inline images.
    Base64Block,
    /// Base64 with padding, or a name that something is assigned to.
    FollowedByEquals,
    /// Joined to its neighbours by `-` or `_`: a piece of a longer token.
    PartOfToken,
    /// Hexadecimal: a hash or an object ID.
    Hexadecimal,
    /// Too few different characters, too much repetition.
    LowEntropy,
    /// More letters, digits or symbols of a kind than a random secret has.
    Unbalanced,
    /// A stretch of the alphabet, or one character many times.
    Sequence,
}

impl Reason {
    /// The reason in words, as `--explain` prints it.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::DocumentedExample => "documented example",
            Self::Placeholder => "placeholder",
            Self::InsideBase64 => "inside a longer base64 text",
            Self::Base64Block => "line of a base64 block",
            Self::FollowedByEquals => "followed by an equals sign",
            Self::PartOfToken => "part of a longer token",
            Self::Hexadecimal => "hexadecimal, a hash or object ID",
            Self::LowEntropy => "too little entropy for a random value",
            Self::Unbalanced => "mix of characters that random values do not have",
            Self::Sequence => "alphabetic sequence or repetition",
        }
    }
}

/// Where a value stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// The value of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A key ID and what the text uses it for.
    KeyId(KeyId, key_id::Use),
    /// A secret, and whether a label says so.
    Secret(Secret, label::Label),
}

impl Value {
    /// The value as text.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::KeyId(id, _) => id.as_str(),
            Self::Secret(secret, _) => secret.expose(),
        }
    }

    /// The value as a report may give it.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            Self::KeyId(id, _) => id.to_string(),
            Self::Secret(secret, _) => secret.redacted(),
        }
    }
}

/// Something that survived its judge, at its place.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it is.
    pub value: Value,
    /// Where people find it.
    pub span: Span,
    /// Offset of the value in the text, for order and distance.
    pub at: usize,
    /// The encodings around it, outermost first.
    pub inside: Vec<Encoding>,
    /// The line up to the value, as far as it may be shown.
    pub lead: Lead,
    /// The value as it is written there: not the decoded one.
    pub written: Secret,
}

/// Something that looked like a credential and is none.
#[derive(Debug, Clone)]
pub struct Dismissal {
    /// The value.
    pub value: Secret,
    /// Is it a key ID, which may be shown whole?
    pub kind: DismissedKind,
    /// Why.
    pub reason: Reason,
    /// Where.
    pub span: Span,
}

/// What a dismissed value looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DismissedKind {
    /// A key ID.
    KeyId,
    /// A secret.
    Secret,
}

/// A part of a text, and which of its hits to take: those at offsets in `accept` (of `bytes`). The others lie so near
/// to an end that their surroundings are cut, and belong to the part before or behind.
#[derive(Debug)]
pub struct Stretch<'b> {
    /// The part.
    pub bytes: &'b [u8],
    /// Its offset in the text.
    pub base: usize,
    /// The offsets in `bytes` at which hits are taken.
    pub accept: Range<usize>,
}

/// All that one text shows.
#[derive(Debug, Default)]
pub struct Evidence {
    candidates: Vec<Candidate>,
    dismissals: Vec<Dismissal>,
    /// What of the text has been unfolded already.
    unfolded: Coverage,
}

/// A judged hit before it has a line and a column; offsets are those of the stretch.
struct Sighting {
    /// What is written there, an encoding included.
    written: Range<usize>,
    /// Offset of the value, as if decoding did not change lengths.
    at: usize,
    inside: Vec<Encoding>,
    verdict: Verdict,
}

/// The judge's answer on one value.
#[derive(Debug)]
pub(crate) enum Verdict {
    Kept(Value),
    Dismissed(Secret, DismissedKind, Reason),
}

impl Evidence {
    /// Takes in the hits of a stretch. Stretches come in order; `locator` stands at the start of this one or before.
    pub fn gather(&mut self, prefilter: &Prefilter, stretch: &Stretch<'_>, locator: &Locator) {
        let mut hits = Vec::new();
        prefilter.hits(stretch.bytes, &mut hits);
        hits.retain(|hit| stretch.accept.contains(&hit.at));
        if hits.is_empty() {
            return;
        }
        let mut sightings = self.sightings(prefilter, stretch, &hits);
        sightings.sort_by_key(|sighting| (sighting.written.start, sighting.at));
        let mut locator = locator.clone();
        for sighting in sightings {
            self.place(stretch, sighting, &mut locator);
        }
    }

    /// Takes over what another reading of the same text showed.
    pub fn absorb(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.dismissals.extend(other.dismissals);
    }

    fn sightings(&mut self, prefilter: &Prefilter, stretch: &Stretch<'_>, hits: &[Hit]) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        for &hit in hits {
            if let Some((value, verdict)) = judge(stretch.bytes, hit, None) {
                sightings.push(Sighting { at: value.start, written: value, inside: Vec::new(), verdict });
            } else if let Some(found) = self.unfolded.unfold(stretch.bytes, stretch.base, hit) {
                let outer = encoded::Outer { bytes: stretch.bytes, written: found.written.clone() };
                unfolded(prefilter, &found.plain, &outer, &[found.encoding], &mut sightings);
            }
        }
        sightings
    }

    fn place(&mut self, stretch: &Stretch<'_>, sighting: Sighting, locator: &mut Locator) {
        let Range { start, end } = sighting.written;
        let (bytes, base) = (stretch.bytes, stretch.base);
        let start_at = locator.advance(bytes, base, base + start);
        // The next sighting may start before this one ends (two values in one encoded text): look ahead on a copy.
        let span = Span { start: start_at, end: locator.clone().advance(bytes, base, base + end) };
        match sighting.verdict {
            Verdict::Dismissed(value, kind, reason) => {
                self.dismissals.push(Dismissal { value, kind, reason, span });
            }
            Verdict::Kept(value) => self.candidates.push(Candidate {
                value,
                span,
                at: base + sighting.at,
                inside: sighting.inside,
                lead: Lead::before(bytes, start),
                written: Secret::new(String::from_utf8_lossy(&bytes[start..end])),
            }),
        }
    }

    /// The values of all that survived, for a comparison with another text.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.candidates.iter().map(|candidate| candidate.value.expose())
    }

    /// The credentials of the text, and what was dismissed.
    #[must_use]
    pub fn conclude(self) -> (Vec<pair::Credential>, Vec<Dismissal>) {
        let credentials = if self.candidates.is_empty() { Vec::new() } else { pair::join(self.candidates) };
        (credentials, self.dismissals)
    }
}

/// The value at a hit in plain text and the verdict on it; nothing where the door fired on no candidate at all.
/// `outer` is the text around an encoding that holds nothing but the value.
fn judge(bytes: &[u8], hit: Hit, outer: Option<&encoded::Outer<'_>>) -> Option<(Range<usize>, Verdict)> {
    match hit.door {
        Door::KeyId => key_id::judge(bytes, hit.at),
        Door::Secret => Some(secret::judge(bytes, hit.at, outer)),
        Door::EncodedKeyId { .. } | Door::EncodedSecret { .. } => None,
    }
}

/// What a decoded text shows, at the place of the encoded one.
fn unfolded(
    prefilter: &Prefilter,
    plain: &[u8],
    outer: &encoded::Outer<'_>,
    inside: &[Encoding],
    sightings: &mut Vec<Sighting>,
) {
    let mut hits = Vec::new();
    prefilter.hits(plain, &mut hits);
    let mut covered = Coverage::default();
    for hit in hits {
        if let Some((value, verdict)) = judge(plain, hit, Some(outer)) {
            sightings.push(Sighting {
                written: outer.written.clone(),
                at: outer.written.start + value.start,
                inside: inside.to_vec(),
                verdict,
            });
        } else if inside.len() < DEPTH
            && let Some(found) = covered.unfold(plain, 0, hit)
        {
            unfolded(prefilter, &found.plain, outer, &[inside, &[found.encoding]].concat(), sightings);
        }
    }
}
