//! What a SQLite database holds, row by row: what its tables and indexes hold, and what was deleted and still lies in
//! its pages.
//!
//! A database is read as a text for each table, with a line for each value (`text`), so that a label helps, and a key ID
//! and its secret in one row are a pair. [`Text::places`] says of a line in such a text which value it is.
//!
//! Our own reader, because SQLite's own wants a file, runs what a schema says, and shows nothing that was deleted. It
//! reads the format as sqlite.org/fileformat2.html has it (sections in the modules), over bytes in memory. It writes
//! nothing, holds little more than the path to the row at hand, and reads each page once, so that whatever a hostile
//! database says, it yields no more than it weighs. What it cannot read is a [`Fault`]; it knows nothing of
//! credentials.

mod carve;
mod freed;
mod log;
mod page;
mod pages;
mod record;
mod sql;
mod text;
mod tree;

pub use text::{Nested, Place, Text};
pub use tree::{Fault, Pieces};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use page::{be16, be32};
use pages::{Claims, Pages, Reader};
use record::Kind;
use text::Source;
use tree::{Row, Rows, Value, Walk};

/// The first bytes of a database.
pub const MAGIC: &[u8] = b"SQLite format 3\0";

/// Bytes of the longest statement that is read for its columns' names.
const LONGEST_STATEMENT: usize = 1 << 20;

/// Bytes of a table's or a column's name that are shown.
const LONGEST_NAME: usize = 64;

/// Numbers of columns that are tried for deleted rows of which no table is known.
const MOST_WIDTHS: usize = 16;

/// Trees that are read; each page has room for the number of its reader.
const MOST_TREES: usize = 1 << 20;

/// A database in memory.
#[derive(Debug)]
pub struct Database<'b> {
    content: Content<'b>,
    state: State,
}

/// What is read.
#[derive(Debug)]
struct Content<'b> {
    pages: Pages<'b>,
    /// Images of pages that were written over later, with their numbers.
    older: Vec<log::Image<'b>>,
    encoding: &'static Encoding,
    trees: Vec<Tree>,
    /// How many values their records have, the smallest numbers.
    widths: Vec<usize>,
}

/// What changes while it is read.
#[derive(Debug, Default)]
struct State {
    claims: Claims,
    faults: Vec<Fault>,
}

/// A table or an index.
#[derive(Debug)]
struct Tree {
    name: String,
    root: u32,
    columns: Vec<String>,
    is_index: bool,
}

/// A part of a database that is read as one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The rows of a table, by its place in the schema.
    Table(usize),
    /// The entries of an index: what they hold, a table should hold, too.
    Index(usize),
    /// What no row of a page holds any more.
    Freed(u32),
    /// An image of a page that was written over later.
    Older(usize),
}

impl<'b> Database<'b> {
    /// The database that `bytes` are, or the log of one that has not been merged into it.
    ///
    /// # Errors
    /// Its header makes no sense.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Fault> {
        let (pages, older, encoding) = if bytes.starts_with(MAGIC) {
            let (size, reserved) = layout(bytes).ok_or(Fault::Header)?;
            (Pages::of_file(bytes, size, reserved), Vec::new(), encoding(bytes))
        } else {
            let (pages, older) = log::read(bytes).ok_or(Fault::Header)?;
            let encoding = pages.get(1).map_or(UTF_8, encoding);
            (pages, older, encoding)
        };
        let trees = if pages.get(1).is_some() { vec![Tree::schema()] } else { Vec::new() };
        let mut content = Content { pages, older, encoding, trees, widths: Vec::new() };
        let mut state = State::default();
        let named = content.read_schema(&mut state);
        content.trees.extend(named);
        let mut widths: Vec<usize> = content.trees.iter().map(Tree::width).collect();
        widths.sort_unstable();
        widths.dedup();
        widths.truncate(MOST_WIDTHS);
        content.widths = widths;
        Ok(Self { content, state })
    }

    /// Is this the start of a database, or of the log of one?
    #[must_use]
    pub fn begins(head: &[u8]) -> bool {
        head.starts_with(MAGIC) || log::begins(head)
    }

    /// All that the database holds, in the order in which it must be read: what was deleted is known only once all
    /// trees were read.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> + use<> {
        let Content { trees, pages, older, .. } = &self.content;
        let of_kind = |is_index: bool| -> Vec<usize> {
            (0..trees.len()).filter(|&index| trees[index].is_index == is_index).collect()
        };
        let in_trees = of_kind(false).into_iter().map(Subject::Table);
        in_trees
            .chain(of_kind(true).into_iter().map(Subject::Index))
            .chain(pages.numbers().map(Subject::Freed))
            .chain((0..older.len()).map(Subject::Older))
    }

    /// The text of a part; nothing where there is none.
    pub fn text(&mut self, subject: Subject) -> Option<Text<'_, 'b>> {
        self.content.text(subject, &mut self.state)
    }

    /// What was found to be damaged so far.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.state.faults.clone();
        faults.sort_unstable();
        faults
    }
}

