//! Rows as a text.
//!
//! Each value that could matter is a line, `table.column: value`. Where another value of the row names a secret, as in a
//! table of settings, that name goes before it: `aws_secret_access_key.value: ...`, so that it is a label as it would be
//! in a file. (No `=`: before two hexadecimal digits it would be an escape.) Numbers are left out.

use super::record::Kind;
use super::tree::{Pieces, Row, RowId, Rows, Value};
use encoding_rs::{Decoder, Encoding, UTF_8};
use std::collections::VecDeque;
use std::io::{self, Read};

/// The first line, so that nobody takes what follows for a text in UTF-16.
const FIRST_LINE: &[u8] = b"-- rows\n";

/// Bytes of the shortest value that gets its column's name: shorter ones are no credential, and the names would make
/// many times the text of them.
const SHORTEST_NAMED: usize = 16;

/// Bytes of the longest value that may name another one.
const LONGEST_LABEL: usize = 64;

/// The column of bytes that belong to none.
pub(super) const NO_COLUMN: usize = usize::MAX;

/// Bytes that are decoded at once.
const CHUNK: usize = 4096;

/// A value's place: what it is called, and where in the text it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `row/column`.
    pub path: String,
    /// The line of the text in which it begins.
    pub line: u64,
    /// What stands before it in this line.
    pub lead: String,
}

/// A value that may be a container itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested<'b> {
    /// `row/column`.
    pub path: String,
    /// Its bytes.
    pub pieces: Pieces<'b>,
}

/// Where rows come from, as often as they are asked for.
pub(super) enum Source<'d, 'b> {
    /// A tree.
    Tree(Rows<'d, 'b>),
    /// Rows that are at hand, and the next of them.
    List(Vec<Row<'b>>, usize),
}

impl<'b> Source<'_, 'b> {
    fn next(&mut self) -> Option<Row<'b>> {
        match self {
            Self::Tree(rows) => rows.next(),
            Self::List(rows, next) => {
                *next += 1;
                rows.get(*next - 1).cloned()
            }
        }
    }

    fn rewind(&mut self) {
        match self {
            Self::Tree(rows) => rows.rewind(),
            Self::List(_, next) => *next = 0,
        }
    }
}

/// The rows of a table, or what was deleted in a page, to be read.
pub struct Text<'d, 'b> {
    table: String,
    columns: &'d [String],
    encoding: &'static Encoding,
    source: Source<'d, 'b>,
    /// What is left of the row at hand, each value with what goes before it.
    row: VecDeque<(Vec<u8>, Value<'b>)>,
    row_id: RowId,
    state: State,
    /// Bytes that come next, and how many of them are gone.
    pending: (Vec<u8>, usize),
    /// What comes behind them: the parts of the value at hand.
    value: VecDeque<&'b [u8]>,
    decoder: Option<Decoder>,
    track: Option<Track>,
    is_container: Option<fn(&[u8]) -> bool>,
    nested: Vec<Nested<'b>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AtStart,
    BetweenValues,
    InValue,
    BehindValue,
}

/// Follows a text to the lines that somebody asked for.
struct Track {
    wanted: VecDeque<u64>,
    places: Vec<Place>,
    line: u64,
    is_behind_cr: bool,
    at_hand: Option<Place>,
}

impl<'d, 'b> Text<'d, 'b> {
    pub(super) fn new(
        table: String,
        columns: &'d [String],
        encoding: &'static Encoding,
        source: Source<'d, 'b>,
    ) -> Self {
        Self {
            table,
            columns,
            encoding,
            source,
            row: VecDeque::new(),
            row_id: RowId::Deleted,
            state: State::AtStart,
            pending: (Vec::new(), 0),
            value: VecDeque::new(),
            decoder: None,
            track: None,
            is_container: None,
            nested: Vec::new(),
        }
    }

    /// What this is a text of: the table's or the index's name, or the number of a page that has none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.table
    }

    /// Keeps the values that are containers by their first bytes.
    pub fn keep(&mut self, is_container: fn(&[u8]) -> bool) {
        self.is_container = Some(is_container);
    }

