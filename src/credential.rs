//! The parts of an AWS credential: the key ID, which is no secret, and the secret, which cannot print itself.
//!
//! Facts that follow from the characters alone live here (the account in a key ID, the fingerprint of a secret).
//! Whether something *is* a credential is for [`crate::detect`] to say.

use sha2::{Digest, Sha256};
use std::fmt;

/// An access key ID: a prefix of four letters and sixteen base32 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KeyId::LEN]);

impl KeyId {
    /// Characters of an access key ID.
    pub const LEN: usize = 20;

    /// The key ID in `bytes`; nothing unless these are twenty characters, the last sixteen base32 (RFC 4648: `A-Z`
    /// and `2-7`).
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let id: [u8; Self::LEN] = bytes.try_into().ok()?;
        let (prefix, body) = id.split_at(4);
        (prefix.iter().all(u8::is_ascii_uppercase) && body.iter().all(|&byte| base32_value(byte).is_some()))
            .then_some(Self(id))
    }

    /// The sixteen characters behind the prefix.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0[4..]
    }

    /// As text; a key ID is not a secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Parsing let only ASCII in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Does it start like the ID of a credential, rather than that of a user, a role or nothing?
    #[must_use]
    pub fn has_known_prefix(&self) -> bool {
        crate::prefilter::KEY_ID_PREFIXES.iter().any(|prefix| self.0.starts_with(prefix))
    }

    /// Temporary credentials, which expire and need a session token beside them.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with(b"ASIA")
    }

    /// The account that the key belongs to, read from the ID without asking anybody.
    ///
    /// The first 48 bits of the body hold a flag, the account in 40 bits, and seven bits of something else. Nothing
    /// where the flag is not set (the older scheme, `AKIAI...` and `AKIAJ...`) or the number has more than twelve
    /// digits. Sources: A. Steele, "AWS access key ID formats" (2020); T. Be'ery, "A short note on AWS key ID"
    /// (2023); the worked examples there are in this module's tests.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        let bits = self.body()[..10]
            .iter()
            .fold(0u64, |bits, &byte| bits << 5 | u64::from(base32_value(byte).unwrap_or_default()));
        // Ten characters are 50 bits: two below the 48 that count, and seven below the account.
        let (flag, account) = (bits >> 49, bits >> 9 & ((1 << 40) - 1));
        (flag == 1 && account <= 999_999_999_999).then_some(Account(account))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The value of a base32 character (RFC 4648, upper case), 0 to 31.
fn base32_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// An AWS account: twelve digits, leading zeros included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(u64);

