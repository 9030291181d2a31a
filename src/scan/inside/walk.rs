//! The way through a container and all that it holds, one text after the other.

use super::level::{Level, Tap};
use super::said::said;
use super::{Eye, Inner, Remark, Seen, stem};
use crate::archive::{Bound, Budget, Content, Entry, Format, Take, Trouble};
use crate::examine::Examined;
use bstr::BString;
use std::io::{self, Read};
use std::mem::{discriminant, take};

/// Bytes of an entry that are read before anything is done with it: nearly all are smaller.
const HOLD: u64 = 1 << 20;

/// Bytes of a container that are held where it must be read in any order and lies in a stream.
const HELD: u64 = 64 << 20;

/// A text that was read to its end, or as far as it could be.
pub(super) struct Poured {
    pub(super) raw: Examined,
    /// How many texts there were before those inside of it.
    pub(super) first: usize,
    /// What ended it.
    pub(super) end: Result<(), io::Error>,
}

/// The way through a container and all that it holds.
pub(super) struct Walk<'w> {
    pub(super) eye: Eye<'w>,
    pub(super) budget: &'w Budget,
    /// Containers around the text that is looked at.
    depth: u32,
    /// The inner path of that text, and where its `!` stand.
    pub(super) path: BString,
    marks: Vec<usize>,
    /// Has what holds this text no other?
    is_only: bool,
    /// The limit that ended all.
    over: Option<Bound>,
    /// The troubles with entries of the container that is open: what, the first of them, how many.
    troubles: Vec<(Trouble, Option<Inner>, u64)>,
    pub(super) seen: Seen,
}

