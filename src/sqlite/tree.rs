//! The records of a b-tree, in order.
//!
//! A tree is walked over an explicit stack. Every page is read once by one reader ([`super::pages::Claims`]), so a
//! tree that is a ring, two trees that share pages and overflow chains that meet end where they touch.

use super::page::{Cell, Page, be32};
use super::pages::{Claims, Pages, Reader};
use super::record::{Kind, serial_types, varint};
use std::borrow::Cow;
use std::collections::VecDeque;

/// Levels of a tree; SQLite itself reads no more.
const DEPTH: usize = 20;

/// Bytes of a record's header that are read: 32,767 columns of three bytes each.
const LONGEST_HEADER: u64 = 100 * 1024;

/// What was wrong with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Its header says what no header says.
    Header,
    /// A page that a tree or a chain leads to lies beyond the end.
    MissingPage,
    /// A tree or a chain leads to a page that belongs to another one, or to itself.
    SharedPage,
    /// A page is no page of a tree.
    Page,
    /// A record or its cell.
    Record,
}

impl Fault {
    /// The fault in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Header => "its header makes no sense",
            Self::MissingPage => "pages of it are missing",
            Self::SharedPage => "a page of it is used twice",
            Self::Page => "a page of it is damaged",
            Self::Record => "a row of it is damaged",
        }
    }
}

/// The bytes of a record or of a value, as they lie in pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces<'b> {
    first: &'b [u8],
    rest: VecDeque<&'b [u8]>,
}

impl<'b> Pieces<'b> {
    /// All in one place.
    pub(super) fn one(first: &'b [u8]) -> Self {
        Self { first, rest: VecDeque::new() }
    }

    /// The parts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'b [u8]> {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// Bytes of all parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().map(<[u8]>::len).sum()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().all(<[u8]>::is_empty)
    }

    /// The first part.
    #[must_use]
    pub fn head(&self) -> &'b [u8] {
        self.first
    }

    /// All bytes in one place.
    #[must_use]
    pub fn joined(&self) -> Cow<'b, [u8]> {
        if self.rest.is_empty() {
            return Cow::Borrowed(self.first);
        }
        self.iter().flatten().copied().collect::<Vec<u8>>().into()
    }

    /// Takes `count` bytes from the front, or as many as there are.
    fn take(&mut self, mut count: u64) -> Self {
        let mut taken = Self::default();
        while count > 0 {
            if self.first.is_empty() {
                let Some(next) = self.rest.pop_front() else { break };
                self.first = next;
            }
            let len = self.first.len().min(usize::try_from(count).unwrap_or(usize::MAX));
            let (part, behind) = self.first.split_at(len);
            self.first = behind;
            count -= len as u64;
            if taken.first.is_empty() { taken.first = part } else { taken.rest.push_back(part) }
        }
        taken
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value<'b> {
    /// Its place in the record.
    pub(super) column: usize,
    pub(super) kind: Kind,
    pub(super) pieces: Pieces<'b>,
}

/// What names a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowId {
    /// Its row ID.
    Id(i64),
    /// Its place, from 1 on, in a tree whose rows have none.
    Nth(u64),
    /// It was deleted.
    Deleted,
}

/// A row, with its values that are not empty.
#[derive(Debug, Clone)]
pub(super) struct Row<'b> {
    pub(super) id: RowId,
    pub(super) values: Vec<Value<'b>>,
}

/// What a walk needs.
pub(super) struct Walk<'d, 'b> {
    pub(super) pages: &'d Pages<'b>,
    pub(super) claims: &'d mut Claims,
    pub(super) faults: &'d mut Vec<Fault>,
    pub(super) reader: Reader,
}

