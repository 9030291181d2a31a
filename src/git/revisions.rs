//! What some revisions reach and others do not, as git walks it.

use super::local::Local;
use super::oid::Oid;
use super::store::{Store, unknown_form};
use super::{answer, lines, succeeded};
use crate::error::Result;
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;

/// What `rev-list` walks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revisions {
    /// From these.
    pub wanted: Vec<Oid>,
    /// Not to what these reach.
    pub not: Vec<Oid>,
    /// And from these.
    pub wanted_refs: Refs,
    /// And not to what these reach.
    pub known_refs: Refs,
}

/// A set of refs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Refs {
    /// None.
    #[default]
    None,
    /// The remote-tracking refs of a remote.
    OfRemote(String),
    /// All remote-tracking refs.
    OfRemotes,
    /// All refs, and HEAD.
    All,
}

impl Refs {
    /// As `rev-list` takes them.
    fn switch(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::OfRemote(name) => Some(format!("--remotes={name}")),
            Self::OfRemotes => Some("--remotes".to_owned()),
            Self::All => Some("--all".to_owned()),
        }
    }
}

/// What `rev-list --objects` lists.
#[derive(Debug, Default)]
pub struct Reachable {
    /// The objects, each with a path where it was met.
    pub objects: Vec<(Oid, BString)>,
    /// Those of them that are commits, the newest first.
    pub commits: Vec<Oid>,
    /// What is not here.
    pub missing: Vec<Oid>,
}

impl Store {
    /// Those of `objects` that are here; `local` is the same repository, where libgit2 reads it.
    ///
    /// # Errors
    /// Where git cannot be asked.
    pub fn existing(&self, local: Option<&Local>, objects: &[Oid]) -> Result<BTreeSet<Oid>> {
        if objects.is_empty() {
            return Ok(BTreeSet::new());
        }
        if let Some(local) = local {
            let here = local.objects()?;
            return Ok(objects.iter().copied().filter(|name| here.holds(name)).collect());
        }
        let mut git = self.git();
        git.args(["cat-file", "--batch-check=%(objectname)"]);
        let listing = succeeded("cat-file", answer(git, lines(objects))?)?;
        // Of one that is not here, it says more than its name.
        Ok(listing.lines().filter_map(Oid::from_hex).collect())
    }

    /// Everything that is reachable from the one revisions and not from the others: `rev-list --objects`.
    ///
    /// # Errors
    /// Where git cannot walk it.
    pub fn reachable(&self, revisions: &Revisions) -> Result<Reachable> {
        let listing = self.rev_list(&["--objects", "--missing=print"], revisions)?;
        let mut reachable = Reachable::default();
        for line in listing.lines() {
            if let Some(missing) = line.strip_prefix(b"?") {
                reachable.missing.extend(Oid::from_hex(missing));
                continue;
            }
            // Behind everything but a commit stands a blank, and the path if there is one.
            let (name, path) = line.split_once_str(b" ").unwrap_or((line, b""));
            let name = Oid::from_hex(name).ok_or_else(unknown_form)?;
            reachable.commits.extend((!line.contains(&b' ')).then_some(name));
            reachable.objects.push((name, path.into()));
        }
        Ok(reachable)
    }

    /// The commits that are reachable from the one revisions and not from the others, the newest first.
    ///
    /// # Errors
    /// Where git cannot walk them.
    pub fn commits(&self, revisions: &Revisions) -> Result<Vec<Oid>> {
        let listing = self.rev_list(&[], revisions)?;
        listing.lines().map(|line| Oid::from_hex(line).ok_or_else(unknown_form)).collect()
    }

    /// Revisions go in by standard input: a push can have more of them than a command line holds.
    fn rev_list(&self, options: &[&str], revisions: &Revisions) -> Result<Vec<u8>> {
        let Revisions { wanted, not, wanted_refs, known_refs } = revisions;
        let mut git = self.git();
        git.arg("rev-list").args(options).arg("--stdin").args(wanted_refs.switch());
        git.args(known_refs.switch().into_iter().flat_map(|switch| ["--not".to_owned(), switch]));
        let request = [lines(wanted), lines(not.iter().map(|name| format!("^{name}")))].concat();
        succeeded("rev-list", answer(git, request)?)
    }
}
