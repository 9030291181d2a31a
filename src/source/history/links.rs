//! What refers to what: the trees that hold found objects, the trees that hold those, and the commits above them.
//!
//! Read in one pass over all trees and tags; the commits were noted before ([`super::commits`]). A tree that git stores as a delta shares most of its entries with
//! the one that it is built upon, so these are taken over as the hits of a text are: an entry is parsed, and its name
//! looked up, only where it is new (of git's own 158 million entries, 2 million). That is exact, because entries
//! follow each other without gaps: where one starts at the same place of a shared range, all that lie in that range are
//! the same.

use super::commits::{Commit, Commits};
use super::fault::Fault;
use super::loose;
use super::objects::{Number, Objects, Packed, whole};
use super::pack::Entry;
use super::walk::{Object, Visitor, walk};
use crate::git::{FILE, KIND, Kind, Oid, SUBMODULE};
use crate::prefilter::Copied;
use bstr::{BString, ByteSlice};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What refers to what.
#[derive(Debug, Default)]
pub struct Links {
    /// Each tree, and where in `held` that lies which it holds.
    trees: Vec<(Number, std::ops::Range<usize>)>,
    held: Vec<Number>,
    /// The name of each that is held, as a number, where names are wanted; and the names.
    name_of: Vec<u32>,
    names: Vec<BString>,
    numbers: HashMap<BString, u32>,
    /// The commits, in no order.
    pub commits: Vec<Commit>,
    /// Annotated tags, and what they are of.
    pub tags: HashMap<Number, Number>,
    /// Objects that trees and commits speak of and that are not here.
    pub missing: BTreeSet<Oid>,
    /// Trees whose entries are damaged.
    pub damaged: Vec<Number>,
}

/// Whether trees' entries are wanted by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They are: what was found is wanted with all its paths.
    Wanted,
    /// They are not.
    Unwanted,
}

/// Which objects count as missing where they are not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Every one: also each blob is looked up.
    Everything,
    /// Only what is looked up anyway.
    TreesAndCommits,
}

impl Links {
    /// Reads the links of `objects`; `found` are those whose holders are wanted.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the lock.
    #[must_use]
    pub fn read(
        objects: &Objects,
        commits: Commits,
        found: &HashSet<Oid>,
        missing: Missing,
        wanted: Names,
        stop: &AtomicBool,
    ) -> Self {
        let mut links = Self::default();
        links.commits = commits.resolve(objects, &mut links.missing);
        let links = Mutex::new(links);
        let names: HashSet<[u8; 8]> = found.iter().filter_map(|name| start_of(name.as_bytes())).collect();
        let reader = Reader { objects, names, missing, wanted, links: &links };
        for packed in objects.packs() {
            walk(&packed.pack, &packed.forest, &OfPack { reader: &reader, packed, stop });
        }
        for part in objects.loose() {
            for (at, name) in part.names.iter().enumerate() {
                reader.loose(&part.folder, part.number(at), name);
            }
        }
        links.into_inner().expect("nothing panics while it holds this lock")
    }

    /// The trees, and where in what is held their own lies.
    pub(super) fn trees(&self) -> impl Iterator<Item = &(Number, std::ops::Range<usize>)> {
        self.trees.iter()
    }

    /// What is held in a range, with the number of its name.
    pub(super) fn named(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = (Number, u32)> {
        range.filter_map(|at| Some((self.held[at], *self.name_of.get(at)?)))
    }

    /// The names, by their numbers.
    pub(super) fn names(&self) -> &[BString] {
        &self.names
    }

    fn number_of(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name.as_bstr()) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// For every object, the bits of the found ones that lie in it or below it. `marks` holds the found ones' own.
    pub fn spread(&self, marks: &mut [u64]) {
        // As often as trees are deep.
        let mut changed = true;
        while changed {
            changed = false;
            for (tree, held) in &self.trees {
                let below = self.held[held.clone()].iter().fold(0, |bits, &held| bits | marks[held as usize]);
                let mark = &mut marks[*tree as usize];
                changed |= *mark | below != *mark;
                *mark |= below;
            }
        }
    }
}

/// Reads the links of single objects.
struct Reader<'r> {
    objects: &'r Objects,
    /// The starts of the names of what was found.
    names: HashSet<[u8; 8]>,
    missing: Missing,
    wanted: Names,
    links: &'r Mutex<Links>,
}

/// The visitor of one pack.
struct OfPack<'r> {
    reader: &'r Reader<'r>,
    packed: &'r Packed,
    stop: &'r AtomicBool,
}

