//! The law of `fuzz_targets/text.rs`: what a text holds does not depend on the window through which it is seen.
//!
//! The smallest window has 80 KiB, and an input that fits it would prove nothing. So an input is a text and, in its
//! last bytes, a gap: so much filler is put into the text there, and the cuts of the small window fall near what
//! matters.

use crate::{Reached, examine_large, examine_small};

/// The last bytes of an input: where the gap is (256ths of the text), what fills it, and its length.
const CONTROLS: usize = 4;

/// What fills a gap. White space and base64 are what judges walk over in search of a neighbour.
const FILLERS: [&[u8]; 8] = [
    b"words, and more words\n",
    b"w\0o\0r\0d\0s\0\n\0",
    b"\0w\0o\0r\0d\0s\0\n",
    b" ",
    b"\n",
    b"iVBORw0KGgoAAAANSUhEUgAAAOoAAAAwCAYAAADvBeVvAAAAAXNSR0IArs4c6QAA\n",
    b"q1Zb8xT0pLm3Rw",
    b"a%2Fb\" + \"",
];

/// Holds the law for one input.
///
/// # Panics
/// If it is broken.
pub fn hold(input: &[u8]) -> Reached {
    let text = text_of(input);
    let large = examine_large(&text);
    let small = examine_small(&text);
    assert_eq!(format!("{large:?}"), format!("{small:?}"), "the window's size changes what is found");
    for place in large.credentials.iter().flat_map(keyward::detect::found::Credential::places) {
        assert!(place.span.start <= place.span.end, "a span runs backward: {place:?}");
    }
    for dismissal in &large.dismissals {
        assert!(dismissal.span.start <= dismissal.span.end, "a span runs backward: {dismissal:?}");
    }
    Reached::by(&large)
}

/// The text that an input stands for.
#[must_use]
pub fn text_of(input: &[u8]) -> Vec<u8> {
    let Some((text, &[place, kind, low, high])) = input.split_last_chunk::<CONTROLS>() else {
        return input.to_vec();
    };
    let place = text.len() * usize::from(place) / 255;
    let gap = 2 * usize::from(u16::from_le_bytes([low, high]));
    let filler = FILLERS[usize::from(kind) % FILLERS.len()].iter().cycle().take(gap);
    text[..place].iter().chain(filler).chain(&text[place..]).copied().collect()
}
