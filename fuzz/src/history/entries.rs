//! The small language in which an input tells what stands in a pack: entries, each a byte of form and flags, what it is
//! built upon, a length, and so much payload.
//!
//! Payload becomes content through [`words`], in which some bytes stand for what doors fire on, whole or in part. The
//! payload of a delta becomes instructions that fit its base, where that is known, or is taken for a delta as it is.

use super::NAME_LEN;
use super::input::{name, pack_header};
use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;

/// Entries and bytes of a pack, and bytes of an object that instructions make.
const ENTRIES: usize = 200;
const PACK: usize = 256 << 10;
const OBJECT: usize = 48 << 10;

/// A size that the engine does not hold.
const TOO_LARGE: usize = (16 << 20) + 1;

/// Flags of an entry.
const FITS: u8 = 1 << 3;
const DEFLATED: u8 = 1 << 4;
const LIES: u8 = 1 << 5;
const REPEATED: u8 = 1 << 6;
const TRAILED: u8 = 1 << 7;

/// What the highest bytes of a payload stand for, without the `~`: with it, a scan of this file finds nothing.
const WORDS: [&[u8]; 16] = [
    b"AKI~AZ7QX2M5NPB3KJW4T",
    b"q1Zb8xT0pLm3Rw+kV9dY~2uHs/6eNfGcJ4aWiQoXr",
    b"aws_secret_access_key = \"",
    b"q1Zb8xT0pLm3Rw+kV9dY",
    b"2uHs/6eNfGcJ4aWiQoXr",
    b"BKmZ3pQ7xV1sT9dW5yN2u~R8gH4jL6fC0aEoIiUkPzXcv",
    b"cTFaYjh4VDBwTG0zUncra1Y5ZFky~dUhzLzZlTmZHY0o0YVdpUW9Ycg==",
    b"QUt~JQVo3UVgyTTVOUEIzS0pXNFQ",
    b"A\0K\0I\0A\0Z\x007\0Q\0",
    b"AKI",
    b"ecre",
    b"%3D",
    b"\\n",
    b"\n+",
    b"40000 folder\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14",
    b"100644 secret.txt\0\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30\x31\x32\x33\x34",
];

thread_local! {
    /// Storing and deflating; making one takes long.
    static COMPRESSORS: RefCell<[Compress; 2]> =
        RefCell::new([Compression::none(), Compression::fast()].map(|level| Compress::new(level, true)));
}

/// The pack that `input` tells of, and offset and name of each entry.
pub(super) fn write(mut input: &[u8]) -> (Vec<u8>, Vec<(usize, [u8; NAME_LEN])>) {
    let mut writer = Writer { pack: pack_header(0), offsets: Vec::new(), made: Vec::new() };
    while writer.offsets.len() < ENTRIES && writer.pack.len() < PACK && writer.entry(&mut input).is_some() {}
    let Writer { mut pack, offsets, .. } = writer;
    let header = pack_header(offsets.len());
    pack[..header.len()].copy_from_slice(&header);
    pack.extend(trailer());
    let entries = offsets.into_iter().enumerate().map(|(at, offset)| (offset, name(at))).collect();
    (pack, entries)
}

/// What stands for the pack's checksum in the pack and in the index.
pub(super) fn trailer() -> [u8; NAME_LEN] {
    [0; NAME_LEN]
}

struct Writer {
    pack: Vec<u8>,
    offsets: Vec<usize>,
    /// The objects, as far as they are known.
    made: Vec<Option<Vec<u8>>>,
}

impl Writer {
    fn entry(&mut self, input: &mut &[u8]) -> Option<()> {
        let form = byte(input)?;
        let (start, own) = (self.pack.len(), self.offsets.len());
        // The bytes of the base in the header, and its content.
        let (base, content) = match form & 7 {
            4 => {
                let back = usize::from(byte(input)?);
                let base = own.checked_sub(1 + back % own.max(1));
                (
                    distance(start - base.map_or(0, |base| self.offsets[base])),
                    base.and_then(|base| self.made[base].clone()),
                )
            }
            5 => {
                let base = usize::from(byte(input)?);
                (name(base).to_vec(), self.made.get(base).cloned().flatten())
            }
            6 => (distance(usize::from(byte(input)?) | usize::from(byte(input)?) << 8), None),
            _ => (Vec::new(), None),
        };
        let len = usize::from(byte(input)?);
        let (payload, rest) = input.split_at(len.min(input.len()));
        *input = rest;
        let lie = if form & LIES == 0 { 0 } else { byte(input)?.cast_signed() };
        let times = if form & REPEATED == 0 { 1 } else { 1 + usize::from(byte(input)?) };
        if form & 7 == 7 {
            // The entry as it is stored. No two may start at the same place.
            if !payload.is_empty() {
                self.offsets.push(start);
                self.made.push(None);
                self.pack.extend_from_slice(payload);
            }
            return Some(());
        }
        let (kind, inflated, made) = match (form & 7, content.filter(|_| form & FITS != 0)) {
            (whole @ 0..=3, _) => {
                let text = words(payload);
                let content = text.repeat(times.min(1 + OBJECT / text.len().max(1)));
                (whole + 1, content.clone(), Some(content))
            }
            (delta, Some(base)) => {
                let (instructions, made) = fitting(&base, payload, times);
                (kind_of(delta), instructions, Some(made))
            }
            (delta, None) => (kind_of(delta), payload.to_vec(), None),
        };
        self.offsets.push(start);
        let size = match lie {
            i8::MIN => TOO_LARGE,
            _ => inflated.len().saturating_add_signed(lie.into()),
        };
        self.pack.extend(kind_and_size(kind, size));
        self.pack.extend(base);
        compress(&inflated, usize::from(form & DEFLATED != 0), &mut self.pack);
        if form & TRAILED != 0 {
            self.pack.extend_from_slice(&payload[..payload.len().min(3)]);
        }
        self.made.push(made.filter(|_| lie == 0));
        Some(())
    }
}

