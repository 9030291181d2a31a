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
//! * *literals* (key-ID prefixes, plain and in base64) through a SIMD multi-pattern searcher;
//! * *runs* of base64 characters whose length is that of a secret. A run of 40 covers at least one whole
//!   16-byte block at a 16-byte boundary, so blocks are tested branch-free, and only a block that lies in the alphabet
//!   altogether is looked at more closely.

use aho_corasick::{AhoCorasick, MatchKind, Span, packed};

/// The four-letter prefixes of key IDs that are credentials (or parts of one): long-term, temporary, bearer token,
/// service-specific. Source: IAM user guide, "Understanding unique ID prefixes"; the others there name no credential.
pub const KEY_ID_PREFIXES: [[u8; 4]; 4] = [*b"AKIA", *b"ASIA", *b"ABIA", *b"ACCA"];

/// Characters of a secret access key: 30 bytes in base64, hence 40 characters and never a padding `=`.
pub const SECRET_LEN: usize = 40;

/// Characters of a secret in base64 without its padding: 40 bytes fill 53 1/3 characters, `==` follows.
const SECRET_IN_BASE64: usize = 54;

/// The same with a line feed behind the secret (`echo secret | base64`): 41 bytes, one `=` follows.
const SECRET_LINE_IN_BASE64: usize = 55;

/// Bytes that are handed to both mechanisms in turn, so that the second finds them in the first-level cache.
const STRETCH: usize = 16 * 1024;

/// Bytes of a block in the run test: see the module's introduction.
const BLOCK: usize = 16;

/// The reason why a place deserves a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// A key-ID prefix.
    KeyId,
    /// A maximal run of exactly [`SECRET_LEN`] base64 characters.
    Secret,
    /// A key-ID prefix inside base64; the literal starts `quad` characters into a group of four.
    EncodedKeyId {
        /// 0 to 3.
        quad: usize,
    },
    /// A maximal run of base64 characters, with its padding, that has the length of an encoded secret.
    EncodedSecret {
        /// Characters before the padding.
        len: usize,
    },
}

/// A place where a door fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of the door's first byte.
    pub at: usize,
    /// Which door.
    pub door: Door,
}

/// The compiled doors. Building costs some 50 microseconds; share one.
#[derive(Debug)]
pub struct Prefilter {
    literals: Literals,
    doors: Vec<Door>,
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
        Self { literals: Literals::new(&patterns), doors }
    }

    /// All hits in `bytes`, in order of their offsets, appended to `hits`.
    ///
    /// A run's length is judged within `bytes`: a caller that passes a part of a text leaves out hits whose
    /// surroundings it cannot see (see [`crate::scan`]).
    pub fn hits(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let first = hits.len();
        let mut run_at = 0;
        for start in (0..bytes.len()).step_by(STRETCH) {
            let end = bytes.len().min(start + STRETCH);
            self.literals_in(bytes, start, end, hits);
            run_at = runs_in(bytes, run_at.max(start), end, hits);
        }
        hits[first..].sort_unstable();
    }

    /// Literals that start in `start..end`; they may reach beyond `end`.
    fn literals_in(&self, bytes: &[u8], start: usize, end: usize, hits: &mut Vec<Hit>) {
        let reach = bytes.len().min(end + LONGEST_LITERAL - 1);
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

/// Characters of the longest literal door.
const LONGEST_LITERAL: usize = 5;

impl Literals {
    fn new(patterns: &[Vec<u8>]) -> Self {
        match packed::Config::new().builder().extend(patterns).build() {
            Some(searcher) => Self::Packed(searcher),
            None => Self::Automaton(
                AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostFirst)
                    .build(patterns)
                    .expect("sixteen short literals always fit an automaton"),
            ),
        }
    }

    fn find(&self, bytes: &[u8], within: std::ops::Range<usize>) -> Option<(usize, usize)> {
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(bytes, Span::from(within))?,
            Self::Automaton(automaton) => automaton.find(aho_corasick::Input::new(bytes).range(within))?,
        };
        Some((found.pattern().as_usize(), found.start()))
    }
}

/// The literals and the doors they open: each prefix plain, and in base64 at its three possible places in a group.
fn literal_doors() -> Vec<(Vec<u8>, Door)> {
    let mut table = Vec::new();
    for prefix in KEY_ID_PREFIXES {
        table.push((prefix.to_vec(), Door::KeyId));
        for skipped in 0..3 {
            let (literal, quad) = in_base64(prefix, skipped);
            table.push((literal, Door::EncodedKeyId { quad }));
        }
    }
    table
}

/// The characters that `prefix` alone decides when it stands `skipped` bytes into a group of three, and how far
/// into the group of four characters they start.
fn in_base64(prefix: [u8; 4], skipped: usize) -> (Vec<u8>, usize) {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    let mut plain = vec![0; skipped];
    plain.extend_from_slice(&prefix);
    let text = STANDARD_NO_PAD.encode(&plain);
    let quad = (skipped * 8).div_ceil(6);
    let whole = plain.len() * 8 / 6;
    (text.as_bytes()[quad..whole].to_vec(), quad)
}

/// Runs of a door's length whose first full block starts in `from..end`; returns where to go on.
fn runs_in(bytes: &[u8], from: usize, end: usize, hits: &mut Vec<Hit>) -> usize {
    let mut at = from.next_multiple_of(BLOCK);
    while at < end && at + BLOCK <= bytes.len() {
        if is_base64_block(&bytes[at..at + BLOCK]) {
            let run = run_around(bytes, at);
            push_run(bytes, &run, hits);
            at = run.end.next_multiple_of(BLOCK);
        } else {
            at += BLOCK;
        }
    }
    at
}

fn push_run(bytes: &[u8], run: &std::ops::Range<usize>, hits: &mut Vec<Hit>) {
    let padding = bytes[run.end..].iter().take(3).take_while(|&&byte| byte == b'=').count();
    let door = match (run.len(), padding) {
        (SECRET_LEN, _) => Door::Secret,
        (SECRET_IN_BASE64, 2) | (SECRET_LINE_IN_BASE64, 1) => Door::EncodedSecret { len: run.len() },
        _ => return,
    };
    hits.push(Hit { at: run.start, door });
}

/// The maximal run of base64 characters around `at`.
fn run_around(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let before = bytes[..at].iter().rev().take_while(|&&byte| is_base64(byte)).count();
    // Block by block: files that are base64 altogether would take ten times as long byte by byte.
    let blocks = bytes[at..].chunks_exact(BLOCK).take_while(|block| is_base64_block(block)).count();
    let behind = at + blocks * BLOCK;
    let rest = bytes[behind..].iter().take(BLOCK).take_while(|&&byte| is_base64(byte)).count();
    at - before..behind + rest
}

/// Is `byte` one of `A-Z a-z 0-9 + /`? A loop over it becomes vector code.
#[must_use]
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "branches would keep it from becoming vector code")]
pub const fn is_base64(byte: u8) -> bool {
    // `/` stands directly before `0`.
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let slash_or_digit = byte.wrapping_sub(b'/') < 11;
    letter | slash_or_digit | (byte == b'+')
}

#[inline]
fn is_base64_block(block: &[u8]) -> bool {
    block.iter().fold(true, |all, &byte| all & is_base64(byte))
}
