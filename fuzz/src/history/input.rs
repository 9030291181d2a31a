//! Takes an input for a pack and its index.
//!
//! The first byte says how: bit 0 for a pack as git writes it instead of the small language, the others for what is
//! wrong or rare. Where something is wrong, the last three bytes say where and how.

use super::{NAME_LEN, entries, real};
use std::ops::Range;

/// A pack and what its index says.
#[derive(Debug)]
pub(super) struct Stored {
    /// The pack file.
    pub(super) pack: Vec<u8>,
    /// Its entries, by offset; no two have the same.
    pub(super) places: Vec<Place>,
    /// How the index is written.
    pub(super) index: IndexKind,
    /// Are the pack and the index others than they were made to be?
    pub(super) is_damaged: bool,
    /// Shall many threads walk it too?
    pub(super) for_many: bool,
}

/// An entry as the index knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) name: [u8; NAME_LEN],
    pub(super) checksum: u32,
}

/// How an index is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndexKind {
    /// Version 1, which has no checksums.
    Old,
    /// Version 2.
    New,
    /// Version 2 with every offset in its table of large ones.
    Large,
}

/// Bits of the first byte.
const REAL: u8 = 1;
const DAMAGE_BEFORE: u8 = 1 << 1;
const DAMAGE_BEHIND: u8 = 1 << 2;
const OLD_INDEX: u8 = 1 << 3;
const LARGE_OFFSETS: u8 = 1 << 4;
const FALSE_OFFSET: u8 = 1 << 5;
const CUT_SHORT: u8 = 1 << 6;
const FOR_MANY: u8 = 1 << 7;

/// Those that need the last bytes.
const DAMAGE: u8 = DAMAGE_BEFORE | DAMAGE_BEHIND | FALSE_OFFSET | CUT_SHORT;

/// The name of the object with a number; the names are not in the order of the numbers.
pub(super) fn name(number: usize) -> [u8; NAME_LEN] {
    let scattered = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut name = [0; NAME_LEN];
    name[..8].copy_from_slice(&scattered.to_be_bytes());
    name[8..16].copy_from_slice(&(number as u64).to_be_bytes());
    name
}

/// The pack and the index that `input` stands for.
pub(super) fn take(input: &[u8]) -> Stored {
    let (&how, rest) = input.split_first().unwrap_or((&0, &[]));
    let (rest, controls) = match rest.split_last_chunk() {
        Some((rest, controls)) if how & DAMAGE != 0 => (rest, Some(*controls)),
        _ => (rest, None),
    };
    let (mut pack, entries) = if how & REAL == 0 { entries::write(rest) } else { real::split(rest) };
    let damage = |bit| controls.filter(|_| how & bit != 0);
    if let Some(controls) = damage(DAMAGE_BEFORE) {
        change(&mut pack, controls);
    }
    let place = |(offset, name)| Place { offset: offset as u64, name, checksum: 0 };
    let mut places: Vec<Place> = entries.into_iter().map(place).collect();
    if let Some(controls) = damage(FALSE_OFFSET) {
        move_one(&mut places, controls);
    }
    for at in 0..places.len() {
        places[at].checksum = crc32(&pack[bytes_of(&places, at, pack.len())]);
    }
    if let Some(controls) = damage(DAMAGE_BEHIND) {
        change(&mut pack, controls);
    }
    if let Some([low, high, _]) = damage(CUT_SHORT) {
        let len = at(low, high, pack.len());
        pack.truncate(len);
    }
    let index = match how {
        _ if how & OLD_INDEX != 0 => IndexKind::Old,
        _ if how & LARGE_OFFSETS != 0 => IndexKind::Large,
        _ => IndexKind::New,
    };
    Stored { pack, places, index, is_damaged: controls.is_some(), for_many: how & FOR_MANY != 0 }
}

fn at(low: u8, high: u8, len: usize) -> usize {
    usize::from(u16::from_le_bytes([low, high])) % len.max(1)
}

fn change(pack: &mut [u8], [low, high, bits]: [u8; 3]) {
    let at = at(low, high, pack.len());
    pack[at] ^= bits;
}

/// Moves an entry's offset a little, but never onto or behind another one.
fn move_one(places: &mut [Place], [which, _, step]: [u8; 3]) {
    let at = usize::from(which) % places.len().max(1);
    let Some(offset) = places.get(at).map(|place| place.offset.wrapping_add_signed(i64::from(step.cast_signed())))
    else {
        return;
    };
    let before = at.checked_sub(1).map_or(0, |before| places[before].offset + 1);
    let behind = places.get(at + 1).map_or(u64::from(u32::MAX >> 1), |behind| behind.offset);
    if (before..behind).contains(&offset) {
        places[at].offset = offset;
    }
}

/// The bytes of an entry in a pack of `len` bytes, empty where there are none: up to the next one or the trailer.
pub(super) fn bytes_of(places: &[Place], at: usize, len: usize) -> Range<usize> {
    let end = len.saturating_sub(NAME_LEN);
    let offset = |place: &Place| usize::try_from(place.offset).map_or(end, |offset| offset.min(end));
    let start = offset(&places[at]);
    start..places.get(at + 1).map_or(end, offset)
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The first bytes of a pack of `count` entries.
pub(super) fn pack_header(count: usize) -> Vec<u8> {
    let count = u32::try_from(count).expect("an input is small");
    [&b"PACK\0\0\0\x02"[..], &count.to_be_bytes()].concat()
}
