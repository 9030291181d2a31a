//! Compressed streams: one entry without a name of its own.

use super::limits::{Counted, Metered};
use super::{Budget, Content, Entry, Take, Trouble};
use flate2::bufread::MultiGzDecoder;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

/// Bytes of packed data that are read at once.
const BUFFER: usize = 64 * 1024;

/// Hands over what a gzip file unfolds to, all its members one behind the other.
pub(super) fn gzip(content: Content<'_>, budget: &Budget, take: &mut dyn Take) -> Result<(), Trouble> {
    unfold(content, budget, take, |packed| Box::new(MultiGzDecoder::new(packed)))
}

/// Hands over what `decoder` makes of the content.
fn unfold(
    content: Content<'_>,
    budget: &Budget,
    take: &mut dyn Take,
    decoder: impl for<'d> FnOnce(Box<dyn BufRead + 'd>) -> Box<dyn Read + 'd>,
) -> Result<(), Trouble> {
    let packed = Cell::new(0);
    let counted = BufReader::with_capacity(BUFFER, Counted::new(reader(content), &packed));
    let mut unfolded = Metered::new(decoder(Box::new(counted)), budget, &packed);
    Ok(take.take(Entry { name: None, content: Content::Stream(&mut unfolded) })?)
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

/// The content, one byte after the other.
pub(super) fn reader<'c>(content: Content<'c>) -> Box<dyn Read + 'c> {
    match content {
        Content::Memory(bytes) => Box::new(bytes),
        Content::File(file) => Box::new(FromStart { file, at: 0 }),
        Content::Stream(stream) => Box::new(stream),
    }
}
