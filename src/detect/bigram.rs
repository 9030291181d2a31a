//! Does this read like code?
//!
//! A path or an identifier of forty characters can pass every limit of [`randomness`](super::randomness), yet its
//! characters foretell each other: `t` is followed by `i` far more often than by `7`. `bigrams.txt` holds how often,
//! for each two characters of base64, as counted in open source code by `examples/train_bigrams.rs`.
//!
//! Where it ends: words are all it knows. A sequence (`ABCDEFGH`), a hash and the text of an encoded picture are as
//! strange to it as a secret is. And it costs one real secret in 100,000, so it should be asked only where nothing
//! else says that a secret stands there.

use std::sync::LazyLock;

/// Characters of base64.
const LETTERS: usize = 64;

/// For each character in base64 order, what each successor says for code: eighths of a bit.
type Table = [[i8; LETTERS]; LETTERS];

static TABLE: LazyLock<Table> =
    LazyLock::new(|| parse(include_str!("bigrams.txt")).expect("a test reads every row of this file"));

/// Steps of the table in one bit.
const STEPS: f64 = 8.0;

/// The [`codeness`] that one in 100,000 random secrets of forty characters exceeds, in bits per character.
///
/// Measured over 3,000,000 random secrets (the test below makes them): 300 lay above -1.397, 30 above -1.064 and 27
/// above this limit. The exact distribution, added up from the table over all strings: mean -3.463, standard
/// deviation 0.544; one in 10,000 above -1.375, one in 100,000 above -1.067, one in a million above -0.792. Code
/// lies far off: paths and identifiers found in botocore, moto, rusoto, git, rails and redis have 0.28 to 1.58.
pub const MAX_CODENESS: f64 = -1.06;

/// Is this rather code than a random secret? Made for forty characters: fewer vary more.
#[must_use]
pub fn looks_like_code(text: &[u8]) -> bool {
    codeness(text) > MAX_CODENESS
}

/// How much likelier `text` is as code than as characters drawn at random, in bits per pair of neighbours (below 6);
/// 0.0 for fewer than two characters. A pair that is not of base64 adds 0.
#[must_use]
pub fn codeness(text: &[u8]) -> f64 {
    let pairs = text.len().saturating_sub(1).max(1);
    let steps: i32 =
        text.windows(2).filter_map(|pair| Some(TABLE[place(pair[0])?][place(pair[1])?])).map(i32::from).sum();
    f64::from(steps) / STEPS / f64::from(u32::try_from(pairs).unwrap_or(u32::MAX))
}

/// Where `character` stands in the alphabet of base64.
fn place(character: u8) -> Option<usize> {
    let (first, from) = match character {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => (b'+', 62),
        b'/' => (b'/', 63),
        _ => return None,
    };
    Some(usize::from(character - first) + from)
}

/// The table that `text` spells, `#` lines aside; nothing if it is not 64 rows of 64 small numbers.
fn parse(text: &str) -> Option<Table> {
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(parse_row);
    rows.collect::<Option<Vec<_>>>()?.try_into().ok()
}

fn parse_row(line: &str) -> Option<[i8; LETTERS]> {
    let row: Result<Vec<i8>, _> = line.split_ascii_whitespace().map(str::parse).collect();
    row.ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHABET: &[u8; LETTERS] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    const DOCUMENTED_SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn every_row_parses() {
        assert!(parse(include_str!("bigrams.txt")).is_some());
    }

    #[test]
    fn a_table_of_another_shape_is_none() {
        let row = ["0"; LETTERS].join(" ");
        assert!(parse(&[row.as_str(); LETTERS].join("\n")).is_some());
        assert!(parse(&[row.as_str(); LETTERS - 1].join("\n")).is_none());
        assert!(parse(&[&row[2..]; LETTERS].join("\n")).is_none());
        assert!(parse(&[row.replace('0', "128").as_str(); LETTERS].join("\n")).is_none());
    }

    #[test]
    fn places_are_those_of_the_base64_alphabet() {
        assert!(ALPHABET.iter().enumerate().all(|(index, &character)| place(character) == Some(index)));
        assert_eq!((0..=u8::MAX).filter(|&byte| place(byte).is_some()).count(), LETTERS);
    }

    #[test]
    fn paths_and_identifiers_look_like_code() {
        for text in [
            "com/AWSEC2/latest/UserGuide/interruption",
            "com/AWSEC2/latest/UserGuide/EBSSnapshots",
            "MCPServerOAuth3LOConfigExchangeUrlString",
            "AWSEC2CapacityReservationFleetRolePolicy",
            "testDescriptionWorksWithByteBufferIPv4IP",
            "org/display/MSGPACK/Format+specification",
        ] {
            assert!(looks_like_code(text.as_bytes()), "{text} {}", codeness(text.as_bytes()));
        }
    }

    #[test]
    fn the_documented_secret_does_not_look_like_code() {
        assert!(!looks_like_code(DOCUMENTED_SECRET), "{}", codeness(DOCUMENTED_SECRET));
    }

    #[test]
    fn codeness_is_a_mean_over_neighbours() {
        let alone = |pair: &[u8; 2]| codeness(pair);
        assert!((codeness(b"tion") - (alone(b"ti") + alone(b"io") + alone(b"on")) / 3.0).abs() < 1e-9);
        assert!((codeness(b"ti-on") - (alone(b"ti") + alone(b"on")) / 4.0).abs() < 1e-9);
    }

    #[test]
    fn fewer_than_two_characters_say_nothing() {
        assert!(codeness(b"").abs() < 1e-9);
        assert!(codeness(b"t").abs() < 1e-9);
    }

    #[test]
    fn of_three_million_random_secrets_one_in_a_hundred_thousand_looks_like_code() {
        let mut random = Xorshift(0x0005_eed0_c0de);
        let lost = (0..3_000_000).filter(|_| looks_like_code(&random.secret())).count();
        assert_eq!(lost, 27);
    }

    /// xorshift64*, so that the figures above are the same everywhere.
    struct Xorshift(u64);

    impl Xorshift {
        fn secret(&mut self) -> [u8; 40] {
            std::array::from_fn(|_| {
                self.0 ^= self.0 >> 12;
                self.0 ^= self.0 << 25;
                self.0 ^= self.0 >> 27;
                ALPHABET[usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 58).unwrap()]
            })
        }
    }
}