impl Visitor for OfPack<'_> {
    type Memo = Entries;

    fn wants(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Tree | Kind::Tag)
    }

    fn visit(&self, object: Object<'_>, built_on: Option<(&Entries, &[Copied])>) -> Entries {
        self.reader.object(self.packed.number(object.entry), object.kind, object.bytes, built_on)
    }

    fn size_of(memo: &Entries) -> usize {
        memo.starts.capacity() * size_of::<usize>() + memo.held.capacity() * size_of::<(usize, Number)>()
    }

    fn too_large(&self, entry: Entry, _kind: Kind) {
        self.reader.links().damaged.push(self.packed.number(entry));
    }

    fn fault(&self, _entry: Entry, _fault: Fault) {
        // That was said when it was examined.
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Reader<'_> {
    fn links(&self) -> std::sync::MutexGuard<'_, Links> {
        self.links.lock().expect("nothing panics while it holds this lock")
    }

    fn loose(&self, folder: &std::path::Path, number: Number, name: &Oid) {
        // What cannot be read was said when it was examined.
        let _ = loose::read(folder, name, |kind, size, content| {
            if matches!(kind, Kind::Tree | Kind::Tag) {
                self.object(number, kind, &whole(size, content)?, None);
            }
            Ok(())
        });
    }

    fn object(&self, number: Number, kind: Kind, bytes: &[u8], built_on: Option<(&Entries, &[Copied])>) -> Entries {
        match kind {
            Kind::Tree => self.tree(number, bytes, built_on),
            Kind::Tag => {
                let target = bytes.strip_prefix(b"object ").and_then(|rest| Oid::from_hex(rest.lines().next()?));
                if let Some(target) = target.and_then(|target| self.find(target.as_bytes())) {
                    self.links().tags.insert(self.objects.canonical(number), target);
                }
                Entries::default()
            }
            Kind::Blob | Kind::Commit => Entries::default(),
        }
    }

    fn tree(&self, number: Number, bytes: &[u8], built_on: Option<(&Entries, &[Copied])>) -> Entries {
        let hash_len = self.objects.hash_len();
        let mut entries = Entries { len: bytes.len(), ..Entries::default() };
        let mut copies = built_on.map_or(&[][..], |(_, copies)| copies);
        let mut at = 0;
        while at < bytes.len() {
            while copies.first().is_some_and(|copy| copy.to + copy.len <= at) {
                copies = &copies[1..];
            }
            let shared = copies.first().zip(built_on).and_then(|(copy, (base, _))| entries.take_over(base, copy, at));
            if let Some(end) = shared {
                at = end;
                continue;
            }
            let Some(entry) = TreeEntry::at(bytes, at, hash_len) else {
                self.links().damaged.push(number);
                break;
            };
            entries.starts.push(at);
            if let Some(held) = self.held(&entry) {
                entries.held.push((at, held));
            }
            at = entry.end;
        }
        let mut links = self.links();
        let first = links.held.len();
        links.held.extend(entries.held.iter().map(|&(_, held)| held));
        if self.wanted == Names::Wanted {
            for &(at, _) in &entries.held {
                let name = TreeEntry::at(bytes, at, hash_len).map_or(&b""[..], |entry| entry.name);
                let number = links.number_of(name);
                links.name_of.push(number);
            }
        }
        let range = first..links.held.len();
        links.trees.push((self.objects.canonical(number), range));
        entries
    }

    /// The number of what an entry holds, if that is a tree or was found.
    fn held(&self, entry: &TreeEntry<'_>) -> Option<Number> {
        if entry.is_submodule() {
            return None;
        }
        let wanted = entry.is_tree() || start_of(entry.id).is_some_and(|start| self.names.contains(&start));
        if wanted || self.missing == Missing::Everything {
            return self.find(entry.id).filter(|_| wanted);
        }
        None
    }

    fn find(&self, name: &[u8]) -> Option<Number> {
        let found = self.objects.find(name);
        if found.is_none() {
            self.links().missing.extend(Oid::from_bytes(name));
        }
        found
    }
}

/// The first bytes of a name: enough to tell most names apart.
fn start_of(name: &[u8]) -> Option<[u8; 8]> {
    name.first_chunk().copied()
}

/// The entries of a tree.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// Where each entry starts.
    starts: Vec<usize>,
    /// Where those start that hold a tree or a found object, and which.
    held: Vec<(usize, Number)>,
    /// Bytes of the tree.
    len: usize,
}

