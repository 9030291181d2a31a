//! Credentials of AWS that are neither key ID nor secret: session tokens, Bedrock keys and others.
//!
//! Each is known by its own door and read here by hand; [`crate::rules`] says what each is and where its format is
//! documented.

use super::units::{self, Run};
use super::{DismissedKind, Reason, Verdict, examples, randomness};
use crate::credential::{Account, KeyId, Secret};
use crate::prefilter::{Token, escape_letters_before, is_base64};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A token, and what it tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenValue {
    /// Which kind.
    pub kind: Token,
    /// The token.
    pub secret: Secret,
    /// The account that it names.
    pub account: Option<Account>,
    /// The key ID that it names.
    pub key_id: Option<KeyId>,
    /// Do its surroundings, and not only its form, say what it is?
    pub sure: bool,
}

/// Characters of a token that are read; AWS sets no bound, 1,300 have been seen.
const LONGEST: usize = 4000;

/// Characters of the shortest session token: the oldest have some 270.
const SHORTEST_SESSION: usize = 100;

/// Bytes before a value in which the words stand that say what it is.
const CONTEXT: usize = 300;

/// Entropy in bits per character below which nobody drew a long token at random.
const MIN_ENTROPY: f64 = 4.0;

/// The verdict on the token at a door, and where it is written; nothing where there is none.
pub(crate) fn judge(kind: Token, bytes: &[u8], at: usize) -> Option<(Run, Verdict)> {
    if kind != Token::SmtpPassword && !kind.opens(&bytes[at..]) {
        return None;
    }
    let (run, value) = match kind {
        Token::Session => session(bytes, at)?,
        Token::Bedrock => bedrock(bytes, at)?,
        Token::BedrockShort => bedrock_short(bytes, at)?,
        Token::EcrAuthorization => ecr(bytes, at)?,
        Token::Mws => fixed(kind, bytes, at, 9 + 36, |byte| byte.is_ascii_hexdigit() || byte == b'-')?,
        Token::AppSync => fixed(kind, bytes, at, 4 + 26, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())?,
        Token::CodeCommit => code_commit(bytes, at)?,
        Token::ServiceUser => service_user(bytes, at)?,
        Token::Sso => sso(bytes, at)?,
        Token::PrivateKey => private_key(bytes, at)?,
        Token::SmtpPassword => smtp_password(bytes, at)?,
    };
    let text = value.secret.expose();
    let example = examples::is_documented_secret(text)
        || text.contains("...")
        || kind_names_user(kind) && value.account.is_some_and(Account::is_documented);
    let reason = if example {
        Some(Reason::DocumentedExample)
    } else {
        (kind != Token::Mws && randomness::entropy(text.as_bytes()) < min_entropy(kind)).then_some(Reason::LowEntropy)
    };
    let verdict = match reason {
        Some(reason) => Verdict::Dismissed(value.secret, DismissedKind::Secret, reason),
        None => Verdict::Kept(super::Value::Token(value)),
    };
    Some((run, verdict))
}

/// Is the account part of a name that somebody wrote, rather than of the token?
fn kind_names_user(kind: Token) -> bool {
    matches!(kind, Token::CodeCommit | Token::ServiceUser)
}

/// Base 36 has less entropy in 30 characters than base64 in hundreds.
fn min_entropy(kind: Token) -> f64 {
    if kind == Token::AppSync { 3.0 } else { MIN_ENTROPY }
}

fn value_of(kind: Token, text: &[u8]) -> TokenValue {
    let secret = Secret::new(String::from_utf8_lossy(text));
    TokenValue { kind, secret, account: None, key_id: None, sure: true }
}

/// A session token is base64 of a small record: any byte, a line feed, the length of a name and the name. Its
/// second to fourth characters are `[AQgw]o` and one that the length decides.
fn session(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let start = at.checked_sub(2)?;
    let names: [&[u8]; 3] = [b"oJb3JpZ2luX2Vj", b"oGZXIvYXdz", b"oDYXdz"];
    let is_named = names.iter().any(|name| bytes[at..].starts_with(name));
    if !is_named || !b"AQgw".contains(&bytes[at - 1]) || !is_free(bytes, start) {
        return None;
    }
    long_run(Token::Session, bytes, start, SHORTEST_SESSION)
}

