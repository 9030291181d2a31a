//! What people have accepted, and until when: the files in which they say so.
//!
//! A file is read here from its bytes, and written; which one counts (that of the work tree, of the index, of a
//! revision that somebody trusts) and what it accepts of a scan's findings is for `scan` to say. Markers beside a value are
//! read where values are ([`crate::detect::marker`]).

pub mod baseline;
mod day;
pub mod file;

pub use day::Day;
