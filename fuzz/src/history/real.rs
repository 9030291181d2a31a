//! Finds the entries of a pack that git wrote, as `git index-pack` does: by inflating one after the other.
//!
//! Names need the objects, so they are made up. Those that deltas give their bases are given to the first entries:
//! such deltas seldom fit, but they are linked, in circles too.

use super::input::{name, pack_header};
use super::resolve::{Base, Inflater, header};
use super::{NAME_LEN, entries::trailer};

/// Bytes of the pack's header.
const HEADER: usize = 12;

/// The pack with a trailer of its own, and offset and name of each entry that can be found.
pub(super) fn split(input: &[u8]) -> (Vec<u8>, Vec<(usize, [u8; NAME_LEN])>) {
    let body = input.get(HEADER..).unwrap_or_default();
    let mut inflater = Inflater::default();
    let (mut offsets, mut bases) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(header) = header(&body[at..]) {
        let start = at + header.len;
        let Some((_, taken)) = inflater.inflate(&body[start..], header.size) else { break };
        offsets.push(HEADER + at);
        match header.base {
            Base::Name(name) if !bases.contains(&name) => bases.push(name),
            _ => {}
        }
        at = start + taken;
    }
    let others = (0..).map(name).filter(|name| !bases.contains(name));
    let entries: Vec<_> = offsets.into_iter().zip(bases.iter().copied().chain(others)).collect();
    let pack = [&pack_header(entries.len())[..], body, &trailer()].concat();
    (pack, entries)
}
