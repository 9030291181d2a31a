//! The names and places of a pack's objects: pack indexes and, for packs that have none of their own, the
//! multi-pack-index.
//!
//! Sources: git's gitformat-pack(5), "pack-*.idx files have the following format" (versions 1 and 2) and
//! "multi-pack-index (MIDX) files have the following format". All numbers are big-endian. An index is hostile like
//! everything in a repository: all that is read later is checked to be there when it is opened.

use super::fault::Fault;
use filebuffer::FileBuffer;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;

/// Entries of the fan-out table, which counts the names up to each first byte.
const FANOUT: usize = 256;

/// The first bytes of an index of version 2; version 1 starts with its fan-out table.
const MAGIC: [u8; 4] = *b"\xfftOc";

/// Bytes that are mapped from a file or held in memory.
#[derive(Debug)]
enum Bytes {
    Mapped(FileBuffer),
    Held(Vec<u8>),
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(file) => file,
            Self::Held(bytes) => bytes,
        }
    }
}

/// An index: objects in the order of their names.
#[derive(Debug)]
pub struct Index {
    bytes: Bytes,
    hash_len: usize,
    count: u32,
    layout: Layout,
    /// The pack's checksum, where the index has one.
    pack_checksum: Option<Range<usize>>,
}

/// Where in the bytes the tables stand.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// One table of offset and name.
    V1 { table: usize },
    /// A table each: names, checksums, offsets, and those offsets that need 64 bits.
    V2 { fanout: usize, names: usize, checksums: Option<usize>, offsets: usize, large: Range64 },
}

#[derive(Debug, Clone, Copy)]
struct Range64 {
    start: usize,
    count: usize,
}

impl Index {
    /// Opens the index at `path`, whose names have `hash_len` bytes.
    ///
    /// # Errors
    /// Where it cannot be read or is not an index.
    pub fn open(path: &Path, hash_len: usize) -> io::Result<Self> {
        Self::parse(Bytes::Mapped(FileBuffer::open(path)?), hash_len)
            .map_err(|fault| io::Error::other(format!("not a pack index: {fault}")))
    }

    fn parse(bytes: Bytes, hash_len: usize) -> Result<Self, Fault> {
        let version2 = bytes.starts_with(&MAGIC);
        let fanout = if version2 { 8 } else { 0 };
        if version2 && u32_at(&bytes, 4)? != 2 {
            return Err(Fault::Header);
        }
        let count = last_of_fanout(&bytes, fanout)?;
        let (rows, tables) = (count as usize, fanout + 4 * FANOUT);
        let checksums_at_end = bytes.len().checked_sub(2 * hash_len).ok_or(Fault::Truncated)?;
        let layout = if version2 {
            let checksums = tables + rows * hash_len;
            let offsets = checksums + 4 * rows;
            let large = offsets + 4 * rows;
            let room = checksums_at_end.checked_sub(large).ok_or(Fault::Truncated)?;
            let large = Range64 { start: large, count: room / 8 };
            Layout::V2 { fanout, names: tables, checksums: Some(checksums), offsets, large }
        } else {
            if tables + rows * (4 + hash_len) > checksums_at_end {
                return Err(Fault::Truncated);
            }
            Layout::V1 { table: tables }
        };
        Ok(Self { bytes, hash_len, count, layout, pack_checksum: Some(checksums_at_end..checksums_at_end + hash_len) })
    }

    /// Objects in the pack.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Is the pack empty?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of a name.
    #[must_use]
    pub fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// The name of the object at `position` in the order of names.
    #[must_use]
    pub fn name(&self, position: u32) -> &[u8] {
        let start = match self.layout {
            Layout::V1 { table } => table + position as usize * (4 + self.hash_len) + 4,
            Layout::V2 { names, .. } => names + position as usize * self.hash_len,
        };
        &self.bytes[start..start + self.hash_len]
    }

    /// Where in the pack the object at `position` stands.
    ///
    /// # Errors
    /// Where the index points behind its own table of large offsets.
    pub fn offset(&self, position: u32) -> Result<u64, Fault> {
        match self.layout {
            Layout::V1 { table } => {
                Ok(u64::from(u32_at(&self.bytes, table + position as usize * (4 + self.hash_len))?))
            }
            Layout::V2 { offsets, large, .. } => {
                let offset = u32_at(&self.bytes, offsets + 4 * position as usize)?;
                if offset & 1 << 31 == 0 {
                    return Ok(u64::from(offset));
                }
                let row = (offset & !(1 << 31)) as usize;
                if row >= large.count {
                    return Err(Fault::Header);
                }
                u64_at(&self.bytes, large.start + 8 * row)
            }
        }
    }

