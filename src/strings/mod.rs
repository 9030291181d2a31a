//! Strings in binary files of programs: Python's pickles and compiled modules, Java's classes.
//!
//! There a string stands behind its length, and the next thing right behind it. The length and what follows are often
//! letters (a pickle's `q`, which keeps a value, or `s`, which puts it into a dictionary; marshal's `N` for `None`), and to whoever
//! looks at the bytes alone the value is then a part of a longer word: neither a key ID nor forty characters. The index
//! of a constant between a name and its value is a letter as often, and then the name is no label.
//!
//! So the strings are read one by one and written side by side ([`Strings::text`]), names before their values where the format
//! knows which belong together. What stands there, stands in the file as it is: [`Strings::place`] says where. What is no
//! string is looked at as bytes, like any file.

mod class;
mod marshal;
mod pickle;

use std::ops::Range;

/// A format that keeps its strings behind their lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A Python pickle.
    Pickle,
    /// A compiled Python module.
    PythonModule,
    /// A Java class.
    JavaClass,
}

/// The strings of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    /// Where they stand.
    ranges: Vec<Range<usize>>,
    /// Was the file read to its end?
    pub is_whole: bool,
}

/// What stands around a string in the text: no operator that joins literals, and nothing that a value could hold.
const AROUND: (&[u8], &[u8]) = (b"\"", b"\", ");

impl Form {
    /// The form that a file's first bytes show.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        if class::begins(head) {
            Some(Self::JavaClass)
        } else if marshal::begins(head) {
            Some(Self::PythonModule)
        } else {
            pickle::begins(head).then_some(Self::Pickle)
        }
    }

    /// As people name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pickle => "pickle",
            Self::PythonModule => "compiled Python module",
            Self::JavaClass => "Java class",
        }
    }

    /// The strings of a file of this form, as far as it can be read.
    #[must_use]
    pub fn strings(self, bytes: &[u8]) -> Strings {
        match self {
            Self::Pickle => pickle::strings(bytes),
            Self::PythonModule => marshal::strings(bytes),
            Self::JavaClass => class::strings(bytes),
        }
    }
}

impl Strings {
    /// All strings of `bytes`, the file, side by side in one line.
    #[must_use]
    pub fn text(&self, bytes: &[u8]) -> Vec<u8> {
        let around = AROUND.0.len() + AROUND.1.len();
        let mut text = Vec::with_capacity(self.ranges.iter().map(|range| range.len() + around).sum());
        for range in &self.ranges {
            text.extend_from_slice(AROUND.0);
            text.extend_from_slice(&bytes[range.clone()]);
            text.extend_from_slice(AROUND.1);
        }
        text
    }

    /// Where in the text each of them begins.
    #[must_use]
    pub fn starts(&self) -> Vec<usize> {
        let mut end = 0;
        let start = |range: &Range<usize>| {
            let start = end + AROUND.0.len();
            end = start + range.len() + AROUND.1.len();
            start
        };
        self.ranges.iter().map(start).collect()
    }

    /// Where in the file the byte stands that is at `offset` of the text, and the end of its string.
    #[must_use]
    pub fn place(&self, starts: &[usize], offset: usize) -> Option<(usize, usize)> {
        let nth = starts.partition_point(|&start| start <= offset).checked_sub(1)?;
        let (range, inside) = (&self.ranges[nth], offset - starts[nth]);
        (inside < range.len()).then_some((range.start + inside, range.end))
    }
}

/// Moves over bytes, and stops where they end.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn take(&mut self, count: usize) -> Option<Range<usize>> {
        let range = self.at..self.at.checked_add(count)?;
        self.bytes.get(range.clone())?;
        self.at = range.end;
        Some(range)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|range| self.bytes[range.start])
    }

    fn be16(&mut self) -> Option<usize> {
        self.big(2)
    }

    /// A number of `count` bytes, the highest first.
    fn big(&mut self, count: usize) -> Option<usize> {
        let bytes = &self.bytes[self.take(count)?];
        bytes.iter().try_fold(0_usize, |number, &byte| Some(number.checked_mul(256)? | usize::from(byte)))
    }

    /// A number of `count` bytes, the lowest first.
    fn little(&mut self, count: usize) -> Option<usize> {
        let bytes = &self.bytes[self.take(count)?];
        bytes.iter().rev().try_fold(0_usize, |number, &byte| Some(number.checked_mul(256)? | usize::from(byte)))
    }

    /// Up to the next line feed, which is passed over.
    fn line(&mut self) -> Option<Range<usize>> {
        let len = memchr::memchr(b'\n', &self.bytes[self.at..])?;
        let line = self.take(len)?;
        self.at += 1;
        Some(line)
    }

    fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }
}
