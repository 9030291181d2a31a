//! The characters of a value, however they are written.
//!
//! A secret keeps its forty characters through every format, but not its bytes: JSON writes `\/` and `\u002B`, a
//! URL `%2F`, XML `&#43;`, a mail `=2F`; source code splits it into literals that are joined by `+` or by nothing.
//! This module reads one character, a *unit*, in any of these ways, and runs of them across *seams*.

use super::encoded::Encoding;
use crate::prefilter::is_base64;
use std::ops::Range;

/// One character of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    /// What it means.
    pub(crate) byte: u8,
    /// Bytes that it is written with.
    pub(crate) len: usize,
    /// How, if not as itself.
    pub(crate) escape: Option<Encoding>,
}

/// A maximal run of units.
pub(crate) struct Run {
    pub(crate) written: Range<usize>,
    pub(crate) plain: Vec<u8>,
    /// The ways of writing that were met, each once; empty if the run stands there as itself.
    pub(crate) ways: Vec<Encoding>,
}

/// Bytes of a seam at the most: quotes, an operator, a line break and indentation.
const LONGEST_SEAM: usize = 120;

/// The base64 character that starts at `at`, in whatever way it is written; nothing if none does.
pub(crate) fn unit(bytes: &[u8], at: usize) -> Option<Unit> {
    let rest = &bytes[at..];
    let first = *rest.first()?;
    if is_base64(first) {
        return Some(Unit { byte: first, len: 1, escape: None });
    }
    let (byte, len, escape) = match first {
        b'%' => percent(rest)?,
        b'\\' => backslash(rest)?,
        b'&' => entity(rest)?,
        b'=' => (hex(rest.get(1..3)?)?, 3, Encoding::QuotedPrintable),
        _ => return None,
    };
    is_base64(byte).then_some(Unit { byte, len, escape: Some(escape) })
}

/// `%2F`, and `%252F` where it was encoded twice.
fn percent(rest: &[u8]) -> Option<(u8, usize, Encoding)> {
    let mut at = 1;
    while rest.get(at..at + 2) == Some(b"25") && at < 9 {
        at += 2;
    }
    Some((hex(rest.get(at..at + 2)?)?, at + 2, Encoding::Percent))
}

/// `\/`, `\u002F`, `\x2f`; more backslashes where JSON stands in JSON.
fn backslash(rest: &[u8]) -> Option<(u8, usize, Encoding)> {
    let slashes = rest.iter().take(8).take_while(|&&byte| byte == b'\\').count();
    let (digits, first) = match rest.get(slashes)? {
        b'/' => return Some((b'/', slashes + 1, Encoding::Json)),
        b'u' => (4, slashes + 1),
        b'x' => (2, slashes + 1),
        _ => return None,
    };
    Some((hex(rest.get(first..first + digits)?)?, first + digits, Encoding::Json))
}

/// `&#x2F;`, `&#47;`, `&sol;`, `&plus;`, each also with its `&` escaped.
fn entity(rest: &[u8]) -> Option<(u8, usize, Encoding)> {
    let start = if rest.starts_with(b"&amp;") { 5 } else { 1 };
    let end = start + rest[start..].iter().take(8).position(|&byte| byte == b';')?;
    let byte = match &rest[start..end] {
        b"sol" => b'/',
        b"plus" => b'+',
        [b'#', b'x' | b'X', digits @ ..] => hex(digits)?,
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok()?,
        _ => return None,
    };
    Some((byte, end + 1, Encoding::Xml))
}

/// The byte that hexadecimal digits name.
fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.is_empty() && !digits.starts_with('+'))?;
    u8::from_str_radix(digits, 16).ok()
}

