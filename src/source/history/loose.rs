//! Loose objects: a file each, compressed.
//!
//! Source: git's gitformat-loose(5): the kind, a space, the size in digits, a NUL and the content, in one zlib stream.
//! They are streamed, so that one of any size costs no memory.

use super::fault::Fault;
use super::pack::HELD;
use crate::git::{Kind, Oid};
use flate2::bufread::ZlibDecoder;
use libdeflater::{DecompressionError, Decompressor};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of the longest header: `commit`, a space, twenty digits and a NUL.
const HEADER: u64 = 28;

/// The names of the loose objects below `objects`, in order.
///
/// # Errors
/// Where a folder cannot be listed.
pub fn list(objects: &Path, hash_len: usize) -> io::Result<Vec<Oid>> {
    let mut names = Vec::new();
    for folder in std::fs::read_dir(objects)? {
        let folder = folder?;
        let start = folder.file_name();
        let start = start.as_encoded_bytes();
        if start.len() != 2 || !start.iter().all(u8::is_ascii_hexdigit) {
            continue;
        }
        for file in std::fs::read_dir(folder.path())? {
            let rest = file?.file_name();
            let name = Oid::from_hex(&[start, rest.as_encoded_bytes()].concat());
            // What git leaves when it is interrupted (`tmp_obj_...`) is no object.
            names.extend(name.filter(|name| name.as_bytes().len() == hash_len));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Calls `read` with kind, size and content of a loose object.
///
/// # Errors
/// Where it cannot be opened, is damaged or has another size than it says, and whatever `read` returns.
pub fn read<T>(
    objects: &Path,
    name: &Oid,
    read: impl FnOnce(Kind, u64, &mut dyn Read) -> io::Result<T>,
) -> io::Result<T> {
    let mut stream = BufReader::new(ZlibDecoder::new(BufReader::new(File::open(path_of(objects, name))?)));
    let mut header = Vec::new();
    (&mut stream).take(HEADER).read_until(0, &mut header).map_err(damaged)?;
    let (kind, size) = parse(&header).ok_or_else(|| io::Error::other(Fault::Header))?;
    let mut content = Exactly { stream, left: size };
    let result = read(kind, size, &mut content)?;
    // Whoever stops early still learns of damage.
    io::copy(&mut content, &mut io::sink())?;
    Ok(result)
}

/// Bytes that are tried first for what a file inflates to.
const USUAL: usize = 64 << 10;

/// Reads small loose objects whole, through buffers that it keeps: twice as fast as streaming them.
#[derive(Default)]
pub struct Whole {
    inflater: Decompressor,
    stored: Vec<u8>,
    inflated: Vec<u8>,
}

impl Whole {
    /// Kind and content of an object; nothing if it is larger than what is held in memory.
    ///
    /// # Errors
    /// Where it cannot be opened, is damaged or has another size than it says.
    pub fn read(&mut self, objects: &Path, name: &Oid) -> io::Result<Option<(Kind, Vec<u8>)>> {
        let mut file = File::open(path_of(objects, name))?;
        self.stored.resize(USUAL, 0);
        let read = file.read(&mut self.stored)?;
        self.stored.truncate(read);
        // A file gives all it has at once; should it not, what is here is not a whole stream, and there is more to read.
        let len = match self.inflate() {
            Err(_) => {
                file.take(HELD).read_to_end(&mut self.stored)?;
                // It may go on behind that: then it is too large, and not damaged.
                if self.stored.len() as u64 > HELD {
                    return Ok(None);
                }
                self.inflate()?
            }
            done => done?,
        };
        let Some(len) = len else { return Ok(None) };
        let all = &self.inflated[..len];
        let header = memchr::memchr(0, all).map(|nul| nul + 1);
        let parsed = header.and_then(|len| Some((parse(&all[..len])?, &all[len..])));
        match parsed {
            Some(((kind, size), content)) if content.len() as u64 == size => Ok(Some((kind, content.to_vec()))),
            _ => Err(io::Error::other(Fault::Header)),
        }
    }

    /// Inflates what is stored; the length, or nothing if that is too much.
    fn inflate(&mut self) -> io::Result<Option<usize>> {
        let mut room = self.inflated.len().max(USUAL);
        loop {
            self.inflated.resize(room, 0);
            match self.inflater.zlib_decompress(&self.stored, &mut self.inflated) {
                Ok(len) => return Ok(Some(len)),
                Err(DecompressionError::InsufficientSpace) if room as u64 > HELD => return Ok(None),
                Err(DecompressionError::InsufficientSpace) => room *= 4,
                Err(DecompressionError::BadData) => return Err(io::Error::other(Fault::Inflate)),
            }
        }
    }
}

fn path_of(objects: &Path, name: &Oid) -> PathBuf {
    let name = name.to_string();
    let mut path = objects.as_os_str().to_owned();
    for part in ["/", &name[..2], "/", &name[2..]] {
        path.push(part);
    }
    path.into()
}

fn parse(header: &[u8]) -> Option<(Kind, u64)> {
    let text = std::str::from_utf8(header.strip_suffix(b"\0")?).ok()?;
    let (kind, size) = text.split_once(' ')?;
    Some((Kind::named(kind.as_bytes())?, size.parse().ok()?))
}

fn damaged(_: io::Error) -> io::Error {
    io::Error::other(Fault::Inflate)
}

/// A stream that must hold so many bytes, neither more nor less.
struct Exactly<R> {
    stream: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer).map_err(damaged)?;
        let left = self.left.checked_sub(read as u64);
        match left {
            Some(left) if read > 0 || left == 0 || buffer.is_empty() => {
                self.left = left;
                Ok(read)
            }
            _ => Err(io::Error::other(Fault::Inflate)),
        }
    }
}
