//! What is a credential? From the prefilter's hits to credentials, with a reason for everything dismissed.
//!
//! [`Evidence`] gathers what one text (a file, a blob) shows, stretch by stretch; [`Evidence::conclude`] joins key
//! IDs and secrets into pairs once all of it was seen. **Law 2**: what becomes of a hit depends on the hit, on at
//! most [`MARGIN`] bytes around it and on the text's other hits, so that a text can be examined through a bounded
//! window and costs what its hits cost.
//!
//! Nothing here knows of files, git or reports.

pub mod bigram;
pub mod encoded;
pub mod examples;
pub mod found;
pub mod key_id;
pub mod label;
pub mod lead;
mod look;
pub mod marker;
pub mod own;
mod pair;
pub mod randomness;
pub mod secret;
pub mod token;
mod units;

use crate::credential::{KeyId, Secret};
use crate::prefilter::{Doors, Hit};
use crate::rules::OwnRule;
use crate::text::{Locator, Position};
use encoded::Encoding;
use lead::Lead;
use marker::Marked;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// Bytes on either side of a hit that its judgement may look at, the value itself included.
pub const MARGIN: usize = 16 * 1024;

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
    /// A path or a name: characters follow each other as they do in code.
    Code,
}

impl Reason {
    /// Does a value that is dismissed for this stand where a real one would, so that it belongs to a neighbour?
    fn stands_for_a_value(self) -> bool {
        matches!(self, Self::DocumentedExample | Self::Placeholder | Self::Sequence)
    }

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
            Self::Code => "a path or a name, as in code",
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
    /// A token of another kind.
    Token(token::TokenValue),
    /// What a rule of the config finds.
    Own(OwnRule, Secret),
}

impl Value {
    /// The value as text.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::KeyId(id, _) => id.as_str(),
            Self::Secret(secret, _) | Self::Token(token::TokenValue { secret, .. }) | Self::Own(_, secret) => {
                secret.expose()
            }
        }
    }

    /// The value as a report may give it.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            Self::KeyId(id, _) => id.to_string(),
            Self::Secret(secret, _) | Self::Token(token::TokenValue { secret, .. }) | Self::Own(_, secret) => {
                secret.redacted()
            }
        }
    }
}

/// What is wanted of a text besides its credentials.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// All that is dismissed? A file of hashes has millions.
    pub explain: bool,
    /// What stands around each value?
    pub surroundings: bool,
    /// What rules of somebody's own find.
    pub own: Option<Arc<own::OwnRules>>,
}

/// What stands around a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// All that its rule matched.
    pub matched: Secret,
    /// The lines on which it stands, as far as they are near.
    pub line: Secret,
}

/// Something that survived its judge, at its place.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it is.
    pub value: Value,
    /// Where people find it.
    pub span: Span,
    /// The part of its text, named (`row/column`), in which that is; nothing where texts have no such parts.
    pub spot: Option<Box<str>>,
    /// Offset of the value in the text, for order and distance.
    pub at: usize,
    /// The encodings around it, outermost first.
    pub inside: Vec<Encoding>,
    /// The line up to the value, as far as it may be shown.
    pub lead: Lead,
    /// The marker beside it.
    pub marked: Option<Marked>,
    /// The value as it is written there: not the decoded one.
    pub written: Secret,
    /// What stands around it, where that is wanted.
    pub around: Option<Box<Around>>,
}

/// Bytes before and behind a value that count as its line; minified files have only one.
const LINE_REACH: usize = 2 * 1024;

impl Around {
    /// What stands around what is written at `written`.
    fn of(bytes: &[u8], written: Range<usize>, is_secret: bool) -> Self {
        let from = written.start.saturating_sub(LINE_REACH);
        let to = bytes.len().min(written.end + LINE_REACH);
        let start = memchr::memrchr2(b'\n', b'\r', &bytes[from..written.start]).map_or(from, |len| from + len + 1);
        let end = memchr::memchr2(b'\n', b'\r', &bytes[written.end..to]).map_or(to, |len| written.end + len);
        let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]);
        let matched = if is_secret { named(bytes, &written, start..end) } else { written };
        // Where the line goes on, no pattern may take the cut for its end.
        let cut = |is_cut: bool| if is_cut { "\u{2026}" } else { "" };
        let (before, behind) = (cut(start == from && from > 0), cut(end == to && to < bytes.len()));
        Self { matched: Secret::new(text(matched)), line: Secret::new(format!("{before}{}{behind}", text(start..end))) }
    }
}

/// What is written at `written`, with the name before it on its line, what assigns it, and the character that ends it.
fn named(bytes: &[u8], written: &Range<usize>, line: Range<usize>) -> Range<usize> {
    let before = &bytes[line.start..written.start];
    let signs = before.iter().rev().take_while(|byte| b" \t\"'`=:>|,?(".contains(byte)).count();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let name = before[..before.len() - signs].iter().rev().take_while(is_name).count();
    let ends = written.end < line.end && b" \t\"'`;".contains(&bytes[written.end]);
    written.start - signs - name..written.end + usize::from(ends)
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
    /// Dismissed values that stand where a real one would, and keep others from being joined across them.
    barriers: Vec<pair::Barrier>,
    wanted: Wanted,
    /// What of the text has been read already.
    covered: look::Covered,
    /// How far own rules have come.
    progress: own::Progress,
    /// Encoded values that were seen, by their place: two hits may unfold the same text.
    seen: HashSet<(usize, Secret)>,
}

/// The judge's answer on one value.
#[derive(Debug)]
pub(crate) enum Verdict {
    Kept(Value),
    Dismissed(Secret, DismissedKind, Reason),
}

