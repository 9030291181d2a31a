//! Secret access keys: is a run of exactly forty base64 characters one?
//!
//! The characters speak first (documented examples, hashes, mixes that random values do not have). Neighbours speak
//! where no label does: a line of a certificate is as random as a secret.

use super::encoded::Outer;
use super::label::Label;
use super::units::Run;
use super::{DismissedKind, Reason, Value, Verdict, bigram, examples, randomness};
use crate::credential::{KeyId, Secret};
use crate::prefilter::{SECRET_LEN, is_base64};
use std::ops::Range;

/// The verdict on the run of forty at `at`. `outer` is the text around an encoding that holds nothing but the value:
/// there its label stands.
pub(crate) fn judge(bytes: &[u8], at: usize, outer: Option<&Outer<'_>>) -> (Range<usize>, Verdict) {
    let value = at..at + SECRET_LEN;
    let text = std::str::from_utf8(&bytes[value.clone()]).expect("the door lets base64 characters through only");
    // Most runs of forty are hashes and end here, before anybody looks for a label.
    if let Some(reason) = objection_to_characters(text) {
        return (value, dismissed(text, reason));
    }
    let is_alone = bytes.trim_ascii() == text.as_bytes();
    let label = match outer {
        Some(outer) if is_alone => Label::of(outer.bytes, outer.written.start),
        None if is_alone => Label::Alone,
        _ => Label::of(bytes, at),
    };
    let verdict = match objection_to_place(bytes, &value, label) {
        Some(reason) => dismissed(text, reason),
        None => Verdict::Kept(Value::Secret(Secret::new(text), label)),
    };
    (value, verdict)
}

/// The verdict on a value that is written in `run`, with escapes or split, and its label; nothing unless it has the
/// length of a secret.
pub(crate) fn judge_escaped(bytes: &[u8], run: &Run) -> Option<(Verdict, Label)> {
    let text = std::str::from_utf8(&run.plain).ok().filter(|text| text.len() == SECRET_LEN)?;
    let label = Label::of(bytes, run.written.start);
    let verdict = match objection_to_characters(text) {
        Some(reason) => dismissed(text, reason),
        None => Verdict::Kept(Value::Secret(Secret::new(text), label)),
    };
    Some((verdict, label))
}

fn dismissed(text: &str, reason: Reason) -> Verdict {
    Verdict::Dismissed(Secret::new(text), DismissedKind::Secret, reason)
}

fn objection_to_characters(text: &str) -> Option<Reason> {
    if examples::is_documented_secret(text) {
        return Some(Reason::DocumentedExample);
    }
    let placeholder = || examples::is_placeholder(text).then_some(Reason::Placeholder);
    randomness::objection(text.as_bytes()).or_else(placeholder)
}

fn objection_to_place(bytes: &[u8], value: &Range<usize>, label: Label) -> Option<Reason> {
    if bytes.get(value.end) == Some(&b'=') {
        return Some(Reason::FollowedByEquals);
    }
    match label {
        Label::Secret | Label::SecretOfStore => None,
        Label::Alone | Label::None => neighbours(bytes, value),
    }
}

/// What speaks against a value that nothing names.
fn neighbours(bytes: &[u8], value: &Range<usize>) -> Option<Reason> {
    if bigram::looks_like_code(&bytes[value.clone()]) {
        return Some(Reason::Code);
    }
    let joint = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| b"-_".contains(byte));
    // A `-` that starts a line is a diff's.
    let starts_line = value.start < 2 || bytes[value.start - 2] == b'\n';
    let before = joint(value.start.checked_sub(1)) && !starts_line && !is_key_id_before(bytes, value.start - 1);
    // The letters of an escape, so the rest of a longer encoded value.
    let escaped = bytes[..value.start].ends_with(b"%");
    if escaped || before || joint(Some(value.end)) && !is_key_id_at(bytes, value.end + 1) {
        Some(Reason::PartOfToken)
    } else if is_line_of_block(bytes, value) {
        Some(Reason::Base64Block)
    } else {
        None
    }
}

/// `ID-SECRET` and `SECRET_ID` are pairs, not tokens.
fn is_key_id_before(bytes: &[u8], end: usize) -> bool {
    end.checked_sub(KeyId::LEN).is_some_and(|start| is_key_id_at(bytes, start))
}

fn is_key_id_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..at + KeyId::LEN).and_then(KeyId::parse).is_some_and(|id| id.has_known_prefix())
}

/// Characters of the lines of a block: certificates have 64, mails 76, few fewer. A longer line is a value of its
/// own.
const BLOCK_LINE: std::ops::RangeInclusive<usize> = SECRET_LEN..=80;

/// Is the value a line by itself, and the last of a block (behind a line of at least its length) or one of its
/// lines (before one of exactly its length)?
fn is_line_of_block(bytes: &[u8], value: &Range<usize>) -> bool {
    let reach = super::MARGIN / 4;
    let before = &bytes[value.start.saturating_sub(reach)..value.start];
    let behind = &bytes[value.end..bytes.len().min(value.end + reach)];
    let (line_before, line_behind) = (before.trim_ascii_end(), behind.trim_ascii_start());
    let starts = line_before.is_empty() || before[line_before.len()..].contains(&b'\n');
    let ends = line_behind.is_empty() || behind[..behind.len() - line_behind.len()].contains(&b'\n');
    let above = block_line(line_before.iter().rev());
    let below = block_line(line_behind.iter());
    starts && ends && (above.is_some_and(|len| BLOCK_LINE.contains(&len)) || below == Some(SECRET_LEN))
}

/// The length of the line that `bytes`, going away from the value, start with, if it is base64 and nothing else.
fn block_line<'b>(bytes: impl Iterator<Item = &'b u8>) -> Option<usize> {
    let mut run = 0;
    for &byte in bytes {
        if !is_base64(byte) {
            return (byte.is_ascii_whitespace() || byte == b'=').then_some(run);
        }
        run += 1;
    }
    Some(run)
}
