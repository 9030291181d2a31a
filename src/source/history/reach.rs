//! What commits bring, read in this process: their messages, and the trees and files that none of their parents has.
//!
//! Commits come parents first, and each tree is compared with those of the parents, so that only folders are read in
//! which something changed. What a commit only moves was there before: a file that a parent holds at a place which the
//! commit changes, and that no commit before brought, is not new.

use super::ancestry::Commit;
use super::commits::{Links, links};
use super::links::TreeEntry;
use super::single::Single;
use crate::error::Error;
use crate::git::{Kind, Oid};
use crate::source::Gap;
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// Bytes of trees that are kept for the next commit, whose parent's trees they are.
const KEPT: usize = 32 << 20;

/// Bytes of an object's name: libgit2 reads repositories of SHA-1 only.
const HASH_LEN: usize = 20;

/// The entries of a tree, by name.
type Entries<'t> = BTreeMap<&'t [u8], TreeEntry<'t>>;

/// Takes what commits bring.
pub trait Visitor {
    /// An object, once.
    fn visit(&mut self, name: Oid, kind: Kind, path: &BString, bytes: &[u8]);

    /// An object that is too large to be held in memory.
    fn too_large(&mut self, name: Oid, path: &BString);

    /// Something that could not be read.
    fn gap(&mut self, gap: Gap);

    /// Is it to end early?
    fn is_over(&self) -> bool;
}

/// Hands to `visitor` what `commits` bring, which come parents first.
pub fn walk(objects: &mut Single<'_>, commits: &[Commit], visitor: &mut dyn Visitor) {
    let trees = commits.iter().map(|commit| (commit.name, commit.links.tree)).collect();
    let mut walk =
        Walk { objects, visitor, trees, brought: HashSet::new(), known: HashSet::new(), kept: Trees::default() };
    for commit in commits {
        if walk.visitor.is_over() {
            return;
        }
        walk.commit(commit);
    }
}

struct Walk<'w, 'l> {
    objects: &'w mut Single<'l>,
    visitor: &'w mut dyn Visitor,
    /// The tree of each commit that was met.
    trees: HashMap<Oid, Option<Oid>>,
    /// Trees and files of the commits so far.
    brought: HashSet<Oid>,
    /// Files that were there before, and folders whose files all were.
    known: HashSet<Oid>,
    kept: Trees,
}

/// The bytes of trees.
#[derive(Default)]
struct Trees {
    trees: HashMap<Oid, Rc<[u8]>>,
    bytes: usize,
}

/// A file or folder that a commit has and its parents have not.
struct New {
    name: Oid,
    path: BString,
}

/// A folder of a commit beside those of its parents.
struct Folder {
    new: Oid,
    old: Vec<Oid>,
    path: BString,
}

impl Walk<'_, '_> {
    fn commit(&mut self, commit: &Commit) {
        self.visitor.visit(commit.name, Kind::Commit, &BString::default(), &commit.bytes);
        let Links { tree, parents } = &commit.links;
        let old = each_once(parents.iter().filter_map(|parent| self.tree_of(*parent)));
        if let Some(new) = *tree {
            self.compare(Folder { new, old, path: BString::default() });
        }
    }

    fn tree_of(&mut self, commit: Oid) -> Option<Oid> {
        if let Some(tree) = self.trees.get(&commit) {
            return *tree;
        }
        let tree = self.read(commit, &BString::default()).and_then(|(_, bytes)| links(&bytes).tree);
        self.trees.insert(commit, tree);
        tree
    }

    /// Reads an object that is not large; what cannot be read is a gap.
    fn read(&mut self, name: Oid, path: &BString) -> Option<(Kind, Vec<u8>)> {
        match self.objects.read(&name) {
            Ok(Some(found)) => return Some(found),
            Ok(None) => self.visitor.too_large(name, path),
            Err(error) => self.lost(name, path, &error),
        }
        None
    }

    /// Visits the trees of a commit that its parents have not, and then its files.
    fn compare(&mut self, top: Folder) {
        let (mut files, mut folders) = (Vec::new(), vec![top]);
        while let Some(folder) = folders.pop() {
            // What was brought before brings nothing again, at whatever other places it stands.
            if folder.old.contains(&folder.new) || !self.brought.insert(folder.new) {
                continue;
            }
            let Some(new) = self.read_tree(folder.new, &folder.path) else { continue };
            self.visitor.visit(folder.new, Kind::Tree, &folder.path, &new);
            let old: Vec<_> = folder.old.iter().filter_map(|tree| self.read_tree(*tree, &folder.path)).collect();
            let mut new: Vec<TreeEntry<'_>> = TreeEntry::all(&new, HASH_LEN).collect();
            let mut old: Vec<Vec<TreeEntry<'_>>> =
                old.iter().map(|tree| TreeEntry::all(tree, HASH_LEN).collect()).collect();
            if let [old] = &mut old[..] {
                leave_differing(&mut new, old);
            }
            // What a parent names as a submodule's commit, it does not have.
            let is_held = |entry: &TreeEntry<'_>| !entry.is_submodule();
            let old: Vec<_> = old.into_iter().map(|old| by_name(old.into_iter().filter(is_held))).collect();
            self.note_known(&by_name(new.iter().copied()), &old);
            // Not by name: two entries may have the same one, and git sends what both of them hold.
            for entry in new.into_iter().filter(|entry| !entry.is_submodule()) {
                let before: Vec<_> = old.iter().filter_map(|entries| entries.get(entry.name)).collect();
                if before.iter().any(|before| before.id == entry.id) {
                    continue;
                }
                let (name, path) = (oid(entry.id), below(&folder.path, entry.name));
                if entry.is_tree() {
                    let old = before.iter().filter(|before| before.is_tree()).map(|before| oid(before.id));
                    let old = each_once(old);
                    folders.push(Folder { new: name, old, path });
                } else {
                    files.push(New { name, path });
                }
            }
        }
        for New { name, path } in files {
            self.file(name, &path);
        }
    }

