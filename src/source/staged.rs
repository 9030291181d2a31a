//! What the next commit would contain.
//!
//! A hook must judge the *index*, not the files on disk: a secret that was staged and then edited away is still about
//! to be committed. Only what the commit brings counts, so the old side of the changed files is kept at hand for a
//! comparison: a value that stands there, in whichever of them, is not new.

use super::history::single::Single;
use super::{Aside, Gap, Sink, pending, tree};
use crate::archive::Content;
use crate::config::Extent;
use crate::error::{Error, Result};
use crate::finding::{Origin, SourceKind};
use crate::git::{Change, Oid, Reader, Repository, Staged};
use crate::sanitize::sanitize;
use bstr::{BString, ByteSlice, ByteVec};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A repository and what is pending in it.
pub struct Pending {
    repository: Repository,
    changes: Vec<Change>,
    /// Files that were asked about and that are as they were.
    named: Vec<Change>,
    /// Files that were asked about and that the index does not hold.
    unknown: Vec<PathBuf>,
    of_named_files: bool,
}

impl Pending {
    /// The staged changes of the working directory's repository; and those of `files` that are not staged as the index
    /// has them, whole: hook managers run hooks over files of their choice (`run --all-files`), and nothing staged does
    /// not mean that nothing was asked.
    ///
    /// # Errors
    /// Outside a work tree, and where git cannot read the index.
    pub fn from_env(files: &[PathBuf]) -> Result<Self> {
        let repository = Repository::from_env()?;
        let changes = match repository.local().and_then(pending::changes) {
            Some(changes) => changes,
            None => repository.staged()?,
        };
        let of_named_files = changes.is_empty() && !files.is_empty();
        let (named, unknown) = if files.is_empty() { Default::default() } else { named(&repository, files, &changes)? };
        Ok(Self { repository, changes, named, unknown, of_named_files })
    }

    /// Was nothing staged, so that files were taken that somebody named?
    #[must_use]
    pub fn is_of_named_files(&self) -> bool {
        self.of_named_files
    }

    /// Does it bring a file at `path`, from the top, or another content of it?
    #[must_use]
    pub fn brings(&self, path: &str) -> bool {
        self.changes.iter().any(|change| change.path == path && matches!(change.new, Staged::Blob(_)))
    }

    /// The commits that the next one merges with HEAD: those that git has noted, or `told`.
    ///
    /// # Errors
    /// Where git's note cannot be read.
    pub fn merged(&self, told: &[String]) -> Result<Vec<Oid>> {
        let noted = self.repository.merged()?;
        let told = told.iter().filter_map(|name| Oid::from_hex(name.as_bytes()));
        Ok(if noted.is_empty() { told.collect() } else { noted })
    }

    /// Delivers every staged blob to `sink`, each under its path.
    pub fn deliver(&self, sink: &dyn Sink) {
        let mut blobs = Blobs::of(&self.repository);
        // A partial clone may not have what is only moved; that was there before.
        let old: HashSet<Oid> = self.changes.iter().filter_map(|change| change.old).collect();
        for change in self.changes.iter().chain(&self.named) {
            match &change.new {
                Staged::Blob(id) if old.contains(id) && !blobs.has(id) => {}
                Staged::Blob(id) => blobs.deliver(change, id, sink),
                Staged::Submodule => sink.aside(Aside::Submodule),
                Staged::Unmerged => sink.gap(Gap {
                    what: shown(change),
                    why: "merge conflict".to_owned(),
                    hint: Some("resolve it and git add the file".to_owned()),
                }),
                Staged::Deleted => {}
            }
        }
        if !self.unknown.is_empty() {
            tree::walk(&self.unknown, Extent::Everything, sink);
        }
    }

    /// Delivers every blob that a change replaces or removes, each once.
    pub fn deliver_old(&self, sink: &dyn Sink) {
        let mut blobs = Blobs::of(&self.repository);
        let mut seen = BTreeSet::new();
        for change in &self.changes {
            if let Some(id) = change.old.as_ref().filter(|&id| seen.insert(id)) {
                blobs.deliver(change, id, sink);
            }
        }
    }
}

/// Reads blobs: in this process where that is possible, through git where not, and where one is too large.
struct Blobs<'r> {
    here: Option<Single<'r>>,
    reader: Reader,
}

impl<'r> Blobs<'r> {
    fn of(repository: &'r Repository) -> Self {
        let here = repository.local().and_then(|local| Single::open(local, local.objects_folder()).ok());
        Self { here, reader: repository.reader() }
    }

    /// Is it here, as far as that can be told in this process?
    fn has(&self, id: &Oid) -> bool {
        self.here.as_ref().is_none_or(|here| here.has(id))
    }

    fn deliver(&mut self, change: &Change, id: &Oid, sink: &dyn Sink) {
        let origin = origin(change.path.clone(), id);
        let unreadable = |cause: &dyn std::fmt::Display| {
            let error = Error::new(format!("could not read blob {id}")).because(cause);
            sink.gap(Gap::new(shown(change), error));
        };
        let read = match &mut self.here {
            Some(here) => here.read(id),
            None => Ok(None),
        };
        match read {
            Ok(Some((_, bytes))) => {
                sink.text(origin, Content::Memory(&bytes)).unwrap_or_else(|error| unreadable(&error));
            }
            Ok(None) => {
                let streamed = self.reader.with_object(id, |_, _, content| sink.text(origin, Content::Stream(content)));
                streamed.unwrap_or_else(|error| unreadable(&error));
            }
            Err(error) => unreadable(&error),
        }
    }
}

/// Those of `files` that the index holds and that are not among `changes`, and those that it does not hold.
fn named(repository: &Repository, files: &[PathBuf], changes: &[Change]) -> Result<(Vec<Change>, Vec<PathBuf>)> {
    let top = repository.top()?;
    let staged: HashSet<&BString> = changes.iter().map(|change| &change.path).collect();
    let mut named: Vec<(&PathBuf, Option<BString>)> = files.iter().map(|file| (file, below(&top, file))).collect();
    named.retain(|(_, path)| path.as_ref().is_none_or(|path| !staged.contains(path)));
    if named.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let paths: HashSet<BString> = named.iter().filter_map(|(_, path)| path.clone()).collect();
    let held = repository.indexed(&paths)?;
    let known: HashSet<&BString> = held.iter().map(|change| &change.path).collect();
    let is_unknown = |path: &Option<BString>| path.as_ref().is_none_or(|path| !known.contains(path));
    let unknown = named.into_iter().filter(|(_, path)| is_unknown(path)).map(|(file, _)| file.clone()).collect();
    Ok((held, unknown))
}

/// The path of `file` from `top`; nothing where it lies elsewhere. A link in its last part is not followed.
fn below(top: &Path, file: &Path) -> Option<BString> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = folder.canonicalize().ok()?.join(file.file_name()?);
    Some(Vec::from_path_lossy(file.strip_prefix(top).ok()?).into_owned().into())
}

fn shown(change: &Change) -> String {
    sanitize(&change.path.to_str_lossy()).into_owned()
}

fn origin(path: BString, id: &Oid) -> Origin {
    Origin::of(path, SourceKind::Staged, Some(id.to_string()))
}