    /// Does it know the checksums of the objects' stored bytes?
    #[must_use]
    pub fn has_checksums(&self) -> bool {
        matches!(self.layout, Layout::V2 { checksums: Some(_), .. })
    }

    /// The CRC-32 of the object's stored bytes, where the index has it.
    #[must_use]
    pub fn checksum(&self, position: u32) -> Option<u32> {
        match self.layout {
            Layout::V2 { checksums: Some(table), .. } => u32_at(&self.bytes, table + 4 * position as usize).ok(),
            Layout::V1 { .. } | Layout::V2 { .. } => None,
        }
    }

    /// The checksum that the pack must end with.
    #[must_use]
    pub fn pack_checksum(&self) -> Option<&[u8]> {
        self.pack_checksum.clone().map(|range| &self.bytes[range])
    }

    /// The position of the object called `name`.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.find_in(name, self.range_of(*name.first()?)?)
    }

    /// The same, where it must be at one of the positions in `range`. Names are hashes, so how far `name` is from the
    /// first to the last of those that share its first two bytes tells nearly where it stands (`guess`, of 65,536 parts); from
    /// there on steps double, so that a hostile index costs no more than a search from the middle.
    #[must_use]
    pub fn find_near(&self, name: &[u8], range: Range<u32>, guess: u16) -> Option<u32> {
        let last = range.end.checked_sub(1).filter(|&last| last >= range.start)?;
        let offset = (u64::from(range.end - range.start) * u64::from(guess)) >> 16;
        let guess = range.start + u32::try_from(offset).ok()?;
        let (mut low, mut high, mut step) = (guess, guess, 1);
        // Widened until what is looked for lies in `low..=high`.
        match self.compare(guess, name) {
            Ordering::Equal => return Some(guess),
            Ordering::Less => {
                while high < last && self.compare(high, name) == Ordering::Less {
                    low = high;
                    high = high.saturating_add(step).min(last);
                    step *= 2;
                }
            }
            Ordering::Greater => {
                while low > range.start && self.compare(low, name) == Ordering::Greater {
                    high = low;
                    low = low.saturating_sub(step).max(range.start);
                    step *= 2;
                }
            }
        }
        self.find_in(name, low..high + 1)
    }

    /// The same by halves.
    fn find_in(&self, name: &[u8], mut range: Range<u32>) -> Option<u32> {
        while range.start < range.end {
            let middle = range.start + (range.end - range.start) / 2;
            match self.compare(middle, name) {
                Ordering::Less => range.start = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => range.end = middle,
            }
        }
        None
    }

    /// How the name at `position` compares with `name`: nearly always their first eight bytes say so.
    fn compare(&self, position: u32, name: &[u8]) -> Ordering {
        let known = self.name(position);
        let start = |name: &[u8]| name.first_chunk().copied().map(u64::from_be_bytes);
        start(known).cmp(&start(name)).then_with(|| known.cmp(name))
    }

    /// The positions of names that start with `first`.
    fn range_of(&self, first: u8) -> Option<Range<u32>> {
        let fanout = match self.layout {
            Layout::V1 { .. } => 0,
            Layout::V2 { fanout, .. } => fanout,
        };
        let up_to = |byte: u8| u32_at(&self.bytes, fanout + 4 * usize::from(byte)).ok();
        let start = first.checked_sub(1).map_or(Some(0), up_to)?;
        Some(start..up_to(first)?.min(self.count))
    }
}

/// The indexes of all packs that the multi-pack-index at `path` covers, by the file names of the packs' own indexes.
///
/// # Errors
/// Where it cannot be read or is none.
pub fn from_multi_pack_index(path: &Path, hash_len: usize) -> io::Result<BTreeMap<String, Index>> {
    let bytes = FileBuffer::open(path)?;
    MultiPackIndex::parse(&bytes, hash_len)
        .and_then(|index| index.split())
        .map_err(|fault| io::Error::other(format!("not a multi-pack-index: {fault}")))
}

struct MultiPackIndex<'b> {
    bytes: &'b [u8],
    hash_len: usize,
    packs: Vec<String>,
    count: u32,
    names: usize,
    places: usize,
    large: Option<usize>,
}