impl<'w> Walk<'w> {
    pub(super) fn new(eye: Eye<'w>, budget: &'w Budget) -> Self {
        Self {
            eye,
            budget,
            depth: 0,
            path: BString::default(),
            marks: Vec::new(),
            is_only: false,
            over: None,
            troubles: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// What was seen of all, with what the outermost text shows as it is.
    pub(super) fn conclude(mut self, raw: Examined) -> Seen {
        self.seen.bytes = raw.bytes;
        self.seen.entries = self.budget.spent().0;
        self.seen.add_container(None, raw, 0);
        // What kept the outermost text from being opened at all.
        self.tell_troubles(Vec::new());
        self.seen
    }

    /// Where the text lies that is looked at.
    pub(super) fn here(&self) -> Option<Inner> {
        Some(Inner { path: self.path.clone(), container: *self.marks.last()? })
    }

    /// Opens a container at the path.
    pub(super) fn open(&mut self, format: Format, content: Content<'_>) -> Result<(), Bound> {
        let around = take(&mut self.troubles);
        let opened = self.budget.descend(self.depth).map_err(Trouble::from).and_then(|()| {
            self.depth += 1;
            let opened = match format {
                Format::Sqlite => self.database(content),
                Format::Strings(form) => self.strings(form, content),
                _ => format.open(content, self.budget, self),
            };
            self.depth -= 1;
            opened
        });
        if let Err(trouble) = opened {
            let trouble = match trouble {
                Trouble::Broken(why) => Trouble::Broken(format!("not a whole {}: {why}", format.name())),
                other => other,
            };
            self.note(self.here(), trouble);
        }
        self.tell_troubles(around);
        self.over.map_or(Ok(()), Err)
    }

    /// Tells the troubles with a container, and goes on with those `around` it.
    fn tell_troubles(&mut self, around: Vec<(Trouble, Option<Inner>, u64)>) {
        for (trouble, inner, count) in std::mem::replace(&mut self.troubles, around) {
            self.seen.remarks.push(Remark { inner, said: said(&trouble, count) });
        }
    }

    fn note(&mut self, inner: Option<Inner>, trouble: Trouble) {
        if let Trouble::Passed(bound) = trouble
            && bound.is_final()
        {
            // One is enough to say; what holds it ends with it.
            if self.over.replace(bound).is_some() {
                return;
            }
        }
        let same = |(known, ..): &&mut (Trouble, _, _)| match (known, &trouble) {
            (Trouble::Passed(known), Trouble::Passed(new)) => known == new,
            (known, new) => discriminant(known) == discriminant(new),
        };
        match self.troubles.iter_mut().find(same) {
            Some((.., count)) => *count += 1,
            None => self.troubles.push((trouble, inner, 1)),
        }
    }

    /// Looks at the entry that the path names.
    fn text(&mut self, content: Content<'_>) -> Result<(), Bound> {
        let mut level = Level::get();
        let result = match content {
            Content::Memory(bytes) => self.memory(bytes, &mut level),
            Content::File(mut file) => self.read(&mut file, &mut level),
            Content::Stream(stream) => self.read(stream, &mut level),
        };
        level.put();
        result
    }

    fn memory(&mut self, bytes: &[u8], level: &mut Level) -> Result<(), Bound> {
        let first = self.seen.texts.len();
        let raw = self.eye.examined(bytes, level);
        let opened = match raw.format {
            Some(format) => self.open_entry(format, Content::Memory(bytes)),
            None => Ok(()),
        };
        self.seen.add_container(self.here(), raw, first);
        opened
    }

    /// An entry that can be read once.
    fn read(&mut self, stream: &mut dyn Read, level: &mut Level) -> Result<(), Bound> {
        let Poured { raw, first, end } = self.pour(stream, level);
        self.seen.add_container(self.here(), raw, first);
        if let Err(error) = end {
            let trouble = Trouble::of(&error);
            // It is the stream that ends early, not something in it.
            let inner = if self.is_only { self.around() } else { self.here() };
            self.note(inner, trouble);
        }
        self.over.map_or(Ok(()), Err)
    }

    /// Examines a text while it is read, and opens it if it is a container.
    pub(super) fn pour(&mut self, stream: &mut dyn Read, level: &mut Level) -> Poured {
        let first = self.seen.texts.len();
        let mut held = take(&mut level.buffer);
        held.clear();
        let mut read = (&mut *stream).take(HOLD).read_to_end(&mut held);
        let format = Format::of(&held);
        let mut limit = HOLD;
        if format.is_some_and(Format::needs_whole) && matches!(read, Ok(len) if len as u64 == HOLD) {
            limit = limit.max(self.budget.holdable().min(HELD));
            // Touched only as far as it is filled.
            held.reserve_exact(usize::try_from(limit).unwrap_or(0).saturating_sub(held.len()));
            read = (&mut *stream).take(limit - HOLD).read_to_end(&mut held);
        }
        let ends = read.is_err() || (held.len() as u64) < limit;
        let (raw, end) = match format {
            _ if ends => (self.held(&held, level), read.map(|_| ())),
            Some(format) if !format.needs_whole() => self.tapped(format, &mut held.chain(stream), level),
            Some(_) => {
                self.note(self.here(), Trouble::Large(limit));
                self.passed_by(&mut held.chain(stream), level)
            }
            None => self.passed_by(&mut held.chain(stream), level),
        };
        level.buffer = held;
        Poured { raw, first, end }
    }

    /// A text that is held whole, as far as it could be read.
    fn held(&mut self, held: &[u8], level: &mut Level) -> Examined {
        let raw = self.eye.examined(held, level);
        if let Some(format) = raw.format {
            let budget = self.budget;
            // What was passed is remembered.
            let _ = budget.holding(held.len() as u64, || self.open_entry(format, Content::Memory(held)));
        }
        raw
    }

    /// A container that is examined as it is while it is opened.
    fn tapped(&mut self, format: Format, whole: &mut dyn Read, level: &mut Level) -> (Examined, io::Result<()>) {
        let doors = self.eye.prefilter;
        let examiner = level.examiner(self.eye.wanted);
        examiner.begin();
        let mut tap = Tap { reader: whole, examiner, doors };
        let _ = self.open_entry(format, Content::Stream(&mut tap));
        // A file is examined as it is, whatever it unfolds to.
        let goes_on = self.over.is_none() || self.marks.is_empty();
        let end = if goes_on { io::copy(&mut tap, &mut io::sink()).map(|_| ()) } else { Ok(()) };
        (tap.examiner.finish(doors), end)
    }

    /// A text of any size that is not opened.
    fn passed_by(&mut self, whole: &mut dyn Read, level: &mut Level) -> (Examined, io::Result<()>) {
        let doors = self.eye.prefilter;
        let examiner = level.examiner(self.eye.wanted);
        match examiner.examine(doors, whole) {
            Ok(raw) => (raw, Ok(())),
            Err(error) => (examiner.finish(doors), Err(error)),
        }
    }

    /// Opens what the path names; a compressed stream and the one thing in it are one thing to people.
    fn open_entry(&mut self, format: Format, content: Content<'_>) -> Result<(), Bound> {
        if !self.is_only {
            return self.open(format, content);
        }
        let (path, mark) = (self.path.clone(), self.marks.pop());
        self.path.truncate(mark.unwrap_or_default());
        let opened = self.open(format, content);
        self.path = path;
        self.marks.extend(mark);
        opened
    }

    /// Where the container lies that holds this text.
    fn around(&self) -> Option<Inner> {
        let [.., container, mark] = self.marks[..] else { return None };
        Some(Inner { path: self.path[..mark].into(), container })
    }
}

impl Take for Walk<'_> {
    fn take(&mut self, entry: Entry<'_>) -> Result<(), Bound> {
        let (len, is_only) = (self.path.len(), self.is_only);
        self.is_only = entry.name.is_none();
        self.marks.push(len);
        match entry.name {
            Some(name) => {
                self.path.push(b'!');
                self.path.extend_from_slice(name);
            }
            // The file's name is not known here.
            None if len == 0 => self.path.push(b'!'),
            None => {
                let stem = stem(&self.path);
                self.path.push(b'!');
                self.path.extend_from_slice(&stem);
            }
        }
        let result = self.text(entry.content);
        self.path.truncate(len);
        self.marks.pop();
        self.is_only = is_only;
        result
    }

    fn trouble(&mut self, name: &[u8], trouble: Trouble) {
        let path = BString::from([&self.path[..], b"!", name].concat());
        self.note(Some(Inner { path, container: self.path.len() }), trouble);
    }
}
