//! Texts that hold other texts: archives and compressed streams.
//!
//! A container gives itself away by its first bytes ([`Format::of`]) and hands what it holds to a [`Take`], entry by
//! entry, streamed: nothing is written to disk, and no entry is held whole unless it is small. How much of that is
//! borne is said by [`Limits`] and kept by one [`Budget`] for all that a file holds, however deeply nested.
//!
//! What the entries hold is not this module's business, nor whether one of them is a container in turn: that is for
//! whoever takes them.

mod decoder;
mod image;
mod limits;
mod stream;
mod tar;
mod zip;

pub use limits::{Bound, Budget, Limits};

use crate::sqlite::Database;
use crate::strings;
use bstr::BString;
use decoder::Compression;
use std::fs::File;
use std::io::{self, Read};

/// What kind of container a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// zip: jar, war, docx, xlsx, pptx, whl, apk, nupkg and many more.
    Zip,
    /// tar: also the images that `docker save` writes, and their layers.
    Tar,
    /// gzip.
    Gzip,
    /// A SQLite database, or the log beside one: its rows are no entries, see [`crate::sqlite`].
    Sqlite,
    /// A binary file of strings behind lengths, see [`crate::strings`].
    Strings(strings::Form),
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// zstd.
    Zstd,
    /// A zlib stream.
    Zlib,
}

/// Bytes from which a format can be told.
pub const HEAD: usize = 512;

/// Where tar has its magic.
const TAR_MAGIC_AT: usize = 257;

impl Format {
    /// The format that the first bytes of a text show, [`HEAD`] of them if there are so many.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, b'P', b'K', ..] => Some(Self::Zip),
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A block, or the end of a stream without any.
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, b'r', b'E', b'8', b'P', 0x90, ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // A frame, or one that is to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Self::Zlib),
            _ if Database::begins(head) => Some(Self::Sqlite),
            _ if head.get(TAR_MAGIC_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) => Some(Self::Tar),
            _ => strings::Form::of(head).map(Self::Strings),
        }
    }

    /// As people name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
            Self::Sqlite => "SQLite database",
            Self::Strings(form) => form.name(),
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Zlib => "zlib",
        }
    }

    /// Must its bytes be at hand in any order, rather than one after the other?
    #[must_use]
    pub fn needs_whole(self) -> bool {
        match self {
            Self::Zip | Self::Sqlite | Self::Strings(_) => true,
            Self::Tar | Self::Gzip | Self::Bzip2 | Self::Xz | Self::Zstd | Self::Zlib => false,
        }
    }

    /// Hands the entries of a container to `take`, as far as it can be read.
    ///
    /// # Errors
    /// Why the rest of it could not be; what it took so far was taken.
    pub fn open(self, content: Content<'_>, budget: &Budget, take: &mut dyn Take) -> Result<(), Trouble> {
        let compression = match self {
            Self::Zip => return zip::open(&content, budget, take),
            Self::Tar => return tar::open(content, budget, take),
            // What they hold has places of another kind: that is for whoever examines it.
            Self::Sqlite | Self::Strings(_) => return Ok(()),
            Self::Gzip => Compression::Gzip,
            Self::Bzip2 => Compression::Bzip2,
            Self::Xz => Compression::Xz,
            Self::Zstd => Compression::Zstd,
            Self::Zlib => Compression::Zlib,
        };
        stream::open(compression, content, budget, take)
    }
}

/// The bytes of a text, in the way in which they can be had.
pub enum Content<'c> {
    /// All of them.
    Memory(&'c [u8]),
    /// In a file on disk, from its start.
    File(&'c File),
    /// One after the other, once.
    Stream(&'c mut dyn Read),
}

/// A text in a container.
pub struct Entry<'e> {
    /// Its name there, as bytes; nothing where it is all that a compressed stream holds.
    pub name: Option<&'e [u8]>,
    /// Its bytes.
    pub content: Content<'e>,
}

/// Takes what a container holds.
pub trait Take {
    /// Takes an entry.
    ///
    /// # Errors
    /// Where nothing more can be borne: the container is left.
    fn take(&mut self, entry: Entry<'_>) -> Result<(), Bound>;

    /// Notes what keeps an entry, named, from being examined, or all of it.
    fn trouble(&mut self, name: &[u8], trouble: Trouble);
}

/// What keeps a container, or an entry, from being examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is encrypted.
    Encrypted,
    /// It is damaged, or only looks like what it seems to be; why.
    Broken(String),
    /// It is packed in a way that is not known here; which.
    Unknown(String),
    /// What holds it speaks of it and does not have it; what it is.
    Absent(&'static str),
    /// The same, where that is nothing to worry about.
    Elsewhere(&'static str),
    /// It takes more memory to unpack than is borne.
    Memory,
    /// It must be held whole, and has more than so many bytes.
    Large(u64),
    /// It shares bytes with another entry, as only entries of a bomb do.
    Overlap,
    /// It is more than is borne.
    Passed(Bound),
}

impl Trouble {
    /// The trouble that reading ran into.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        match Bound::of(error) {
            Some(bound) => Self::Passed(bound),
            None if error.kind() == io::ErrorKind::OutOfMemory => Self::Memory,
            None => Self::Broken(describe(error)),
        }
    }
}

impl From<Bound> for Trouble {
    fn from(bound: Bound) -> Self {
        Self::Passed(bound)
    }
}

/// What an error says, in one line of ours.
fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it breaks off".to_owned(),
        _ => error.to_string(),
    }
}

/// A name without the bytes that only pad it.
fn trimmed(name: &[u8]) -> BString {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    name[..end].into()
}
