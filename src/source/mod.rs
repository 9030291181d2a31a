//! Where bytes come from. Each source lists what there is and hands every text to a [`Sink`]; what becomes of it is
//! not the source's business. A source never leaves anything out in silence: it is delivered, or it is a [`Gap`],
//! or it is counted.

pub mod history;
pub mod ignored;
pub mod message;
pub mod pending;
pub mod staged;
pub mod tree;

use crate::archive::Content;
use crate::finding::Origin;
use serde::Serialize;
use std::io;

/// Takes what a source delivers; called from many threads at once.
pub trait Sink: Sync {
    /// Examines a text, and what is inside of it.
    ///
    /// # Errors
    /// What reading it reports.
    fn text(&self, origin: Origin, content: Content<'_>) -> io::Result<()>;

    /// Notes a part of the scope that was not examined.
    fn gap(&self, gap: Gap);

    /// Notes something that people should know, though everything was examined.
    fn note(&self, note: String);

    /// Counts something apart from the texts that were examined.
    fn aside(&self, kind: Aside);
}

/// A part of the scope that was not examined: the scan is incomplete.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// What was not examined.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Gap {
    /// A gap without a hint.
    #[must_use]
    pub fn new(what: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self { what: what.into(), why: why.to_string(), hint: None }
    }
}

/// What is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// Untracked, and ignored by git's rules; a folder counts once.
    Ignored,
    /// A pipe, a socket or a device.
    Special,
    /// A commit of another repository, which scans its own.
    Submodule,
    /// A text that was examined and is git's own: a tree that holds nothing else was not looked at.
    Configuration,
}