impl<'b> MultiPackIndex<'b> {
    fn parse(bytes: &'b [u8], hash_len: usize) -> Result<Self, Fault> {
        if !bytes.starts_with(b"MIDX\x01") || bytes.len() < 12 {
            return Err(Fault::Header);
        }
        let mut chunks = BTreeMap::new();
        for row in 0..=usize::from(bytes[6]) {
            let id = bytes.get(12 + 12 * row..16 + 12 * row).ok_or(Fault::Truncated)?;
            let start = usize::try_from(u64_at(bytes, 16 + 12 * row)?).map_err(|_| Fault::Header)?;
            chunks.insert(<[u8; 4]>::try_from(id).map_err(|_| Fault::Header)?, start);
        }
        let chunk = |id: &[u8; 4]| chunks.get(id).copied();
        let required = |id| chunk(id).ok_or(Fault::Header);
        let packs = pack_names(bytes.get(required(b"PNAM")?..).ok_or(Fault::Truncated)?, u32_at(bytes, 8)?)?;
        let count = last_of_fanout(bytes, required(b"OIDF")?)?;
        let (names, places) = (required(b"OIDL")?, required(b"OOFF")?);
        let ends = [names.checked_add(count as usize * hash_len), places.checked_add(8 * count as usize)];
        if ends.iter().any(|end| end.is_none_or(|end| end > bytes.len())) {
            return Err(Fault::Truncated);
        }
        Ok(Self { bytes, hash_len, packs, count, names, places, large: chunk(b"LOFF") })
    }

    /// An index for each pack, in the layout of version 2 without checksums.
    fn split(&self) -> Result<BTreeMap<String, Index>, Fault> {
        let mut rows: Vec<Vec<(u32, u64)>> = vec![Vec::new(); self.packs.len()];
        for row in 0..self.count {
            let pack = u32_at(self.bytes, self.places + 8 * row as usize)?;
            rows.get_mut(pack as usize).ok_or(Fault::Header)?.push((row, self.offset(row)?));
        }
        Ok(self.packs.iter().cloned().zip(rows.iter().map(|rows| self.index_of(rows))).collect())
    }

    fn offset(&self, row: u32) -> Result<u64, Fault> {
        let offset = u32_at(self.bytes, self.places + 8 * row as usize + 4)?;
        match self.large {
            Some(large) if offset & 1 << 31 != 0 => {
                u64_at(self.bytes, large.saturating_add(8 * (offset & !(1 << 31)) as usize))
            }
            _ => Ok(u64::from(offset)),
        }
    }

    fn index_of(&self, rows: &[(u32, u64)]) -> Index {
        let mut fanout = vec![0_u32; FANOUT];
        let (mut names, mut offsets, mut large) = (Vec::new(), Vec::new(), Vec::new());
        for &(row, offset) in rows {
            let start = self.names + row as usize * self.hash_len;
            let name = &self.bytes[start..start + self.hash_len];
            for count in &mut fanout[usize::from(name[0])..] {
                *count += 1;
            }
            names.extend_from_slice(name);
            offsets.extend((1_u32 << 31 | u32::try_from(large.len() / 8).unwrap_or(0)).to_be_bytes());
            large.extend(offset.to_be_bytes());
        }
        let fanout: Vec<u8> = fanout.into_iter().flat_map(u32::to_be_bytes).collect();
        let at_names = fanout.len();
        let at_offsets = at_names + names.len();
        let at_large = Range64 { start: at_offsets + offsets.len(), count: rows.len() };
        Index {
            bytes: Bytes::Held([fanout, names, offsets, large].concat()),
            hash_len: self.hash_len,
            count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            layout: Layout::V2 { fanout: 0, names: at_names, checksums: None, offsets: at_offsets, large: at_large },
            pack_checksum: None,
        }
    }
}

/// The NUL-terminated names at the start of `bytes`.
fn pack_names(bytes: &[u8], count: u32) -> Result<Vec<String>, Fault> {
    let names: Vec<_> = bytes
        .split(|&byte| byte == 0)
        .take(count as usize)
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    if names.len() < count as usize || names.iter().any(|name| name.contains('/')) {
        return Err(Fault::Header);
    }
    Ok(names)
}

/// The last entry of the fan-out table at `at`, which must never fall.
fn last_of_fanout(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    (0..FANOUT).try_fold(0, |before, row| {
        let count = u32_at(bytes, at.saturating_add(4 * row))?;
        if count < before { Err(Fault::Header) } else { Ok(count) }
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let number =
        bytes.get(at..at.saturating_add(4)).and_then(|number| number.try_into().ok()).ok_or(Fault::Truncated)?;
    Ok(u32::from_be_bytes(number))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, Fault> {
    let number =
        bytes.get(at..at.saturating_add(8)).and_then(|number| number.try_into().ok()).ok_or(Fault::Truncated)?;
    Ok(u64::from_be_bytes(number))
}
