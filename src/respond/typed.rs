//! A key whose secret somebody types, or pipes in: never an argument, because those are written into histories and
//! shown to whoever lists processes.

use super::gather::Leak;
use crate::Streams;
use crate::credential::{KeyId, Secret};
use crate::error::{Error, Result};
use std::io::Read;

/// Bytes that are read from standard input: a secret, and a token of any size that was ever seen.
const INPUT_BYTES: u64 = 64 << 10;

/// Characters of a secret.
const SECRET_LEN: usize = 40;

/// `key` with what belongs to it: asked for in secret if somebody is there, otherwise the lines of standard input.
///
/// # Errors
/// Where no secret comes, or what comes is none. What came is never repeated.
pub(super) fn leak(key: KeyId, streams: &mut Streams<'_>) -> Result<Leak> {
    let (secret, token) = if streams.attended { prompted(&key)? } else { piped(streams.input)? };
    if !is_secret(&secret) {
        let count = secret.chars().count();
        return Err(Error::new(format!("what came for {key} is not a secret access key"))
            .because(format!("{count} characters; a secret has {SECRET_LEN}, of A-Z a-z 0-9 + /"))
            .hint("the secret comes first, the session token of a temporary key on the line after it"));
    }
    let secrets = vec![Secret::new(secret)];
    Ok(Leak { still_there: true, secrets, tokens: token.map(Secret::new).into_iter().collect(), ..Leak::new(key) })
}

fn prompted(key: &KeyId) -> Result<(String, Option<String>)> {
    let ask = |what: &str| {
        let answer = rpassword::prompt_password(format!("{what} of {key} (not shown): "));
        answer.map(|answer| answer.trim().to_owned()).map_err(|error| {
            Error::new(format!("could not read the {what} of {key}")).because(error).hint("or pipe it in")
        })
    };
    let secret = ask("secret access key")?;
    let token = if key.is_temporary() { Some(ask("session token")?) } else { None };
    Ok((secret, token.filter(|token| !token.is_empty())))
}

fn piped(input: &mut dyn Read) -> Result<(String, Option<String>)> {
    let mut bytes = Vec::new();
    let failed =
        |error: &dyn std::fmt::Display| Error::new("could not read the secret from standard input").because(error);
    input.take(INPUT_BYTES).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| failed(&"it is not text"))?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    let secret =
        lines.next().ok_or_else(|| failed(&"nothing came").hint("pipe the secret in, or type it at a terminal"))?;
    Ok((secret, lines.next()))
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