/// No letter of the same word stands before `at`.
fn is_free(bytes: &[u8], at: usize) -> bool {
    is_base64(bytes[at])
        && (at == 0 || !is_base64(bytes[at - 1]) || escape_letters_before(bytes, at) > 0 || bytes[at - 1] == b'/')
}

/// A run of base64 of at least `shortest` characters, with its padding.
fn long_run(kind: Token, bytes: &[u8], at: usize, shortest: usize) -> Option<(Run, TokenValue)> {
    let mut run = units::run(bytes, at, LONGEST);
    if run.plain.len() < shortest {
        return None;
    }
    let padding = bytes[run.written.end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    run.written.end += padding;
    run.plain.extend(std::iter::repeat_n(b'=', padding));
    let value = value_of(kind, &run.plain);
    Some((run, value))
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    STANDARD_NO_PAD.decode(text).ok()
}

/// Base64 of `AWS:` and a token, which is base64 itself: what decodes to anything else was made up.
fn ecr(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let (run, value) = long_run(Token::EcrAuthorization, bytes, at, 100)?;
    let whole = &run.plain[..run.plain.len() / 4 * 4];
    decoded(whole)?.iter().all(u8::is_ascii_graphic).then_some((run, value))
}

/// `ABSK` and base64 of `NAME-at-ACCOUNT:SECRET`.
fn bedrock(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    if !is_free(bytes, at) {
        return None;
    }
    let (run, value) = long_run(Token::Bedrock, bytes, at, 4 + 105)?;
    let plain = decoded(&run.plain[4..])?;
    let name_end = memchr::memchr(b':', &plain)?;
    let account = account_behind_at(&plain[..name_end])?;
    Some((run, TokenValue { account: Some(account), ..value }))
}

/// The account in `NAME-at-ACCOUNT`, or `NAME-at-ACCOUNT+N`.
fn account_behind_at(user: &[u8]) -> Option<Account> {
    let user = std::str::from_utf8(user).ok()?;
    let (_, account) = user.rsplit_once("-at-")?;
    Account::parse(account.split('+').next()?)
}

/// `bedrock-api-key-` and base64 of a presigned URL, which names a temporary key.
fn bedrock_short(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let name = b"bedrock-api-key-".len();
    let (mut run, _) = long_run(Token::BedrockShort, bytes, at + name, 60)?;
    let plain = decoded(&run.plain)?;
    if !plain.starts_with(b"bedrock.amazonaws.com") {
        return None;
    }
    let id_at = memchr::memmem::find(&plain, b"Credential=").map(|label| label + b"Credential=".len());
    let key_id = id_at.and_then(|id_at| KeyId::parse(plain.get(id_at..id_at + KeyId::LEN)?));
    run.written.start = at;
    run.plain.splice(0..0, bytes[at..at + name].iter().copied());
    let value = value_of(Token::BedrockShort, &run.plain);
    Some((run, TokenValue { key_id, account: key_id.and_then(|id| id.account()), ..value }))
}

/// A token of `len` characters, the literal of its door included, whose others are `of` a kind.
fn fixed(kind: Token, bytes: &[u8], at: usize, len: usize, of: fn(u8) -> bool) -> Option<(Run, TokenValue)> {
    let text = bytes.get(at..at + len)?;
    let literal = if kind == Token::Mws { 9 } else { 4 };
    let ends = |place: Option<&u8>| !place.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let alone =
        at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric()) && ends(bytes.get(at + len));
    let dashes = memchr::memchr_iter(b'-', text).count();
    let fits =
        alone && text[literal..].iter().all(|&byte| of(byte)) && dashes == if kind == Token::Mws { 4 } else { 1 };
    fits.then(|| plain_run(kind, bytes, at..at + len))
}

fn plain_run(kind: Token, bytes: &[u8], written: std::ops::Range<usize>) -> (Run, TokenValue) {
    let plain = bytes[written.clone()].to_vec();
    let value = value_of(kind, &plain);
    (Run { written, plain, ways: Vec::new() }, value)
}

