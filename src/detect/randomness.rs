//! Could these characters have been drawn at random?
//!
//! A secret access key is forty characters drawn uniformly from sixty-four (AWS says nothing on this; every key
//! seen so far agrees). The limits below are exact tails of that distribution, each chosen to lose one real secret
//! in 100,000; a million seeded random secrets in `tests/properties.rs` check them together.

use super::Reason;

/// Shannon entropy of `bytes`, in bits each, from 0.0 to 8.0; an empty slice is 0.0.
#[must_use]
pub fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / total).map(|p| -p * p.log2()).sum()
}

/// Entropy in bits per character that one in 100,000 random secrets stays below (all partitions of forty enumerated).
const MIN_ENTROPY: f64 = 4.156;

/// Different characters in a random secret: 20 or fewer once in 200,000.
const MIN_DISTINCT: usize = 21;

/// Letters of one case: 4 to 30 in all but one of 100,000 (binomial, p = 26/64).
const LETTERS: std::ops::RangeInclusive<usize> = 4..=30;

/// Digits (binomial, p = 10/64).
const MAX_DIGITS: usize = 18;

/// `+` and `/` together (binomial, p = 2/64).
const MAX_SYMBOLS: usize = 8;

/// `/` alone (binomial, p = 1/64); paths have more.
const MAX_SLASHES: usize = 6;

/// Why forty characters of base64 are not a random secret; nothing if they may be one.
#[must_use]
pub fn objection(secret: &[u8]) -> Option<Reason> {
    if is_hexadecimal(secret) {
        Some(Reason::Hexadecimal)
    } else if !is_balanced(secret) {
        Some(Reason::Unbalanced)
    } else if distinct(secret) < MIN_DISTINCT || entropy(secret) < MIN_ENTROPY {
        Some(Reason::LowEntropy)
    } else if has_sequence(secret) {
        Some(Reason::Sequence)
    } else {
        None
    }
}

fn is_hexadecimal(bytes: &[u8]) -> bool {
    let lower = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let upper = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    bytes.iter().all(lower) || bytes.iter().all(upper)
}

fn is_balanced(secret: &[u8]) -> bool {
    let count = |of: fn(&u8) -> bool| secret.iter().filter(|byte| of(byte)).count();
    LETTERS.contains(&count(u8::is_ascii_uppercase))
        && LETTERS.contains(&count(u8::is_ascii_lowercase))
        && count(u8::is_ascii_digit) <= MAX_DIGITS
        && count(u8::is_ascii_punctuation) <= MAX_SYMBOLS
        && count(|&byte| byte == b'/') <= MAX_SLASHES
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().filter(|&&byte| !std::mem::replace(&mut seen[usize::from(byte)], true)).count()
}

/// Characters in a row that make a sequence; random secrets hold one with p = 4e-6, random key IDs with p = 2e-5.
const SEQUENCE: usize = 5;

/// Do five neighbours repeat one character, or follow each other in the alphabet (`ABCDE`, `12345`)?
#[must_use]
pub fn has_sequence(bytes: &[u8]) -> bool {
    bytes.windows(SEQUENCE).any(|window| {
        let steps = |step: u8| window.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(step));
        steps(0) || steps(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits_per_byte() {
        assert!(entropy(b"").abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9);
        assert!((entropy(b"abab") - 1.0).abs() < 1e-9);
        assert!((entropy(&(0..=255).collect::<Vec<u8>>()) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn each_objection_has_its_example() {
        for (text, reason) in [
            ("da39a3ee5e6b4b0d3255bfef95601890afd80709", Reason::Hexadecimal),
            ("org/apache/commons/configuration/Builder", Reason::Unbalanced),
            ("MCPServerMCPServerMCPServer012012012MCPS", Reason::LowEntropy),
            ("Qx7abcdefR2mK9pLw4TzV8sY1nB6gH3jD5/+fUcE", Reason::Sequence),
        ] {
            assert_eq!(objection(text.as_bytes()), Some(reason), "{text}");
        }
    }

    #[test]
    fn the_shape_of_the_documented_secret_is_random() {
        assert_eq!(objection(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), None);
    }
}
