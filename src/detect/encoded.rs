//! Encodings that hide a credential's characters, and what they hide.
//!
//! An encoding is unfolded only where a door asks for it, around the hit and within [`super::MARGIN`]. Claimed
//! today: base64 on one line, of a value alone or of a text that holds a key ID. What else people wrap credentials
//! in (percent, JSON and XML escapes, wrapped base64, split literals) has no door yet.

use crate::prefilter::{Door, Hit, KEY_ID_PREFIXES, is_base64};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

/// An encoding around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// RFC 4648 section 4.
    Base64,
}

impl Encoding {
    /// As the reports' `inside` names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
        }
    }
}

/// An encoded text and its meaning.
#[derive(Debug)]
pub(crate) struct Unfolded {
    /// Where it is written.
    pub(crate) written: Range<usize>,
    /// What it means.
    pub(crate) plain: Vec<u8>,
    pub(crate) encoding: Encoding,
}

/// The text in which an encoding stands.
#[derive(Debug)]
pub(crate) struct Outer<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) written: Range<usize>,
}

/// Groups of four base64 characters that are decoded before and behind a hit: together with the group itself 3 KiB,
/// within the margin, and enough for any credentials file in base64.
const GROUPS_BEFORE: usize = 256;
const GROUPS_BEHIND: usize = 512;

/// What of a text has been unfolded, so that many hits in one encoded text unfold it once: the offset up to which
/// this was done, for each of the four ways in which groups of four can lie.
#[derive(Debug, Default)]
pub(crate) struct Coverage([usize; 4]);

impl Coverage {
    /// The text around an encoded hit in `bytes`, which start at `base`; nothing where it does not decode, or has
    /// been unfolded.
    pub(crate) fn unfold(&mut self, bytes: &[u8], base: usize, hit: Hit) -> Option<Unfolded> {
        let quad = match hit.door {
            Door::EncodedKeyId { quad } => quad,
            Door::EncodedSecret { len } => return unfold(bytes, hit.at..hit.at + len),
            Door::KeyId | Door::Secret => return None,
        };
        let group_at = hit.at.checked_sub(quad)?;
        let covered = &mut self.0[(base + group_at) % 4];
        if base + hit.at < *covered {
            return None;
        }
        let unfolded = unfold(bytes, groups_around(bytes, group_at))?;
        *covered = base + unfolded.written.end;
        // The door's characters leave some bits of the prefix open, so it fires for its neighbours as well.
        holds_key_id_prefix(&unfolded.plain).then_some(unfolded)
    }
}

fn holds_key_id_prefix(plain: &[u8]) -> bool {
    plain.windows(4).any(|window| KEY_ID_PREFIXES.iter().any(|prefix| prefix == window))
}

fn unfold(bytes: &[u8], written: Range<usize>) -> Option<Unfolded> {
    let plain = LENIENT.decode(&bytes[written.clone()]).ok()?;
    let padding = bytes[written.end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    Some(Unfolded { written: written.start..written.end + padding, plain, encoding: Encoding::Base64 })
}

/// Takes text without its padding, and a last group whose spare bits are set.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The base64 characters around `at`, where a group of four starts, without padding.
fn groups_around(bytes: &[u8], at: usize) -> Range<usize> {
    let is_group = |group: &[u8]| group.iter().all(|&byte| is_base64(byte));
    let before = bytes[..at].rchunks_exact(4).take(GROUPS_BEFORE).take_while(|group| is_group(group)).count();
    let behind = bytes[at..].iter().take(4 * GROUPS_BEHIND).take_while(|&&byte| is_base64(byte)).count();
    // A single character behind the last whole group decodes to nothing.
    let behind = if behind % 4 == 1 { behind - 1 } else { behind };
    at - 4 * before..at + behind
}
