//! zip archives, read by their central directory, as everybody reads them.

use super::decoder::Compression;
use super::limits::{Counted, Metered};
use super::{Budget, Content, Entry, Take, Trouble};
use libdeflater::{Decompressor, crc32};
use rawzip::{CompressionMethod, ReaderAt, ZipEntry, ZipLocator, ZipVerification};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt;

/// Bytes of an entry, packed and unfolded, up to which it is unfolded at once; larger ones are streamed.
const HELD: u64 = 4 << 20;

/// Bytes of the central directory that are read at once: a name, what comes with it, and a comment fit.
const BUFFER: usize = 256 * 1024;

/// Hands over the files of a zip archive.
pub(super) fn open(content: &Content<'_>, budget: &Budget, take: &mut dyn Take) -> Result<(), Trouble> {
    let (at, len) = match content {
        Content::Memory(bytes) => (At::Memory(bytes), bytes.len() as u64),
        Content::File(file) => (At::File(file), file.metadata().map_err(|error| Trouble::of(&error))?.len()),
        Content::Stream(_) => return Err(Trouble::Unknown("in a stream".to_owned())),
    };
    let len_of_buffer = usize::try_from(len).unwrap_or(BUFFER).clamp(1024, BUFFER);
    let mut buffer = vec![0; len_of_buffer];
    let archive = ZipLocator::new().locate_in_reader(at, &mut buffer, len).map_err(|(_, error)| broken(&error))?;
    let mut unpacking =
        Unpacking { at, budget, taken: BTreeMap::new(), inflater: Decompressor::new(), buffers: <_>::default() };
    let mut entries = archive.entries(&mut buffer);
    loop {
        let header = match entries.next_entry() {
            Ok(Some(header)) => header,
            Ok(None) => return Ok(()),
            Err(error) => return Err(broken(&error)),
        };
        if header.is_dir() && (header.compressed_size_hint(), header.uncompressed_size_hint()) == (0, 0) {
            continue;
        }
        budget.entry()?;
        let (name, method) = (header.file_path(), header.compression_method());
        let name: &[u8] = name.as_ref();
        if header.flags().is_encrypted() {
            take.trouble(name, Trouble::Encrypted);
            continue;
        }
        let found = archive.get_entry(header.wayfinder()).map_err(|error| broken(&error));
        let sizes = (header.compressed_size_hint(), header.uncompressed_size_hint());
        match found.and_then(|entry| unpacking.entry(&entry, name, method, sizes, take)) {
            Ok(()) => {}
            Err(Trouble::Passed(bound)) if bound.is_final() => {
                take.trouble(name, bound.into());
                return Err(bound.into());
            }
            Err(trouble) => take.trouble(name, trouble),
        }
    }
}

fn broken(error: &rawzip::Error) -> Trouble {
    Trouble::Broken(error.to_string())
}

/// What is needed to unpack one entry after the other.
struct Unpacking<'b> {
    at: At<'b>,
    budget: &'b Budget,
    /// The ranges of bytes that entries had: start and end.
    taken: BTreeMap<u64, u64>,
    inflater: Decompressor,
    /// Packed and unfolded.
    buffers: (Vec<u8>, Vec<u8>),
}

