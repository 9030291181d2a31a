//! The table of doors: for each thing that keyward claims to find, the bytes that give it away.

use super::runs::{SECRET_LEN, SMTP_PASSWORD_LEN};

/// The four-letter prefixes of key IDs that are credentials (or parts of one): long-term, temporary, bearer token,
/// service-specific. Source: IAM user guide, "Understanding unique ID prefixes"; the others there name no credential.
pub const KEY_ID_PREFIXES: [[u8; 4]; 4] = [*b"AKIA", *b"ASIA", *b"ABIA", *b"ACCA"];

/// The reason why a place deserves a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// A key-ID prefix.
    KeyId,
    /// A maximal run of exactly [`super::SECRET_LEN`] base64 characters.
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
        self.run_len().is_none()
    }

    /// The characters of its run, if it is a run's length.
    #[must_use]
    pub fn run_len(self) -> Option<usize> {
        match self {
            Self::Secret => Some(SECRET_LEN),
            Self::Token(Token::SmtpPassword) => Some(SMTP_PASSWORD_LEN),
            Self::EncodedSecret { len } => Some(len),
            Self::KeyId | Self::Token(_) | Self::Label | Self::Wide { .. } | Self::Encoded { .. } => None,
        }
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

/// What the names of secrets have in common, in the two ways that people write it: `secret`, `Secret` and `SECRET`.
const LABELS: [&[u8]; 2] = [b"ecret", b"ECRET"];

/// The literals and the doors they open: prefixes and labels plain, in UTF-16, and in base64 at each of the three
/// places in a group; the prefixes that access keys have, and `ecret`, also in UTF-32; these prefixes also in base64 of
/// base64; tokens plain.
///
/// The searcher takes 64 literals at the most; these are 64.
pub(super) fn literal_doors() -> Vec<(Vec<u8>, Door)> {
    let mut table = Vec::new();
    let prefixes = KEY_ID_PREFIXES.iter().map(|prefix| (&prefix[..], Door::KeyId));
    for (literal, door) in prefixes.chain(LABELS.map(|label| (label, Door::Label))) {
        table.push((literal.to_vec(), door));
        table.push((wide(literal, 2), Door::Wide { width: 2 }));
        table.extend(in_base64(literal));
    }
    let of_access_keys = &KEY_ID_PREFIXES[..2];
    for prefix in of_access_keys {
        table.extend(in_base64(prefix).iter().flat_map(|(literal, _)| in_base64(literal)));
    }
    let in_utf32 = of_access_keys.iter().map(|prefix| &prefix[..]).chain([LABELS[0]]);
    table.extend(in_utf32.map(|literal| (wide(literal, 4), Door::Wide { width: 4 })));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_literal_begins_another_so_that_one_hit_a_place_is_all() {
        let table = literal_doors();
        for (at, (literal, _)) in table.iter().enumerate() {
            let begins = |(other, (text, _)): (usize, &(Vec<u8>, Door))| other != at && text.starts_with(literal);
            assert!(!table.iter().enumerate().any(begins), "{}", literal.escape_ascii());
        }
        assert!(table.len() <= 64, "{}", table.len());
    }

    #[test]
    fn no_literal_has_the_byte_that_parts_pieces_or_is_too_short_to_be_told() {
        for (literal, _) in literal_doors() {
            assert!(!literal.contains(&0xff) && literal.len() >= 4, "{}", literal.escape_ascii());
        }
    }
}
