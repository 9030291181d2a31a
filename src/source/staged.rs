//! What the next commit would contain.
//!
//! A hook must judge the *index*, not the files on disk: a secret that was staged and then edited away is still about
//! to be committed. Only what the commit brings counts, so the old side of the changed files is kept at hand for a
//! comparison: a value that stands there, in whichever of them, is not new.

use super::{Aside, Gap, Sink};
use crate::error::Result;
use crate::finding::{Origin, SourceKind};
use crate::git::{Change, Oid, Repository, Staged};
use crate::sanitize::sanitize;
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;

/// A repository and the changes that are staged in it.
pub struct Pending {
    repository: Repository,
    changes: Vec<Change>,
}

impl Pending {
    /// The staged changes of the working directory's repository.
    ///
    /// # Errors
    /// Outside a work tree, and where git cannot read the index.
    pub fn from_env() -> Result<Self> {
        let repository = Repository::from_env()?;
        let changes = repository.staged()?;
        Ok(Self { repository, changes })
    }

    /// Delivers every staged blob to `sink`, each under its path.
    pub fn deliver(&mut self, sink: &dyn Sink) {
        for change in &self.changes {
            match &change.new {
                Staged::Blob(id) => {
                    let origin = origin(change.path.clone(), id);
                    let result = self.repository.with_blob(id, |reader| sink.text(origin, reader));
                    note_failure(sink, change, result);
                }
                Staged::Submodule => sink.aside(Aside::Submodule),
                Staged::Unmerged => sink.gap(Gap {
                    what: shown(change),
                    why: "merge conflict".to_owned(),
                    hint: Some("resolve it and git add the file".to_owned()),
                }),
                Staged::Deleted => {}
            }
        }
    }

    /// Delivers every blob that a change replaces or removes, each once.
    pub fn deliver_old(&mut self, sink: &dyn Sink) {
        let mut seen = BTreeSet::new();
        for change in &self.changes {
            let Some(id) = change.old.as_ref().filter(|&id| seen.insert(id)) else {
                continue;
            };
            let origin = origin(change.path.clone(), id);
            let result = self.repository.with_blob(id, |reader| sink.text(origin, reader));
            note_failure(sink, change, result);
        }
    }
}

fn note_failure(sink: &dyn Sink, change: &Change, result: Result<()>) {
    if let Err(error) = result {
        sink.gap(Gap::new(shown(change), error));
    }
}

fn shown(change: &Change) -> String {
    sanitize(&change.path.to_str_lossy()).into_owned()
}

fn origin(path: BString, id: &Oid) -> Origin {
    Origin { path, source: SourceKind::Staged, blob: Some(id.to_string()) }
}
