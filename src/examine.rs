//! One text of any size through a bounded buffer.
//!
//! A text is examined in stretches that overlap by [`MARGIN`] on both sides, so that every hit is judged with its
//! true surroundings, and what is found does not depend on how the text was cut (`tests/properties.rs` holds this).
//! A file that fits the buffer, and nearly all do, is one stretch: read, looked at, done.

use crate::archive;
use crate::detect::found::Credential;
use crate::detect::{Dismissal, Evidence, MARGIN, Stretch, Wanted};
use crate::prefilter::{Doors, Hit};
use crate::text::{Form, Locator};
use std::io::{self, Read};

/// Bytes of the buffer: larger than nearly all source files, small enough for the second-level cache.
const BUFFER: usize = 256 * 1024;

/// Bytes of the largest text that is held whole, for own rules that have no bound.
pub const HELD: usize = 128 << 20;

/// What one text holds.
#[derive(Debug)]
pub struct Examined {
    /// The credentials, in the order of their first places.
    pub credentials: Vec<Credential>,
    /// What looked like one and is none.
    pub dismissals: Vec<Dismissal>,
    /// Bytes read.
    pub bytes: u64,
    /// The container that it is, by its first bytes.
    pub format: Option<archive::Format>,
    /// Was it too large for own rules that want all of a text?
    pub too_large: bool,
}

/// The reused buffers of one thread. Making them is what costs: a fresh, zeroed megabyte for each file would take
/// ten times as long as the scan.
pub struct Examiner {
    raw: Window,
    decoded: Window,
    wanted: Wanted,
    reading: Reading,
    /// Bytes of the text so far.
    bytes: u64,
    /// Where in the raw buffer that begins which is not decoded yet.
    decoded_to: usize,
    format: Option<archive::Format>,
}

/// How a text is read.
enum Reading {
    /// Not known before its first bytes.
    Unknown,
    /// As it is.
    Bytes,
    /// Decoded, too.
    Utf16(encoding_rs::Decoder),
}

impl Default for Examiner {
    fn default() -> Self {
        Self::with_buffer(BUFFER)
    }
}

impl Examiner {
    /// An examiner whose buffer holds `bytes`, of at least five margins; a parameter for the sake of tests.
    #[must_use]
    pub fn with_buffer(bytes: usize) -> Self {
        let bytes = bytes.max(5 * MARGIN);
        // The second buffer is for UTF-16 only, and made when such a text turns up.
        Self {
            raw: Window::new(bytes),
            decoded: Window::new(0),
            wanted: Wanted::default(),
            reading: Reading::Unknown,
            bytes: 0,
            decoded_to: 0,
            format: None,
        }
    }

    /// What is wanted of the texts from now on besides their credentials; at first, nothing.
    pub fn want(&mut self, wanted: &Wanted) {
        self.wanted.clone_from(wanted);
    }

    /// Reads `reader` to its end.
    ///
    /// A text in UTF-16 is examined decoded, and as it is too: a file that only looks like UTF-16 must not hide
    /// anything.
    ///
    /// # Errors
    /// What reading reports; what was read before is examined, and [`Examiner::finish`] tells what it holds.
    pub fn examine(&mut self, doors: &dyn Doors, reader: &mut dyn Read) -> io::Result<Examined> {
        self.begin();
        loop {
            let before = self.raw.filled;
            let read = self.raw.fill(reader);
            self.bytes += (self.raw.filled - before) as u64;
            read?;
            if self.raw.has_room() {
                return Ok(self.finish(doors));
            }
            self.step(doors, false);
        }
    }

    /// Begins a text that is fed piece by piece.
    pub fn begin(&mut self) {
        self.raw.reset(&self.wanted);
        (self.reading, self.bytes, self.decoded_to, self.format) = (Reading::Unknown, 0, 0, None);
    }

    /// Takes the next piece.
    pub fn feed(&mut self, doors: &dyn Doors, mut piece: &[u8]) {
        self.bytes += piece.len() as u64;
        while !piece.is_empty() {
            piece = self.raw.take(piece);
            if !self.raw.has_room() {
                self.step(doors, false);
            }
        }
    }

    /// Ends the text.
    pub fn finish(&mut self, doors: &dyn Doors) -> Examined {
        self.step(doors, true);
        let mut evidence = std::mem::take(&mut self.raw.evidence);
        let mut too_large = self.raw.too_large;
        if matches!(self.reading, Reading::Utf16(_)) {
            self.decoded.look(doors, true);
            too_large |= self.decoded.too_large;
            let raw = std::mem::replace(&mut evidence, std::mem::take(&mut self.decoded.evidence));
            evidence.absorb(raw);
        }
        let (credentials, dismissals) = evidence.conclude();
        Examined { credentials, dismissals, bytes: self.bytes, format: self.format, too_large }
    }

    /// Looks at what is in the buffer: all of it at the end of the text, else what leaves room for more.
    fn step(&mut self, doors: &dyn Doors, last: bool) {
        if matches!(self.reading, Reading::Unknown) {
            self.format = archive::Format::of(self.raw.unseen());
            match Form::of(self.raw.unseen()) {
                Form::Bytes { mark } => {
                    self.reading = Reading::Bytes;
                    if mark > 0 {
                        self.raw.drop_first(mark);
                        // There is room for more now.
                        if !last {
                            return;
                        }
                    }
                }
                Form::Utf16(encoding) => {
                    self.decoded.buffer.resize(self.raw.buffer.len(), 0);
                    self.decoded.reset(&self.wanted);
                    self.reading = Reading::Utf16(encoding.new_decoder_with_bom_removal());
                }
            }
        }
        if let Reading::Utf16(decoder) = &mut self.reading {
            let source = &self.raw.buffer[self.decoded_to..self.raw.filled];
            decode(decoder, source, last, &mut self.decoded, doors);
        }
        self.raw.look(doors, last);
        self.decoded_to = self.raw.filled;
    }
}