impl<'b> Walk<'_, 'b> {
    fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The bytes of the page, which from now on belongs to this reader.
    fn claim(&mut self, number: u32) -> Option<&'b [u8]> {
        let Some(bytes) = self.pages.get(number) else {
            self.fault(Fault::MissingPage);
            return None;
        };
        if !self.claims.take(number, self.reader) {
            self.fault(Fault::SharedPage);
            return None;
        }
        Some(bytes)
    }

    fn page(&mut self, number: u32) -> Option<Page<'b>> {
        let bytes = self.claim(number)?;
        let page = Page::of(bytes, number, self.pages.usable());
        if page.is_none() {
            self.fault(Fault::Page);
        }
        page
    }

    /// The record of a cell, with what lies in overflow pages.
    pub(super) fn payload(&mut self, cell: &Cell<'b>) -> Pieces<'b> {
        let mut pieces = Pieces::one(cell.local);
        let mut left = cell.total - cell.local.len() as u64;
        let mut next = cell.overflow;
        while left > 0 {
            let Some(bytes) = self.claim(next) else { break };
            let (Some(following), Some(content)) = (be32(bytes, 0), bytes.get(4..)) else { break };
            let len = content.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            pieces.rest.push_back(&content[..len]);
            left -= len as u64;
            if left > 0 && following == 0 {
                self.fault(Fault::Record);
                break;
            }
            next = following;
        }
        pieces
    }

    /// The row that a cell holds.
    pub(super) fn row(&mut self, cell: &Cell<'b>, id: RowId) -> Row<'b> {
        let payload = self.payload(cell);
        let values = values(payload).unwrap_or_else(|| {
            self.fault(Fault::Record);
            Vec::new()
        });
        Row { id, values }
    }
}

/// The values of a record that are not empty; nothing if it is none.
pub(super) fn values(mut payload: Pieces<'_>) -> Option<Vec<Value<'_>>> {
    let start: Vec<u8> = payload.iter().flatten().take(9).copied().collect();
    let (header_len, size_len) = varint(&start).filter(|(len, _)| *len <= LONGEST_HEADER)?;
    let header = payload.take(header_len).joined();
    let mut values = Vec::new();
    for (column, serial) in serial_types(header.get(size_len..)?).enumerate() {
        let (kind, len) = serial?;
        let pieces = payload.take(len);
        if !pieces.is_empty() {
            values.push(Value { column, kind, pieces });
        }
    }
    Some(values)
}

/// Where in a page the walk is.
struct Level<'b> {
    page: Page<'b>,
    /// The next cell; before its record comes the page that it leads to.
    cell: usize,
    is_child_done: bool,
    /// Bytes of the page's cells that were read: cells that overlap are a page's damage.
    spent: usize,
}

/// The rows of the tree at a page, one after the other.
pub(super) struct Rows<'d, 'b> {
    walk: Walk<'d, 'b>,
    root: u32,
    stack: Vec<Level<'b>>,
    count: u64,
}

impl<'d, 'b> Rows<'d, 'b> {
    pub(super) fn of(root: u32, walk: Walk<'d, 'b>) -> Self {
        let mut rows = Self { walk, root, stack: Vec::new(), count: 0 };
        rows.descend(root);
        rows
    }

    /// Goes back to the first row.
    pub(super) fn rewind(&mut self) {
        self.stack.clear();
        (self.count, self.walk.reader.turn) = (0, self.walk.reader.turn.saturating_add(1));
        self.descend(self.root);
    }

    fn descend(&mut self, number: u32) {
        if self.stack.len() == DEPTH {
            self.walk.fault(Fault::Page);
        } else if let Some(page) = self.walk.page(number) {
            self.stack.push(Level { page, cell: 0, is_child_done: false, spent: 0 });
        }
    }

    /// The next cell that holds a record.
    fn next_cell(&mut self) -> Option<Cell<'b>> {
        loop {
            let level = self.stack.last_mut()?;
            if level.cell >= level.page.cell_count() {
                let child = level.page.last_child();
                self.stack.pop();
                if let Some(child) = child {
                    self.descend(child);
                }
                continue;
            }
            let Some(cell) = level.page.cell(level.cell) else {
                level.cell += 1;
                self.walk.fault(Fault::Record);
                continue;
            };
            if let (Some(child), false) = (cell.child, level.is_child_done) {
                level.is_child_done = true;
                self.descend(child);
                continue;
            }
            (level.cell, level.is_child_done) = (level.cell + 1, false);
            level.spent += cell.extent.1 - cell.extent.0;
            if level.spent > level.page.bytes.len() {
                level.cell = usize::MAX;
                self.walk.fault(Fault::Page);
            } else if cell.total > 0 {
                return Some(cell);
            }
        }
    }
}

impl<'b> Iterator for Rows<'_, 'b> {
    type Item = Row<'b>;

    fn next(&mut self) -> Option<Row<'b>> {
        let cell = self.next_cell()?;
        self.count += 1;
        let id = cell.rowid.map_or(RowId::Nth(self.count), RowId::Id);
        Some(self.walk.row(&cell, id))
    }
}