impl Entries {
    /// Takes over the entries of `base` from the one on that starts at `at` and lies in `copy` whole, as far as the copy
    /// goes; returns where the last one ends.
    fn take_over(&mut self, base: &Self, copy: &Copied, at: usize) -> Option<usize> {
        let from = at.checked_sub(copy.to)? + copy.from;
        let first = base.starts.binary_search(&from).ok()?;
        let end = copy.from + copy.len;
        // One entry ends where the next starts.
        let last = first + base.starts[first..].partition_point(|&start| start <= end);
        let last = if base.len <= end { base.starts.len() } else { last - 1 };
        if last <= first {
            return None;
        }
        let until = base.starts.get(last).copied().unwrap_or(base.len);
        self.starts.extend(base.starts[first..last].iter().map(|start| start - copy.from + copy.to));
        let held = base.held.partition_point(|&(start, _)| start < from);
        let carried = base.held[held..].iter().take_while(|&&(start, _)| start < until);
        self.held.extend(carried.map(|&(start, number)| (start - copy.from + copy.to, number)));
        Some(until - copy.from + copy.to)
    }
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeEntry<'t> {
    mode: &'t [u8],
    /// The name.
    pub name: &'t [u8],
    /// Where in the tree the name starts.
    pub name_at: usize,
    /// The object's name.
    pub id: &'t [u8],
    /// Where the next entry starts.
    pub end: usize,
}

impl<'t> TreeEntry<'t> {
    /// The entry that starts at `at`: mode, a space, name, a NUL, and the object's name in bytes.
    #[must_use]
    pub fn at(tree: &'t [u8], at: usize, hash_len: usize) -> Option<Self> {
        let rest = tree.get(at..)?;
        let space = rest.iter().take(8).position(|&byte| byte == b' ')?;
        let nul = space + 1 + memchr::memchr(0, &rest[space + 1..])?;
        let id = rest.get(nul + 1..nul + 1 + hash_len)?;
        let (name, name_at) = (&rest[space + 1..nul], at + space + 1);
        Some(Self { mode: &rest[..space], name, name_at, id, end: at + nul + 1 + hash_len })
    }

    /// All entries of a tree, as far as it can be read.
    pub fn all(tree: &'t [u8], hash_len: usize) -> impl Iterator<Item = Self> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let entry = Self::at(tree, at, hash_len)?;
            at = entry.end;
            Some(entry)
        })
    }

    /// Its mode, as an index has it: of a file's permissions git keeps only whether it is a program.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        let mode = u32::from_str_radix(std::str::from_utf8(self.mode).ok()?, 8).ok()?;
        let program = if mode & 0o100 == 0 { 0o644 } else { 0o755 };
        Some(if mode & KIND == FILE { FILE | program } else { mode })
    }

    /// Is it a folder?
    #[must_use]
    pub fn is_tree(&self) -> bool {
        self.mode == b"40000" || self.kind() == Some(0o040_000)
    }

    /// Is it a commit of another repository?
    #[must_use]
    pub fn is_submodule(&self) -> bool {
        self.mode == b"160000" || self.kind() == Some(SUBMODULE)
    }

    /// The kind of what it holds, whatever else its mode says: git asks for no more.
    fn kind(&self) -> Option<u32> {
        match self.mode {
            b"100644" | b"100755" => Some(FILE),
            mode => Some(u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()? & KIND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| [b"100644 ", name.as_bytes(), b"\0", &[7; 20]].concat()).collect()
    }

    fn starts(tree: &[u8]) -> Vec<usize> {
        TreeEntry::all(tree, 20).map(|entry| entry.name_at - 7).collect()
    }

    #[test]
    fn entries_in_a_shared_range_are_taken_over_whole() {
        let old = tree(&["a", "bb", "ccc", "d"]);
        let base = Entries { starts: starts(&old), held: vec![(29, 1), (59, 2)], len: old.len() };
        // From the second entry to the middle of the last one, thirty bytes further on.
        let copy = Copied { to: 59, from: 29, len: 70 };
        let mut entries = Entries::default();
        assert_eq!(entries.take_over(&base, &copy, 59), Some(120));
        assert_eq!((entries.starts, entries.held), (vec![59, 89], vec![(59, 1), (89, 2)]));
        // To the end.
        let copy = Copied { to: 0, from: 29, len: old.len() - 29 };
        let mut entries = Entries::default();
        assert_eq!(entries.take_over(&base, &copy, 0), Some(old.len() - 29));
        assert_eq!(entries.starts, [0, 30, 61]);
        // Not from within an entry.
        assert_eq!(Entries::default().take_over(&base, &copy, 1), None);
    }
}
