//! How much of a container is borne.
//!
//! A few bytes can unfold to more than any disk holds, so everything that unfolds is counted while it does: for a file
//! and all that is nested in it, together. Only the ratio is each stream's own: one bomb among a thousand files must not hide
//! the others.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// Bytes that a stream may unfold to, whatever its ratio: logs and images of disks are mostly the same again.
const FREE: u64 = 32 << 20;

/// What is borne of one file with all that is nested in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Containers inside containers.
    pub depth: u32,
    /// Bytes for each that it unfolds from, beyond the first 32 MiB of a stream.
    pub ratio: u64,
    /// Entries.
    pub entries: u64,
    /// Bytes, unfolded.
    pub bytes: u64,
    /// From the first byte to the last.
    pub time: Duration,
}

impl Limits {
    /// For somebody who waits for a commit.
    pub const OF_A_HOOK: Self =
        Self { depth: 6, ratio: 200, entries: 50_000, bytes: 256 << 20, time: Duration::from_secs(4) };

    /// For somebody who asks.
    pub const OF_A_SCAN: Self =
        Self { depth: 8, ratio: 200, entries: 200_000, bytes: 1 << 30, time: Duration::from_secs(8) };

    /// For a machine that has time.
    pub const OF_A_CI: Self =
        Self { depth: 12, ratio: 1_000, entries: 500_000, bytes: 8 << 30, time: Duration::from_mins(2) };
}

/// A limit that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Containers inside containers.
    Depth(u32),
    /// The ratio of one stream.
    Ratio(u64),
    /// Entries.
    Entries(u64),
    /// Bytes.
    Bytes(u64),
    /// Time.
    Time(Duration),
}

impl Bound {
    /// The bound that stopped a read, through whatever wraps the error.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        let mut cause: &(dyn std::error::Error + 'static) = error.get_ref()?;
        loop {
            if let Some(bound) = cause.downcast_ref::<Self>() {
                return Some(*bound);
            }
            cause = match cause.downcast_ref::<io::Error>() {
                Some(inner) => inner.get_ref()?,
                None => cause.source()?,
            };
        }
    }

    /// Does it end all of the container, rather than one entry?
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Depth(_) | Self::Ratio(_) => false,
            Self::Entries(_) | Self::Bytes(_) | Self::Time(_) => true,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Depth(depth) => write!(f, "it lies deeper than {depth} archives inside each other"),
            Self::Ratio(ratio) => write!(f, "it unfolds to more than {ratio} times its size"),
            Self::Entries(entries) => write!(f, "there are more than {entries} entries"),
            Self::Bytes(bytes) => write!(f, "it unfolds to more than {} MiB", bytes >> 20),
            Self::Time(time) => write!(f, "it takes longer than {} s", time.as_secs()),
        }
    }
}

impl std::error::Error for Bound {}

impl From<Bound> for io::Error {
    fn from(bound: Bound) -> Self {
        Self::other(bound)
    }
}

/// What was spent on one file so far.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    began: Instant,
    entries: Cell<u64>,
    bytes: Cell<u64>,
    held: Cell<u64>,
}

/// Bytes of containers that are held in memory at a time, for one file, where they cannot be had in any order otherwise.
const HELD: u64 = 128 << 20;

impl Budget {
    /// One of which nothing is spent; time runs from now on.
    #[must_use]
    pub fn of(limits: Limits) -> Self {
        Self { limits, began: Instant::now(), entries: Cell::new(0), bytes: Cell::new(0), held: Cell::new(0) }
    }

    /// May a container that lies in so many others be opened?
    ///
    /// # Errors
    /// Where it may not.
    pub fn descend(&self, depth: u32) -> Result<(), Bound> {
        if depth >= self.limits.depth { Err(Bound::Depth(self.limits.depth)) } else { Ok(()) }
    }

    /// Counts an entry.
    ///
    /// # Errors
    /// Where there were enough.
    pub fn entry(&self) -> Result<(), Bound> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > self.limits.entries {
            return Err(Bound::Entries(self.limits.entries));
        }
        self.time()
    }

    /// Counts bytes that are about to be unfolded, or were.
    ///
    /// # Errors
    /// Where there were enough.
    pub fn bytes(&self, count: u64) -> Result<(), Bound> {
        self.bytes.set(self.bytes.get().saturating_add(count));
        if self.bytes.get() > self.limits.bytes {
            return Err(Bound::Bytes(self.limits.bytes));
        }
        self.time()
    }

    /// Is it borne that `packed` bytes unfold to so many?
    ///
    /// # Errors
    /// Where it is not.
    pub fn ratio(&self, packed: u64, unfolded: u64) -> Result<(), Bound> {
        if unfolded > FREE && unfolded / self.limits.ratio > packed {
            return Err(Bound::Ratio(self.limits.ratio));
        }
        Ok(())
    }

    /// How many more bytes may be held in memory.
    #[must_use]
    pub fn holdable(&self) -> u64 {
        HELD - self.held.get()
    }

    /// Notes bytes that are held, no more than may be, while `work` is done.
    pub fn holding<T>(&self, bytes: u64, work: impl FnOnce() -> T) -> T {
        let before = self.held.replace((self.held.get() + bytes).min(HELD));
        let done = work();
        self.held.set(before);
        done
    }

    /// Entries and bytes so far.
    #[must_use]
    pub fn spent(&self) -> (u64, u64) {
        (self.entries.get(), self.bytes.get())
    }

    /// Is there time left?
    ///
    /// # Errors
    /// Where there is none.
    pub fn time(&self) -> Result<(), Bound> {
        if self.began.elapsed() > self.limits.time { Err(Bound::Time(self.limits.time)) } else { Ok(()) }
    }
}

/// Unfolded bytes, counted while they are read.
pub(super) struct Metered<'b, R> {
    reader: R,
    budget: &'b Budget,
    packed: &'b Cell<u64>,
    unfolded: u64,
}

impl<'b, R: Read> Metered<'b, R> {
    /// What `reader` unfolds from the bytes that `packed` counts.
    pub(super) fn new(reader: R, budget: &'b Budget, packed: &'b Cell<u64>) -> Self {
        Self { reader, budget, packed, unfolded: 0 }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.unfolded += read as u64;
        self.budget.bytes(read as u64)?;
        self.budget.ratio(self.packed.get(), self.unfolded)?;
        Ok(read)
    }
}

/// Packed bytes, counted while they are read.
pub(super) struct Counted<'p, R> {
    reader: R,
    packed: &'p Cell<u64>,
}

impl<'p, R: Read> Counted<'p, R> {
    pub(super) fn new(reader: R, packed: &'p Cell<u64>) -> Self {
        Self { reader, packed }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.packed.set(self.packed.get() + read as u64);
        Ok(read)
    }
}
