//! What the rows of a SQLite database show: named by table, row and column, and by line and column in the value.
//!
//! Tables come first. Indexes repeat what tables hold, and what was deleted often stands in a row still, so of these only
//! what is new is told.

use super::Inner;
use super::level::Level;
use super::walk::Walk;
use crate::archive::{Bound, Budget, Content, Entry, Format, Take, Trouble};
use crate::detect::Span;
use crate::detect::found::Credential;
use crate::examine::Examined;
use crate::sqlite::{self, Database, Place, Subject};
use crate::text::Position;
use bstr::BString;
use filebuffer::FileBuffer;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsRawFd;

/// Bytes of a file that are held in memory, because they are needed in any order. A larger database on disk is mapped.
const LARGEST: u64 = 128 << 20;

impl Walk<'_> {
    /// Looks at what a database holds.
    pub(super) fn database(&mut self, content: Content<'_>) -> Result<(), Trouble> {
        match content {
            Content::File(file) if file.metadata().is_ok_and(|known| known.len() > LARGEST) => {
                let bytes = mapped(file).map_err(|error| Trouble::of(&error))?;
                self.tables(&bytes)
            }
            content => self.tables(&in_memory(content)?),
        }
    }

    fn tables(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let mut database = Database::open(bytes).map_err(|fault| Trouble::Broken(fault.describe().to_owned()))?;
        let first = self.seen.texts.len();
        for subject in database.subjects() {
            if let Some(mut text) = database.text(subject) {
                self.rows(subject, &mut text, first)?;
            }
        }
        database.faults().first().map_or(Ok(()), |fault| Err(Trouble::Broken(fault.describe().to_owned())))
    }

    /// Looks at the rows of a part; the texts of the same database begin at `first`.
    fn rows(&mut self, subject: Subject, text: &mut sqlite::Text<'_, '_>, first: usize) -> Result<(), Bound> {
        let is_table = matches!(subject, Subject::Table(_));
        if is_table || matches!(subject, Subject::Index(_)) {
            self.budget.entry()?;
        }
        text.keep(|head| Format::of(head).is_some());
        let (mut examined, end) = self.read_rows(text);
        let nested = self.seen.texts.len();
        self.values(text)?;
        // What a value shows that is a container in turn is told of what is inside of it.
        self.seen.leave_out_told(&mut examined, if is_table { nested } else { first });
        let told = self.relocate(&mut examined, text);
        self.tell(examined, text.name());
        end.and(told)
    }

    /// Examines the rows, as far as the budget goes.
    fn read_rows(&self, text: &mut sqlite::Text<'_, '_>) -> (Examined, Result<(), Bound>) {
        let mut level = Level::get();
        let examiner = level.examiner(self.eye.wanted);
        let read = examiner.examine(self.eye.prefilter, &mut Spent { reader: text, budget: self.budget });
        let read = match read {
            Ok(all) => (all, Ok(())),
            Err(error) => (examiner.finish(self.eye.prefilter), Bound::of(&error).map_or(Ok(()), Err)),
        };
        level.put();
        read
    }

    /// Looks into the values that are containers.
    fn values(&mut self, text: &mut sqlite::Text<'_, '_>) -> Result<(), Bound> {
        for nested in text.take_nested() {
            let name = format!("{}/{}", text.name(), nested.path);
            let bytes = nested.pieces.joined();
            self.take(Entry { name: Some(name.as_bytes()), content: Content::Memory(&bytes) })?;
        }
        Ok(())
    }

    /// Says of each place which value it is in, rather than which line of the text, as far as the time goes.
    fn relocate(&self, examined: &mut Examined, text: &mut sqlite::Text<'_, '_>) -> Result<(), Bound> {
        let found = examined.credentials.iter().flat_map(Credential::places).map(|place| place.span);
        let mut lines: Vec<u64> = found.map(|span| span.start.line).collect();
        lines.sort_unstable();
        lines.dedup();
        if lines.is_empty() {
            return Ok(());
        }
        let mut in_time = Ok(());
        let places = text.places(&lines, || {
            in_time = self.budget.time();
            in_time.is_ok()
        });
        let places: HashMap<u64, Place> = lines.iter().copied().zip(places).collect();
        for found in examined.credentials.iter_mut().flat_map(Credential::places_mut) {
            let Some(place) = places.get(&found.span.start.line) else { continue };
            let Span { start, end } = found.span;
            found.span = Span { start: in_value(start, place), end: in_value(end, place) };
            found.spot = Some(place.path.as_str().into());
            if let Some(marked) = &mut found.marked {
                marked.line = marked.line.saturating_sub(place.line - 1).max(1);
            }
        }
        in_time
    }

    /// Tells what the text called `name` shows, which is a part of the one at the path.
    fn tell(&mut self, examined: Examined, name: &str) {
        let path = BString::from([&self.path[..], b"!", name.as_bytes()].concat());
        self.seen.add(Some(Inner { path, container: self.path.len() }), examined);
    }
}

/// The bytes of an open file, as the system brings them in and drops them again. The descriptor is opened anew, not the path,
/// which may lead elsewhere by now. Whoever cuts the file short meanwhile ends the scan by a signal; so smaller ones are read.
fn mapped(file: &File) -> io::Result<FileBuffer> {
    FileBuffer::open(format!("/dev/fd/{}", file.as_raw_fd()))
}

/// All bytes of a text that is in memory, or in a file that may be.
pub(super) fn in_memory(content: Content<'_>) -> Result<Cow<'_, [u8]>, Trouble> {
    let mut bytes = Vec::new();
    match content {
        Content::Memory(bytes) => return Ok(Cow::Borrowed(bytes)),
        Content::File(mut file) => {
            // Grown step by step it would take up to twice the space.
            let len = file.metadata().map_or(0, |known| known.len().min(LARGEST));
            bytes.reserve_exact(usize::try_from(len).unwrap_or_default() + 1);
            let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(LARGEST + 1).read_to_end(&mut bytes));
            read.map_err(|error| Trouble::of(&error))?;
        }
        Content::Stream(stream) => {
            stream.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| Trouble::of(&error))?;
        }
    }
    if bytes.len() as u64 > LARGEST {
        return Err(Trouble::Large(LARGEST));
    }
    Ok(Cow::Owned(bytes))
}

/// A position in a text as one in the value that begins at `place`.
fn in_value(position: Position, place: &Place) -> Position {
    let line = position.line.saturating_sub(place.line) + 1;
    if line > 1 {
        return Position { line, ..position };
    }
    let behind = |column: u64, lead: usize| column.saturating_sub(lead as u64).max(1);
    Position {
        line,
        column: behind(position.column, place.lead.chars().count()),
        byte_column: behind(position.byte_column, place.lead.len()),
    }
}

/// Bytes that are counted while they are read.
struct Spent<'s, R> {
    reader: &'s mut R,
    budget: &'s Budget,
}

impl<R: Read> Read for Spent<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.budget.bytes(read as u64)?;
        Ok(read)
    }
}
