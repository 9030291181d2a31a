//! The one pass over every byte: where could a credential be?
//!
//! Everything keyward claims to find gives itself away by a few bytes: its *door*. This module knows the doors and
//! nothing else; it answers with *hits*, the places where a door fires, and leaves the judgement to
//! [`crate::detect`]. Almost every byte leaves here, so this is where the speed of a scan is decided.
//!
//! What has no door is not claimed, and `ARCHITECTURE.md` says so. **Law 1**: detection with and without the
//! prefilter finds the same; `tests/properties.rs` holds it against a reference that knows no doors.
//!
//! Two mechanisms serve all doors, each over cache-sized stretches:
//! * *literals* (prefixes of key IDs and tokens, names of secrets) through a SIMD multi-pattern searcher;
//! * *runs* of base64 characters whose length is that of a secret. A run of 40 covers at least one whole
//!   16-byte block at a 16-byte boundary, so blocks are tested branch-free, and only a block that lies in the alphabet
//!   altogether is looked at more closely.

mod inherit;
mod runs;
mod table;

pub use inherit::Copied;
pub(crate) use runs::escape_letters_before;
pub use runs::{SECRET_LEN, is_base64};
pub use table::{Door, KEY_ID_PREFIXES, Token};

use aho_corasick::{AhoCorasick, MatchKind, Span, packed};
use runs::runs_in;
use std::ops::Range;
use table::literal_doors;

/// Bytes that are handed to both mechanisms in turn, so that the second finds them in the first-level cache.
const STRETCH: usize = 16 * 1024;

/// A place where a door fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of the door's first byte.
    pub at: usize,
    /// Which door.
    pub door: Door,
}

/// Where a closer look is worth it. There are two of these: [`Prefilter`], and the slow one of
/// `tests/properties.rs`, which looks closer everywhere.
pub trait Doors: Sync {
    /// All hits in `bytes`, in order of their offsets, appended to `hits`.
    ///
    /// A run's length is judged within `bytes`: a caller that passes a part of a text leaves out hits whose
    /// surroundings it cannot see (see [`crate::examine`]).
    fn hits(&self, bytes: &[u8], hits: &mut Vec<Hit>);

    /// Does a decoded text hold the literal of a door, as itself or encoded once more?
    fn open(&self, hits: &[Hit], _text: &[u8]) -> bool {
        hits.iter().any(|hit| hit.door.is_literal())
    }
}

/// The compiled doors. Building costs some 50 microseconds; share one.
#[derive(Debug)]
pub struct Prefilter {
    literals: Literals,
    doors: Vec<Door>,
    /// Bytes of the longest literal, and of the shortest.
    longest: usize,
    shortest: usize,
    neighbours: inherit::Neighbours,
}

/// SIMD where the processor has it, an automaton elsewhere.
#[derive(Debug)]
enum Literals {
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Default for Prefilter {
    fn default() -> Self {
        Self::new()
    }
}

impl Prefilter {
    /// The doors, compiled.
    #[must_use]
    pub fn new() -> Self {
        let table = literal_doors();
        let (patterns, doors): (Vec<_>, Vec<_>) = table.into_iter().unzip();
        let lengths = || patterns.iter().map(Vec::len);
        let (longest, shortest) = (lengths().max().unwrap_or_default(), lengths().min().unwrap_or_default());
        let neighbours = inherit::Neighbours::of(&patterns);
        Self { literals: Literals::new(&patterns), doors, longest, shortest, neighbours }
    }

    /// Literals that start in `start..end`; they may reach beyond `end`.
    fn literals_in(&self, bytes: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) {
        let reach = bytes.len().min(end + self.longest - 1);
        let mut at = start;
        while let Some((pattern, found)) = self.literals.find(bytes, at..reach) {
            if found >= end {
                break;
            }
            hits.push(Hit { at: found, door: self.doors[pattern] });
            // Not behind the match: the next literal may overlap this one.
            at = found + 1;
        }
    }
}

impl Doors for Prefilter {
    fn hits(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let first = hits.len();
        let mut run_at = 0;
        for start in (0..bytes.len()).step_by(STRETCH) {
            let end = bytes.len().min(start + STRETCH);
            self.literals_in(bytes, start, end, hits);
            run_at = runs_in(bytes, run_at.max(start), end, hits);
        }
        hits[first..].sort_unstable();
    }
}

impl Literals {
    fn new(patterns: &[Vec<u8>]) -> Self {
        match packed::Config::new().builder().extend(patterns).build() {
            Some(searcher) => Self::Packed(searcher),
            None => Self::Automaton(
                AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostFirst)
                    .build(patterns)
                    .expect("some sixty short literals always fit an automaton"),
            ),
        }
    }

    fn find(&self, bytes: &[u8], within: Range<usize>) -> Option<(usize, usize)> {
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(bytes, Span::from(within))?,
            Self::Automaton(automaton) => automaton.find(aho_corasick::Input::new(bytes).range(within))?,
        };
        Some((found.pattern().as_usize(), found.start()))
    }
}
