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

use aho_corasick::{AhoCorasick, MatchKind, Span, packed};
use std::ops::Range;

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
    /// What tells a token of another kind.
    Token(Token),
    /// The name of a secret: its value may be written with escapes, or split.
    Label,
    /// Any of these literals in characters of two or four bytes.
    Wide {
        /// Bytes of a character.
        width: usize,
    },
    /// Any of these literals inside base64; it starts `quad` characters into a group of four.
    Encoded {
        /// 0 to 3.
        quad: usize,
    },
    /// A maximal run of base64 characters, with its padding, that has the length of an encoded secret.
    EncodedSecret {
        /// Characters before the padding.
        len: usize,
    },
}

impl Door {
    /// Is it a literal, rather than a run's length?
    #[must_use]
    pub fn is_literal(self) -> bool {
        !matches!(self, Self::Secret | Self::Token(Token::SmtpPassword) | Self::EncodedSecret { .. })
    }
}

/// The kinds of token that have a door of their own. `crate::rules` has their facts and sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// A session token: the characters `origin_ec`, `er/aws` or `aws` at its start.
    Session,
    /// A long-lived Bedrock key.
    Bedrock,
    /// A short-lived Bedrock key.
    BedrockShort,
    /// Docker's authorisation for ECR: `AWS:eyJ` in base64.
    EcrAuthorization,
    /// A marketplace token.
    Mws,
    /// An `AppSync` key.
    AppSync,
    /// Git credentials in a URL of `CodeCommit`.
    CodeCommit,
    /// The user name of service-specific credentials, `NAME-at-ACCOUNT`, with a password behind it.
    ServiceUser,
    /// A cache of AWS SSO.
    Sso,
    /// A private key.
    PrivateKey,
    /// A run of 44 that may be an SMTP password of SES.
    SmtpPassword,
}

/// The literals of tokens.
const TOKENS: [(&[u8], Token); 13] = [
    (b"oJb3J", Token::Session),
    (b"oGZXI", Token::Session),
    (b"oDYXd", Token::Session),
    (b"ABSKQ", Token::Bedrock),
    (b"bedrock-api-key-", Token::BedrockShort),
    (b"QVdTOmV5S", Token::EcrAuthorization),
    (b"amzn.mws.", Token::Mws),
    (b"da2-", Token::AppSync),
    (b"@git-codecommit.", Token::CodeCommit),
    (b"-at-", Token::ServiceUser),
    (b"aoaAAAAA", Token::Sso),
    (b"aorAAAAA", Token::Sso),
    (b"PRIVATE KEY-----", Token::PrivateKey),
];

impl Token {
    /// Does the literal of this token stand at the start of `text`?
    pub(crate) fn opens(self, text: &[u8]) -> bool {
        TOKENS.iter().any(|(literal, token)| *token == self && text.starts_with(literal))
    }
}

/// Characters of an SMTP password of SES: 33 bytes in base64.
const SMTP_PASSWORD_LEN: usize = 44;

/// What the names of secrets have in common, in the two ways that people write it: `secret`, `Secret` and `SECRET`.
const LABELS: [&[u8]; 2] = [b"ecret", b"ECRET"];

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
    longest: usize,
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
        let longest = patterns.iter().map(Vec::len).max().unwrap_or_default();
        Self { literals: Literals::new(&patterns), doors, longest }
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

/// The literals and the doors they open: prefixes and labels plain, in wide characters, and in base64 at each of the
/// three places in a group; the prefix of long-term keys also in base64 of base64; tokens plain.
///
/// The searcher takes 64 literals at the most; these are 58.
fn literal_doors() -> Vec<(Vec<u8>, Door)> {
    let mut table = Vec::new();
    let prefixes = KEY_ID_PREFIXES.iter().map(|prefix| (&prefix[..], Door::KeyId));
    for (literal, door) in prefixes.chain(LABELS.map(|label| (label, Door::Label))) {
        table.push((literal.to_vec(), door));
        table.extend([2, 4].map(|width| (wide(literal, width), Door::Wide { width })));
        table.extend(in_base64(literal));
    }
    table.extend(in_base64(&KEY_ID_PREFIXES[0]).iter().flat_map(|(literal, _)| in_base64(literal)));
    table.extend(TOKENS.map(|(literal, token)| (literal.to_vec(), Door::Token(token))));
    table
}

