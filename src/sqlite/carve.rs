//! Rows that were deleted, from the bytes that they left in a page.
//!
//! In a record values stand side by side with nothing between them, so that a secret behind a name is a part of a
//! longer word to whoever looks at the bytes alone. A deleted row is whole where nothing was written over it yet. More
//! often SQLite has put the header of a free block, four bytes, over its start (sqlite.org/fileformat2.html, section
//! 1.6): the lengths of the record and its header, the row ID and the first type are gone then. The other types are
//! there, the number of columns is known, and the block's length, or where the next row begins, says how long the
//! first value is.
//!
//! What cannot be read as a row is handed over as it is.

use super::page::{PageKind, be16, be32, local_len};
use super::record::{Kind, serial_types, varint};
use super::tree::{Pieces, Value};
use std::ops::Range;

/// Bytes of a header that is looked for at every place.
const LONGEST_HEADER: u64 = 127;

/// Bytes of the longest record; SQLite makes none that is longer.
const LONGEST_RECORD: u64 = 1 << 31;

/// Bytes of the header of a free block.
const BLOCK_HEADER: usize = 4;

/// Ends of a row that come into question.
const ENDS: usize = 3;

/// A part of a page in which no row stands.
pub(super) struct Area<'b, 'w> {
    pub(super) page: &'b [u8],
    pub(super) range: Range<usize>,
    /// Where free blocks begin and end, as the page has it.
    pub(super) blocks: &'w [Range<usize>],
    /// How many columns the rows may have had.
    pub(super) widths: &'w [usize],
    /// Bytes of a whole page that hold content.
    pub(super) usable: usize,
}

