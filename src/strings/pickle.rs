//! Pickles of protocols 0 to 5, instruction by instruction. Nothing of them is carried out.
//!
//! Source: Python, `Lib/pickletools.py`.

use super::{Cursor, Strings};

/// Instructions by which a file is known for a pickle: the mark of its protocol is short, and 0 and 1 have none.
const PROOF: usize = 3;

/// Instructions that are tried for it.
const TRIED: usize = 12;

/// Is this the start of a pickle?
pub(super) fn begins(head: &[u8]) -> bool {
    match head {
        // An older one is a dictionary, a list, a tuple, a set of values or an object.
        [0x80, 2..=5, ..]
        | [b'(', b'd' | b'l' | b't' | b'V' | b'S' | b'X' | b'U' | b'T', ..]
        | [b'}' | b']' | b'(', b'q', 0, ..]
        | [b'}' | b']', b'(', ..] => proven(head),
        [b'c', b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => proven(head) && keeps_class(head),
        _ => false,
    }
}

/// Do the first bytes go on as a pickle does? `head` may end anywhere.
fn proven(head: &[u8]) -> bool {
    let mut cursor = Cursor { bytes: head, at: 0 };
    for count in 0..TRIED {
        match step(&mut cursor) {
            Some(Step::String(_) | Step::Other) => {}
            Some(Step::Unknown) => return false,
            Some(Step::Stop) | None => return count >= PROOF,
        }
    }
    true
}

/// `cMODULE\nNAME\n`, and then it is kept or called.
fn keeps_class(head: &[u8]) -> bool {
    let mut lines = head[1..].splitn(3, |&byte| byte == b'\n');
    let mut is_name = || {
        let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
        lines.next().is_some_and(|line| !line.is_empty() && line.iter().all(of_name))
    };
    is_name() && is_name() && lines.next().is_some_and(|rest| matches!(rest.first(), Some(b'p' | b'q' | b'(')))
}

/// What an instruction is.
enum Step {
    String(std::ops::Range<usize>),
    Other,
    /// The last one.
    Stop,
    /// None that Python knows.
    Unknown,
}

/// The strings of a pickle, and of those behind it.
pub(super) fn strings(bytes: &[u8]) -> Strings {
    let mut found = Strings::default();
    let mut cursor = Cursor { bytes, at: 0 };
    loop {
        match step(&mut cursor) {
            Some(Step::String(range)) if !range.is_empty() => found.ranges.push(range),
            Some(Step::String(_) | Step::Other) => {}
            Some(Step::Stop) => {
                found.is_whole = true;
                if !begins(cursor.rest()) {
                    return found;
                }
            }
            Some(Step::Unknown) | None => {
                found.is_whole &= cursor.rest().is_empty();
                return found;
            }
        }
    }
}

/// The next instruction; nothing where the file ends within it.
fn step(cursor: &mut Cursor<'_>) -> Option<Step> {
    let counted = |cursor: &mut Cursor<'_>, width: usize| {
        let len = cursor.little(width)?;
        cursor.take(len)
    };
    match cursor.byte()? {
        // Texts and bytes behind a length of one, four and eight bytes.
        b'U' | b'C' | 0x8c => return counted(cursor, 1).map(Step::String),
        b'T' | b'X' | b'B' => return counted(cursor, 4).map(Step::String),
        0x8d | 0x8e | 0x96 => return counted(cursor, 8).map(Step::String),
        b'V' => return cursor.line().map(Step::String),
        b'S' => {
            let line = cursor.line()?;
            let is_quoted = line.len() >= 2 && matches!(cursor.bytes[line.start], b'\'' | b'"');
            return Some(Step::String(if is_quoted { line.start + 1..line.end - 1 } else { line }));
        }
        // Numbers of digits, and the names under which values are kept.
        b'I' | b'L' | b'F' | b'g' | b'p' | b'P' => cursor.line(),
        // Names of classes.
        b'c' | b'i' => cursor.line().and_then(|_| cursor.line()),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => cursor.take(1),
        b'M' | 0x83 => cursor.take(2),
        b'J' | b'j' | b'r' | 0x84 => cursor.take(4),
        b'G' | 0x95 => cursor.take(8),
        // Long numbers.
        0x8a => counted(cursor, 1),
        0x8b => counted(cursor, 4),
        b'.' => return Some(Step::Stop),
        b'N'
        | b']'
        | b'a'
        | b'e'
        | b'l'
        | b'}'
        | b'd'
        | b's'
        | b'u'
        | b')'
        | b't'
        | b'('
        | b'0'
        | b'1'
        | b'2'
        | b'R'
        | b'b'
        | b'o'
        | b'Q'
        | 0x81
        | 0x85..=0x89
        | 0x8f..=0x94
        | 0x97
        | 0x98 => cursor.take(0),
        _ => return Some(Step::Unknown),
    }?;
    Some(Step::Other)
}
