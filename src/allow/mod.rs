//! What people have accepted, and until when: the files in which they say so, and what that is worth for a finding.
//!
//! A file is read here from its bytes, and written; which one counts (that of the work tree, of the index, of a
//! revision that somebody trusts) is for `scan` to say. An [`entry`] comes from a config ([`crate::config::file`]).
//! Markers beside a value are read where values are ([`crate::detect::marker`]). A finding that is accepted stays in
//! the reports, with the reason that somebody gave, and is counted.

pub mod baseline;
mod day;
pub mod entry;
pub mod file;
mod finder;
mod globs;

pub use day::Day;
pub use entry::{Check, Condition, Entry, Target};
pub use finder::{Finder, Finders};
pub use globs::Globs;
