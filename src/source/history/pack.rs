//! A pack: where its entries stand, what their headers say, and their bytes inflated.
//!
//! Source: git's gitformat-pack(5), "pack-*.pack files have the following format". The pack is mapped into memory;
//! git never writes to a finished pack, it makes a new one. Inflating goes through libdeflate, which wants to know
//! the size of the result beforehand, as a pack does: it is twice as fast as a zlib that does not.

use super::fault::Fault;
use super::index::Index;
use crate::git::Kind;
use filebuffer::FileBuffer;
use libdeflater::Decompressor;
use std::io;
use std::path::Path;

/// The largest object that is held in memory; larger ones are streamed. Two of them, and a delta, are what a thread may
/// hold beside its budget for bases.
pub const HELD: u64 = 16 << 20;

/// The most that a byte of compressed data can expand to (zlib's documentation, "Maximum Expansion Factor"), rounded up.
const EXPANSION: u64 = 1040;

/// How an entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored<'p> {
    /// As itself.
    Whole(Kind),
    /// As a delta to the entry at an offset.
    DeltaAt(u64),
    /// As a delta to the object of a name.
    DeltaTo(&'p [u8]),
}

/// The header of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'p> {
    /// How it is stored.
    pub stored: Stored<'p>,
    /// Bytes of the object or of the delta, inflated.
    pub size: u64,
    /// The compressed data.
    pub data: &'p [u8],
}

/// A pack and its index.
#[derive(Debug)]
pub struct Pack {
    file: FileBuffer,
    index: Index,
    /// The entries in the order of their offsets.
    entries: Vec<Place>,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    offset: u64,
    /// Its position in the index.
    position: u32,
    /// The CRC-32 that its bytes must have; kept here, since the index is not in the order of offsets. 0 where the
    /// index has none.
    checksum: u32,
}

/// An entry, by its place in the order of offsets.
pub type Entry = u32;

/// Where in the order of offsets the stretches of a pack begin: every base is looked up once, and a search over all entries
/// misses the cache at nearly every step.
pub(super) struct Stretches<'p> {
    pack: &'p Pack,
    /// The first entry of each stretch; one more than there are.
    firsts: Vec<Entry>,
    /// Bytes of a stretch, as a power of two.
    bits: u32,
}

impl<'p> Stretches<'p> {
    pub(super) fn of(pack: &'p Pack) -> Self {
        // Two entries in each, or so.
        let entry_len = pack.file.len() / pack.entries.len().max(1);
        let bits = (2 * entry_len).max(1).ilog2();
        let mut firsts = Vec::with_capacity((pack.file.len() >> bits) + 2);
        for (entry, place) in (0..).zip(&pack.entries) {
            // What points behind the pack has no place here, and nothing is built upon it.
            let stretch = usize::try_from(place.offset).unwrap_or(usize::MAX).min(pack.file.len()) >> bits;
            while firsts.len() <= stretch {
                firsts.push(entry);
            }
        }
        firsts.resize((pack.file.len() >> bits) + 2, pack.len());
        Self { pack, firsts, bits }
    }

    /// The entry that starts at `offset`.
    pub(super) fn at(&self, offset: u64) -> Option<Entry> {
        let stretch = usize::try_from(offset >> self.bits).ok()?;
        let range = *self.firsts.get(stretch)?..*self.firsts.get(stretch + 1)?;
        let places = self.pack.entries.get(range.start as usize..range.end as usize)?;
        let found = places.binary_search_by_key(&offset, |place| place.offset).ok()?;
        u32::try_from(found).ok().map(|found| range.start + found)
    }
}

impl Pack {
    /// Opens the pack at `path`, whose names and places `index` knows.
    ///
    /// # Errors
    /// Where it cannot be read or is no pack.
    pub fn open(path: &Path, index: Index) -> io::Result<Self> {
        let file = FileBuffer::open(path)?;
        let is_pack = file.starts_with(b"PACK") && matches!(file.get(4..8), Some([0, 0, 0, 2 | 3]));
        if !is_pack {
            return Err(io::Error::other("not a pack"));
        }
        let place = |position| Place {
            offset: index.offset(position).unwrap_or(u64::MAX),
            position,
            checksum: index.checksum(position).unwrap_or_default(),
        };
        let mut entries: Vec<Place> = (0..index.len()).map(place).collect();
        entries.sort_unstable();
        Ok(Self { file, index, entries })
    }

