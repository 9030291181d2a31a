//! Deltas: an object written as what it shares with another one and what is new.
//!
//! Source: git's gitformat-pack(5), "Deltified representation". A delta is the size of the object that it changes,
//! the size of the object that it makes, and instructions: copy a range of the one, or insert the bytes that follow.
//! It is hostile until it has been applied: nothing is read beyond the base, and nothing is written beyond the size
//! that was announced.

use super::fault::Fault;
use crate::prefilter::Copied;

/// Bytes that a copy without a size stands for.
const DEFAULT_COPY: usize = 0x1_0000;

/// The sizes at the start of a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Of the object that the delta changes.
    pub base: u64,
    /// Of the object that it makes.
    pub result: u64,
    /// Bytes that they take.
    len: usize,
}

impl Sizes {
    /// The sizes that `delta` starts with.
    ///
    /// # Errors
    /// Where it ends before they do.
    pub fn of(delta: &[u8]) -> Result<Self, Fault> {
        let (base, first) = varint(delta)?;
        let (result, second) = varint(&delta[first..])?;
        Ok(Self { base, result, len: first + second })
    }
}

/// Applies `delta` to `base`. The object is appended to `result`, which is empty; what it shares with the base is
/// noted in `copies`, in order, neighbouring ranges joined.
///
/// # Errors
/// Where the delta does not fit. Its sizes are the caller's to check against a cap first.
pub fn apply(base: &[u8], delta: &[u8], result: &mut Vec<u8>, copies: &mut Vec<Copied>) -> Result<(), Fault> {
    copies.clear();
    let sizes = Sizes::of(delta)?;
    if sizes.base != base.len() as u64 {
        return Err(Fault::Delta("it was made for a base of another size"));
    }
    let size = usize::try_from(sizes.result).map_err(|_| Fault::Delta("its result is too large"))?;
    result.reserve_exact(size);
    let mut rest = &delta[sizes.len..];
    while let Some((&instruction, behind)) = rest.split_first() {
        rest = behind;
        let piece = if instruction & 0x80 != 0 {
            let from = little_endian(instruction, 4, &mut rest)?;
            let len = match little_endian(instruction >> 4, 3, &mut rest)? {
                0 => DEFAULT_COPY,
                len => len,
            };
            let piece = base.get(from..from + len).ok_or(Fault::Delta("it reads past its base"))?;
            note(copies, Copied { to: result.len(), from, len });
            piece
        } else if instruction != 0 {
            let (piece, behind) =
                rest.split_at_checked(usize::from(instruction)).ok_or(Fault::Delta("it ends within an instruction"))?;
            rest = behind;
            piece
        } else {
            return Err(Fault::Delta("an instruction is reserved"));
        };
        if piece.len() > size - result.len() {
            return Err(Fault::Delta("its result is longer than announced"));
        }
        result.extend_from_slice(piece);
    }
    if result.len() == size { Ok(()) } else { Err(Fault::Delta("its result is shorter than announced")) }
}

fn note(copies: &mut Vec<Copied>, copy: Copied) {
    match copies.last_mut() {
        Some(last) if last.from + last.len == copy.from && last.to + last.len == copy.to => last.len += copy.len,
        _ => copies.push(copy),
    }
}

/// A number of which only those bytes are stored whose bits are set in `present`, the lowest first.
fn little_endian(present: u8, bytes: u32, rest: &mut &[u8]) -> Result<usize, Fault> {
    let mut number = 0;
    for byte in 0..bytes {
        if present & 1 << byte != 0 {
            let (&stored, behind) = rest.split_first().ok_or(Fault::Delta("it ends within an instruction"))?;
            number |= usize::from(stored) << (8 * byte);
            *rest = behind;
        }
    }
    Ok(number)
}

/// A number in groups of seven bits, the lowest first; returns it and the bytes that it takes.
fn varint(bytes: &[u8]) -> Result<(u64, usize), Fault> {
    let mut number = 0;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok((number, at + 1));
        }
    }
    Err(Fault::Delta("its sizes are damaged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(base: &[u8], delta: &[u8]) -> Result<(Vec<u8>, Vec<Copied>), Fault> {
        let (mut result, mut copies) = (Vec::new(), Vec::new());
        apply(base, delta, &mut result, &mut copies).map(|()| (result, copies))
    }

    #[test]
    fn copies_and_insertions_make_the_object_and_neighbouring_copies_are_one() {
        // Copy 2 from 0, copy 2 from 2, insert "-", copy 1 from 5.
        let delta = [6, 6, 0x90, 2, 0x91, 2, 2, 1, b'-', 0x91, 5, 1];
        let copies = vec![Copied { to: 0, from: 0, len: 4 }, Copied { to: 5, from: 5, len: 1 }];
        assert_eq!(applied(b"abcdef", &delta), Ok((b"abcd-f".to_vec(), copies)));
    }

    #[test]
    fn a_copy_without_a_size_is_of_64_kib() {
        let base = vec![b'x'; 0x1_0000];
        let delta = [0x80, 0x80, 4, 0x80, 0x80, 4, 0x80];
        assert_eq!(applied(&base, &delta).map(|(result, _)| result), Ok(base));
    }

    #[test]
    fn a_delta_that_does_not_fit_is_a_fault() {
        for (delta, fault) in [
            (&[5, 1, 1, b'x'][..], "it was made for a base of another size"),
            (&[6, 3, 0x91, 5, 3], "it reads past its base"),
            (&[6, 1, 0x90, 2], "its result is longer than announced"),
            (&[6, 9, 0x90, 2], "its result is shorter than announced"),
            (&[6, 2, 2, b'x'], "it ends within an instruction"),
            (&[6, 2, 0x91], "it ends within an instruction"),
            (&[6, 2, 0], "an instruction is reserved"),
            (&[0x80], "its sizes are damaged"),
            (&[6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "its sizes are damaged"),
        ] {
            assert_eq!(applied(b"abcdef", delta), Err(Fault::Delta(fault)), "{delta:?}");
        }
    }
}
