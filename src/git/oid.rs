//! The name of an object.

use std::fmt;

/// Bytes of a SHA-256, the longest name there is.
const LONGEST: usize = 32;

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// The name of an object: its hash, of 20 bytes (SHA-1) or 32 (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    bytes: [u8; LONGEST],
    len: u8,
}

impl Oid {
    /// The name that has these bytes; nothing where they are none.
    #[must_use]
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        let len = u8::try_from(name.len()).ok().filter(|len| matches!(len, 20 | 32))?;
        Some(Self { bytes, len })
    }

    /// The name that is written so in hexadecimal.
    #[must_use]
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let (pairs, rest) = text.as_chunks::<2>();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect();
        Self::from_bytes(&bytes.filter(|_| rest.is_empty())?)
    }

    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Does it stand for "no object", as in a reflog?
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.as_bytes().iter().all(|&byte| byte == 0)
    }

    /// Enough of it for people: eight digits.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By hand: a name is written for every object that is read, and `{:02x}` takes ten times as long.
        let mut text = [0; 2 * LONGEST];
        let digits = text.as_chunks_mut::<2>().0;
        for (pair, byte) in digits.iter_mut().zip(self.as_bytes()) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        f.write_str(std::str::from_utf8(&text[..2 * usize::from(self.len)]).expect("digits are ASCII"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_and_written_in_hexadecimal() {
        for digits in [40, 64] {
            let text = "0123456789abcdef".repeat(4)[..digits].to_owned();
            let name = Oid::from_hex(text.as_bytes()).expect("well-formed");
            assert_eq!((name.to_string(), name.short()), (text, "01234567".to_owned()));
        }
        for text in
            ["", "0123", "g123456789012345678901234567890123456789", "01234567890123456789012345678901234567891"]
        {
            assert_eq!(Oid::from_hex(text.as_bytes()), None, "{text}");
        }
    }
}
