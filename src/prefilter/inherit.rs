//! The hits of a text that is made of pieces of another, without looking at all of it.
//!
//! A few bytes decide whether a door fires: those of the literal, or a run and what stands directly around it. If all
//! of these were copied from the other text, then it has the same hit there, and the hit is *inherited*, shifted.
//! Every other hit has a new byte, a seam or an end of the text among its bytes, so it is found by looking around
//! those. Together this is exact: `tests/properties.rs` holds it over random texts, and `keyward scan --history
//! --check` over real ones.
//!
//! There are some twenty seams for every object of a real history, so most must be passed at a glance: two bytes
//! that no literal holds side by side, and no base64 on either side (of git's own history: 1.2 s of looking before
//! these glances, 0.5 with them).

use super::runs::{STRIDE, is_base64_run, runs_in};
use super::{Hit, Prefilter, STRETCH};
use std::cell::RefCell;
use std::ops::Range;

/// Bytes before a run's hit that help to decide it: the letters of the longest escape and what stands before them.
const BEFORE_RUN: usize = 6;

/// Bytes behind a run that help to decide it: its padding, and what ends that.
const BEHIND_RUN: usize = 4;

/// Bytes beside a seam that lie in every run that is long enough for a door and touches the seam's surroundings: of the
/// forty or more, at the most [`GLANCE_WIDTH`] lie between the two glances, and half of the rest on one side.
const GLANCE: usize = 8;

/// The most bytes that may lie between the two glances.
const GLANCE_WIDTH: usize = super::SECRET_LEN - 2 * GLANCE;

/// A range that a text shares with the one that it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Its start in the new text.
    pub to: usize,
    /// Its start in the old text.
    pub from: usize,
    /// Its bytes.
    pub len: usize,
}

/// Which two bytes stand side by side in a literal: a bit for each of the 65,536.
#[derive(Debug)]
pub(super) struct Neighbours(Box<[u64; 1024]>);

impl Neighbours {
    pub(super) fn of(literals: &[Vec<u8>]) -> Self {
        let mut bits = Box::new([0; 1024]);
        for pair in literals.iter().flat_map(|literal| literal.windows(2)) {
            let (word, bit) = place(pair[0], pair[1]);
            bits[word] |= bit;
        }
        Self(bits)
    }

    /// May a literal stand across the place before `at`?
    fn join_at(&self, text: &[u8], at: usize) -> bool {
        match (at.checked_sub(1).and_then(|before| text.get(before)), text.get(at)) {
            (Some(&before), Some(&behind)) => {
                let (word, bit) = place(before, behind);
                self.0[word] & bit != 0
            }
            _ => false,
        }
    }
}

fn place(first: u8, second: u8) -> (usize, u64) {
    let pair = usize::from(first) << 8 | usize::from(second);
    (pair / 64, 1 << (pair % 64))
}

impl Prefilter {
    /// All hits in `text`, of which `copies` (in order, neighbours joined) come from a text whose hits were `old`;
    /// appended to `hits`, which is empty.
    pub fn inherit(&self, text: &[u8], copies: &[Copied], old: &[Hit], hits: &mut Vec<Hit>) {
        if !old.is_empty() {
            for copy in copies {
                self.carry_over(text, copy, old, hits);
            }
        }
        PIECES.with_borrow_mut(|pieces| {
            pieces.clear();
            for range in fresh(text.len(), copies) {
                self.piece_across(text, &range, pieces);
                runs_across(text, &range, hits);
            }
            self.literals_of(pieces, hits);
        });
        if hits.len() > 1 {
            hits.sort_unstable();
            hits.dedup();
        }
    }

    /// The hits of the old text that `copy` holds with all that decides them.
    fn carry_over(&self, text: &[u8], copy: &Copied, old: &[Hit], hits: &mut Vec<Hit>) {
        let end = copy.from + copy.len;
        let first = old.partition_point(|hit| hit.at < copy.from);
        for hit in old[first..].iter().take_while(|hit| hit.at < end) {
            let at = hit.at - copy.from + copy.to;
            match hit.door.run_len() {
                Some(len) if hit.at < copy.from + BEFORE_RUN || hit.at + len + BEHIND_RUN > end => {}
                // A literal's door does not say how long it is.
                None if hit.at + self.longest > end => self.literals_in(text, at, at + 1, hits),
                _ => hits.push(Hit { at, ..*hit }),
            }
        }
    }