/// The bytes of the seam at `at`, behind which the value goes on; nothing if there is none.
pub(crate) fn seam(bytes: &[u8], at: usize) -> Option<(usize, Encoding)> {
    let rest = &bytes[at..bytes.len().min(at + LONGEST_SEAM)];
    let (len, way) = match rest.first()? {
        b'=' => (1 + line_break(&rest[1..])?, Encoding::QuotedPrintable),
        b'\\' if line_break(&rest[1..]).is_some() => (1 + blank(&rest[1..]), Encoding::Joined),
        _ => (literals(rest)?, Encoding::Joined),
    };
    let goes_on = bytes.get(at + len).is_some_and(|&byte| is_base64(byte) || b"%\\&=".contains(&byte));
    goes_on.then_some((len, way))
}

fn line_break(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n' | b'\r', ..] => Some(1),
        _ => None,
    }
}

/// White space, line breaks included.
fn blank(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// From the closing quote of one literal to behind the opening quote of the next: `" + "`, `' . '`, `" "`, and over
/// lines.
fn literals(rest: &[u8]) -> Option<usize> {
    let mut at = quote(rest)?;
    at += blank(&rest[at..]);
    at += continuation(&rest[at..]);
    at += rest[at..].iter().take(2).take_while(|byte| b"+.&|~".contains(byte)).count();
    at += blank(&rest[at..]);
    at += continuation(&rest[at..]);
    Some(at + quote(&rest[at..])?)
}

/// A quote, with the backslashes that a literal inside a literal has.
fn quote(rest: &[u8]) -> Option<usize> {
    let slashes = rest.iter().take(4).take_while(|&&byte| byte == b'\\').count();
    rest.get(slashes).filter(|byte| b"\"'`".contains(byte)).map(|_| slashes + 1)
}

/// The mark with which some languages go on in the next line, and that line's indentation.
fn continuation(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b'\\' | b'_') if line_break(&rest[1..]).is_some() => 1 + blank(&rest[1..]),
        _ => 0,
    }
}

/// Bytes of a run at the most, so that it stays within the margin of its hit.
const LONGEST_RUN: usize = 6000;

/// The run of units that starts at `at`, across seams, of `limit` units at the most.
pub(crate) fn run(bytes: &[u8], at: usize, limit: usize) -> Run {
    run_of(bytes, at, limit, None)
}

/// The same, which does not go on across a seam once it has `whole` units: then the next literal is another value.
fn run_of(bytes: &[u8], at: usize, limit: usize, whole: Option<usize>) -> Run {
    let mut run = Run { written: at..at, plain: Vec::new(), ways: Vec::new() };
    let bytes = &bytes[..bytes.len().min(at + LONGEST_RUN)];
    while run.plain.len() < limit && run.written.end < bytes.len() {
        let end = run.written.end;
        // A `=` opens an escape only within a value: before it, it assigns.
        let next = unit(bytes, end).filter(|unit| bytes[end] != b'=' || !run.plain.is_empty() && unit.len == 3);
        if let Some(unit) = next {
            run.plain.push(unit.byte);
            run.written.end += unit.len;
            run.note(unit.escape);
        } else if let Some((len, way)) =
            seam(bytes, end).filter(|_| !run.plain.is_empty() && whole != Some(run.plain.len()))
        {
            run.written.end += len;
            run.note(Some(way));
        } else {
            break;
        }
    }
    run
}

impl Run {
    fn note(&mut self, way: Option<Encoding>) {
        if let Some(way) = way
            && !self.ways.contains(&way)
        {
            self.ways.push(way);
        }
    }
}

/// All maximal runs in `range` that are written in another way than as themselves, each of one unit more than `whole` at the
/// most. A run that begins before the range is left out.
pub(crate) fn escaped_runs(bytes: &[u8], range: Range<usize>, whole: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = range.start;
    if at > 0 {
        at += bytes[at - 1..range.end].iter().take_while(|&&byte| is_base64(byte)).count().saturating_sub(1);
    }
    while at < range.end {
        if let Some(len) = plain_run(&bytes[at..], whole + 1) {
            at += len;
            continue;
        }
        let run = run_of(bytes, at + foreign(&bytes[at..]), whole + 1, Some(whole));
        let (start, written) = (run.written.start, &bytes[run.written.clone()]);
        // `key=2Fab` and `key=3Dab`: an escape, or an assignment? Both are read.
        let escaped_equals = (bytes[..start].ends_with(b"=") && written.starts_with(b"3D")).then_some(start + 2);
        let equals = || memchr::memchr(b'=', written).map(|equals| start + equals + 1);
        at = escaped_equals.or_else(equals).unwrap_or(run.written.end).max(at + 1);
        if !run.ways.is_empty() {
            runs.push(run);
        }
    }
    runs
}