impl<'b> Content<'b> {
    fn read_schema(&self, state: &mut State) -> Vec<Tree> {
        if self.trees.is_empty() {
            return Vec::new();
        }
        let rows = self.rows(0, state);
        rows.filter_map(|row| Tree::of(&row, self.encoding)).take(MOST_TREES).collect()
    }

    fn rows<'d>(&'d self, tree: usize, state: &'d mut State) -> Rows<'d, 'b> {
        let State { claims, faults } = state;
        // The schema was read once, to know what there is.
        let turn = u8::from(tree == 0 && claims.owner(1) != 0);
        let walk = Walk { pages: &self.pages, claims, faults, reader: Reader { number: number_of(tree), turn } };
        Rows::of(self.trees[tree].root, walk)
    }

    fn text<'d>(&'d self, subject: Subject, state: &'d mut State) -> Option<Text<'d, 'b>> {
        let (number, image, owner) = match subject {
            Subject::Table(tree) | Subject::Index(tree) => {
                let Tree { name, columns, .. } = &self.trees[tree];
                let source = Source::Tree(self.rows(tree, state));
                return Some(Text::new(name.clone(), columns, self.encoding, source));
            }
            Subject::Freed(number) => {
                let owner = self.trees.get((state.claims.owner(number) as usize).wrapping_sub(1));
                (number, self.pages.get(number)?, owner)
            }
            Subject::Older(index) => {
                let (number, image) = *self.older.get(index)?;
                (number, image, None)
            }
        };
        // What was deleted may be anyhow: that is no damage.
        let (claims, faults) = (&mut state.claims, &mut Vec::new());
        let reader = Reader { number: number_of(self.trees.len()), turn: 0 };
        let mut walk = Walk { pages: &self.pages, claims, faults, reader };
        let rows = freed::rows(image, number, owner, &self.widths, &mut walk);
        let (name, columns) = match owner {
            Some(Tree { name, columns, .. }) => (name.clone(), &columns[..]),
            None => (format!("page-{number}"), &[][..]),
        };
        (!rows.is_empty()).then(|| Text::new(name, columns, self.encoding, Source::List(rows, 0)))
    }
}

/// The number by which the pages of a tree know their reader.
fn number_of(tree: usize) -> u32 {
    u32::try_from(tree + 1).expect("there are fewer trees than numbers")
}

impl Tree {
    /// How many values a record has; the entries of an index end with a row ID.
    fn width(&self) -> usize {
        self.columns.len() + usize::from(self.is_index)
    }

    /// The table of the schema itself.
    fn schema() -> Self {
        let columns = ["type", "name", "tbl_name", "rootpage", "sql"].map(str::to_owned).to_vec();
        Self { name: "sqlite_schema".to_owned(), root: 1, columns, is_index: false }
    }

    /// The tree that a row of the schema speaks of.
    fn of(row: &Row<'_>, encoding: &'static Encoding) -> Option<Self> {
        let value = |column| row.values.iter().find(|value| value.column == column);
        let text = |column| value(column).map(|value| decoded(value, encoding)).unwrap_or_default();
        let root = value(3).filter(|value| value.kind == Kind::Number)?;
        let root =
            root.pieces.head().iter().try_fold(0_u32, |all, &byte| Some(all.checked_mul(256)? | u32::from(byte)))?;
        let (kind, sql) = (text(0), text(4));
        let (is_index, columns) = match kind.as_str() {
            "table" => (false, sql::columns_of_table(&sql)),
            "index" => (true, sql::columns_of_index(&sql)),
            _ => return None,
        };
        let columns = columns.iter().map(|name| shown(name)).collect();
        (root > 1).then(|| Self { name: shown(&text(1)), root, columns, is_index })
    }
}

fn decoded(value: &Value<'_>, encoding: &'static Encoding) -> String {
    let bytes: Vec<u8> = value.pieces.iter().flatten().take(LONGEST_STATEMENT).copied().collect();
    encoding.decode_without_bom_handling(&bytes).0.into_owned()
}

/// A name as it can be shown in one line.
fn shown(name: &str) -> String {
    let end = (0..=LONGEST_NAME.min(name.len())).rev().find(|&end| name.is_char_boundary(end)).unwrap_or_default();
    name[..end].replace(char::is_control, "_")
}

/// The bytes of a page, and how many of them are not the database's.
fn layout(bytes: &[u8]) -> Option<(usize, usize)> {
    let size = match be16(bytes, 16)? {
        1 => 65536,
        size => size,
    };
    let reserved = usize::from(*bytes.get(20)?);
    // No page has fewer than 480 bytes for itself.
    (size.is_power_of_two() && size >= 512 && size - reserved >= 480).then_some((size, reserved))
}

fn encoding(bytes: &[u8]) -> &'static Encoding {
    match be32(bytes, 56) {
        Some(2) => UTF_16LE,
        Some(3) => UTF_16BE,
        _ => UTF_8,
    }
}
