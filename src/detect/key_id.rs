//! Access key IDs: is what stands at a prefix a key ID, and what is it used for?

use super::encoded::Encoding;
use super::{DismissedKind, Reason, Value, Verdict, examples, randomness, units};
use crate::credential::{KeyId, Secret};
use crate::prefilter::{escape_letters_before, is_base64};
use std::ops::Range;

/// What a text uses a key ID for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A credential, as far as the text tells.
    Credential,
    /// It names the signer of a request (presigned URL, `Authorization` header): public by design, the secret is not
    /// beside it.
    Request,
}

/// Characters directly behind a `/` or `+` beside an ID that, on both sides, make it a chance hit in encoded data:
/// a name in a path is rarely that long and of mixed case with digits, and hardly ever on both sides.
const ENCODED_NEIGHBOUR: usize = 20;

/// Shannon entropy of the sixteen characters, in bits each, below which an ID was not drawn at random: one in 100,000
/// random bodies is lower (exact enumeration; `reference` figure 2.53).
const MIN_ENTROPY: f64 = 2.53;

/// The verdict on the key ID at `at`, where a prefix stands, and where it is written; nothing where it is no key ID.
///
/// Its characters may be split over literals. Boundaries are written by hand rather than as `\b`, to which `_` is a
/// letter: `key_AKIA...` counts.
pub(crate) fn judge(bytes: &[u8], at: usize) -> Option<(units::Run, Verdict)> {
    let run = units::run(bytes, at, KeyId::LEN);
    let id = KeyId::parse(&run.plain).filter(KeyId::has_known_prefix)?;
    let before = at - escape_letters_before(bytes, at);
    let touched = before == at && at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let value = run.written.clone();
    // An escape for a letter or digit would be a strange way to write a key ID.
    if touched || run.ways.iter().any(|&way| way != Encoding::Joined && way != Encoding::QuotedPrintable) {
        return None;
    }
    if bytes.get(value.end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let verdict = match reason(bytes, &value, &id) {
        Some(reason) => Verdict::Dismissed(Secret::new(id.as_str()), DismissedKind::KeyId, reason),
        None => Verdict::Kept(Value::KeyId(id, usage(bytes, &value))),
    };
    Some((run, verdict))
}

fn reason(bytes: &[u8], value: &Range<usize>, id: &KeyId) -> Option<Reason> {
    if examples::is_documented_key_id(id.as_str()) {
        Some(Reason::DocumentedExample)
    } else if examples::is_placeholder(id.as_str()) || randomness::entropy(id.body()) < MIN_ENTROPY {
        Some(Reason::Placeholder)
    } else if randomness::has_sequence(id.body()) {
        Some(Reason::Sequence)
    } else if is_encoded(bytes[..value.start].iter().rev()) && is_encoded(bytes[value.end..].iter()) {
        Some(Reason::InsideBase64)
    } else {
        None
    }
}

/// Does base64 data, rather than a path, go on beside the ID? `side` leads away from it.
fn is_encoded<'b>(side: impl Iterator<Item = &'b u8>) -> bool {
    let mut side = side.copied();
    let joined = matches!(side.next(), Some(b'/' | b'+'));
    let word: Vec<u8> = side.take(ENCODED_NEIGHBOUR).take_while(u8::is_ascii_alphanumeric).collect();
    let has = |of: fn(&u8) -> bool| word.iter().any(of);
    joined
        && word.len() == ENCODED_NEIGHBOUR
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

/// Does the ID name the signer of a request? Sources: AWS general reference, "Elements of an AWS API request
/// signature" (the credential scope `ID/date/region/service/aws4_request` of version 4, also percent-encoded); S3
/// developer guide, "Signing and authenticating REST requests" for version 2.
fn usage(bytes: &[u8], value: &Range<usize>) -> Use {
    let (before, behind) = (&bytes[..value.start], &bytes[value.end..]);
    if is_scope(behind) || is_v2_query(before, behind) || is_v2_header(before, behind) {
        Use::Request
    } else {
        Use::Credential
    }
}

/// `/20241231/` or, percent-encoded once or twice, `%2F20241231%2F`.
fn is_scope(behind: &[u8]) -> bool {
    [&b"/"[..], b"%2F", b"%2f", b"%252F", b"%252f"].iter().any(|slash| {
        let date = behind.strip_prefix(*slash).unwrap_or_default();
        date.starts_with(b"20") && date.iter().take_while(|byte| byte.is_ascii_digit()).count() == 8
    })
}

/// `AWSAccessKeyId=ID&...`
fn is_v2_query(before: &[u8], behind: &[u8]) -> bool {
    let label = b"awsaccesskeyid=";
    let labelled = before.len() >= label.len() && before[before.len() - label.len()..].eq_ignore_ascii_case(label);
    labelled && behind.starts_with(b"&")
}

/// `Authorization: AWS ID:signature`, where the signature is 27 base64 characters and a `=`.
fn is_v2_header(before: &[u8], behind: &[u8]) -> bool {
    let signature = behind.strip_prefix(b":").unwrap_or_default();
    before.ends_with(b"AWS ") && signature.iter().take_while(|&&byte| is_base64(byte)).count() == 27
}
