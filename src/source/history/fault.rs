//! What can be wrong with a stored object.

use std::fmt;

/// Why an object could not be read from where it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file ends before the object does.
    Truncated,
    /// The stored bytes are not those that the index was made of.
    Checksum,
    /// The header is none that git writes.
    Header,
    /// The compressed data is damaged, or its length is not the one that its header gives.
    Inflate,
    /// The header gives a size to which the compressed data cannot expand.
    Size {
        /// Bytes that the header gives.
        claimed: u64,
        /// Bytes of compressed data.
        stored: usize,
    },
    /// The instructions of a delta do not fit the object that it changes.
    Delta(&'static str),
    /// The object that a delta changes is not in the pack.
    NoBase(String),
    /// The object that a delta changes could not be read.
    BaseUnreadable,
    /// A delta that, step by step, is built upon itself.
    Cycle,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the file is truncated"),
            Self::Checksum => f.write_str("wrong checksum: its stored bytes have changed"),
            Self::Header => f.write_str("its header is damaged"),
            Self::Inflate => f.write_str("its compressed data is damaged"),
            Self::Size { claimed, stored } => {
                write!(f, "its header claims {claimed} bytes, more than {stored} compressed bytes can hold")
            }
            Self::Delta(what) => write!(f, "its delta is damaged: {what}"),
            Self::NoBase(base) => write!(f, "it is a delta to {base}, which is missing"),
            Self::BaseUnreadable => f.write_str("it is a delta to an object that could not be read"),
            Self::Cycle => f.write_str("it is a delta that leads back to itself"),
        }
    }
}

impl std::error::Error for Fault {}
