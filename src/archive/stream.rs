//! Compressed streams: one entry without a name of its own.

use super::decoder::{Compression, Decoder};
use super::limits::{Counted, Metered};
use super::{Bound, Budget, Content, Entry, Take, Trouble};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// Bytes that a stream must unfold to if its first bytes alone say little: of zlib they are two, and a text can begin
/// so.
const PROOF: u64 = 256;

/// Hands over what a compressed stream unfolds to.
pub(super) fn open(
    compression: Compression,
    content: Content<'_>,
    budget: &Budget,
    take: &mut dyn Take,
) -> Result<(), Trouble> {
    let packed = Cell::new(0);
    let counted = Counted::new(reader(content), &packed);
    let Decoder { reader, memory } =
        compression.decoder(counted, budget.holdable()).map_err(|error| Trouble::of(&error))?;
    let mut unfolded = Metered::new(reader, budget, &packed);
    let mut proof = Vec::new();
    if compression == Compression::Zlib
        && let Err(error) = (&mut unfolded).take(PROOF).read_to_end(&mut proof)
    {
        // It is no zlib stream then; unless a limit was passed, which must be said.
        return Bound::of(&error).map_or(Ok(()), |bound| Err(bound.into()));
    }
    let mut unfolded = proof.chain(unfolded);
    budget.holding(memory, || Ok(take.take(Entry { name: None, content: Content::Stream(&mut unfolded) })?))
}

/// The content, one byte after the other.
pub(super) fn reader<'c>(content: Content<'c>) -> Box<dyn Read + 'c> {
    match content {
        Content::Memory(bytes) => Box::new(bytes),
        Content::File(file) => Box::new(FromStart { file, at: 0 }),
        Content::Stream(stream) => Box::new(stream),
    }
}

/// A file from its first byte on, wherever others stand in it.
struct FromStart<'f> {
    file: &'f File,
    at: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
