//! Encodings that hide a credential's characters, and what they hide.
//!
//! An encoding is unfolded only where a door asks for it, around the hit and within [`super::MARGIN`]. Here:
//! base64, also wrapped over lines, and characters of two or four bytes inside binary files. Escapes and split
//! literals, which change single characters, are `units`' business.

use crate::prefilter::{Door, Hit, is_base64};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

/// A way in which a value is written, other than as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// RFC 4648 section 4.
    Base64,
    /// UTF-16, in either byte order, inside something else.
    Utf16,
    /// UTF-32, in either byte order.
    Utf32,
    /// Percent-encoding, RFC 3986 section 2.1.
    Percent,
    /// The escapes of JSON strings, RFC 8259 section 7, which many languages share.
    Json,
    /// Character references of XML and HTML.
    Xml,
    /// RFC 2045 section 6.7.
    QuotedPrintable,
    /// Split into literals that source code joins.
    Joined,
}

impl Encoding {
    /// As the reports' `inside` names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
            Self::Percent => "percent",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::QuotedPrintable => "quoted-printable",
            Self::Joined => "joined literals",
        }
    }
}

/// An encoded text and its meaning.
pub(crate) struct Unfolded {
    /// Where it is written.
    pub(crate) written: Range<usize>,
    /// What it means.
    pub(crate) plain: Vec<u8>,
    pub(crate) encoding: Encoding,
    /// Was the encoded text longer than what is read at once, at its start and at its end?
    pub(crate) cut: (bool, bool),
    places: Places,
}

/// Where each part of an encoded text is written.
enum Places {
    /// The places of the base64 characters.
    Base64(Vec<usize>),
    /// The width of a character; they stand side by side.
    Wide(usize),
}

impl Unfolded {
    /// Where the byte at `offset` of the meaning is written.
    pub(crate) fn place(&self, offset: usize) -> usize {
        match &self.places {
            Places::Base64(places) => places.get(offset * 4 / 3).copied().unwrap_or(self.written.end),
            Places::Wide(width) => self.written.start + offset * width,
        }
    }
}

/// The text in which an encoding stands.
#[derive(Clone)]
pub(crate) struct Outer<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) written: Range<usize>,
}

/// Base64 characters that are decoded before and behind a hit. With line breaks and indentation they stay within the
/// margin; what is longer is unfolded again around its later hits.
const BEFORE: usize = 2048;
const BEHIND: usize = 5000;

/// Characters at the end of a cut text that are left to the next hit: a key ID there has its secret beyond the cut.
const LEFT_OVER: usize = 1400;

/// Characters of a line from which it may be one of a wrapped text; 64 and 76 are usual.
const WRAPPED_LINE: usize = 60;

/// Bytes of a wide text that are read before and behind a hit.
const WIDE: usize = 6000;

/// What of a text has been unfolded, so that many hits in one encoded text unfold it once.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// Where the groups start that were decoded, text by text; those that lie before the last hit are forgotten.
    groups: Vec<Vec<usize>>,
    /// Up to where characters of two and of four bytes were read, for each way in which they can lie.
    wide: [[usize; 4]; 2],
}

impl Coverage {
    /// The text around an encoded hit in `bytes`, which start at `base`; nothing where it does not decode, or has
    /// been unfolded.
    ///
    /// A line before the hit may be one of the same wrapped text or of another: then there are two readings.
    pub(crate) fn unfold(&mut self, bytes: &[u8], base: usize, hit: Hit) -> Vec<Unfolded> {
        match hit.door {
            Door::EncodedSecret { len } => {
                decode(bytes, (hit.at..hit.at + len).collect(), (false, false)).into_iter().collect()
            }
            Door::Encoded { quad } => {
                hit.at.checked_sub(quad).map(|group_at| self.unfold_base64(bytes, base, group_at)).unwrap_or_default()
            }
            Door::Wide { width } => self.unfold_wide(bytes, base, hit.at, width),
            Door::KeyId | Door::Secret | Door::Token(_) | Door::Label => Vec::new(),
        }
    }

    fn unfold_base64(&mut self, bytes: &[u8], base: usize, group_at: usize) -> Vec<Unfolded> {
        // Doors stand up to three characters into their group, so groups may come slightly out of order.
        self.groups.retain(|groups| groups.last().is_some_and(|&last| last + 4 > base + group_at));
        if self.groups.iter().any(|groups| groups.binary_search(&(base + group_at)).is_ok()) {
            // Read as the continuation of the line before; it may be a text of its own.
            let starts_line = break_before(bytes, group_at).is_some();
            return starts_line.then(|| base64_from(bytes, group_at, Vec::new())).flatten().into_iter().collect();
        }
        let readings = base64_around(bytes, group_at);
        for reading in &readings {
            let Places::Base64(places) = &reading.places else { continue };
            let left_over = if reading.cut.1 { LEFT_OVER } else { 0 };
            let kept = places.len() - left_over.min(places.len());
            self.groups.push(places[..kept].iter().step_by(4).map(|place| base + place).collect());
        }
        readings
    }

    fn unfold_wide(&mut self, bytes: &[u8], base: usize, at: usize, width: usize) -> Vec<Unfolded> {
        let covered = &mut self.wide[width / 4][(base + at) % 4];
        if base + at < *covered {
            return Vec::new();
        }
        let reading = wide_around(bytes, at, width);
        let left_over = if reading.cut.1 { LEFT_OVER } else { 0 };
        *covered = base + reading.written.end.saturating_sub(left_over).max(at + 1);
        vec![reading]
    }
}