/// How a pack writes that a delta gives its base's name, or its distance.
fn kind_of(delta: u8) -> u8 {
    if delta == 5 { 7 } else { 6 }
}

/// A delta that makes something of `base`, and what it makes: the payload's bytes choose between copies and insertions.
fn fitting(base: &[u8], payload: &[u8], times: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut instructions, mut made) = (Vec::new(), Vec::new());
    let payload = if payload.is_empty() { &[0xc0, 0, 0, 0xff][..] } else { payload };
    'all: for _ in 0..times {
        let mut rest = payload;
        while let Some(instruction) = byte(&mut rest) {
            if made.len() > OBJECT {
                break 'all;
            }
            if instruction & 0x80 == 0 {
                let (new, behind) = rest.split_at(rest.len().min(1 + usize::from(instruction & 31)));
                rest = behind;
                for piece in words(new).chunks(127) {
                    instructions.push(u8::try_from(piece.len()).expect("a piece is short"));
                    instructions.extend_from_slice(piece);
                    made.extend_from_slice(piece);
                }
                continue;
            }
            let mut next = || usize::from(byte(&mut rest).unwrap_or_default());
            let from = (next() | next() << 8) % base.len().max(1);
            let scale = [1, 4, 16, 257][usize::from(instruction & 3)];
            let len = if instruction & 0x40 == 0 { (next() + 1) * scale } else { 0x1_0000 };
            let len = len.min(base.len() - from);
            if len > 0 {
                copy(from, len, instruction & 0x20 != 0, &mut instructions);
                made.extend_from_slice(&base[from..from + len]);
            }
        }
    }
    ([varint(base.len()), varint(made.len()), instructions].concat(), made)
}

/// Appends the instruction to copy; `all` writes the bytes that are 0 too.
fn copy(from: usize, len: usize, all: bool, instructions: &mut Vec<u8>) {
    let len = if len == 0x1_0000 && !all { 0 } else { len };
    let start = instructions.len();
    instructions.push(0x80);
    let numbers = from.to_le_bytes().into_iter().take(4).chain(len.to_le_bytes().into_iter().take(3));
    for (bit, number) in numbers.enumerate() {
        if all || number != 0 {
            instructions[start] |= 1 << bit;
            instructions.push(number);
        }
    }
}

/// The content that a payload stands for.
fn words(payload: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for &byte in payload {
        match byte.checked_sub(0xf0) {
            Some(word) => text.extend(WORDS[usize::from(word)].iter().filter(|&&byte| byte != b'~')),
            None => text.push(byte),
        }
    }
    text
}

fn byte(input: &mut &[u8]) -> Option<u8> {
    input.split_off_first().copied()
}

/// A header's first part.
fn kind_and_size(kind: u8, size: usize) -> Vec<u8> {
    let low = kind << 4 | size.to_le_bytes()[0] & 15;
    match size >> 4 {
        0 => vec![low],
        rest => [vec![low | 0x80], varint(rest)].concat(),
    }
}

fn seven_bits(number: usize) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// Groups of seven bits, the lowest first.
fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(seven_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(seven_bits(number));
    bytes
}

/// Groups of seven bits, the highest first, each but the last one less than it stands for.
fn distance(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![seven_bits(number)];
    while number > 0x7f {
        number = (number >> 7) - 1;
        bytes.insert(0, seven_bits(number) | 0x80);
    }
    bytes
}

fn compress(content: &[u8], level: usize, pack: &mut Vec<u8>) {
    COMPRESSORS.with_borrow_mut(|compressors| {
        let compressor = &mut compressors[level];
        compressor.reset();
        pack.reserve(content.len() + content.len() / 1000 + 64);
        let status = compressor.compress_vec(content, pack, FlushCompress::Finish);
        assert_eq!(status.ok(), Some(Status::StreamEnd), "there is room for all");
    });
}
