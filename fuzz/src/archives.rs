//! Containers: whatever they say of themselves, no more is handed over than the limits bear, by memory and by stream the
//! same.

use keyward::archive::{Bound, Budget, Content, Entry, Format, Limits, Take, Trouble};
use std::time::Duration;

/// Small enough for a fuzzer's inputs to pass them.
const LIMITS: Limits =
    Limits { depth: 3, ratio: 50, entries: 200, bytes: 4 << 20, time: Duration::from_secs(20) };

/// Opens `input`, if it looks like a container, and all that is nested in it.
///
/// # Panics
/// Where more comes out than the limits bear.
pub fn stay_within_their_limits(input: &[u8]) {
    let Some(format) = Format::of(input) else { return };
    let by_memory = counted(format, Content::Memory(input));
    if !format.needs_whole() {
        let mut stream = input;
        let by_stream = counted(format, Content::Stream(&mut stream));
        assert_eq!(by_memory, by_stream);
    }
}

/// Entries and bytes that were handed over.
fn counted(format: Format, content: Content<'_>) -> (u64, u64) {
    let budget = Budget::of(LIMITS);
    let mut counter = Counter { budget: &budget, depth: 1, entries: 0, bytes: 0 };
    // What is wrong with it is not the matter here.
    let _ = format.open(content, &budget, &mut counter);
    assert!(counter.entries <= LIMITS.entries, "{} entries", counter.entries);
    (counter.entries, counter.bytes)
}

struct Counter<'b> {
    budget: &'b Budget,
    depth: u32,
    entries: u64,
    bytes: u64,
}

impl Take for Counter<'_> {
    fn take(&mut self, entry: Entry<'_>) -> Result<(), Bound> {
        self.entries += u64::from(entry.name.is_some());
        let mut held = Vec::new();
        let bytes = match entry.content {
            Content::Memory(bytes) => bytes,
            Content::File(_) => return Ok(()),
            Content::Stream(stream) => {
                let read = stream.read_to_end(&mut held);
                if let Some(bound) = read.err().as_ref().and_then(Bound::of).filter(|bound| bound.is_final()) {
                    return Err(bound);
                }
                &held[..]
            }
        };
        self.bytes += bytes.len() as u64;
        if let Some(format) = Format::of(bytes)
            && self.budget.descend(self.depth).is_ok()
        {
            self.depth += 1;
            let opened = format.open(Content::Memory(bytes), self.budget, self);
            self.depth -= 1;
            if let Err(Trouble::Passed(bound)) = opened
                && bound.is_final()
            {
                return Err(bound);
            }
        }
        Ok(())
    }

    fn trouble(&mut self, _name: &[u8], _trouble: Trouble) {}
}