/// The bytes of a run at the start of `rest` that ends within `limit` units or at what neither an escape nor a seam starts
/// with, so that it is written as itself; 1 where no run starts. Nearly everything is, so this allocates nothing.
fn plain_run(rest: &[u8], limit: usize) -> Option<usize> {
    let len = rest.iter().take(limit).take_while(|&&byte| is_base64(byte)).count();
    let goes_on = len < limit && rest.get(len).is_some_and(|byte| b"%\\&=\"'`".contains(byte));
    (!goes_on).then_some(len.max(1))
}

/// The bytes of an escape at the start of `rest` whose character is in no value, so that its letters are none either
/// (`%3D`, `\u003d`, `\n`); 0 if there is none.
fn foreign(rest: &[u8]) -> usize {
    let escape = match rest {
        [b'\\', b'n' | b'r' | b't', ..] => return 2,
        [b'\\', ..] => backslash(rest),
        [b'%', ..] => percent(rest),
        [b'&', ..] => entity(rest),
        _ => None,
    };
    escape.filter(|&(byte, ..)| !is_base64(byte)).map_or(0, |(_, len, _)| len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Vec<Encoding>) {
        let run = run(text.as_bytes(), 0, 100);
        (String::from_utf8(run.plain).unwrap(), run.ways)
    }

    #[test]
    fn every_way_of_writing_a_slash_and_a_plus_is_read() {
        for (text, way) in [
            (r"a\/b\/c", Encoding::Json),
            (r"a\u002fb\u002Fc", Encoding::Json),
            (r"a\\/b\\\/c", Encoding::Json),
            ("a%2Fb%2fc", Encoding::Percent),
            ("a%252Fb%25252Fc", Encoding::Percent),
            ("a&#x2F;b&#47;c", Encoding::Xml),
            ("a&sol;b&amp;#x2f;c", Encoding::Xml),
            ("a=2Fb=2Fc", Encoding::QuotedPrintable),
        ] {
            assert_eq!(read(text), ("a/b/c".into(), vec![way]), "{text}");
        }
    }

    #[test]
    fn literals_are_joined_and_lists_are_not() {
        for text in [
            r#"ab" + "cd"#,
            "ab' 'cd",
            "ab\" +\n    \"cd",
            "ab\" \\\n  \"cd",
            "ab' . 'cd",
            "ab\" & _\r\n \"cd",
            r#"ab\" + \"cd"#,
            "ab\\\n  cd",
        ] {
            assert_eq!(read(text), ("abcd".into(), vec![Encoding::Joined]), "{text}");
        }
        assert_eq!(read("ab=\r\ncd"), ("abcd".into(), vec![Encoding::QuotedPrintable]));
        for text in ["ab\", \"cd", "ab\": \"cd", "ab\ncd", "ab\"\nx = \"cd", "ab\"", "ab\\n"] {
            assert_eq!(read(text), ("ab".into(), vec![]), "{text}");
        }
    }

    #[test]
    fn an_assignment_before_a_value_is_read_as_one_too() {
        let text = b"secret_key=2Fab%2Fcd&x=3Def%2Fgh";
        let runs = escaped_runs(text, 0..text.len(), 100);
        let found: Vec<_> = runs.iter().map(|run| String::from_utf8_lossy(&run.plain).into_owned()).collect();
        for value in ["2Fab/cd", "ef/gh"] {
            assert!(found.iter().any(|found| found == value), "{value} in {found:?}");
        }
    }
}