/// `https://NAME-at-ACCOUNT:PASSWORD@git-codecommit...`; the password is 44 characters, its `=` percent-encoded.
fn code_commit(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let before = &bytes[at.saturating_sub(CONTEXT)..at];
    let user_at = memchr::memmem::rfind(before, b"://")? + 3;
    let colon = user_at + memchr::memchr(b':', &before[user_at..])?;
    let account = account_behind_at(&before[user_at..colon])?;
    let start = at - before.len() + colon + 1;
    let mut run = units::run(bytes, start, 60);
    while let Some(b"%3D" | b"%3d") = bytes.get(run.written.end..run.written.end + 3) {
        run.written.end += 3;
        run.plain.push(b'=');
    }
    if run.written.end != at || run.plain.len() < 40 {
        return None;
    }
    let value = value_of(Token::CodeCommit, &run.plain);
    Some((run, TokenValue { account: Some(account), ..value }))
}

/// Bytes behind a user name in which its password must stand.
const PASSWORD_NEAR: usize = 100;

/// `NAME-at-ACCOUNT`, and near behind it a password: 43 characters of base64 and a `=`, as IAM makes them.
fn service_user(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let digits_at = at + 4;
    let digits = std::str::from_utf8(bytes.get(digits_at..digits_at + 12)?).ok()?;
    let account = Account::parse(digits)?;
    let named = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let from = digits_at + 12;
    let near = &bytes[from..bytes.len().min(from + PASSWORD_NEAR)];
    let start = (0..near.len()).find(|&start| {
        let run = near[start..].iter().take_while(|&&byte| is_base64(byte)).count();
        let begins = start == 0 || !is_base64(near[start - 1]);
        begins && run == 43 && near.get(start + 43) == Some(&b'=') && near.get(start + 44) != Some(&b'=')
    })?;
    let written = from + start..from + start + 44;
    let (run, value) = plain_run(Token::ServiceUser, bytes, written);
    named.then_some((run, TokenValue { account: Some(account), ..value }))
}

/// `aoaAAAAA...` (access) and `aorAAAAA...` (refresh), in the caches of `aws sso login`.
fn sso(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let len = bytes[at..].iter().take(LONGEST).take_while(|&&byte| is_base64(byte) || b"-_:=".contains(&byte)).count();
    let free = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    (free && len >= 100).then(|| plain_run(Token::Sso, bytes, at..at + len))
}

/// A PEM private key. That AWS made it, only its surroundings can tell: `KeyMaterial` of EC2's answer, or the name
/// of a `CloudFront` key pair.
fn private_key(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let line = &bytes[at.saturating_sub(40)..at];
    let begin = at - line.len() + memchr::memmem::rfind(line, b"-----BEGIN ")?;
    let body = at + b"PRIVATE KEY-----".len();
    let end = body + memchr::memmem::find(&bytes[body..bytes.len().min(body + LONGEST)], b"-----END")?;
    if !is_pem_body(&bytes[body..end]) {
        return None;
    }
    let context = &bytes[begin.saturating_sub(CONTEXT)..begin];
    let sure = [&b"KeyMaterial"[..], b"pk-APKA", b"rsa-APKA", b"cloudfront", b"CloudFront", b"LightsailDefaultKey"]
        .iter()
        .any(|word| memchr::memmem::find(context, word).is_some());
    let (mut run, _) = plain_run(Token::PrivateKey, bytes, begin..body);
    run.plain = bytes[body..end].iter().copied().filter(|&byte| is_base64(byte)).collect();
    let value = value_of(Token::PrivateKey, &run.plain);
    Some((run, TokenValue { sure, ..value }))
}

/// A line break, as itself or as an escape, and base64 from there on.
fn is_pem_body(body: &[u8]) -> bool {
    let text = [&b"\r\n"[..], b"\n", b"\\r\\n", b"\\n"].iter().find_map(|line_break| body.strip_prefix(*line_break));
    text.is_some_and(|text| text.len() > 100 && text.iter().take(60).all(|&byte| is_base64(byte)))
}

/// 33 bytes in base64, of which the first is the version: 4 (`B[A-P]`) or 2 (`A[g-v]`). So little form needs a word.
fn smtp_password(bytes: &[u8], at: usize) -> Option<(Run, TokenValue)> {
    let is_version = matches!(bytes[at..], [b'B', b'A'..=b'P', ..] | [b'A', b'g'..=b'v', ..]);
    let context = bytes[at.saturating_sub(CONTEXT)..at].to_ascii_lowercase();
    let is_said =
        [&b"smtp"[..], b"ses_", b"ses-", b"email"].iter().any(|word| memchr::memmem::find(&context, word).is_some());
    (is_version && is_said).then(|| plain_run(Token::SmtpPassword, bytes, at..at + 44))
}
