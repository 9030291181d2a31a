//! The slow reconstruction: every object of a pack, made from its base by the simplest code that will do.
//!
//! It knows gitformat-pack(5) and the engine's two limits, what it holds and what compressed data can expand to, and
//! nothing else of the engine. What it finds is exact: each entry is made, too large, or broken, and the engine must say
//! the same.

use super::input::{IndexKind, Place, Stored, bytes_of, crc32};
use super::{NAME_LEN, looked_for};
use flate2::{Decompress, FlushDecompress, Status};
use keyward::git::Kind;
use keyward::prefilter::Hit;
use keyward::source::history::pack::HELD;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// Bytes of objects that an input may make; a fuzzer's build takes some 50 nanoseconds for each.
const ROOM: usize = 1 << 20;

/// The most that a byte of compressed data can claim to expand to.
const EXPANSION: u64 = 1040;

/// What becomes of an entry.
pub(super) enum Outcome {
    Made(Made),
    Large,
    Broken(&'static str),
}

/// An object.
pub(super) struct Made {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) base: Option<usize>,
    /// The hits in all of it.
    pub(super) hits: Vec<Hit>,
}

impl Outcome {
    pub(super) fn made(&self) -> Option<&Made> {
        if let Self::Made(made) = self { Some(made) } else { None }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(made) => write!(f, "a {:?} of {} bytes upon {:?}", made.kind, made.bytes.len(), made.base),
            Self::Large => f.write_str("too large"),
            Self::Broken(why) => write!(f, "broken: {why}"),
        }
    }
}

/// What an entry says that it is built upon.
#[derive(Debug, Clone, Copy)]
pub(super) enum Base {
    None(Kind),
    Before(u64),
    Name([u8; NAME_LEN]),
}

/// The header of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) base: Base,
    pub(super) size: u64,
    /// Bytes that it takes.
    pub(super) len: usize,
}

/// An entry that has a place to stand and a header.
struct Linked {
    header: Header,
    base: Option<usize>,
    data: Range<usize>,
    is_changed: bool,
}

/// What becomes of each entry; nothing where the objects are too large together.
pub(super) fn all(stored: &Stored) -> Option<Vec<Outcome>> {
    let linked = link(stored);
    let mut outcomes: Vec<Option<Outcome>> = linked.iter().map(|_| None).collect();
    let mut inflater = Inflater::default();
    let mut room = ROOM;
    for entry in 0..linked.len() {
        for entry in chain(&linked, entry).into_iter().rev() {
            if outcomes[entry].is_some() {
                continue;
            }
            let outcome = match &linked[entry] {
                Err(why) => Outcome::Broken(why),
                Ok(this) => {
                    let base = this.base.map(|base| (base, outcomes[base].as_ref()));
                    outcome(stored, this, base, &mut inflater)
                }
            };
            room = room.checked_sub(outcome.made().map_or(0, |made| made.bytes.len()))?;
            outcomes[entry] = Some(outcome);
        }
    }
    outcomes.into_iter().collect()
}

/// `entry`, what it is built upon, and so on, until that repeats itself.
fn chain(linked: &[Result<Linked, &'static str>], entry: usize) -> Vec<usize> {
    let mut chain = vec![entry];
    while let Ok(Linked { base: Some(base), .. }) = &linked[chain[chain.len() - 1]] {
        if chain.len() > linked.len() {
            break;
        }
        chain.push(*base);
    }
    chain
}

fn link(stored: &Stored) -> Vec<Result<Linked, &'static str>> {
    let by_offset: HashMap<_, _> = stored.places.iter().enumerate().map(|(at, place)| (place.offset, at)).collect();
    let by_name: HashMap<_, _> = stored.places.iter().enumerate().map(|(at, place)| (place.name, at)).collect();
    let one = |(at, place): (usize, &Place)| {
        let range = bytes_of(&stored.places, at, stored.pack.len());
        let bytes = &stored.pack[range.clone()];
        let header = header(bytes).ok_or("its header is none")?;
        let data = range.start + header.len..range.end;
        if header.size > data.len() as u64 * EXPANSION {
            return Err("its size is a lie");
        }
        let base = match header.base {
            Base::None(_) => None,
            Base::Before(distance) => {
                let base = place.offset.checked_sub(distance).filter(|_| distance > 0);
                Some(*base.and_then(|base| by_offset.get(&base)).ok_or("nothing starts where its base should")?)
            }
            Base::Name(name) => Some(*by_name.get(&name).ok_or("nothing has its base's name")?),
        };
        let is_changed = stored.index != IndexKind::Old && crc32(bytes) != place.checksum;
        Ok(Linked { header, base, data, is_changed })
    };
    stored.places.iter().enumerate().map(one).collect()
}

