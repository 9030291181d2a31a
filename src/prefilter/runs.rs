//! Runs of base64 characters that have the length of a secret.

use super::{Door, Hit, Token};
use std::ops::Range;

/// Characters of a secret access key: 30 bytes in base64, hence 40 characters and never a padding `=`.
pub const SECRET_LEN: usize = 40;

/// Characters of a secret in base64 without its padding: 40 bytes fill 53 1/3 characters, `==` follows.
const SECRET_IN_BASE64: usize = 54;

/// The same with a line feed behind the secret (`echo secret | base64`): 41 bytes, one `=` follows.
const SECRET_LINE_IN_BASE64: usize = 55;

/// Characters of an SMTP password of SES: 33 bytes in base64.
pub(super) const SMTP_PASSWORD_LEN: usize = 44;

/// Characters of a run that is longer than that of any door.
const TOO_LONG: usize = 64;

/// Bytes of a block in the run test: see the module's introduction.
const BLOCK: usize = 16;

/// Bytes from one tested block to the next: the most with which a run of [`SECRET_LEN`] still covers a whole block.
pub(super) const STRIDE: usize = SECRET_LEN - BLOCK;

/// Runs of a door's length whose first full block starts in `from..end`; returns where to go on.
pub(super) fn runs_in(bytes: &[u8], from: usize, end: usize, hits: &mut Vec<Hit>) -> usize {
    let mut at = from.next_multiple_of(STRIDE);
    while at < end && at + BLOCK <= bytes.len() {
        if is_base64_run(&bytes[at..at + BLOCK]) && goes_on_beside(bytes, at) {
            let run = run_around(&bytes[..bytes.len().min(end + TOO_LONG)], at);
            push_run(bytes, &run, hits);
            at = run.end.next_multiple_of(STRIDE);
        } else {
            at += STRIDE;
        }
    }
    at
}

/// Does the run around the block at `at` go on so far on one side that it can have a door's length? One that does not ends
/// before the next block. Nearly all blocks are names and short paths, and are passed here.
fn goes_on_beside(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(BESIDE).is_some_and(|start| is_base64_run(&bytes[start..at]));
    before || bytes.get(at + BLOCK..at + BLOCK + BESIDE).is_some_and(is_base64_run)
}

/// Bytes beside a block that are looked at: a run of [`SECRET_LEN`] has at least 12 on one side, and 8 are one load.
const BESIDE: usize = 8;

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

/// The run of base64 characters around `at`, where a block of them starts; of a run that is too long for any door at
/// least so much that this shows.
fn run_around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = bytes[..at].iter().rev().take(TOO_LONG).take_while(|&&byte| is_base64(byte)).count();
    // Block by block: files that are base64 altogether would take ten times as long byte by byte.
    let blocks = bytes[at..].chunks_exact(BLOCK).take_while(|block| is_base64_run(block)).count();
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
pub(super) fn is_base64_run(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, &byte| all & is_base64(byte))
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
}