/// `literal` in characters of `width` bytes, from its first to its last byte that is not 0: the same in both byte
/// orders.
fn wide(literal: &[u8], width: usize) -> Vec<u8> {
    let mut wide: Vec<u8> = literal.iter().flat_map(|&byte| [byte, 0, 0, 0].into_iter().take(width)).collect();
    wide.truncate(wide.len() + 1 - width);
    wide
}

/// The characters of base64 that `literal` alone decides when it stands 0, 1 or 2 bytes into a group of three, and
/// how far into the group of four characters they start.
fn in_base64(literal: &[u8]) -> [(Vec<u8>, Door); 3] {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    [0, 1, 2].map(|skipped| {
        let plain = [&[0, 0][..skipped], literal].concat();
        let text = STANDARD_NO_PAD.encode(&plain);
        let quad = (skipped * 8).div_ceil(6);
        let whole = plain.len() * 8 / 6;
        (text.as_bytes()[quad..whole].to_vec(), Door::Encoded { quad })
    })
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

fn push_run(bytes: &[u8], run: &Range<usize>, hits: &mut Vec<Hit>) {
    let padding = bytes[run.end..].iter().take(3).take_while(|&&byte| byte == b'=').count();
    let foreign = run.len().saturating_sub(SECRET_LEN);
    let (at, door) = match (run.len(), padding) {
        (SECRET_LEN, _) => (run.start, Door::Secret),
        _ if is_foreign(bytes, run.start, foreign) => (run.start + foreign, Door::Secret),
        (SMTP_PASSWORD_LEN, 0) => (run.start, Door::Token(Token::SmtpPassword)),
        (len @ SECRET_IN_BASE64, 2) | (len @ SECRET_LINE_IN_BASE64, 1) => (run.start, Door::EncodedSecret { len }),
        _ => return,
    };
    hits.push(Hit { at, door });
}

/// Are the first `count` characters of the run at `start` not the value's: the `+` of a line that a diff adds, the
/// letters of an escape?
fn is_foreign(bytes: &[u8], start: usize, count: usize) -> bool {
    let is_diff = count == 1 && bytes[start] == b'+' && (start == 0 || bytes[start - 1] == b'\n');
    is_diff || (1..=LONGEST_ESCAPE).contains(&count) && escape_letters_before(bytes, start + count) == count
}

/// Letters of the longest escape: `u003d`.
const LONGEST_ESCAPE: usize = 5;

/// How many letters right before `at` belong to an escape that ends there (`\n`, `%3D`, `%253D`, `=3D`, `\x3d`,
/// `\u003d`), so that they are none of what follows.
pub(crate) fn escape_letters_before(bytes: &[u8], at: usize) -> usize {
    let is_hex = |digits: &[&u8]| digits.iter().all(|digit| digit.is_ascii_hexdigit());
    match &bytes[..at] {
        [.., b'\\', b'n' | b'r' | b't'] => 1,
        [.., b'%', b'2', b'5', a, b] if is_hex(&[a, b]) => 4,
        [.., b'%', a, b] if is_hex(&[a, b]) => 2,
        [.., b'=', b'3', b'D'] => 2,
        [.., b'\\', b'x', a, b] if is_hex(&[a, b]) => 3,
        [.., b'\\', b'u', a, b, c, d] if is_hex(&[a, b, c, d]) => 5,
        _ => 0,
    }
}

/// The maximal run of base64 characters around `at`.
fn run_around(bytes: &[u8], at: usize) -> Range<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_an_escape_are_not_the_values() {
        for (text, letters) in [
            (r"\n", 1),
            ("%3D", 2),
            ("%253D", 4),
            ("=3D", 2),
            (r"\x3d", 3),
            (r"\u003d", 5),
            ("n", 0),
            ("3D", 0),
            ("", 0),
        ] {
            assert_eq!(escape_letters_before(text.as_bytes(), text.len()), letters, "{text}");
        }
    }

    #[test]
    fn no_literal_begins_another_so_that_one_hit_a_place_is_all() {
        let table = literal_doors();
        for (at, (literal, _)) in table.iter().enumerate() {
            let begins = |(other, (text, _)): (usize, &(Vec<u8>, Door))| other != at && text.starts_with(literal);
            assert!(!table.iter().enumerate().any(begins), "{}", literal.escape_ascii());
        }
        assert!(table.len() <= 64, "{}", table.len());
    }
}
