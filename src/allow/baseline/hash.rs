//! Salted hashes: they say that two values are the same, and nothing of the value.

use sha2::{Digest, Sha256};
use std::fmt;

/// Hexadecimal digits of a salt.
const SALT_DIGITS: usize = 16;

/// Hexadecimal digits of a hash. 40 would look like a secret to other scanners.
const HASH_DIGITS: usize = 32;

/// What goes into each hash of a baseline, so that its hashes are those of no other one. It is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Salt(u64);

impl Salt {
    /// The salt of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    /// The same salt for the same `seed`.
    #[must_use]
    pub fn from_seed(seed: &[u8]) -> Self {
        let digest = Sha256::new().chain_update("keyward baseline salt v1\0").chain_update(seed).finalize();
        Self(digest.iter().take(8).fold(0, |bits, &byte| bits << 8 | u64::from(byte)))
    }

    /// The salt that is written so.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        is_hexadecimal(text, SALT_DIGITS).then(|| u64::from_str_radix(text, 16).ok()).flatten().map(Self)
    }

    /// The hash of `value`: 128 bits of SHA-256.
    #[must_use]
    pub fn hash(self, value: &str) -> Hash {
        let digest =
            Sha256::new().chain_update("keyward baseline v1\0").chain_update(self.0.to_be_bytes()).chain_update(value);
        Hash(digest.finalize().iter().take(16).fold(0, |bits, &byte| bits << 8 | u128::from(byte)))
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The salted hash of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(u128);

impl Hash {
    /// The hash that is written so.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        is_hexadecimal(text, HASH_DIGITS).then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
