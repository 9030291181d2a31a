//! A page of a b-tree: its cells, its children, and where nothing is.
//!
//! Source: sqlite.org/fileformat2.html, section 1.6. What a damaged page says is taken only as far as it lies in the
//! page; cells of one page together are never larger than the page.

use super::pages::HEADER;
use super::record::varint;
use std::ops::Range;

/// What a page of a b-tree is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    TableLeaf,
    TableInterior,
    IndexLeaf,
    IndexInterior,
}

impl PageKind {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            2 => Some(Self::IndexInterior),
            5 => Some(Self::TableInterior),
            10 => Some(Self::IndexLeaf),
            13 => Some(Self::TableLeaf),
            _ => None,
        }
    }

    fn is_interior(self) -> bool {
        matches!(self, Self::TableInterior | Self::IndexInterior)
    }
}

/// A page of a b-tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) kind: PageKind,
    header_at: usize,
    /// Bytes of a whole page that hold content.
    usable: usize,
}

/// An entry of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'b> {
    /// The page with what comes before it.
    pub(super) child: Option<u32>,
    pub(super) rowid: Option<i64>,
    /// The bytes of its record, those in overflow pages included.
    pub(super) total: u64,
    /// Those that lie in the page.
    pub(super) local: &'b [u8],
    /// The page in which the others begin; 0 where there are none.
    pub(super) overflow: u32,
    /// Where in the page it begins and ends.
    pub(super) extent: (usize, usize),
}

impl<'b> Page<'b> {
    /// Reads the header of the page with this number; nothing if it is none of a b-tree.
    pub(super) fn of(bytes: &'b [u8], number: u32, usable: usize) -> Option<Self> {
        let header_at = if number == 1 { HEADER } else { 0 };
        let kind = PageKind::of(*bytes.get(header_at)?)?;
        let page = Self { bytes, kind, header_at, usable };
        (page.pointers_at() <= bytes.len()).then_some(page)
    }

    fn pointers_at(&self) -> usize {
        self.header_at + if self.kind.is_interior() { 12 } else { 8 }
    }

    pub(super) fn cell_count(&self) -> usize {
        let said = be16(self.bytes, self.header_at + 3).unwrap_or_default();
        said.min((self.bytes.len() - self.pointers_at()) / 2)
    }

    /// The page with what comes behind all cells.
    pub(super) fn last_child(&self) -> Option<u32> {
        if self.kind.is_interior() { be32(self.bytes, self.header_at + 8) } else { None }
    }

    /// The cell of this number; nothing if it is damaged.
    pub(super) fn cell(&self, index: usize) -> Option<Cell<'b>> {
        self.cell_at(be16(self.bytes, self.pointers_at() + 2 * index)?)
    }

    fn cell_at(&self, start: usize) -> Option<Cell<'b>> {
        let mut at = start;
        let number = |at: &mut usize| {
            let (value, len) = varint(self.bytes.get(*at..)?)?;
            *at += len;
            Some(value)
        };
        let child = if self.kind.is_interior() {
            at += 4;
            Some(be32(self.bytes, start)?)
        } else {
            None
        };
        let total = if self.kind == PageKind::TableInterior { 0 } else { number(&mut at)? };
        let is_table = matches!(self.kind, PageKind::TableLeaf | PageKind::TableInterior);
        let rowid = if is_table { Some(number(&mut at)?.cast_signed()) } else { None };
        let local_len = local_len(self.kind, total, self.usable);
        let local = self.bytes.get(at..at.checked_add(local_len)?)?;
        at += local_len;
        let overflow = if (local_len as u64) < total { be32(self.bytes, at)? } else { 0 };
        at += if overflow > 0 { 4 } else { 0 };
        Some(Cell { child, rowid, total, local, overflow, extent: (start, at.max(start + 4)) })
    }

    /// The parts of the page in which no cell stands, in order. `cells` are the extents of those that do.
    pub(super) fn freed(&self, cells: &mut [(usize, usize)]) -> Vec<Range<usize>> {
        cells.sort_unstable();
        let mut freed = Vec::new();
        let mut at = (self.pointers_at() + 2 * self.cell_count()).min(self.bytes.len());
        for &(start, end) in &*cells {
            if start > at {
                freed.push(at..start.min(self.bytes.len()));
            }
            at = at.max(end);
        }
        if at < self.bytes.len() {
            freed.push(at..self.bytes.len());
        }
        freed
    }

    /// The blocks that the page itself calls free, as far as their list leads forward.
    pub(super) fn free_blocks(&self) -> Vec<Range<usize>> {
        let mut blocks = Vec::new();
        let mut at = be16(self.bytes, self.header_at + 1).unwrap_or_default();
        while let (Some(next), Some(size)) = (be16(self.bytes, at), be16(self.bytes, at + 2)) {
            if at == 0 || size < 4 || at + size > self.bytes.len() {
                break;
            }
            blocks.push(at..at + size);
            if next < at + size {
                break;
            }
            at = next;
        }
        blocks
    }
}

/// How many bytes of a record of `total` bytes lie in its page.
pub(super) fn local_len(kind: PageKind, total: u64, usable: usize) -> usize {
    let of_index = |part: usize| (usable - 12) * part / 255 - 23;
    let most = if kind == PageKind::TableLeaf { usable - 35 } else { of_index(64) };
    if total <= most as u64 {
        return usize::try_from(total).unwrap_or(most);
    }
    let least = of_index(32);
    let filling = least + usize::try_from((total - least as u64) % (usable as u64 - 4)).unwrap_or_default();
    if filling <= most { filling } else { least }
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes([pair[0], pair[1]])))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}
