//! Pages in the files that SQLite keeps beside a database: the log of what is yet to be merged (`-wal`), and the
//! journal of what a transaction has written over (`-journal`).
//!
//! Sources: sqlite.org/fileformat2.html, sections 3 and 4.1. Checksums are not asked: a page that was given up is a
//! place for a secret, too.

use super::page::be32;
use super::pages::Pages;
use std::collections::HashMap;

/// The first bytes of a log, whose checksums are in one of the two byte orders.
const LOG: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];

/// The first bytes of a journal.
const JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// Is this the start of a log or a journal?
pub(super) fn begins(head: &[u8]) -> bool {
    LOG.iter().any(|magic| head.starts_with(magic)) || head.starts_with(&JOURNAL)
}

/// The last image of each page, and the older ones; nothing if the header makes no sense.
pub(super) fn read(bytes: &[u8]) -> Option<(Pages<'_>, Vec<Image<'_>>)> {
    let (size, images) = if bytes.starts_with(&JOURNAL) { journal(bytes)? } else { log(bytes)? };
    let (mut last, mut older) = (HashMap::new(), Vec::new());
    for (number, image) in images {
        if let Some(before) = last.insert(number, image) {
            older.push((number, before));
        }
    }
    let reserved = last.get(&1).and_then(|first: &&[u8]| first.get(20)).map_or(0, |&reserved| usize::from(reserved));
    let usable = if size - reserved >= 480 { size - reserved } else { size };
    Some((Pages::of_frames(last, usable), older))
}

/// The number of a page and what it held.
pub(super) type Image<'b> = (u32, &'b [u8]);

/// The size of a page, and all images.
fn log(bytes: &[u8]) -> Option<(usize, Vec<Image<'_>>)> {
    let size = page_size(be32(bytes, 8)?)?;
    let frames = bytes.get(32..)?.chunks(24 + size);
    let image = |frame| Some((be32(frame, 0)?, frame.get(24..)?));
    Some((size, frames.filter_map(image).filter(is_plausible).collect()))
}

/// The same of a journal, whose records follow upon a header of a sector; one behind the other, for as long as they
/// last.
fn journal(bytes: &[u8]) -> Option<(usize, Vec<Image<'_>>)> {
    let sector = usize::try_from(be32(bytes, 20)?).ok()?;
    let size = page_size(be32(bytes, 24)?)?;
    let records = bytes.get(sector.max(28)..)?.chunks(4 + size + 4);
    let image = |record| Some((be32(record, 0)?, record.get(4..)?.get(..size)?));
    Some((size, records.filter_map(image).filter(is_plausible).collect()))
}

fn is_plausible(image: &Image<'_>) -> bool {
    image.0 > 0 && !image.1.is_empty()
}

fn page_size(said: u32) -> Option<usize> {
    // A log of pages of 64 KiB says so in full, an old one as 1.
    let size = if said == 1 { 65536 } else { usize::try_from(said).ok()? };
    (size.is_power_of_two() && (512..=65536).contains(&size)).then_some(size)
}
