//! What of a page no row holds any more: rows that were deleted, pages that no tree has.
//!
//! SQLite clears neither unless `secure_delete` is on.

use super::Tree;
use super::carve::{Area, Found};
use super::page::{Cell, Page};
use super::pages::HEADER;
use super::record::Kind;
use super::text::NO_COLUMN;
use super::tree::{Pieces, Row, RowId, Value, Walk, values};
use std::ops::Range;

/// Bytes of the shortest rest that is worth a line.
const SHORTEST_REST: usize = 16;

/// The rows that were deleted from the page `number`, or all rows of a page that no tree has.
pub(super) fn rows<'b>(
    image: &'b [u8],
    number: u32,
    owner: Option<&Tree>,
    widths: &[usize],
    walk: &mut Walk<'_, 'b>,
) -> Vec<Row<'b>> {
    let own_width = owner.map(Tree::width);
    let widths = own_width.as_ref().map_or(widths, std::slice::from_ref);
    let page = Page::of(image, number, walk.pages.usable());
    let mut rows = Vec::new();
    let (areas, blocks) = match page {
        Some(page) => {
            let cells = cells(&page);
            if owner.is_none() {
                rows.extend(cells.iter().filter_map(|cell| whole(cell, walk)));
            }
            let mut extents: Vec<_> = cells.iter().map(|cell| cell.extent).collect();
            (page.freed(&mut extents), page.free_blocks())
        }
        // The page of a chain.
        None if owner.is_some() => return rows,
        None => {
            let start = if number == 1 { HEADER.min(image.len()) } else { 0 };
            (std::iter::once(start..image.len()).collect(), Vec::new())
        }
    };
    for range in areas {
        let area = Area { page: image, range, blocks: &blocks, widths, usable: walk.pages.usable() };
        rows.extend(area.carve().into_iter().filter_map(|found| row(found, walk)));
    }
    rows
}

/// The cells of a page, which together are no larger than the page.
fn cells<'b>(page: &Page<'b>) -> Vec<Cell<'b>> {
    let mut spent = 0;
    let cells = (0..page.cell_count()).filter_map(|index| page.cell(index));
    cells
        .take_while(|cell| {
            let Range { start, end } = cell.extent.0..cell.extent.1;
            spent += end - start;
            spent <= page.bytes.len()
        })
        .collect()
}

/// A row of a page that no tree has.
fn whole<'b>(cell: &Cell<'b>, walk: &mut Walk<'_, 'b>) -> Option<Row<'b>> {
    let payload = walk.payload(cell);
    let id = cell.rowid.map_or(RowId::Deleted, RowId::Id);
    values(payload).filter(|values| !values.is_empty()).map(|values| Row { id, values })
}

fn row<'b>(found: Found<'b>, walk: &mut Walk<'_, 'b>) -> Option<Row<'b>> {
    let values = match found {
        Found::Row(values) => values,
        Found::Begun { local, total, overflow } => {
            let cell = Cell { child: None, rowid: None, total, local, overflow, extent: (0, 0) };
            values(walk.payload(&cell))?
        }
        Found::Rest(bytes) if bytes.len() < SHORTEST_REST => return None,
        Found::Rest(bytes) => vec![Value { column: NO_COLUMN, kind: Kind::Blob, pieces: Pieces::one(bytes) }],
    };
    Some(Row { id: RowId::Deleted, values })
}