    /// The values that were kept.
    #[must_use]
    pub fn take_nested(&mut self) -> Vec<Nested<'b>> {
        std::mem::take(&mut self.nested)
    }

    /// The values that stand in `lines`, numbers in order, once the text was read: one for each line that it has, for as long
    /// as `goes_on` says so.
    pub fn places(&mut self, lines: &[u64], mut goes_on: impl FnMut() -> bool) -> Vec<Place> {
        self.source.rewind();
        self.row.clear();
        self.value.clear();
        (self.state, self.decoder, self.is_container) = (State::AtStart, None, None);
        self.pending = (Vec::new(), 0);
        let wanted = lines.iter().copied().collect();
        self.track = Some(Track { wanted, places: Vec::new(), line: 1, is_behind_cr: false, at_hand: None });
        let mut buffer = vec![0; 16 * CHUNK];
        while goes_on() && self.track.as_ref().is_some_and(|track| !track.wanted.is_empty()) {
            if !matches!(self.read(&mut buffer), Ok(1..)) {
                break;
            }
        }
        self.track.take().map(|track| track.places).unwrap_or_default()
    }

    fn path(&self, column: usize) -> String {
        let row = match self.row_id {
            RowId::Id(id) => id.to_string(),
            RowId::Nth(nth) => nth.to_string(),
            RowId::Deleted => "deleted".to_owned(),
        };
        if column == NO_COLUMN {
            return row;
        }
        format!("{row}/{}", self.column(column))
    }

    fn column(&self, column: usize) -> String {
        let name = self.columns.get(column).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| format!("column-{}", column + 1))
    }

    /// Prepares what comes next; nothing if the text is over.
    fn advance(&mut self) -> Option<()> {
        match self.state {
            State::AtStart => {
                self.pending = (FIRST_LINE.to_vec(), 0);
                self.state = State::BetweenValues;
            }
            State::BetweenValues => self.start_value()?,
            State::InValue => self.go_on(),
            State::BehindValue => {
                if let Some(track) = &mut self.track {
                    track.end_value();
                }
                self.state = State::BetweenValues;
            }
        }
        Some(())
    }

    fn start_value(&mut self) -> Option<()> {
        while self.row.is_empty() {
            let row = self.source.next()?;
            self.row_id = row.id;
            self.row = self.with_leads(row.values);
        }
        let (lead, value) = self.row.pop_front()?;
        let path = self.track.is_some().then(|| self.path(value.column));
        if let (Some(track), Some(path)) = (&mut self.track, path) {
            let lead = String::from_utf8_lossy(&lead).into_owned();
            track.at_hand = Some(Place { path, line: track.line, lead });
        }
        if self.is_container.is_some_and(|is_container| is_container(value.pieces.head())) {
            self.nested.push(Nested { path: self.path(value.column), pieces: value.pieces.clone() });
        }
        let is_decoded = value.kind == Kind::Text && self.encoding != UTF_8;
        self.decoder = is_decoded.then(|| self.encoding.new_decoder_without_bom_handling());
        self.pending = (lead, 0);
        self.value = value.pieces.iter().collect();
        self.state = State::InValue;
        Some(())
    }

    /// The values that are no numbers, each with what goes before it.
    fn with_leads(&self, values: Vec<Value<'b>>) -> VecDeque<(Vec<u8>, Value<'b>)> {
        let labels: Vec<(usize, String)> =
            values.iter().enumerate().filter_map(|(at, value)| Some((at, self.label(value)?))).collect();
        let lead = |at: usize, value: &Value<'b>| {
            if value.column == NO_COLUMN || value.pieces.len() < SHORTEST_NAMED {
                return Vec::new();
            }
            let before = labels.iter().rfind(|(place, _)| *place < at);
            let label = before.or_else(|| labels.iter().find(|(place, _)| *place > at));
            let name = label.map_or(&self.table, |(_, label)| label);
            format!("{name}.{}: ", self.column(value.column)).into_bytes()
        };
        let texts = values.into_iter().enumerate().filter(|(_, value)| value.kind != Kind::Number);
        texts.map(|(at, value)| (lead(at, &value), value)).collect()
    }

    /// The value, if it names a secret.
    fn label(&self, value: &Value<'b>) -> Option<String> {
        let width = if self.encoding == UTF_8 { 1 } else { 2 };
        let is_short = (6 * width..=LONGEST_LABEL * width).contains(&value.pieces.len());
        if value.kind != Kind::Text || !is_short || value.column == NO_COLUMN {
            return None;
        }
        let bytes: Vec<u8> = value.pieces.iter().flatten().copied().collect();
        let name = self.encoding.decode_without_bom_handling(&bytes).0;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/ ".contains(&byte));
        (is_name && name.to_ascii_lowercase().contains("secret")).then(|| name.into_owned())
    }

    fn go_on(&mut self) {
        let Some(part) = self.value.pop_front() else {
            let mut end = String::with_capacity(CHUNK);
            if let Some(mut decoder) = self.decoder.take() {
                let _ = decoder.decode_to_string(&[], &mut end, true);
            }
            end.push('\n');
            self.pending = (end.into_bytes(), 0);
            self.state = State::BehindValue;
            return;
        };
        let Some(decoder) = &mut self.decoder else {
            self.value.push_front(part);
            return;
        };
        let (now, later) = part.split_at(part.len().min(CHUNK));
        let mut plain = String::with_capacity(3 * CHUNK + 16);
        let (_, read, _) = decoder.decode_to_string(now, &mut plain, false);
        self.pending = (plain.into_bytes(), 0);
        for rest in [later, &now[read..]] {
            if !rest.is_empty() {
                self.value.push_front(rest);
            }
        }
    }

    /// Copies from what is prepared.
    fn copy(&mut self, out: &mut [u8]) -> usize {
        let (pending, gone) = &mut self.pending;
        if *gone < pending.len() {
            let len = out.len().min(pending.len() - *gone);
            out[..len].copy_from_slice(&pending[*gone..][..len]);
            *gone += len;
            return len;
        }
        let Some(part) = self.value.front_mut().filter(|_| self.decoder.is_none()) else { return 0 };
        let len = out.len().min(part.len());
        out[..len].copy_from_slice(&part[..len]);
        *part = &part[len..];
        if part.is_empty() {
            self.value.pop_front();
        }
        len
    }
}

impl Read for Text<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            let copied = self.copy(&mut out[filled..]);
            if let Some(track) = &mut self.track {
                track.pass(&out[filled..filled + copied]);
            }
            filled += copied;
            if copied == 0 && self.advance().is_none() {
                break;
            }
        }
        Ok(filled)
    }
}

impl Track {
    /// Counts lines as `crate::text` does: they end at LF, CRLF or a lone CR.
    fn pass(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' || self.is_behind_cr {
                self.line += 1;
            }
            self.is_behind_cr = byte == b'\r';
        }
    }

    fn end_value(&mut self) {
        while self.wanted.front().is_some_and(|&wanted| wanted < self.line) {
            self.wanted.pop_front();
            self.places.extend(self.at_hand.clone());
        }
    }
}
