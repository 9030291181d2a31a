//! Objects through libgit2, in this process: where few are wanted, starting git costs more than reading them.
//!
//! It follows neither replacements nor grafts and fetches nothing. What it cannot tell (shallow and partial clones,
//! tags of anything but commits, formats that it refuses) is git's to tell.

use super::batch::Kind;
use super::oid::Oid;
use super::store::{Refs, Revisions};
use crate::error::{Error, Result};
use git2::{ObjectType, Odb, Repository, Sort};
use std::path::Path;

/// A repository that libgit2 reads.
pub struct Local {
    repository: Repository,
}

/// An object's content.
pub struct Content<'l> {
    /// What it is.
    pub kind: Kind,
    object: git2::OdbObject<'l>,
}

impl Content<'_> {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.object.data()
    }
}

/// The objects of a [`Local`].
pub struct Objects<'l> {
    odb: Odb<'l>,
}

impl Local {
    /// The repository at `folder`, or that of the working directory and the environment; nothing where libgit2 refuses
    /// it.
    pub(super) fn open(folder: Option<&Path>) -> Option<Self> {
        // A second hash of what git itself takes on trust costs more than all the rest.
        git2::opts::strict_hash_verification(false);
        let repository = match folder {
            None => Repository::open_from_env(),
            Some(folder) => Repository::discover(folder),
        };
        repository.ok().map(|repository| Self { repository })
    }

    pub(super) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Its objects.
    ///
    /// # Errors
    /// Where they cannot be opened.
    pub fn objects(&self) -> Result<Objects<'_>> {
        self.repository.odb().map(|odb| Objects { odb }).map_err(|error| unreadable(&error))
    }

    /// The commits that the revisions mean, parents before children; nothing where only git can tell.
    ///
    /// # Errors
    /// Where a commit cannot be read.
    pub fn commits(&self, revisions: &Revisions) -> Result<Option<Vec<Oid>>> {
        let (Some(wanted), Some(not)) = (self.as_commits(&revisions.wanted), self.as_commits(&revisions.not)) else {
            return Ok(None);
        };
        if revisions.wanted_refs != Refs::None {
            return Ok(None);
        }
        let walk = || -> std::result::Result<Vec<Oid>, git2::Error> {
            let mut walk = self.repository.revwalk()?;
            walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
            wanted.into_iter().try_for_each(|commit| walk.push(commit))?;
            not.into_iter().try_for_each(|commit| walk.hide(commit))?;
            match &revisions.known_refs {
                Refs::None => {}
                Refs::OfRemote(name) => walk.hide_glob(&format!("refs/remotes/{name}/*"))?,
                Refs::OfRemotes => walk.hide_glob("refs/remotes/*")?,
                Refs::All => {
                    walk.hide_glob("refs/*")?;
                    // Before the first commit it is nothing.
                    self.repository
                        .head()
                        .ok()
                        .and_then(|head| head.target())
                        .map_or(Ok(()), |head| walk.hide(head))?;
                }
            }
            walk.map(|commit| Ok(Oid::from_bytes(commit?.as_bytes()).expect("a hash of a known length"))).collect()
        };
        walk().map(Some).map_err(|error| unreadable(&error))
    }

    fn as_commits(&self, names: &[Oid]) -> Option<Vec<git2::Oid>> {
        let commit = |name: &Oid| {
            let object = git2::Oid::from_bytes(name.as_bytes()).ok()?;
            self.repository.find_commit(object).ok().map(|commit| commit.id())
        };
        names.iter().map(commit).collect()
    }
}

impl Objects<'_> {
    /// Is the object here?
    #[must_use]
    pub fn holds(&self, name: &Oid) -> bool {
        git2::Oid::from_bytes(name.as_bytes()).is_ok_and(|name| self.odb.exists(name))
    }

    /// The kind and the size of an object.
    ///
    /// # Errors
    /// Where it is missing or damaged.
    pub fn header(&self, name: &Oid) -> Result<(Kind, u64)> {
        let header = git2::Oid::from_bytes(name.as_bytes()).and_then(|name| self.odb.read_header(name));
        let (size, kind) = header.map_err(|error| unreadable(&error))?;
        Ok((kind_of(kind)?, size as u64))
    }

    /// The content of an object.
    ///
    /// # Errors
    /// Where it is missing or damaged.
    pub fn read(&self, name: &Oid) -> Result<Content<'_>> {
        let object = git2::Oid::from_bytes(name.as_bytes()).and_then(|name| self.odb.read(name));
        let object = object.map_err(|error| unreadable(&error))?;
        Ok(Content { kind: kind_of(object.kind())?, object })
    }
}

fn kind_of(kind: ObjectType) -> Result<Kind> {
    match kind {
        ObjectType::Commit => Ok(Kind::Commit),
        ObjectType::Tree => Ok(Kind::Tree),
        ObjectType::Blob => Ok(Kind::Blob),
        ObjectType::Tag => Ok(Kind::Tag),
        ObjectType::Any => Err(Error::new("an object of no known kind")),
    }
}

fn unreadable(error: &git2::Error) -> Error {
    Error::new("could not read the repository").because(error.message())
}