fn outcome(
    stored: &Stored,
    this: &Linked,
    base: Option<(usize, Option<&Outcome>)>,
    inflater: &mut Inflater,
) -> Outcome {
    let base = match base {
        None => None,
        Some((at, Some(Outcome::Made(made)))) => Some((at, made)),
        Some((_, Some(Outcome::Large))) => return Outcome::Large,
        Some((_, Some(Outcome::Broken(_)))) => return Outcome::Broken("its base is broken"),
        Some((_, None)) => return Outcome::Broken("it leads back to itself"),
    };
    if this.is_changed {
        return Outcome::Broken("its bytes have changed");
    }
    if this.header.size > HELD {
        return Outcome::Large;
    }
    let Some((content, _)) = inflater.inflate(&stored.pack[this.data.clone()], this.header.size) else {
        return Outcome::Broken("its data cannot be inflated");
    };
    let (kind, bytes) = match (this.header.base, base) {
        (Base::None(kind), _) => (kind, Some(content)),
        (_, Some((_, base))) => match sizes(&content) {
            Some((_, result, _)) if result > HELD => return Outcome::Large,
            Some((made_for, result, start)) if made_for == base.bytes.len() as u64 => {
                (base.kind, apply(&base.bytes, &content[start..], result))
            }
            _ => return Outcome::Broken("its delta is for another base"),
        },
        (_, None) => unreachable!("a delta without a base is not linked"),
    };
    match bytes {
        Some(bytes) => Outcome::Made(Made { kind, hits: looked_for(&bytes), bytes, base: base.map(|(at, _)| at) }),
        None => Outcome::Broken("its delta does not fit"),
    }
}

/// The header that `bytes` start with.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let len = bytes.iter().position(|byte| byte & 0x80 == 0).filter(|&last| last < 9)? + 1;
    let groups = bytes[1..len].iter().rev();
    let size = groups.fold(0, |size, group| size << 7 | u64::from(group & 0x7f)) << 4 | u64::from(bytes[0] & 15);
    let (base, more) = match bytes[0] >> 4 & 7 {
        1 => (Base::None(Kind::Commit), 0),
        2 => (Base::None(Kind::Tree), 0),
        3 => (Base::None(Kind::Blob), 0),
        4 => (Base::None(Kind::Tag), 0),
        6 => {
            let bytes = &bytes[len..];
            let last = bytes.iter().position(|byte| byte & 0x80 == 0).filter(|&last| last < 9)?;
            let groups = bytes[..=last].iter().map(|byte| u64::from(byte & 0x7f));
            (Base::Before(groups.reduce(|distance, group| (distance + 1) << 7 | group)?), last + 1)
        }
        7 => (Base::Name(*bytes[len..].first_chunk()?), NAME_LEN),
        _ => return None,
    };
    Some(Header { base, size, len: len + more })
}

/// The sizes of the base and the result, and where a delta's instructions start.
fn sizes(delta: &[u8]) -> Option<(u64, u64, usize)> {
    let number = |bytes: &[u8]| {
        let len = bytes.iter().position(|byte| byte & 0x80 == 0).filter(|&last| last < 9)? + 1;
        Some((bytes[..len].iter().rev().fold(0, |size, group| size << 7 | u64::from(group & 0x7f)), len))
    };
    let (base, first) = number(delta)?;
    let (result, second) = number(&delta[first..])?;
    Some((base, result, first + second))
}

/// What the instructions of `delta` make of `base`, if it has `size` bytes.
fn apply(base: &[u8], delta: &[u8], size: u64) -> Option<Vec<u8>> {
    let mut bytes = delta.iter().copied();
    let mut result = Vec::new();
    while let Some(instruction) = bytes.next() {
        match instruction {
            0 => return None,
            1..=0x7f => {
                for _ in 0..instruction {
                    result.push(bytes.next()?);
                }
            }
            _ => {
                let (mut from, mut len) = (0, 0);
                for bit in (0..7).filter(|bit| instruction >> bit & 1 == 1) {
                    let number = usize::from(bytes.next()?);
                    if bit < 4 { from |= number << (8 * bit) } else { len |= number << (8 * (bit - 4)) }
                }
                result.extend_from_slice(base.get(from..)?.get(..if len == 0 { 0x1_0000 } else { len })?);
            }
        }
        if result.len() as u64 > size {
            return None;
        }
    }
    (result.len() as u64 == size).then_some(result)
}

/// A zlib that is not the engine's.
pub(super) struct Inflater(Decompress);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompress::new(true))
    }
}

impl Inflater {
    /// What the stream at the start of `data` holds, if that is `size` bytes, and the bytes that the stream takes.
    pub(super) fn inflate(&mut self, data: &[u8], size: u64) -> Option<(Vec<u8>, usize)> {
        let size = usize::try_from(size).ok().filter(|&size| size as u64 <= HELD.min(data.len() as u64 * EXPANSION))?;
        // A byte more shows a stream that is longer than it should be.
        let mut bytes = vec![0; size + 1];
        self.0.reset(true);
        let status = self.0.decompress(data, &mut bytes, FlushDecompress::Finish);
        let is_whole = matches!(status, Ok(Status::StreamEnd)) && self.0.total_out() == size as u64;
        bytes.truncate(size);
        let stream = &data[..usize::try_from(self.0.total_in()).ok()?];
        // Compiled for a fuzzer, miniz_oxide compares no checksums.
        let is_sound = is_whole && stream.ends_with(&adler32(&bytes).to_be_bytes());
        is_sound.then_some((bytes, stream.len()))
    }
}

/// RFC 1950, section 8.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0);
    // So many bytes cannot overflow either sum.
    for stretch in bytes.chunks(5552) {
        for &byte in stretch {
            low += u32::from(byte);
            high += low;
        }
        (low, high) = (low % 65_521, high % 65_521);
    }
    high << 16 | low
}