    /// Notes the files that parents hold where the commit holds something else or nothing.
    fn note_known(&mut self, new: &Entries<'_>, old: &[Entries<'_>]) {
        for entry in old.iter().flat_map(BTreeMap::values).filter(|entry| !entry.is_submodule()) {
            match new.get(entry.name) {
                Some(new) if new.id == entry.id => {}
                _ if !entry.is_tree() => self.know(oid(entry.id)),
                Some(new) if new.is_tree() => {}
                _ => self.know_all_below(oid(entry.id)),
            }
        }
    }

    fn know(&mut self, file: Oid) {
        if !self.brought.contains(&file) {
            self.known.insert(file);
        }
    }

    /// Notes all files of a folder that a commit removes, and so may have moved.
    fn know_all_below(&mut self, folder: Oid) {
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            if self.brought.contains(&folder) || !self.known.insert(folder) {
                continue;
            }
            let Some(tree) = self.read_tree(folder, &BString::default()) else { continue };
            for entry in TreeEntry::all(&tree, HASH_LEN).filter(|entry| !entry.is_submodule()) {
                if entry.is_tree() {
                    folders.push(oid(entry.id));
                } else {
                    self.know(oid(entry.id));
                }
            }
        }
    }

    fn file(&mut self, name: Oid, path: &BString) {
        if self.known.contains(&name) || !self.brought.insert(name) {
            return;
        }
        if let Some((kind, bytes)) = self.read(name, path) {
            self.visitor.visit(name, kind, path, &bytes);
        }
    }

    fn read_tree(&mut self, name: Oid, path: &BString) -> Option<Rc<[u8]>> {
        if let Some(tree) = self.kept.trees.get(&name) {
            return Some(Rc::clone(tree));
        }
        let (_, tree) = self.read(name, path)?;
        if TreeEntry::all(&tree, HASH_LEN).last().map_or(0, |entry| entry.end) != tree.len() {
            self.lost(name, path, &Error::new("its entries are damaged"));
        }
        Some(self.kept.keep(name, tree))
    }

    fn lost(&mut self, name: Oid, path: &BString, error: &Error) {
        let path = if path.is_empty() { String::new() } else { format!(" ({})", path.to_str_lossy()) };
        self.visitor.gap(Gap::new(format!("object {name}{path}"), error));
    }
}

impl Trees {
    fn keep(&mut self, name: Oid, tree: Vec<u8>) -> Rc<[u8]> {
        if self.bytes > KEPT {
            *self = Self::default();
        }
        self.bytes += tree.len();
        let tree: Rc<[u8]> = tree.into();
        self.trees.insert(name, Rc::clone(&tree));
        tree
    }
}

fn by_name<'t>(entries: impl Iterator<Item = TreeEntry<'t>>) -> Entries<'t> {
    entries.map(|entry| (entry.name, entry)).collect()
}

/// Takes away what two trees begin and end with: of hundreds of entries a commit changes one or two.
fn leave_differing<'t>(new: &mut Vec<TreeEntry<'t>>, old: &mut Vec<TreeEntry<'t>>) {
    let is_same = |(new, old): &(&TreeEntry<'t>, &TreeEntry<'t>)| {
        new.id == old.id && new.name == old.name && new.is_submodule() == old.is_submodule()
    };
    let behind = new.iter().rev().zip(old.iter().rev()).take_while(is_same).count();
    new.truncate(new.len() - behind);
    old.truncate(old.len() - behind);
    let before = new.iter().zip(old.iter()).take_while(is_same).count();
    new.drain(..before);
    old.drain(..before);
}

fn each_once(names: impl Iterator<Item = Oid>) -> Vec<Oid> {
    names.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn oid(id: &[u8]) -> Oid {
    Oid::from_bytes(id).expect("an entry's hash has a known length")
}

fn below(folder: &BString, name: &[u8]) -> BString {
    let slash = if folder.is_empty() { &b""[..] } else { b"/" };
    [&folder[..], slash, name].concat().into()
}
