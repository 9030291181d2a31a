//! Numbers and types as records write them.
//!
//! Source: sqlite.org/fileformat2.html, sections 1.6 and 2.1.

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing, or a number: no credential is one.
    Number,
    Blob,
    /// In the encoding of the database.
    Text,
}

/// A number of one to nine bytes, and how many.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(8).enumerate() {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    // The ninth byte gives all its bits.
    bytes.get(8).map(|&byte| (value << 8 | u64::from(byte), 9))
}

/// The kind of value that a serial type stands for, and its bytes; nothing for the two that no file has.
pub(super) fn serial_type(number: u64) -> Option<(Kind, u64)> {
    let number_of = |bytes| Some((Kind::Number, bytes));
    match number {
        0 | 8 | 9 => number_of(0),
        1..=4 => number_of(number),
        5 => number_of(6),
        6 | 7 => number_of(8),
        10 | 11 => None,
        _ if number.is_multiple_of(2) => Some((Kind::Blob, (number - 12) / 2)),
        _ => Some((Kind::Text, (number - 13) / 2)),
    }
}

/// The serial types in `header`, as far as they can be read.
pub(super) fn serial_types(header: &[u8]) -> impl Iterator<Item = Option<(Kind, u64)>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((number, len)) = varint(rest) else {
            rest = &[];
            return Some(None);
        };
        rest = &rest[len..];
        Some(serial_type(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_sqlite_writes_them() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80, 0x80]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn a_secret_is_a_text_of_type_93() {
        assert_eq!(serial_type(93), Some((Kind::Text, 40)));
        assert_eq!(serial_type(92), Some((Kind::Blob, 40)));
        assert_eq!(serial_type(5), Some((Kind::Number, 6)));
        assert_eq!(serial_type(10), None);
    }
}
