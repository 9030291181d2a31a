//! Java classes: the pool of constants, and which fields are set to which of them.
//!
//! Source: The Java Virtual Machine Specification, chapter 4 (4.4 for the pool, 4.5 for fields, 4.7.2 for their values).

use super::{Cursor, Strings};
use std::ops::Range;

const MAGIC: &[u8] = &[0xca, 0xfe, 0xba, 0xbe];

/// The version of the oldest Java. Mach-O has the same magic, and the small number of its parts there.
const OLDEST: usize = 45;

/// Is this the start of a class?
pub(super) fn begins(head: &[u8]) -> bool {
    let mut cursor = Cursor { bytes: head, at: MAGIC.len() + 2 };
    head.starts_with(MAGIC) && cursor.be16().is_some_and(|version| version >= OLDEST)
}

/// A constant that matters.
#[derive(Clone)]
enum Constant {
    Text(Range<usize>),
    /// A string, and the number of its text.
    String(usize),
    Other,
}

/// The strings of a class in the order of its pool; then each field's name with its value.
pub(super) fn strings(bytes: &[u8]) -> Strings {
    let mut cursor = Cursor { bytes, at: MAGIC.len() + 4 };
    let (pool, is_whole) = pool(&mut cursor);
    let texts = pool.iter().filter_map(|constant| match constant {
        Constant::Text(range) if !range.is_empty() => Some(range.clone()),
        _ => None,
    });
    let mut found = Strings { ranges: texts.collect(), is_whole };
    if is_whole {
        found.is_whole = fields(&mut cursor, &pool, &mut found.ranges).is_some();
    }
    found
}

/// The constants by their numbers, as far as they can be read, and whether that is all.
fn pool(cursor: &mut Cursor<'_>) -> (Vec<Constant>, bool) {
    let mut pool = vec![Constant::Other];
    let Some(count) = cursor.be16() else { return (pool, false) };
    while pool.len() < count {
        let Some((constant, slots)) = constant(cursor) else { return (pool, false) };
        pool.push(constant);
        pool.extend(std::iter::repeat_n(Constant::Other, slots - 1));
    }
    (pool, true)
}

/// The next constant, and how many numbers it takes.
fn constant(cursor: &mut Cursor<'_>) -> Option<(Constant, usize)> {
    let (len, slots) = match cursor.byte()? {
        1 => {
            let len = cursor.be16()?;
            return Some((Constant::Text(cursor.take(len)?), 1));
        }
        8 => return Some((Constant::String(cursor.be16()?), 1)),
        7 | 16 | 19 | 20 => (2, 1),
        15 => (3, 1),
        3 | 4 | 9..=12 | 17 | 18 => (4, 1),
        5 | 6 => (8, 2),
        _ => return None,
    };
    cursor.take(len)?;
    Some((Constant::Other, slots))
}

/// Adds the name and the value of each field that is a constant string.
fn fields(cursor: &mut Cursor<'_>, pool: &[Constant], found: &mut Vec<Range<usize>>) -> Option<()> {
    // Flags, this class and the one above it.
    cursor.take(6)?;
    let interfaces = cursor.be16()?;
    cursor.take(2 * interfaces)?;
    // Fields may share one long string: all of them together are no longer than a file that says each by itself.
    let mut room = cursor.bytes.len();
    for _ in 0..cursor.be16()? {
        cursor.take(2)?;
        let name = cursor.be16()?;
        cursor.take(2)?;
        for _ in 0..cursor.be16()? {
            cursor.take(2)?;
            let len = cursor.big(4)?;
            let attribute = cursor.take(len)?;
            // Only a value has two bytes that are the number of a string.
            let [high, low] = cursor.bytes[attribute] else { continue };
            let number = usize::from(high) << 8 | usize::from(low);
            if let (Some(Constant::Text(name)), Some(Constant::String(text))) = (pool.get(name), pool.get(number))
                && let Some(Constant::Text(value)) = pool.get(*text)
            {
                room = room.checked_sub(name.len() + value.len())?;
                found.extend([name.clone(), value.clone()]);
            }
        }
    }
    Some(())
}
