//! What unfolds compressed bytes, each by the library that knows how; and what that may cost in memory.

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use std::io::{self, BufRead, BufReader, Read};

/// Bytes of packed data that are read at once.
const BUFFER: usize = 64 * 1024;

/// Bytes of memory that one stream may want: those of `xz -9`, and more than `zstd -19` wants.
const MEMORY: u64 = 64 << 20;

/// Bytes beside the dictionary that lzma needs.
const BESIDE_DICTIONARY: u64 = 1 << 20;

/// Where xz has the header of its first block.
const XZ_BLOCK_AT: usize = 12;

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// Not at all.
    Stored,
    /// Raw deflate.
    Deflate,
    /// Any number of gzip members.
    Gzip,
    /// One zlib stream.
    Zlib,
    /// Any number of bzip2 streams.
    Bzip2,
    /// Any number of xz streams.
    Xz,
    /// Any number of zstd frames.
    Zstd,
    /// lzma as zip has it, which unfolds to so many bytes.
    ZipLzma(u64),
}

/// Unfolded bytes, and the memory that unfolding them takes.
pub(super) struct Decoder<'d> {
    pub(super) reader: Box<dyn Read + 'd>,
    pub(super) memory: u64,
}

impl Compression {
    /// What unfolds `packed` with no more than `memory` bytes.
    ///
    /// # Errors
    /// Where it would take more (`OutOfMemory`), and where the first bytes cannot be read.
    pub(super) fn decoder<'d>(self, packed: impl Read + 'd, memory: u64) -> io::Result<Decoder<'d>> {
        let mut packed = BufReader::with_capacity(BUFFER, packed);
        let memory = memory.min(MEMORY);
        let light = |reader: Box<dyn Read + 'd>| Ok(Decoder { reader, memory: 0 });
        match self {
            Self::Stored => light(Box::new(packed)),
            Self::Deflate => light(Box::new(DeflateDecoder::new(packed))),
            Self::Gzip => light(Box::new(MultiGzDecoder::new(packed))),
            Self::Zlib => light(Box::new(ZlibDecoder::new(packed))),
            Self::Bzip2 => light(Box::new(MultiBzDecoder::new(packed))),
            Self::Xz => {
                let wanted = dictionary(packed.fill_buf()?) + BESIDE_DICTIONARY;
                let limit = u32::try_from((memory + BESIDE_DICTIONARY) >> 10).unwrap_or(u32::MAX);
                let reader = XzReader::new_mem_limit(packed, true, limit);
                Ok(Decoder { reader: Box::new(reader), memory: wanted.min(memory) })
            }
            Self::Zstd => {
                let reader = Frames { packed: Some(packed), frame: None, memory };
                Ok(Decoder { reader: Box::new(reader), memory: memory.min(8 << 20) })
            }
            Self::ZipLzma(unfolded) => zip_lzma(packed, unfolded, memory),
        }
    }
}

/// The bytes of the first block's dictionary, as the header of an xz file tells them. Source: "The .xz File Format",
/// 3.1 and 5.3.1.
fn dictionary(head: &[u8]) -> u64 {
    let size = head.get(XZ_BLOCK_AT).map_or(0, |&size| (usize::from(size) + 1) * 4);
    let block = head.get(XZ_BLOCK_AT..XZ_BLOCK_AT + size).unwrap_or_default();
    let property = block.windows(3).find(|window| window[..2] == [0x21, 1]).map_or(0, |window| window[2]);
    (2 | u64::from(property) & 1) << (u64::from(property.min(40)) / 2 + 11)
}

/// Source: APPNOTE.TXT, 5.8.8: a version, the size of the properties (5), these, and the stream.
fn zip_lzma<'d>(mut packed: impl Read + 'd, unfolded: u64, memory: u64) -> io::Result<Decoder<'d>> {
    let mut head = [0; 9];
    packed.read_exact(&mut head)?;
    let [_, _, 5, 0, properties, dictionary @ ..] = head else {
        return Err(io::Error::other("its properties are of an unknown size"));
    };
    let dictionary = u32::from_le_bytes(dictionary);
    if u64::from(dictionary) > memory {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    let reader = LzmaReader::new_with_props(packed, unfolded, properties, dictionary, None)?;
    Ok(Decoder { reader: Box::new(reader), memory: u64::from(dictionary) })
}

/// The first bytes of a frame, and the rest.
type Ahead<R> = io::Chain<io::Cursor<Vec<u8>>, BufReader<R>>;

/// zstd frames, one behind the other; those that may be skipped are.
struct Frames<R: Read> {
    packed: Option<BufReader<R>>,
    frame: Option<StreamingDecoder<Ahead<R>, ruzstd::decoding::FrameDecoder>>,
    memory: u64,
}

impl<R: Read> Frames<R> {
    /// Begins the next frame; false where there is none.
    fn next(&mut self) -> io::Result<bool> {
        let Some(mut packed) = self.packed.take() else { return Ok(false) };
        let mut head = Vec::with_capacity(8);
        // The decoder keeps its source even where it cannot begin, so frames that are skipped are read off here.
        loop {
            head.clear();
            packed.by_ref().take(8).read_to_end(&mut head)?;
            let [0x50..=0x5f, 0x2a, 0x4d, 0x18, len @ ..] = &head[..] else { break };
            let len = len.first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
            let len = u64::from(u32::from_le_bytes(*len));
            if io::copy(&mut packed.by_ref().take(len), &mut io::sink())? < len {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if head.is_empty() {
            return Ok(false);
        }
        let ahead = io::Cursor::new(head).chain(packed);
        let frame = StreamingDecoder::new_with_max_window_size(ahead, self.memory).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. } => io::ErrorKind::OutOfMemory.into(),
            FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::MagicNumberReadError(error)) => error,
            error => io::Error::other(error),
        })?;
        self.frame = Some(frame);
        Ok(true)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
                // The shortest frame is longer than what was read ahead.
                self.packed = self.frame.take().map(|frame| frame.into_inner().into_inner().1);
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}