    /// What is wrong with the pack as a whole; its entries may be readable all the same.
    #[must_use]
    pub fn objection(&self) -> Option<Fault> {
        let count = self.file.get(8..12).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes);
        if count != Some(self.index.len()) {
            return Some(Fault::Header);
        }
        let trailer = &self.file[self.file.len().saturating_sub(self.index.hash_len())..];
        let differs = self.index.pack_checksum().is_some_and(|checksum| checksum != trailer);
        differs.then_some(Fault::Checksum)
    }

    /// Its index.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The number of its entries.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "an index counts its objects in 32 bits")]
    pub fn len(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Has it no entries?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The name of an entry's object.
    #[must_use]
    pub fn name(&self, entry: Entry) -> &[u8] {
        self.index.name(self.position(entry))
    }

    /// The entry's position in the index.
    #[must_use]
    pub fn position(&self, entry: Entry) -> u32 {
        self.entries[entry as usize].position
    }

    /// The entry that starts at `offset`.
    #[must_use]
    pub fn at(&self, offset: u64) -> Option<Entry> {
        let found = self.entries.binary_search_by_key(&offset, |place| place.offset).ok()?;
        u32::try_from(found).ok()
    }

    /// Bytes that the entry takes in the pack.
    #[must_use]
    pub fn stored_len(&self, entry: Entry) -> u64 {
        self.stored(entry).map_or(0, |bytes| bytes.len() as u64)
    }

    /// The entry's bytes: up to the next one, or to the checksum at the pack's end.
    fn stored(&self, entry: Entry) -> Result<&[u8], Fault> {
        let start = self.entries[entry as usize].offset;
        let end = self.file.len().saturating_sub(self.index.hash_len()) as u64;
        let next = self.entries.get(entry as usize + 1).map_or(end, |next| next.offset.min(end));
        let (start, next) = (usize::try_from(start), usize::try_from(next));
        match (start, next) {
            (Ok(start), Ok(next)) if start < next => Ok(&self.file[start..next]),
            _ => Err(Fault::Truncated),
        }
    }

    /// The header of `entry`.
    ///
    /// # Errors
    /// Where it is cut off or damaged, and where its size cannot be true.
    pub fn header(&self, entry: Entry) -> Result<Header<'_>, Fault> {
        let stored = self.stored(entry)?;
        let (kind, size, mut len) = kind_and_size(stored)?;
        let stored_as = match kind {
            1 => Stored::Whole(Kind::Commit),
            2 => Stored::Whole(Kind::Tree),
            3 => Stored::Whole(Kind::Blob),
            4 => Stored::Whole(Kind::Tag),
            6 => {
                let (back, bytes) = base_distance(&stored[len..])?;
                len += bytes;
                let start = self.entries[entry as usize].offset;
                Stored::DeltaAt(start.checked_sub(back).filter(|_| back > 0).ok_or(Fault::Header)?)
            }
            7 => {
                let name = stored.get(len..len + self.index.hash_len()).ok_or(Fault::Truncated)?;
                len += name.len();
                Stored::DeltaTo(name)
            }
            _ => return Err(Fault::Header),
        };
        let data = &stored[len..];
        if size > (data.len() as u64).saturating_mul(EXPANSION) {
            return Err(Fault::Size { claimed: size, stored: data.len() });
        }
        Ok(Header { stored: stored_as, size, data })
    }

    /// Are the entry's bytes those that the index was made of?
    ///
    /// # Errors
    /// Where they are not.
    pub fn verify(&self, entry: Entry) -> Result<(), Fault> {
        let checksum = self.entries[entry as usize].checksum;
        let differs = self.index.has_checksums() && checksum != libdeflater::crc32(self.stored(entry)?);
        if differs { Err(Fault::Checksum) } else { Ok(()) }
    }
}

/// Inflates `header`'s data into `buffer`, whose first bytes it becomes. The size was checked against a cap before.
///
/// # Errors
/// Where the data is damaged or has another size than the header says.
pub fn inflate<'b>(
    inflater: &mut Decompressor,
    header: &Header<'_>,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], Fault> {
    let size = usize::try_from(header.size).map_err(|_| Fault::Header)?;
    // Not shrunk: what is zeroed once need not be zeroed again.
    if buffer.len() < size {
        buffer.reserve_exact(size - buffer.len());
        buffer.resize(size, 0);
    }
    match inflater.zlib_decompress(header.data, &mut buffer[..size]) {
        Ok(len) if len == size => Ok(&buffer[..size]),
        _ => Err(Fault::Inflate),
    }
}

/// Kind, size and bytes of the first part of a header: three bits of kind and four of size, then groups of seven.
fn kind_and_size(bytes: &[u8]) -> Result<(u8, u64, usize), Fault> {
    let first = *bytes.first().ok_or(Fault::Truncated)?;
    let (kind, mut size) = (first >> 4 & 7, u64::from(first & 15));
    let mut len = 1;
    let mut more = first & 0x80 != 0;
    while more {
        let byte = *bytes.get(len).ok_or(Fault::Truncated)?;
        let shift = 4 + 7 * (len - 1);
        if shift > 56 {
            return Err(Fault::Header);
        }
        size |= u64::from(byte & 0x7f) << shift;
        len += 1;
        more = byte & 0x80 != 0;
    }
    Ok((kind, size, len))
}

/// How far before the entry its base starts, and the bytes that say so: groups of seven bits, the highest first, each
/// but the last one less than it stands for.
fn base_distance(bytes: &[u8]) -> Result<(u64, usize), Fault> {
    let mut distance = 0_u64;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        distance |= u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((distance, at + 1));
        }
        distance = (distance + 1) << 7;
    }
    Err(Fault::Header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_size_are_read_as_git_writes_them() {
        assert_eq!(kind_and_size(&[0x35]), Ok((3, 5, 1)));
        assert_eq!(kind_and_size(&[0xb5, 0x81, 0x01]), Ok((3, 5 | 1 << 4 | 1 << 11, 3)));
        assert_eq!(kind_and_size(&[0xb5]), Err(Fault::Truncated));
        assert_eq!(kind_and_size(&[0xff; 20]), Err(Fault::Header));
    }

    #[test]
    fn a_base_distance_has_no_two_ways_to_be_written() {
        assert_eq!(base_distance(&[0x7f]), Ok((127, 1)));
        assert_eq!(base_distance(&[0x80, 0x00]), Ok((128, 2)));
        assert_eq!(base_distance(&[0xff; 12]), Err(Fault::Header));
    }
}
