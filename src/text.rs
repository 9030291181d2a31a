//! Bytes as text: which encoding a stream is in, and the line and column of an offset.
//!
//! Detection works on bytes; text only matters where a person must find the place again. UTF-16 is the exception:
//! there the bytes of a credential do not stand side by side, so a stream in UTF-16 is decoded before anything
//! looks at it.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::ops::Range;

/// The byte order mark of UTF-8; editors and the AWS console write it, and nobody counts it as a column.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes that decide whether a stream without a byte order mark is UTF-16.
const SNIFFED: usize = 256;

/// How a stream must be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is, behind so many bytes of byte order mark.
    Bytes {
        /// Bytes to leave out at the start: 0 or 3.
        mark: usize,
    },
    /// Decoded from UTF-16 first.
    Utf16(&'static Encoding),
}

impl Form {
    /// The form of a stream that starts with `head`.
    ///
    /// Without a mark, UTF-16 is what has a NUL in nearly every second byte of its first 256 and none between: ASCII
    /// text does, in either byte order, and binary files do not.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xfe, 0, 0, ..] => Self::Bytes { mark: 0 },
            [0xff, 0xfe, ..] => Self::Utf16(UTF_16LE),
            [0xfe, 0xff, ..] => Self::Utf16(UTF_16BE),
            _ if head.starts_with(UTF8_MARK) => Self::Bytes { mark: UTF8_MARK.len() },
            _ => unmarked_utf16(&head[..head.len().min(SNIFFED)]).map_or(Self::Bytes { mark: 0 }, Self::Utf16),
        }
    }
}

fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    // Nearly every file leaves here, on its first few bytes.
    let has_early_nul = head.iter().take(4).any(|&byte| byte == 0);
    if !has_early_nul || pairs < 4 || head.len() % 2 == 1 {
        return None;
    }
    let nuls = |skip: usize| head.iter().skip(skip).step_by(2).filter(|&&byte| byte == 0).count();
    let nearly_all = pairs - pairs / 8;
    match (nuls(0), nuls(1)) {
        (0, odd) if odd >= nearly_all => Some(UTF_16LE),
        (even, 0) if even >= nearly_all => Some(UTF_16BE),
        _ => None,
    }
}

/// A place in a text, for people: both start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Lines end at LF, CRLF or a lone CR.
    pub line: u64,
    /// Code points of the decoded line; a byte that does not decode is one.
    pub column: u64,
    /// The same in bytes, for those who count these.
    pub byte_column: u64,
}

/// Turns offsets into positions while a text goes past, in one forward pass and in bounded memory.
#[derive(Debug, Clone)]
pub struct Locator {
    offset: usize,
    position: Position,
}

impl Default for Locator {
    fn default() -> Self {
        Self { offset: 0, position: Position { line: 1, column: 1, byte_column: 1 } }
    }
}

impl Locator {
    /// Moves on to `offset` and says where that is. `bytes` is the part of the text that starts at `base` and holds
    /// everything from the last offset asked for to this one (and, for a CR at its end, the byte behind).
    ///
    /// # Panics
    /// If `offset` lies before the one asked for last, or `bytes` does not hold what it must.
    pub fn advance(&mut self, bytes: &[u8], base: usize, offset: usize) -> Position {
        let passed = self.offset - base..offset - base;
        let line_start = self.count_lines(bytes, passed.clone());
        if line_start.is_some() {
            (self.position.column, self.position.byte_column) = (1, 1);
        }
        let before = &bytes[line_start.unwrap_or(passed.start)..passed.end];
        self.position.column += code_points(before);
        self.position.byte_column += before.len() as u64;
        self.offset = offset;
        self.position
    }

    /// Counts the line ends in `range`; returns where the last line begins, if one does.
    fn count_lines(&mut self, bytes: &[u8], range: Range<usize>) -> Option<usize> {
        let mut line_start = None;
        for at in memchr::memchr2_iter(b'\n', b'\r', &bytes[range.clone()]) {
            let at = range.start + at;
            // The CR of a CRLF: the LF ends the line.
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            self.position.line += 1;
            line_start = Some(at + 1);
        }
        line_start
    }
}

/// Code points in `bytes`; a byte that does not decode is one.
fn code_points(bytes: &[u8]) -> u64 {
    let count: usize = bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
    count as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(bytes: &[u8], offset: usize) -> (u64, u64) {
        let Position { line, column, .. } = Locator::default().advance(bytes, 0, offset);
        (line, column)
    }

    #[test]
    fn lines_end_at_lf_crlf_and_a_lone_cr() {
        let text = b"a\nb\r\nc\rd";
        let found: Vec<_> = [0, 2, 5, 7].map(|offset| position(text, offset)).to_vec();
        assert_eq!(found, [(1, 1), (2, 1), (3, 1), (4, 1)]);
    }

    #[test]
    fn a_column_counts_code_points_and_bytes_that_do_not_decode() {
        assert_eq!(position("clé=x".as_bytes(), 5), (1, 5));
        assert_eq!(position(b"cl\xe9=x", 4), (1, 5));
    }

    #[test]
    fn stepwise_and_at_once_agree_over_a_split_crlf() {
        let text = b"one\r\ntwo\r\nthree";
        for step in 0..=12 {
            let mut locator = Locator::default();
            locator.advance(text, 0, step);
            assert_eq!(
                locator.advance(text, 0, 12),
                Position { line: 3, column: 3, byte_column: 3 },
                "by way of {step}"
            );
        }
    }

    #[test]
    fn utf16_is_known_by_its_mark_or_its_nuls() {
        let le: Vec<u8> = "[default]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "[default]\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Form::of(&le), Form::Utf16(UTF_16LE));
        assert_eq!(Form::of(&be), Form::Utf16(UTF_16BE));
        assert_eq!(Form::of(b"\xff\xfea\0"), Form::Utf16(UTF_16LE));
        assert_eq!(Form::of(b"\xef\xbb\xbfa"), Form::Bytes { mark: 3 });
        assert_eq!(Form::of(b"\x7fELF\0\0\0\0"), Form::Bytes { mark: 0 });
        assert_eq!(Form::of(b""), Form::Bytes { mark: 0 });
    }
}