/// What `bytes` hold, a text that is in memory whole and whose hits are known.
///
/// Nothing where it must be read in another form than as it is: those few are [`Examiner::examine`]'s.
#[must_use]
pub fn examine_known(doors: &dyn Doors, bytes: &[u8], hits: &[Hit], wanted: &Wanted) -> Option<Examined> {
    if Form::of(bytes) != (Form::Bytes { mark: 0 }) {
        return None;
    }
    let mut evidence = Evidence::new(wanted.clone());
    let stretch = Stretch { bytes, base: 0, accept: 0..bytes.len() };
    evidence.gather_known(doors, &stretch, hits, &Locator::default());
    evidence.gather_own(&stretch, &Locator::default());
    if evidence.wants_all() {
        evidence.gather_own_of_all(bytes);
    }
    let (credentials, dismissals) = evidence.conclude();
    let format = archive::Format::of(bytes);
    Some(Examined { credentials, dismissals, bytes: bytes.len() as u64, format, too_large: false })
}

/// Decodes `source` to the end of `window`, looking at the window whenever it is full.
fn decode(decoder: &mut encoding_rs::Decoder, source: &[u8], last: bool, window: &mut Window, doors: &dyn Doors) {
    let mut rest = source;
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut window.buffer[window.filled..], last);
        window.filled += written;
        rest = &rest[read..];
        match result {
            encoding_rs::CoderResult::InputEmpty => return,
            encoding_rs::CoderResult::OutputFull => window.look(doors, false),
        }
    }
}

/// A buffer that slides over a text, and what was seen through it.
struct Window {
    buffer: Vec<u8>,
    /// Bytes of the buffer that hold text.
    filled: usize,
    /// Offset in the text of the buffer's first byte.
    base: usize,
    /// Where in the buffer the hits begin that nobody has taken yet.
    accept_from: usize,
    /// Stands at `base`.
    locator: Locator,
    evidence: Evidence,
    /// All of the text that slid out of the buffer, where own rules may want it.
    held: Vec<u8>,
    holds: bool,
    /// Is the text too large to be held?
    too_large: bool,
}

impl Window {
    fn new(bytes: usize) -> Self {
        Self {
            buffer: vec![0; bytes],
            filled: 0,
            base: 0,
            accept_from: 0,
            locator: Locator::default(),
            evidence: Evidence::default(),
            held: Vec::new(),
            holds: false,
            too_large: false,
        }
    }

    fn reset(&mut self, wanted: &Wanted) {
        (self.filled, self.base, self.accept_from) = (0, 0, 0);
        self.locator = Locator::default();
        self.evidence = Evidence::new(wanted.clone());
        self.holds = wanted.own.as_ref().is_some_and(|own| own.need_whole_texts());
        self.too_large = false;
        self.held = Vec::new();
    }

    /// The text in the buffer.
    fn unseen(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    fn has_room(&self) -> bool {
        self.filled < self.buffer.len()
    }

    /// Leaves out the first bytes of the text.
    fn drop_first(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.filled, 0);
        self.filled -= bytes;
    }

    /// Takes as much of `piece` as there is room for; returns the rest.
    fn take<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let (taken, rest) = piece.split_at(piece.len().min(self.buffer.len() - self.filled));
        self.buffer[self.filled..self.filled + taken.len()].copy_from_slice(taken);
        self.filled += taken.len();
        rest
    }

    /// Reads until the buffer is full or the text ends.
    fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        while self.has_room() {
            match reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes the hits in the buffer, and makes room if more text is to come.
    fn look(&mut self, doors: &dyn Doors, last: bool) {
        let accept_to = if last { self.filled } else { self.filled - MARGIN };
        let stretch =
            Stretch { bytes: &self.buffer[..self.filled], base: self.base, accept: self.accept_from..accept_to };
        self.evidence.gather(doors, &stretch, &self.locator);
        self.evidence.gather_own(&stretch, &self.locator);
        if last {
            self.look_at_all();
        } else {
            self.slide(accept_to);
        }
    }

    /// Looks for what wants all of the text, which ends in the buffer.
    fn look_at_all(&mut self) {
        if !self.evidence.wants_all() || self.too_large {
            self.too_large &= self.evidence.wants_all();
            return;
        }
        if self.base == 0 {
            self.evidence.gather_own_of_all(&self.buffer[..self.filled]);
        } else {
            self.held.extend_from_slice(&self.buffer[..self.filled]);
            self.evidence.gather_own_of_all(&self.held);
        }
    }

    /// Keeps the first bytes of the buffer, which are about to slide out of it.
    fn hold(&mut self, bytes: usize) {
        if !self.holds || self.too_large {
            return;
        }
        if self.held.len() + bytes > HELD {
            (self.too_large, self.held) = (true, Vec::new());
        } else {
            self.held.extend_from_slice(&self.buffer[..bytes]);
        }
    }

    /// Keeps what the hits from `next` on may need: a margin before them.
    fn slide(&mut self, next: usize) {
        // Not within a character: half of one counts as bytes that do not decode.
        let is_continuation = |back: &usize| self.buffer[next - MARGIN - back] & 0xc0 == 0x80;
        let keep_from = next - MARGIN - (0..3).take_while(is_continuation).count();
        self.locator.advance(&self.buffer[..self.filled], self.base, self.base + keep_from);
        self.hold(keep_from);
        self.buffer.copy_within(keep_from..self.filled, 0);
        self.filled -= keep_from;
        self.base += keep_from;
        self.accept_from = next - keep_from;
    }
}
