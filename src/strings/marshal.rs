//! Compiled Python modules: a short header, and a code object as `marshal` writes it.
//!
//! What a code object consists of changes with every version of Python; how a string is written does not. So strings are
//! looked for at every byte: one of the letters for a string, a length, and so many bytes that are text. Names stand apart
//! from the constants, so that a secret has no label here; a key ID and its secret are neighbours.
//!
//! Source: Python, `Python/marshal.c` and `Lib/importlib/_bootstrap_external.py`.

use super::{Cursor, Strings};

/// Bytes of the shortest header.
const HEADER: usize = 8;

/// Set where an object is kept to be referred to.
const IS_KEPT: u8 = 0x80;

/// Is this the start of a compiled module? It begins with the number of a version, 3000 and more in Python 3 and
/// from 50823 to 62211 in Python 2, and a line break.
pub(super) fn begins(head: &[u8]) -> bool {
    let [low, high, b'\r', b'\n', ..] = head else { return false };
    let version = u16::from_le_bytes([*low, *high]);
    (3000..4000).contains(&version) || (50823..=62211).contains(&version)
}

/// The strings of a module.
pub(super) fn strings(bytes: &[u8]) -> Strings {
    let mut found = Strings { ranges: Vec::new(), is_whole: bytes.len() > HEADER };
    let mut cursor = Cursor { bytes, at: HEADER.min(bytes.len()) };
    while cursor.at < bytes.len() {
        let start = cursor.at;
        match string(&mut cursor) {
            Some(range) => found.ranges.push(range),
            None => cursor.at = start + 1,
        }
    }
    found
}

fn string(cursor: &mut Cursor<'_>) -> Option<std::ops::Range<usize>> {
    let width = match cursor.byte()? & !IS_KEPT {
        b'z' | b'Z' => 1,
        b's' | b't' | b'u' | b'a' | b'A' => 4,
        _ => return None,
    };
    let len = cursor.little(width).filter(|&len| len > 0)?;
    let range = cursor.take(len)?;
    is_text(&cursor.bytes[range.clone()]).then_some(range)
}

fn is_text(bytes: &[u8]) -> bool {
    // Most fail at once, on a byte of their length or of code.
    let is_control = |byte: &u8| (*byte < b' ' && !b"\t\n\r".contains(byte)) || *byte == 0x7f;
    !bytes.iter().take(64).any(is_control) && !bytes.iter().any(is_control) && std::str::from_utf8(bytes).is_ok()
}