/// What lies in an area.
#[derive(Debug)]
pub(super) enum Found<'b> {
    /// A row that lies in one place.
    Row(Vec<Value<'b>>),
    /// A record that goes on in another page: its bytes here, of how many, and where.
    Begun { local: &'b [u8], total: u64, overflow: u32 },
    /// Bytes that are no row.
    Rest(&'b [u8]),
}

/// A record whose header is all there.
struct Whole {
    payload_at: usize,
    total: u64,
    end: usize,
    overflow: u32,
}

impl<'b> Area<'b, '_> {
    pub(super) fn carve(&self) -> Vec<Found<'b>> {
        let Range { start, end } = self.range;
        if self.page[self.range.clone()].iter().all(|&byte| byte == 0) {
            return Vec::new();
        }
        let borders = self.borders();
        let (mut found, mut at, mut rest_at) = (Vec::new(), start, start);
        while at < end {
            let row = match borders[at - start] {
                Border::Whole => self.whole(at).map(|whole| (self.found(&whole), whole.end)),
                Border::Block => self.beheaded(at, &borders).map(|(values, end)| (Found::Row(values), end)),
                Border::None => None,
            };
            let Some((row, row_end)) = row else {
                at += 1;
                continue;
            };
            found.extend(self.rest(rest_at..at));
            found.push(row);
            (at, rest_at) = (row_end, row_end);
        }
        found.extend(self.rest(rest_at..end));
        found
    }

    fn rest(&self, range: Range<usize>) -> Option<Found<'b>> {
        let bytes = &self.page[range];
        bytes.iter().any(|&byte| byte != 0).then_some(Found::Rest(bytes))
    }

    fn found(&self, whole: &Whole) -> Found<'b> {
        let local = &self.page[whole.payload_at..whole.end - if whole.overflow > 0 { 4 } else { 0 }];
        if whole.overflow > 0 {
            return Found::Begun { local, total: whole.total, overflow: whole.overflow };
        }
        super::tree::values(Pieces::one(local)).map_or(Found::Rest(local), Found::Row)
    }

    /// Where rows begin: those that are whole, and the free blocks, those included that are part of a larger one by now.
    /// Such a block ends where another row begins or something ended before.
    fn borders(&self) -> Vec<Border> {
        let Range { start, end } = self.range;
        let mut borders = vec![Border::None; end - start + 1];
        borders[end - start] = Border::Block;
        for block in self.blocks.iter().filter(|block| block.start >= start && block.end <= end) {
            borders[block.start - start] = Border::Block;
            borders[block.end - start] = Border::Block;
        }
        let mut at = start;
        while at < end {
            match self.whole(at) {
                Some(whole) => {
                    borders[at - start] = Border::Whole;
                    borders[whole.end - start] = borders[whole.end - start].or(Border::Block);
                    at = whole.end;
                }
                None => at += 1,
            }
        }
        for at in (start..end.saturating_sub(BLOCK_HEADER)).rev() {
            let (Some(next), Some(size)) = (be16(self.page, at), be16(self.page, at + 2)) else { continue };
            let block_end = at + size;
            let ends = size >= BLOCK_HEADER && block_end <= end && borders[block_end - start] != Border::None;
            if ends && (next == 0 || next >= block_end) {
                borders[at - start] = borders[at - start].or(Border::Block);
            }
        }
        borders
    }

    /// A record at `at` whose lengths agree, with or without a row ID before it.
    fn whole(&self, at: usize) -> Option<Whole> {
        let bytes = &self.page[at..self.range.end];
        let (total, total_len) = varint(bytes).filter(|(total, _)| (3..=LONGEST_RECORD).contains(total))?;
        let (_, rowid_len) = varint(&bytes[total_len..])?;
        self.record(at, total, total_len + rowid_len, PageKind::TableLeaf)
            .or_else(|| self.record(at, total, total_len, PageKind::IndexLeaf))
    }

    fn record(&self, at: usize, total: u64, skipped: usize, kind: PageKind) -> Option<Whole> {
        let payload_at = at + skipped;
        let payload = self.page.get(payload_at..self.range.end)?;
        let (header, header_len) = varint(payload)?;
        if header < 2 || header > total.min(LONGEST_HEADER) {
            return None;
        }
        let header_bytes = payload.get(header_len..usize::try_from(header).ok()?)?;
        let mut sum = header;
        for serial in serial_types(header_bytes) {
            sum += serial?.1;
            if sum > total {
                return None;
            }
        }
        let local = local_len(kind, total, self.usable);
        let spills = (local as u64) < total;
        let overflow = if spills { be32(payload, local)? } else { 0 };
        let end = payload_at + local + if spills { 4 } else { 0 };
        let fits = sum == total && sum > header && end <= self.range.end && spills == (overflow > 0);
        fits.then_some(Whole { payload_at, total, end, overflow })
    }

    /// The row whose first bytes the header of the free block at `at` has written over, and its end.
    fn beheaded(&self, at: usize, borders: &[Border]) -> Option<(Vec<Value<'b>>, usize)> {
        let first = at + BLOCK_HEADER;
        let behind = borders.get(first - self.range.start..)?;
        let ends = behind.iter().enumerate().filter(|(_, border)| **border != Border::None);
        let mut ends = ends.map(|(offset, _)| first + offset).take(ENDS);
        ends.find_map(|end| Some((self.headless(first, end)?, end)))
    }

    /// The values of a record that ends at `end` and of whose header the part from `at` on is there.
    fn headless(&self, at: usize, end: usize) -> Option<Vec<Value<'b>>> {
        // Behind a long row ID the header is there from its start.
        (at..end.min(at + 9))
            .find_map(|header_at| {
                let header = usize::from(*self.page.get(header_at)?);
                let is_header = header >= 2 && header as u64 <= LONGEST_HEADER;
                let types_end = header_at.checked_add(header).filter(|&types_end| is_header && types_end <= end)?;
                self.split(header_at + 1, usize::MAX, 0, types_end, end).filter(|(_, first)| *first == 0)
            })
            .or_else(|| {
                self.widths
                    .iter()
                    .find_map(|&width| self.split(at, width, 0, end, end).filter(|(_, first)| *first == 0))
            })
            .or_else(|| self.widths.iter().find_map(|&width| self.split(at, width.checked_sub(1)?, 1, end, end)))
            .or_else(|| self.widths.iter().find_map(|&width| self.split(at, width.checked_sub(2)?, 1, end, end)))
            .map(|(values, _)| values)
    }

    /// Reads at most `count` types from `at` to `types_end`, and the values behind them, up to `end`. What is left over
    /// before them is the first value, if there are to be `lost` ones; how much that is.
    fn split(
        &self,
        at: usize,
        count: usize,
        lost: usize,
        types_end: usize,
        end: usize,
    ) -> Option<(Vec<Value<'b>>, usize)> {
        let (mut types, mut types_at) = (Vec::new(), at);
        while types.len() < count && types_at < types_end {
            let (serial, len) = varint(self.page.get(types_at..types_end)?)?;
            types.push(super::record::serial_type(serial)?);
            types_at += len;
        }
        if count != usize::MAX && types.len() < count {
            return None;
        }
        let known: u64 = types.iter().map(|(_, len)| *len).try_fold(0_u64, u64::checked_add)?;
        let left = u64::try_from(end.checked_sub(types_at)?).ok()?.checked_sub(known)?;
        let left = usize::try_from(left).ok()?;
        let mut values = Vec::new();
        let mut value_at = types_at;
        let first = (lost > 0).then_some((Kind::Text, left as u64));
        for (column, (kind, len)) in first.into_iter().chain(types).enumerate() {
            let len = usize::try_from(len).ok()?;
            let bytes = self.page.get(value_at..value_at + len)?;
            if !bytes.is_empty() {
                values.push(Value { column, kind, pieces: Pieces::one(bytes) });
            }
            value_at += len;
        }
        (!values.is_empty()).then_some((values, left))
    }
}

/// What begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Border {
    None,
    /// A free block, or the end of something.
    Block,
    /// A record.
    Whole,
}

impl Border {
    fn or(self, other: Self) -> Self {
        if self == Self::None { other } else { self }
    }
}
