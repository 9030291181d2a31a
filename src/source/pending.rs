//! What the index holds and HEAD does not, worked out in this process.
//!
//! Both are in the order of their paths, so they are read side by side. A folder that the index knows as the very tree
//! that HEAD has is passed over: among 100,000 files only those folders are read in which something changed. Whatever
//! is not plain is nothing, and git's to tell (`git diff-index`); a property test holds the two to the same answer.

use super::history::commits::links;
use super::history::links::TreeEntry;
use super::history::single::Single;
use crate::git::{Change, FILE, Index, IndexEntries, IndexEntry, KIND, Kind, LINK, Local, Oid, SUBMODULE, Staged};
use bstr::{BString, ByteSlice};

/// Bytes of a hash: libgit2 reads repositories of SHA-1 only.
const HASH_LEN: usize = 20;

/// The changes that are staged; nothing where only git can tell.
#[must_use]
pub fn changes(local: &Local) -> Option<Vec<Change>> {
    let index = if local.is_bare() { None } else { Index::open(&local.index_file()) }?;
    let mut objects = Single::open(local, local.objects_folder()).ok()?;
    let head = local.head()?;
    let (_, commit) = objects.read(&head).ok()??;
    let top = read_tree(&mut objects, links(&commit).tree?)?;
    let mut join = Join { index: &index, entries: index.entries(), next: None, changes: Vec::new() };
    join.advance()?;
    join.folder(&mut objects, top)?;
    join.finish()?;
    Some(join.changes)
}

/// A tree of HEAD, and how far it was read.
struct Folder {
    tree: Vec<u8>,
    at: usize,
    path: Vec<u8>,
}

/// Index and HEAD, side by side.
struct Join<'i> {
    index: &'i Index,
    entries: IndexEntries<'i>,
    /// The entry that is next; intents to add are none.
    next: Option<IndexEntry<'i>>,
    changes: Vec<Change>,
}

impl Join<'_> {
    fn advance(&mut self) -> Option<()> {
        self.next = self.entries.read().ok()?;
        while self.next.is_some_and(|entry| entry.is_intent) {
            self.next = self.entries.read().ok()?;
        }
        Some(())
    }

    /// Compares all below HEAD's top.
    fn folder(&mut self, objects: &mut Single<'_>, top: Vec<u8>) -> Option<()> {
        let mut open = vec![Folder { tree: top, at: 0, path: Vec::new() }];
        while let Some(folder) = open.last_mut() {
            if folder.at == folder.tree.len() {
                open.pop();
                continue;
            }
            let entry = TreeEntry::at(&folder.tree, folder.at, HASH_LEN)?;
            folder.at = entry.end;
            let path = [&folder.path[..], entry.name].concat();
            let (mode, id) = (entry.mode()?, Oid::from_bytes(entry.id)?);
            if entry.is_tree() {
                let inside = [&path[..], b"/"].concat();
                self.added_before(&inside)?;
                if !self.pass_over(&path, &inside, &id)? {
                    open.push(Folder { tree: read_tree(objects, id)?, at: 0, path: inside });
                }
            } else {
                self.added_before(&path)?;
                self.file(path, mode, id)?;
            }
        }
        Some(())
    }

    /// Passes over the entries of a folder that is what HEAD has.
    fn pass_over(&mut self, path: &[u8], inside: &[u8], tree: &Oid) -> Option<bool> {
        let is_inside = |entry: Option<IndexEntry<'_>>| entry.is_some_and(|entry| entry.path.starts_with(inside));
        let Some(count) = self.index.entries_of(path, tree).filter(|count| *count > 0) else { return Some(false) };
        if !is_inside(self.next) {
            return Some(false);
        }
        // The first of them was taken already.
        self.entries.skip(count - 1).ok()?;
        self.advance()?;
        // An index that says otherwise of itself is nothing to rely on.
        (!is_inside(self.next)).then_some(true)
    }

    /// Notes the entries that come before `path` and that HEAD does not have.
    fn added_before(&mut self, path: &[u8]) -> Option<()> {
        while let Some(entry) = self.next.filter(|entry| entry.path.as_bytes() < path) {
            self.note(entry.path.into(), None, &entry)?;
        }
        Some(())
    }

    fn finish(&mut self) -> Option<()> {
        while let Some(entry) = self.next {
            self.note(entry.path.into(), None, &entry)?;
        }
        Some(())
    }

    /// Compares a file of HEAD.
    fn file(&mut self, path: Vec<u8>, mode: u32, id: Oid) -> Option<()> {
        let old = matches!(mode & KIND, FILE | LINK).then_some(id);
        match self.next.filter(|entry| entry.path.as_bytes() == path) {
            Some(entry) if entry.stage == 0 && entry.mode == mode && entry.id == id.as_bytes() => self.advance(),
            Some(entry) => self.note(path.into(), old, &entry),
            None => {
                self.changes.push(Change { path: path.into(), old, new: Staged::Deleted });
                Some(())
            }
        }
    }

    /// Notes a change, and passes over all entries of its path.
    fn note(&mut self, path: BString, old: Option<Oid>, entry: &IndexEntry<'_>) -> Option<()> {
        let new = match (entry.stage, entry.mode & KIND) {
            (1.., _) => Staged::Unmerged,
            (_, FILE | LINK) => Staged::Blob(Oid::from_bytes(entry.id)?),
            (_, SUBMODULE) => Staged::Submodule,
            // A folder of a sparse index.
            _ => return None,
        };
        while self.next.is_some_and(|next| next.path == path) {
            self.advance()?;
        }
        self.changes.push(Change { path, old, new });
        Some(())
    }
}

/// A tree, all entries of which can be read.
fn read_tree(objects: &mut Single<'_>, name: Oid) -> Option<Vec<u8>> {
    let (kind, tree) = objects.read(&name).ok()??;
    (kind == Kind::Tree).then_some(tree)
}