impl Account {
    /// The account that twelve digits name.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let is_account = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| digits.parse().ok().map(Self)).flatten()
    }

    /// Is it one of the accounts in the examples of AWS documentation?
    #[must_use]
    pub fn is_documented(self) -> bool {
        [123_456_789_012, 111_122_223_333, 444_455_556_666, 111_111_111_111, 999_999_999_999].contains(&self.0)
    }

    /// Who lays out canary keys in this account, where that is known: such a key is bait, and its use raises an
    /// alarm.
    ///
    /// Source: the lists of trufflehog's `access_keys/canary.go`, read 2026-08-21. Sellers whose canaries live in
    /// the customer's own account are in no list.
    #[must_use]
    pub fn canary(self) -> Option<&'static str> {
        if CANARYTOKENS_ACCOUNTS.contains(&self.0) {
            Some("canarytokens.org")
        } else if OTHER_CANARY_ACCOUNTS.contains(&self.0) {
            Some("a canary service")
        } else {
            None
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

const CANARYTOKENS_ACCOUNTS: [u64; 10] = [
    52_310_077_262,
    171_436_882_533,
    534_261_010_715,
    595_918_472_158,
    717_712_589_309,
    819_147_034_852,
    992_382_622_183,
    730_335_385_048,
    266_735_846_894,
    893_192_397_702,
];

const OTHER_CANARY_ACCOUNTS: [u64; 16] = [
    44_858_866_125,
    251_535_659_677,
    344_043_088_457,
    351_906_852_752,
    390_477_818_340,
    426_127_672_474,
    427_150_556_519,
    439_872_796_651,
    445_142_720_921,
    465_867_158_099,
    637_958_123_769,
    693_412_236_332,
    732_624_840_810,
    735_421_457_923,
    959_235_150_393,
    982_842_642_351,
];

/// A secret value. It has no `Display`, and its `Debug` is redacted, so that no log line can leak it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes the value over.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for comparing and for `--show-secrets`, never for a message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The start of the value and its length, as reports give it: `wJal...(40)`.
    #[must_use]
    pub fn redacted(&self) -> String {
        format!("{}...({})", shown_part(&self.0), self.0.chars().count())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// `value` with stars for all but its start, as long as it was.
#[must_use]
pub fn starred(value: &str) -> String {
    let shown = shown_part(value);
    let hidden = value.chars().count() - shown.chars().count();
    format!("{shown}{}", "*".repeat(hidden))
}

/// The start that may be shown: an eighth of the characters, four at the most.
fn shown_part(value: &str) -> &str {
    let shown = (value.chars().count() / 8).min(4);
    let end = value.char_indices().nth(shown).map_or(value.len(), |(at, _)| at);
    &value[..end]
}

/// Names a credential in reports: the same wherever it stands, and no way back to the secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a credential that is known by `value`: its secret, or the key ID where that is all there
    /// is.
    ///
    /// `v1:` and 128 bits of SHA-256 in hexadecimal. A secret holds 240 random bits, so the hash gives nothing away.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let digest = Sha256::new().chain_update("keyward fingerprint v1\0").chain_update(value).finalize();
        let first_half = digest.iter().take(16).fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
        Self(format!("v1:{first_half:032x}"))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0["v1:".len()..]
    }

    /// Enough of it for people: twelve digits, with which commands know it again.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0["v1:".len()..][..12]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account_of(prefix: &str, body: &str) -> Option<String> {
        let id = KeyId::parse(format!("{prefix}{body}").as_bytes()).expect("well-formed");
        id.account().map(|account| account.to_string())
    }

    #[test]
    fn published_key_ids_decode_to_their_accounts() {
        for (prefix, body, account) in [
            ("ASIA", "Y34FZKBOKMUTVV7A", "609629065308"),
            ("AKIA", "V7S32T2OSBFJQOIY", "411435703965"),
            ("ASIA", "VJ2E6QGR2WZILJFM", "364679954851"),
            ("AKIA", "ZAVB57H55F3T4BKH", "619888638459"),
            ("AKIA", "SP2TPHJSQH3FJRUX", "171436882533"),
            ("ASIA", "QNZGKIQY56JQ7WML", "029608264753"),
            ("AKIA", "RZPUZDIKEXAMPLE2", "123456789012"),
        ] {
            assert_eq!(account_of(prefix, body).as_deref(), Some(account), "{prefix} {body}");
        }
    }

    #[test]
    fn the_older_scheme_holds_no_account() {
        assert_eq!(account_of("AKIA", "IOSFODNN7EXAMPLE"), None);
        assert_eq!(account_of("AKIA", "JSIE27KKMHXI3BJQ"), None);
    }

    #[test]
    fn a_key_id_has_base32_characters_only() {
        assert_eq!(KeyId::parse(b"AKIAI44QH8DHBEXAMPLE"), None);
        assert_eq!(KeyId::parse(b"AKIAIOSFODNN7EXAMPL"), None);
    }

    #[test]
    fn canary_accounts_are_known() {
        assert_eq!(Account(171_436_882_533).canary(), Some("canarytokens.org"));
        assert_eq!(Account(44_858_866_125).canary(), Some("a canary service"));
        assert_eq!(Account(123_456_789_012).canary(), None);
    }

    #[test]
    fn debug_never_prints_the_whole_secret() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert_eq!(format!("{secret:?}"), "wJal...(40)");
        assert_eq!(starred("wJalrXUtnFEMI/K7"), "wJ**************");
        assert_eq!(starred("short"), "*****");
    }
}
