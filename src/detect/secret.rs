//! Secret access keys: is a run of exactly forty base64 characters one?
//!
//! The characters speak first (documented examples, hashes, mixes that random values do not have). Neighbours speak
//! where no label does: a line of a certificate is as random as a secret.

use super::encoded::Outer;
use super::label::Label;
use super::{DismissedKind, Reason, Value, Verdict, examples, randomness};
use crate::credential::Secret;
use crate::prefilter::{SECRET_LEN, is_base64};
use std::ops::Range;

/// The verdict on the run of forty at `at`. `outer` is the text around an encoding that holds nothing but the value:
/// there its label stands.
pub(crate) fn judge(bytes: &[u8], at: usize, outer: Option<&Outer<'_>>) -> (Range<usize>, Verdict) {
    let value = at..at + SECRET_LEN;
    let text = std::str::from_utf8(&bytes[value.clone()]).expect("the door lets base64 characters through only");
    let dismissed = |reason| Verdict::Dismissed(Secret::new(text), DismissedKind::Secret, reason);
    // Most runs of forty are hashes and end here, before anybody looks for a label.
    if let Some(reason) = objection_to_characters(text) {
        return (value, dismissed(reason));
    }
    let label = match outer {
        Some(outer) if bytes.trim_ascii() == text.as_bytes() => Label::of(outer.bytes, outer.written.start),
        _ => Label::of(bytes, at),
    };
    let verdict = match objection_to_place(bytes, &value, label) {
        Some(reason) => dismissed(reason),
        None => Verdict::Kept(Value::Secret(Secret::new(text), label)),
    };
    (value, verdict)
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
        Label::Secret => None,
        Label::None => neighbours(bytes, value),
    }
}

fn neighbours(bytes: &[u8], value: &Range<usize>) -> Option<Reason> {
    let before = value.start.checked_sub(1).map(|before| bytes[before]);
    let behind = bytes.get(value.end).copied();
    if [before, behind].iter().flatten().any(|byte| b"-_".contains(byte)) {
        Some(Reason::PartOfToken)
    } else if is_line_of_block(bytes, value) {
        Some(Reason::Base64Block)
    } else {
        None
    }
}

/// Is the value a line by itself, and a neighbouring line nothing but base64 of at least its length?
fn is_line_of_block(bytes: &[u8], value: &Range<usize>) -> bool {
    let before = bytes[..value.start].trim_ascii_end();
    let behind = bytes[value.end..].trim_ascii_start();
    let alone = bytes[before.len()..value.start].contains(&b'\n') || before.is_empty();
    let ended = bytes[value.end..bytes.len() - behind.len()].contains(&b'\n') || behind.is_empty();
    alone && ended && (is_block_line(before.iter().rev()) || is_block_line(behind.iter()))
}

/// Does `bytes`, going away from the value, start with a line of base64?
fn is_block_line<'b>(bytes: impl Iterator<Item = &'b u8>) -> bool {
    let mut run = 0;
    for &byte in bytes.take(super::MARGIN / 4) {
        if !is_base64(byte) {
            return run >= SECRET_LEN && (byte.is_ascii_whitespace() || byte == b'=');
        }
        run += 1;
    }
    run >= SECRET_LEN
}
