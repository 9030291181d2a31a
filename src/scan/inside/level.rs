//! What a container needs for each of its entries in turn, and readers that show others what they read.

use super::Eye;
use crate::detect::Wanted;
use crate::examine::{Examined, Examiner, examine_known};
use crate::prefilter::{Doors, Hit, Prefilter};
use std::cell::RefCell;
use std::io::{self, Read};

/// Bytes of a buffer that is kept for later.
const KEPT: usize = 2 << 20;

/// What is reused from entry to entry, for each container that lies in another.
#[derive(Default)]
pub(super) struct Level {
    pub(super) buffer: Vec<u8>,
    hits: Vec<Hit>,
    examiner: Option<Box<Examiner>>,
}

thread_local! {
    static LEVELS: RefCell<Vec<Level>> = RefCell::default();
}

impl Level {
    pub(super) fn get() -> Self {
        LEVELS.with_borrow_mut(Vec::pop).unwrap_or_default()
    }

    pub(super) fn put(mut self) {
        if self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        LEVELS.with_borrow_mut(|levels| levels.push(self));
    }

    pub(super) fn examiner(&mut self, wanted: &Wanted) -> &mut Examiner {
        let examiner = self.examiner.get_or_insert_default();
        examiner.want(wanted);
        examiner
    }
}

/// Shows an examiner what is read by somebody else.
pub(super) struct Tap<'t> {
    pub(super) reader: &'t mut dyn Read,
    pub(super) examiner: &'t mut Examiner,
    pub(super) doors: &'t Prefilter,
}

impl Read for Tap<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.examiner.feed(self.doors, &buffer[..read]);
        Ok(read)
    }
}

impl Eye<'_> {
    /// What bytes in memory show as they are.
    pub(super) fn examined(&self, bytes: &[u8], level: &mut Level) -> Examined {
        level.hits.clear();
        self.prefilter.hits(bytes, &mut level.hits);
        if let Some(examined) = examine_known(self.prefilter, bytes, &level.hits, self.wanted) {
            return examined;
        }
        let examiner = level.examiner(self.wanted);
        examiner.begin();
        examiner.feed(self.prefilter, bytes);
        examiner.finish(self.prefilter)
    }
}

/// Remembers whether reading failed: what unfolds it may tell otherwise.
pub(super) struct Watched<'w> {
    pub(super) reader: &'w mut dyn Read,
    pub(super) failed: Option<io::Error>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer);
        match read {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed = Some(io::Error::new(error.kind(), error.to_string()));
                Err(error)
            }
            read => read,
        }
    }
}
