//! Objects through libgit2, in this process: where few are wanted, starting git costs more than reading them.
//!
//! It follows neither replacements nor grafts and fetches nothing. Formats that it refuses are git's to read.

use super::batch::Kind;
use super::oid::Oid;
use super::revisions::Refs;
use crate::error::{Error, Result};
use git2::{ErrorClass, ErrorCode, ObjectType, Odb, Repository};
use std::path::{Path, PathBuf};

/// A repository that libgit2 reads.
pub struct Local {
    repository: Repository,
    /// Is it the one that the environment speaks of?
    is_of_environment: bool,
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
        match folder {
            None => Self::from_env().ok(),
            Some(folder) => {
                let repository = Repository::discover(folder).ok()?;
                Some(Self { repository, is_of_environment: false })
            }
        }
    }

    /// The repository of the working directory, as the environment that git gives its hooks says.
    pub(super) fn from_env() -> std::result::Result<Self, git2::Error> {
        // A second hash of what git itself takes on trust costs more than all the rest.
        git2::opts::strict_hash_verification(false);
        Repository::open_from_env().map(|repository| Self { repository, is_of_environment: true })
    }

    /// The folder of its own objects.
    #[must_use]
    pub fn objects_folder(&self) -> PathBuf {
        let told = super::told_path("GIT_OBJECT_DIRECTORY").filter(|_| self.is_of_environment);
        told.unwrap_or_else(|| self.repository.commondir().join("objects"))
    }

    /// The file of the index.
    #[must_use]
    pub fn index_file(&self) -> PathBuf {
        // Git takes it from the top of the work tree, wherever a hook may have gone.
        let top = self.repository.workdir().unwrap_or(Path::new(""));
        let told = super::told_path("GIT_INDEX_FILE").filter(|_| self.is_of_environment);
        told.map_or_else(|| self.repository.path().join("index"), |told| top.join(told))
    }

    /// The commit of HEAD; nothing before the first commit, and where it cannot be read.
    #[must_use]
    pub fn head(&self) -> Option<Oid> {
        Oid::from_bytes(self.repository.head().ok()?.target()?.as_bytes())
    }

    /// The file at `path`, from the top, in a commit, a tag or a tree; nothing where that has no such file, or leads to no tree.
    ///
    /// # Errors
    /// Where an object of it is missing or damaged.
    pub(super) fn file(&self, object: &Oid, path: &str) -> Result<Option<Vec<u8>>> {
        let name = git2::Oid::from_bytes(object.as_bytes()).map_err(|error| unreadable(&error))?;
        let object = self.repository.find_object(name, None).map_err(|error| unreadable(&error))?;
        let tree = match object.peel_to_tree() {
            Ok(tree) => tree,
            Err(error) if matches!(error.code(), ErrorCode::InvalidSpec | ErrorCode::Peel) => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        let entry = match tree.get_path(Path::new(path)) {
            Ok(entry) => entry,
            // Of a tree that is missing on the way, libgit2 says so in the class.
            Err(error) if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Tree => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        let blob = self.repository.find_blob(entry.id()).map_err(|error| unreadable(&error))?;
        Ok(Some(blob.content().to_vec()))
    }

    /// Has it no work tree?
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.repository.is_bare()
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

    /// The remotes, and the URLs from which they are fetched.
    #[must_use]
    pub fn remotes(&self) -> Vec<(String, String)> {
        let names = self.repository.remotes().ok();
        let names =
            names.iter().flat_map(|names| names.iter().flatten().flatten().map(str::to_owned).collect::<Vec<_>>());
        let remote = |name: String| {
            let url = self.repository.find_remote(&name).ok()?.url().ok()?.to_owned();
            Some((name, url))
        };
        names.filter_map(remote).collect()
    }

    /// The full name of the ref that another one leads to.
    #[must_use]
    pub fn leads_to(&self, name: &str) -> Option<String> {
        let found = self.repository.find_reference(name).ok()?;
        found.symbolic_target().ok()?.map(str::to_owned)
    }

    /// Is there such a ref?
    #[must_use]
    pub fn has_ref(&self, name: &str) -> bool {
        self.repository.find_reference(name).is_ok()
    }

    /// What a set of refs names; nothing of those that name nothing.
    ///
    /// # Errors
    /// Where refs cannot be read.
    pub fn targets(&self, refs: &Refs) -> Result<Vec<Oid>> {
        let pattern = match refs {
            Refs::None => return Ok(Vec::new()),
            Refs::OfRemote(name) => format!("refs/remotes/{name}/*"),
            Refs::OfRemotes => "refs/remotes/*".to_owned(),
            Refs::All => "refs/*".to_owned(),
        };
        let mut targets = Vec::new();
        for found in self.repository.references_glob(&pattern).map_err(|error| unreadable(&error))? {
            let found = found.map_err(|error| unreadable(&error))?;
            targets.extend(found.resolve().ok().and_then(|found| found.target()));
        }
        if *refs == Refs::All {
            // Before the first commit it is nothing.
            targets.extend(self.repository.head().ok().and_then(|head| head.target()));
        }
        Ok(targets.iter().filter_map(|name| Oid::from_bytes(name.as_bytes())).collect())
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