impl Unpacking<'_> {
    fn entry(
        &mut self,
        entry: &ZipEntry<'_, At<'_>>,
        name: &[u8],
        method: CompressionMethod,
        sizes: (u64, u64),
        take: &mut dyn Take,
    ) -> Result<(), Trouble> {
        let (start, end) = entry.compressed_data_range();
        self.claim(start, end)?;
        if sizes.0 <= HELD && sizes.1 <= HELD {
            return self.at_once(entry, name, (method, sizes.1), take);
        }
        self.streamed(entry, name, (method, sizes.1), take)
    }

    /// Notes the bytes of an entry as its own.
    fn claim(&mut self, start: u64, end: u64) -> Result<(), Trouble> {
        if start == end {
            return Ok(());
        }
        let before = self.taken.range(..end).next_back();
        if before.is_some_and(|(_, &taken)| taken > start) {
            return Err(Trouble::Overlap);
        }
        self.taken.insert(start, end);
        Ok(())
    }

    /// Takes an entry that fits into memory.
    fn at_once(
        &mut self,
        entry: &ZipEntry<'_, At<'_>>,
        name: &[u8],
        (method, size): (CompressionMethod, u64),
        take: &mut dyn Take,
    ) -> Result<(), Trouble> {
        let (at, unfolded) = (self.at, usize::try_from(size).unwrap_or(usize::MAX));
        let (mut held, mut made) = std::mem::take(&mut self.buffers);
        let check = entry.reader().claim_verifier();
        let bytes = packed_bytes(entry, at, &mut held).map_err(|error| Trouble::of(&error));
        let result = bytes.and_then(|bytes| match method {
            CompressionMethod::STORE => self.whole(name, bytes, &check, take),
            CompressionMethod::DEFLATE => {
                if made.len() < unfolded {
                    made.resize(unfolded, 0);
                }
                match self.inflater.deflate_decompress(bytes, &mut made[..unfolded]) {
                    Ok(len) if len == unfolded => self.whole(name, &made[..unfolded], &check, take),
                    // Its sizes lie, or it is damaged: byte by byte, one sees how far it goes.
                    Ok(_) | Err(_) => self.streamed(entry, name, (method, size), take),
                }
            }
            _ => self.streamed(entry, name, (method, size), take),
        });
        self.buffers = (held, made);
        result
    }

    fn whole(&self, name: &[u8], bytes: &[u8], check: &ZipVerification, take: &mut dyn Take) -> Result<(), Trouble> {
        self.budget.bytes(bytes.len() as u64)?;
        take.take(Entry { name: Some(name), content: Content::Memory(bytes) })?;
        if check.crc != crc32(bytes) {
            return Err(Trouble::Broken("its checksum is wrong".to_owned()));
        }
        Ok(())
    }

    /// Takes an entry of any size.
    fn streamed(
        &mut self,
        entry: &ZipEntry<'_, At<'_>>,
        name: &[u8],
        (method, unfolded): (CompressionMethod, u64),
        take: &mut dyn Take,
    ) -> Result<(), Trouble> {
        let compression = match method {
            CompressionMethod::STORE => Compression::Stored,
            CompressionMethod::DEFLATE => Compression::Deflate,
            CompressionMethod::BZIP2 => Compression::Bzip2,
            CompressionMethod::XZ => Compression::Xz,
            CompressionMethod::ZSTD | CompressionMethod::ZSTD_DEPRECATED => Compression::Zstd,
            CompressionMethod::LZMA => Compression::ZipLzma(unfolded),
            CompressionMethod::AES => return Err(Trouble::Encrypted),
            other => return Err(Trouble::Unknown(format!("zip method {}", other.as_u16()))),
        };
        let packed = Cell::new(0);
        let counted = Counted::new(entry.reader(), &packed);
        let decoder = compression.decoder(counted, self.budget.holdable()).map_err(|error| Trouble::of(&error))?;
        let mut unfolded = Metered::new(decoder.reader, self.budget, &packed);
        let entry = Entry { name: Some(name), content: Content::Stream(&mut unfolded) };
        self.budget.holding(decoder.memory, || Ok(take.take(entry)?))
    }
}

/// The packed bytes of an entry: where they lie, or read into `held`.
fn packed_bytes<'b>(entry: &ZipEntry<'_, At<'_>>, at: At<'b>, held: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
    let (start, end) = entry.compressed_data_range();
    if let At::Memory(bytes) = at {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        return range.and_then(|(start, end)| bytes.get(start..end)).ok_or(io::ErrorKind::UnexpectedEof.into());
    }
    held.clear();
    entry.reader().read_to_end(held)?;
    Ok(held)
}

/// Bytes that can be had in any order.
#[derive(Clone, Copy)]
enum At<'a> {
    Memory(&'a [u8]),
    File(&'a File),
}

impl ReaderAt for At<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).map_or(bytes.len(), |start| start.min(bytes.len()));
                (&bytes[start..]).read(buffer)
            }
            Self::File(file) => file.read_at(buffer, offset),
        }
    }
}
