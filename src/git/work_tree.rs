//! What git tracks and what it ignores in a work tree.

use super::{answer, guarded_in, output, succeeded};
use crate::error::Result;
use bstr::BString;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

/// The paths that a repository's index holds, sorted as git sorts them.
#[derive(Debug, Default)]
pub struct Tracked {
    listing: Vec<u8>,
    paths: Vec<Range<usize>>,
}

impl Tracked {
    /// The index of the work tree whose top is `top`.
    ///
    /// # Errors
    /// Where git cannot be run, or refuses the repository.
    pub fn list(top: &Path) -> Result<Self> {
        let listing = output(guarded_in(top), &["ls-files", "-z"])?;
        let mut start = 0;
        let ends = memchr::memchr_iter(0, &listing);
        let paths = ends.map(|end| std::mem::replace(&mut start, end + 1)..end).collect();
        Ok(Self { listing, paths })
    }

    /// Does the index hold this file?
    #[must_use]
    pub fn holds(&self, path: &[u8]) -> bool {
        self.paths.binary_search_by(|range| self.listing[range.clone()].cmp(path)).is_ok()
    }

    /// Does the index hold this folder as a submodule, or a file under it?
    #[must_use]
    pub fn reaches_into(&self, folder: &[u8]) -> bool {
        let mut inside = folder.to_vec();
        inside.push(b'/');
        let at = self.paths.partition_point(|range| self.listing[range.clone()] < inside[..]);
        self.holds(folder) || self.paths.get(at).is_some_and(|range| self.listing[range.clone()].starts_with(&inside))
    }
}

/// How git merges the file at `path`, from `top`, as the attributes of the work tree say; `unspecified` where they do not.
///
/// # Errors
/// Where git cannot be run, or refuses the repository.
pub fn merge_driver(top: &Path, path: &str) -> Result<Vec<u8>> {
    // `PATH NUL ATTRIBUTE NUL VALUE NUL`
    let said = output(guarded_in(top), &["check-attr", "-z", "merge", "--", path])?;
    Ok(said.split(|&byte| byte == 0).nth(2).unwrap_or_default().to_vec())
}

/// Those of `paths` (from the top of a work tree, `top`) that git ignores: its word is final on what its own rules
/// mean. The user's own excludes do not count.
///
/// # Errors
/// Where git cannot be run, or refuses the repository.
pub fn ignored(top: &Path, paths: &[&[u8]]) -> Result<HashSet<BString>> {
    let mut git = guarded_in(top);
    git.args(["-c", "core.excludesFile=/dev/null", "check-ignore", "-z", "--stdin"]);
    let request = paths.iter().flat_map(|path| [path, &b"\0"[..]].concat()).collect();
    let run = answer(git, request)?;
    // 1: none of them.
    if matches!(run.status.code(), Some(0 | 1)) {
        let ignored = run.stdout.split(|&byte| byte == 0).filter(|path| !path.is_empty());
        return Ok(ignored.map(BString::from).collect());
    }
    // Anything else is a failure, and this says which.
    succeeded("check-ignore", run).map(|_| HashSet::new())
}
