//! The index, read in place.
//!
//! Of an index of 100,000 files git first makes 100,000 entries in memory; all that is asked here is which of them
//! differ from HEAD, and for that the file can be read as it lies. Only the plain formats are: a split or a sparse
//! index, version 4, and whatever this does not know are git's to read. Source: git's gitformat-index(5).

use super::oid::Oid;
use bstr::{BStr, ByteSlice};
use filebuffer::FileBuffer;
use std::collections::HashMap;
use std::path::Path;

/// The part of a mode that tells the kind of an entry.
pub const KIND: u32 = 0o170_000;

/// The kind of a file.
pub const FILE: u32 = 0o100_000;

/// The kind of a link.
pub const LINK: u32 = 0o120_000;

/// The kind of a commit of another repository.
pub const SUBMODULE: u32 = 0o160_000;

/// Bytes of an entry before its name: ten numbers of the file's status, the hash, the flags.
const FIXED: usize = 62;

/// Where in an entry the mode lies.
const MODE: usize = 24;

/// Where in an entry the hash lies.
const HASH: usize = 40;

/// Bytes of a hash: SHA-1.
const HASH_LEN: usize = 20;

/// An index file.
pub struct Index {
    file: FileBuffer,
    count: usize,
    folders: Folders,
}

/// Folders that were written to trees since they last changed: how many entries each has, and the tree.
type Folders = HashMap<Vec<u8>, (usize, Oid)>;

/// An entry of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry<'i> {
    /// Its path, from the top of the work tree.
    pub path: &'i BStr,
    /// Its object.
    pub id: &'i [u8],
    /// Its mode, as in trees.
    pub mode: u32,
    /// Zero but in a conflict.
    pub stage: u16,
    /// Is it only the intent to add a file?
    pub is_intent: bool,
}

/// The entries of an index, in order.
#[derive(Clone)]
pub struct IndexEntries<'i> {
    bytes: &'i [u8],
    left: usize,
}

/// Something that is not as it should be in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

impl Index {
    /// Opens an index; nothing if there is none, or it is not for us to read.
    #[must_use]
    pub fn open(path: &Path) -> Option<Self> {
        let file = FileBuffer::open(path).ok()?;
        let (version, count) = header(&file)?;
        if !matches!(version, 2 | 3) {
            return None;
        }
        let mut entries = IndexEntries { bytes: file.get(12..file.len().checked_sub(HASH_LEN)?)?, left: count };
        entries.skip(count).ok()?;
        let folders = folders(entries.bytes)?;
        Some(Self { file, count, folders })
    }

    /// Its entries.
    #[must_use]
    pub fn entries(&self) -> IndexEntries<'_> {
        IndexEntries { bytes: &self.file[12..self.file.len() - HASH_LEN], left: self.count }
    }

    /// How many entries a folder has, if they are those of this tree.
    #[must_use]
    pub fn entries_of(&self, folder: &[u8], tree: &Oid) -> Option<usize> {
        self.folders.get(folder).filter(|(_, id)| id == tree).map(|(count, _)| *count)
    }
}

impl<'i> IndexEntries<'i> {
    /// The next entry; nothing at the end.
    ///
    /// # Errors
    /// Where it is cut off.
    pub fn read(&mut self) -> Result<Option<IndexEntry<'i>>, Damaged> {
        if self.left == 0 {
            return Ok(None);
        }
        let (start, len) = name_of(self.bytes).ok_or(Damaged)?;
        let entry = self.bytes;
        self.pass(start + len)?;
        let extended = if start > FIXED { u16_at(entry, FIXED).ok_or(Damaged)? } else { 0 };
        Ok(Some(IndexEntry {
            path: entry[start..start + len].as_bstr(),
            id: &entry[HASH..HASH + HASH_LEN],
            mode: u32_at(entry, MODE).ok_or(Damaged)?,
            stage: u16_at(entry, HASH + HASH_LEN).ok_or(Damaged)? >> 12 & 3,
            is_intent: extended & 1 << 13 != 0,
        }))
    }

    /// Passes over so many entries.
    ///
    /// # Errors
    /// Where there are not so many.
    pub fn skip(&mut self, count: usize) -> Result<(), Damaged> {
        if count > self.left {
            return Err(Damaged);
        }
        for _ in 0..count {
            let (start, len) = name_of(self.bytes).ok_or(Damaged)?;
            self.pass(start + len)?;
        }
        Ok(())
    }

    /// Passes over an entry of so many bytes, and the one to eight NULs behind it.
    fn pass(&mut self, len: usize) -> Result<(), Damaged> {
        self.bytes = self.bytes.get(len / 8 * 8 + 8..).ok_or(Damaged)?;
        self.left -= 1;
        Ok(())
    }
}

/// Where in an entry its name starts, and its length.
fn name_of(entry: &[u8]) -> Option<(usize, usize)> {
    let flags = u16_at(entry, HASH + HASH_LEN)?;
    let start = if flags & 1 << 14 == 0 { FIXED } else { FIXED + 2 };
    let len = match flags & 0xfff {
        0xfff => memchr::memchr(0, entry.get(start..)?)?,
        len => usize::from(len),
    };
    (entry.get(start + len) == Some(&0)).then_some((start, len))
}

/// Version and number of entries.
fn header(file: &[u8]) -> Option<(u32, usize)> {
    file.starts_with(b"DIRC").then_some(())?;
    Some((u32_at(file, 4)?, usize::try_from(u32_at(file, 8)?).ok()?))
}

/// The folders that the extensions tell of; nothing where there is an extension that one must know. Its name is then in
/// lower case.
fn folders(extensions: &[u8]) -> Option<Folders> {
    let (mut rest, mut folders) = (extensions, Folders::new());
    while !rest.is_empty() {
        let (name, size) = (rest.get(..4)?, usize::try_from(u32_at(rest, 4)?).ok()?);
        let content = rest.get(8..8 + size)?;
        match name {
            b"TREE" => folders = cached_trees(content)?,
            [b'A'..=b'Z', ..] => {}
            _ => return None,
        }
        rest = &rest[8 + size..];
    }
    Some(folders)
}

/// `PATH NUL ENTRIES SP SUBTREES LF HASH`, each followed by its subtrees; a folder that has changed since has -1
/// entries, and no hash.
fn cached_trees(content: &[u8]) -> Option<Folders> {
    let (mut rest, mut folders) = (content, Folders::new());
    // The paths of the folders that are open, and how many subtrees of each are still to come.
    let mut open: Vec<(Vec<u8>, usize)> = Vec::new();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once_str(b"\0")?;
        let (counts, behind) = behind.split_once_str(b"\n")?;
        let (entries, subtrees) = counts.to_str().ok()?.split_once(' ')?;
        let path = match open.last_mut() {
            Some((above, left)) => {
                *left = left.checked_sub(1)?;
                let slash = if above.is_empty() { &b""[..] } else { b"/" };
                [above, slash, name].concat()
            }
            None => name.to_vec(),
        };
        rest = behind;
        if let Ok(entries) = entries.parse() {
            folders.insert(path.clone(), (entries, Oid::from_bytes(rest.get(..HASH_LEN)?)?));
            rest = &rest[HASH_LEN..];
        }
        open.push((path, subtrees.parse().ok()?));
        while open.last().is_some_and(|(_, left)| *left == 0) {
            open.pop();
        }
    }
    Some(folders)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|number| u16::from_be_bytes(*number))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_be_bytes(*number))
}
