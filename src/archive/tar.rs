//! tar archives, read block by block.
//!
//! The blocks are the `tar` crate's to understand; the walk over them is ours, because names may be as long as an archive likes
//! (GNU's long names, pax) and are held in memory no longer than a path can be.

use super::image::{Image, MANIFEST};
use super::stream::reader;
use super::{Budget, Content, Entry, Take, Trouble, trimmed};
use bstr::BString;
use std::io::{self, BufReader, Read};
use tar::{EntryType, GnuExtSparseHeader, Header, PaxExtensions};

/// Bytes of a block: a header is one, and contents are padded to whole ones.
const BLOCK: usize = 512;

/// Bytes of a name that is held; longer ones are cut.
const NAME: u64 = 64 * 1024;

/// Bytes that are read at once.
const BUFFER: usize = 64 * 1024;

/// Hands over the files of a tar archive. Links, folders and devices have no bytes.
pub(super) fn open(content: Content<'_>, budget: &Budget, take: &mut dyn Take) -> Result<(), Trouble> {
    let mut walk = Walk { reader: BufReader::with_capacity(BUFFER, reader(content)), block: Header::new_old() };
    let (mut told, mut image) = (Told::default(), Image::default());
    let read = |error: io::Error| Trouble::of(&error);
    while walk.next_header().map_err(read)? {
        let size = told.size.map_or_else(|| walk.block.entry_size(), Ok).map_err(read)?;
        match walk.block.entry_type() {
            EntryType::GNULongName => told.name = Some(trimmed(&walk.text(size, NAME).map_err(read)?)),
            EntryType::XHeader => told.read(&walk.text(size, NAME).map_err(read)?),
            EntryType::GNULongLink | EntryType::XGlobalHeader => walk.pass(size).map_err(read)?,
            kind => {
                if kind.is_gnu_sparse() {
                    walk.pass_map().map_err(read)?;
                }
                let name = told.name.take().unwrap_or_else(|| walk.block.path_bytes().as_ref().into());
                told = Told::default();
                if !holds_bytes(kind) || size == 0 {
                    walk.pass(if holds_bytes(kind) { size } else { 0 }).map_err(read)?;
                    continue;
                }
                budget.entry()?;
                image.note(&name);
                if Image::may_describe(&name, size) {
                    let text = walk.text(size, MANIFEST).map_err(read)?;
                    image.describe(&name, &text);
                    take.take(Entry { name: Some(&name), content: Content::Memory(&text) })?;
                    continue;
                }
                let mut file = (&mut walk.reader).take(size);
                take.take(Entry { name: Some(&name), content: Content::Stream(&mut file) })?;
                let rest = file.limit();
                walk.pass_rest(size, rest).map_err(read)?;
            }
        }
    }
    image.conclude(take);
    Ok(())
}

/// Old archives say 7, or nothing, of plain files; what nobody knows is a file, too (POSIX).
fn holds_bytes(kind: EntryType) -> bool {
    !(kind.is_dir()
        || kind.is_symlink()
        || kind.is_hard_link()
        || kind.is_character_special()
        || kind.is_block_special()
        || kind.is_fifo())
}

/// What was told of the next file before its header.
#[derive(Default)]
struct Told {
    name: Option<BString>,
    size: Option<u64>,
}

impl Told {
    fn read(&mut self, pax: &[u8]) {
        for extension in PaxExtensions::new(pax).map_while(Result::ok) {
            match extension.key_bytes() {
                // The second is that of a sparse file, whose entry has a name that was made up.
                b"path" | b"GNU.sparse.name" => self.name = Some(extension.value_bytes().into()),
                b"size" => self.size = extension.value().ok().and_then(|size| size.parse().ok()),
                _ => {}
            }
        }
    }
}

struct Walk<R> {
    reader: R,
    block: Header,
}

impl<R: Read> Walk<R> {
    /// Reads the next header; false at the end.
    fn next_header(&mut self) -> io::Result<bool> {
        if !self.read_block()? || self.block.as_bytes().iter().all(|&byte| byte == 0) {
            return Ok(false);
        }
        // As the format has it: the sum of all bytes, the sum's own eight taken for blanks.
        let bytes = self.block.as_bytes();
        let sum = bytes[..148].iter().chain(&bytes[156..]).map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
        if self.block.cksum()? != sum {
            return Err(io::Error::other("a header's checksum is wrong"));
        }
        Ok(true)
    }

    /// False where nothing at all is left.
    fn read_block(&mut self) -> io::Result<bool> {
        let mut filled = 0;
        let block = self.block.as_mut_bytes();
        while filled < BLOCK {
            match self.reader.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// A content that says something of the next file.
    fn text(&mut self, size: u64, most: u64) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let held = size.min(most);
        (&mut self.reader).take(held).read_to_end(&mut text)?;
        self.pass_rest(size, size - text.len() as u64)?;
        Ok(text)
    }

    /// Passes over a content.
    fn pass(&mut self, size: u64) -> io::Result<()> {
        self.pass_rest(size, size)
    }

    /// Passes over what is left of a content of `size` bytes, and its padding.
    fn pass_rest(&mut self, size: u64, rest: u64) -> io::Result<()> {
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        let passed = io::copy(&mut (&mut self.reader).take(rest), &mut io::sink())?;
        // The last padding is missing from some archives.
        io::copy(&mut (&mut self.reader).take(padding), &mut io::sink())?;
        if passed < rest { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Passes over the map of a sparse file, which may go on in blocks of its own; what is left are its bytes, without
    /// the holes.
    fn pass_map(&mut self) -> io::Result<()> {
        let mut goes_on = self.block.as_gnu().is_some_and(|header| header.isextended[0] == 1);
        while goes_on {
            let mut map = GnuExtSparseHeader::new();
            self.reader.read_exact(map.as_mut_bytes())?;
            goes_on = map.is_extended();
        }
        Ok(())
    }
}