/// Takes text without its padding, and a last group whose spare bits are set.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes the characters at `places`; padding may stand behind them.
fn decode(bytes: &[u8], places: Vec<usize>, cut: (bool, bool)) -> Option<Unfolded> {
    let text: Vec<u8> = places.iter().map(|&place| bytes[place]).collect();
    let plain = LENIENT.decode(text).ok()?;
    let (start, last) = (*places.first()?, *places.last()?);
    let padding = bytes[last + 1..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let written = start..last + 1 + padding;
    Some(Unfolded { written, plain, encoding: Encoding::Base64, cut, places: Places::Base64(places) })
}

/// The base64 text around `at`, where a group of four starts: with the lines before it and, if there are any,
/// without.
fn base64_around(bytes: &[u8], at: usize) -> Vec<Unfolded> {
    let joined = places_before(bytes, at);
    let of_line = joined.iter().rev().zip(1..).take_while(|&(&place, back)| place + back == at).count();
    let mut readings = vec![joined.clone()];
    if of_line < joined.len() {
        readings.push(joined[joined.len() - of_line / 4 * 4..].to_vec());
    }
    readings.into_iter().filter_map(|places| base64_from(bytes, at, places)).collect()
}

/// The base64 text that goes on from `at`, behind the characters at `places`.
fn base64_from(bytes: &[u8], at: usize, mut places: Vec<usize>) -> Option<Unfolded> {
    let before = places.len();
    places_behind(bytes, at, &mut places);
    let cut = (before == BEFORE, places.len() - before == BEHIND);
    // A single character behind the last whole group decodes to nothing.
    places.truncate(places.len() - usize::from(places.len() % 4 == 1));
    decode(bytes, places, cut)
}

/// The characters before `at`, in whole groups.
fn places_before(bytes: &[u8], at: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut end = at;
    while places.len() < BEFORE {
        if end > 0 && is_base64(bytes[end - 1]) && !is_escaped_break(bytes, end) {
            end -= 1;
            places.push(end);
        } else if let Some(line_end) = break_before(bytes, end) {
            end = line_end;
        } else {
            break;
        }
    }
    places.truncate(places.len() / 4 * 4);
    places.reverse();
    places
}

/// Appends the characters from `at` on.
fn places_behind(bytes: &[u8], at: usize, places: &mut Vec<usize>) {
    let limit = places.len() + BEHIND;
    let mut end = at;
    loop {
        let room = limit - places.len();
        let run = bytes[end..].iter().take(room).take_while(|&&byte| is_base64(byte)).count();
        places.extend(end..end + run);
        end += run;
        let next = break_len(&bytes[end..]).map(|len| end + len);
        let goes_on = |next: &usize| {
            line_length_before(bytes, end) >= WRAPPED_LINE && bytes.get(*next).copied().is_some_and(is_base64)
        };
        match next.filter(goes_on) {
            Some(next) if places.len() < limit => end = next,
            _ => return,
        }
    }
}

/// The bytes of a line break, as itself or as an escape in a literal, with the indentation behind it.
fn break_len(rest: &[u8]) -> Option<usize> {
    let len = match rest {
        [b'\r', b'\n', ..] | [b'\\', b'n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    Some(len + rest[len..].iter().take(64).take_while(|&&byte| byte == b' ' || byte == b'\t').count())
}

/// Where the line before ends, if a line of wrapped text does, right before `start` and its indentation.
fn break_before(bytes: &[u8], start: usize) -> Option<usize> {
    let indented = bytes[..start].iter().rev().take(64).take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    let line_end = match &bytes[..start - indented] {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\\', b'n'] | [rest @ .., b'\n'] => rest.len(),
        _ => return None,
    };
    (line_length_before(bytes, line_end) >= WRAPPED_LINE).then_some(line_end)
}

/// Is the letter before `end` the one of an escaped line break?
fn is_escaped_break(bytes: &[u8], end: usize) -> bool {
    bytes[..end].ends_with(b"\\n")
}

/// Base64 characters right before `end`, no more than make a wrapped line.
fn line_length_before(bytes: &[u8], end: usize) -> usize {
    bytes[..end].iter().rev().take(WRAPPED_LINE).take_while(|&&byte| is_base64(byte)).count()
}

/// The text in wide characters around the one at `at`; the bytes between its characters are 0.
fn wide_around(bytes: &[u8], at: usize, width: usize) -> Unfolded {
    let is_letter =
        |place: usize| bytes.get(place).is_some_and(|&byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    let is_gap = |from: usize| bytes.get(from..from + width - 1).is_some_and(|gap| gap.iter().all(|&byte| byte == 0));
    let mut start = at;
    while at - start < WIDE && start >= width && is_letter(start - width) && is_gap(start + 1 - width) {
        start -= width;
    }
    let mut end = at + 1;
    while end - at < WIDE && is_gap(end) && is_letter(end + width - 1) {
        end += width;
    }
    let plain = bytes[start..end].iter().copied().step_by(width).collect();
    let encoding = if width == 2 { Encoding::Utf16 } else { Encoding::Utf32 };
    let cut = (at - start >= WIDE, end - at >= WIDE);
    Unfolded { written: start..end, plain, encoding, cut, places: Places::Wide(width) }
}