impl Verdict {
    /// Does it change what is found? Most values are dismissed for what they are themselves, and never seen again.
    fn matters(&self) -> bool {
        match self {
            Self::Kept(_) => true,
            Self::Dismissed(_, _, reason) => reason.stands_for_a_value(),
        }
    }

    fn expose(&self) -> &str {
        match self {
            Self::Kept(value) => value.expose(),
            Self::Dismissed(value, ..) => value.expose(),
        }
    }
}

impl Evidence {
    /// Nothing yet.
    #[must_use]
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes in the hits of a stretch. Stretches come in order; `locator` stands at the start of this one or before.
    pub fn gather(&mut self, doors: &dyn Doors, stretch: &Stretch<'_>, locator: &Locator) {
        let mut hits = Vec::new();
        doors.hits(stretch.bytes, &mut hits);
        hits.retain(|hit| stretch.accept.contains(&hit.at));
        self.gather_known(doors, stretch, &hits, locator);
    }

    /// The same where the hits are known already: all that `stretch` accepts, in order.
    pub fn gather_known(&mut self, doors: &dyn Doors, stretch: &Stretch<'_>, hits: &[Hit], locator: &Locator) {
        if hits.is_empty() {
            return;
        }
        let mut sightings = look::look(doors, stretch, hits, &mut self.covered);
        sightings.retain(|sighting| self.wanted.explain || sighting.verdict.matters());
        sightings.sort_by_key(|sighting| (sighting.written.start, sighting.at));
        let mut locator = locator.clone();
        for sighting in sightings {
            self.place(stretch, sighting, &mut locator);
        }
    }

    /// Takes in what own rules find around the keywords in a stretch; like [`Evidence::gather`].
    pub fn gather_own(&mut self, stretch: &Stretch<'_>, locator: &Locator) {
        let Some(own) = self.wanted.own.clone() else { return };
        let seen = own.look(stretch, &mut self.progress);
        self.place_own(stretch, seen, locator);
    }

    /// Takes in what those find that want all of the text, once it was seen.
    pub fn gather_own_of_all(&mut self, text: &[u8]) {
        let Some(own) = self.wanted.own.clone() else { return };
        let seen = own.look_at_all(text, &self.progress);
        let stretch = Stretch { bytes: text, base: 0, accept: 0..text.len() };
        self.place_own(&stretch, seen, &Locator::default());
    }

    /// Are there own rules that want all of this text, as far as it was seen?
    #[must_use]
    pub fn wants_all(&self) -> bool {
        self.wanted.own.as_ref().is_some_and(|own| own.want_all(&self.progress))
    }

    fn place_own(&mut self, stretch: &Stretch<'_>, mut seen: Vec<own::Seen>, locator: &Locator) {
        seen.sort_by_key(|seen| seen.value.start);
        let mut locator = locator.clone();
        let Stretch { bytes, base, .. } = *stretch;
        for own::Seen { rule, matched, value } in seen {
            let start = locator.advance(bytes, base, base + value.start);
            let span = Span { start, end: locator.clone().advance(bytes, base, base + value.end) };
            let secret = Secret::new(String::from_utf8_lossy(&bytes[value.clone()]));
            self.candidates.push(Candidate {
                value: Value::Own(rule, secret.clone()),
                span,
                spot: None,
                at: base + value.start,
                inside: Vec::new(),
                lead: Lead::before(bytes, value.start),
                marked: marker::beside(bytes, &value, &span),
                written: secret,
                around: self.wanted.surroundings.then(|| Box::new(Around::of(bytes, matched, true))),
            });
        }
    }

    /// Takes over what another reading of the same text showed and this one did not.
    pub fn absorb(&mut self, other: Self) {
        let known: HashSet<String> = self.values().map(str::to_owned).collect();
        self.candidates.extend(other.candidates.into_iter().filter(|found| !known.contains(found.value.expose())));
        self.dismissals.extend(other.dismissals);
        self.barriers.extend(other.barriers);
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        self.candidates.iter().map(|candidate| candidate.value.expose())
    }

    fn place(&mut self, stretch: &Stretch<'_>, sighting: look::Sighting, locator: &mut Locator) {
        let Range { start, end } = sighting.written;
        let (bytes, base, at) = (stretch.bytes, stretch.base, stretch.base + sighting.at);
        if !sighting.inside.is_empty() && !self.seen.insert((at, Secret::new(sighting.verdict.expose()))) {
            return;
        }
        let start_at = locator.advance(bytes, base, base + start);
        // The next sighting may start before this one ends (two values in one encoded text): look ahead on a copy.
        let span = Span { start: start_at, end: locator.clone().advance(bytes, base, base + end) };
        match sighting.verdict {
            Verdict::Dismissed(value, kind, reason) => {
                if reason.stands_for_a_value() {
                    self.barriers.push(pair::Barrier { at, line: start_at.line, kind });
                }
                if self.wanted.explain {
                    self.dismissals.push(Dismissal { value, kind, reason, span });
                }
            }
            Verdict::Kept(value) => {
                let is_secret = !matches!(value, Value::KeyId(..));
                let around = self.wanted.surroundings.then(|| Box::new(Around::of(bytes, start..end, is_secret)));
                self.candidates.push(Candidate {
                    value,
                    span,
                    spot: None,
                    at,
                    inside: sighting.inside,
                    lead: Lead::before(bytes, start),
                    marked: marker::beside(bytes, &(start..end), &span),
                    written: Secret::new(String::from_utf8_lossy(&bytes[start..end])),
                    around,
                });
            }
        }
    }

    /// The credentials of the text, and what was dismissed.
    #[must_use]
    pub fn conclude(self) -> (Vec<found::Credential>, Vec<Dismissal>) {
        let credentials =
            if self.candidates.is_empty() { Vec::new() } else { pair::join(self.candidates, self.barriers) };
        (credentials, self.dismissals)
    }
}
