//! The pages of a database, by number: from the file itself, or from the frames of a log.

use std::collections::HashMap;

/// Bytes at the start of a database that are no page's.
pub(super) const HEADER: usize = 100;

/// Where pages are found.
#[derive(Debug)]
pub(super) struct Pages<'b> {
    images: Images<'b>,
    /// Bytes of a page that hold content.
    usable: usize,
}

#[derive(Debug)]
enum Images<'b> {
    File { bytes: &'b [u8], size: usize },
    Frames(HashMap<u32, &'b [u8]>),
}

impl<'b> Pages<'b> {
    /// The pages of `size` bytes, `reserved` of which are not the database's, that `bytes` are made of.
    pub(super) fn of_file(bytes: &'b [u8], size: usize, reserved: usize) -> Self {
        Self { images: Images::File { bytes, size }, usable: size - reserved }
    }

    /// The pages that a log holds.
    pub(super) fn of_frames(frames: HashMap<u32, &'b [u8]>, usable: usize) -> Self {
        Self { images: Images::Frames(frames), usable }
    }

    /// The content of a page, shorter where the file ends; nothing where there is none.
    pub(super) fn get(&self, number: u32) -> Option<&'b [u8]> {
        let image = match &self.images {
            Images::Frames(frames) => frames.get(&number).copied()?,
            Images::File { bytes, size } => {
                let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(*size)?;
                let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
                &rest[..rest.len().min(*size)]
            }
        };
        Some(&image[..image.len().min(self.usable)])
    }

    /// The numbers of all pages, in order.
    pub(super) fn numbers(&self) -> Box<dyn Iterator<Item = u32>> {
        match &self.images {
            Images::Frames(frames) => {
                let mut numbers: Vec<u32> = frames.keys().copied().collect();
                numbers.sort_unstable();
                Box::new(numbers.into_iter())
            }
            Images::File { bytes, size } => {
                Box::new(1..=u32::try_from(bytes.len().div_ceil(*size)).unwrap_or(u32::MAX))
            }
        }
    }

    /// Bytes of a page that hold content.
    pub(super) fn usable(&self) -> usize {
        self.usable
    }
}

/// Who reads a page: each page belongs to one reader, so that no tree and no chain goes round in circles, and a
/// database yields no more than it weighs.
#[derive(Debug, Default)]
pub(super) struct Claims {
    owners: HashMap<u32, u32>,
}

/// A reader of pages, and how often it has read them before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) number: u32,
    pub(super) turn: u8,
}

/// Bits of an entry that hold the reader's number; the others count its turns.
const NUMBER: u32 = (1 << 24) - 1;

impl Claims {
    /// Takes a page for `reader`, whose number is not 0; fails if it is somebody's or was read in this turn.
    pub(super) fn take(&mut self, page: u32, reader: Reader) -> bool {
        let entry = |turn: u8| reader.number | u32::from(turn) << 24;
        let owner = self.owners.entry(page).or_default();
        let is_free = match reader.turn.checked_sub(1) {
            None => *owner == 0,
            Some(last) => *owner == entry(last),
        };
        if is_free {
            *owner = entry(reader.turn);
        }
        is_free
    }

    /// The number of the reader that a page belongs to; 0 where it is nobody's.
    pub(super) fn owner(&self, page: u32) -> u32 {
        self.owners.get(&page).map_or(0, |owner| owner & NUMBER)
    }
}