    /// Adds the part of the text in which literals can stand that have a byte of `range`, or bytes on both sides of it.
    fn piece_across(&self, text: &[u8], range: &Range<usize>, pieces: &mut Pieces) {
        let around = self.longest - 1;
        let joined_before = self.neighbours.join_at(text, range.start);
        if range.is_empty() && !joined_before {
            return;
        }
        let joined_behind = self.neighbours.join_at(text, range.end);
        let start = if joined_before { range.start.saturating_sub(around) } else { range.start };
        let end = if joined_behind { text.len().min(range.end + around) } else { range.end };
        if end - start >= self.shortest {
            pieces.add(text, start..end);
        }
    }

    /// The literals in all pieces.
    fn literals_of(&self, pieces: &Pieces, hits: &mut Vec<Hit>) {
        let first = hits.len();
        for from in (0..pieces.joined.len()).step_by(STRETCH) {
            self.literals_in(&pieces.joined, from, pieces.joined.len().min(from + STRETCH), hits);
        }
        for hit in &mut hits[first..] {
            hit.at = pieces.place(hit.at);
        }
    }
}

/// Pieces of a text, one behind the other: the searcher takes long to start and little for each byte, and pieces have
/// some thirty bytes.
#[derive(Default)]
struct Pieces {
    joined: Vec<u8>,
    /// Where each piece starts in `joined`, and where in the text.
    starts: Vec<(usize, usize)>,
}

/// Stands between pieces; a byte of no literal, so that none is found across.
const BETWEEN: u8 = 0xff;

thread_local! {
    static PIECES: RefCell<Pieces> = RefCell::default();
}

impl Pieces {
    fn clear(&mut self) {
        self.joined.clear();
        self.starts.clear();
    }

    fn add(&mut self, text: &[u8], range: Range<usize>) {
        self.starts.push((self.joined.len(), range.start));
        self.joined.extend_from_slice(&text[range]);
        self.joined.push(BETWEEN);
    }

    fn place(&self, at: usize) -> usize {
        let piece = self.starts.partition_point(|&(start, _)| start <= at) - 1;
        let (start, in_text) = self.starts[piece];
        at - start + in_text
    }
}

/// Runs that have a byte of `range` among those that decide them.
fn runs_across(text: &[u8], range: &Range<usize>, hits: &mut Vec<Hit>) {
    let (start, end) = (range.start.saturating_sub(BEHIND_RUN + 1), range.end + BEFORE_RUN + 1);
    let glances = || {
        let before = text.get(start.checked_sub(GLANCE)?..start)?;
        Some(is_base64_run(before) || is_base64_run(text.get(end..end + GLANCE)?))
    };
    if end - start > GLANCE_WIDTH || glances().unwrap_or(true) {
        // Of every run that is long enough for a door, a tested block starts less than its length before the place, or less
        // than a stride behind it.
        runs_in(text, start.saturating_sub(super::SECRET_LEN), end + STRIDE, hits);
    }
}

/// What of a text of `len` bytes was not copied, and, as empty ranges, the seams between copies and both ends.
fn fresh(len: usize, copies: &[Copied]) -> impl Iterator<Item = Range<usize>> + '_ {
    let ends = copies.iter().map(|copy| copy.to + copy.len);
    let starts = copies.iter().map(|copy| copy.to);
    std::iter::once(0).chain(ends).zip(starts.chain([len])).map(|(start, end)| start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fresh_includes_seams_and_ends() {
        let copies =
            [Copied { to: 0, from: 9, len: 4 }, Copied { to: 4, from: 0, len: 2 }, Copied { to: 9, from: 2, len: 1 }];
        assert_eq!(fresh(12, &copies).collect::<Vec<_>>(), [0..0, 4..4, 6..9, 10..12]);
    }
}
