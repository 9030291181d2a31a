//! Who brought it: from the objects in which something was found to commits, paths and refs.
//!
//! A credential came with the earliest commit whose tree holds it while no parent's does. All credentials are looked
//! for together: one pass over trees and commits ([`super::links`]), in which each of up to 64 groups of objects has a
//! bit, then arithmetic on a graph that is in memory.

use super::commits::{Commit, Commits};
use super::links::{Links, Missing, Names, TreeEntry};
use super::objects::{Number, Objects};
use super::paths;
use super::signature::signed;
use crate::error::Result;
use crate::finding::{Provenance, Reach, Whereabouts};
use crate::git::{Oid, Ref, Store};
use bstr::{BString, ByteSlice};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::atomic::AtomicBool;

/// Refs that a report names.
const REFS_NAMED: usize = 10;

/// The objects in which one credential was found.
pub type Group = Vec<Number>;

/// Where one credential came from.
#[derive(Debug, Clone)]
pub struct Attribution {
    /// The object that brought it.
    pub object: Number,
    /// Its path, where a tree has one.
    pub path: Option<BString>,
    /// The rest.
    pub provenance: Provenance,
}

/// The commit graph of a repository, and its names for commits.
pub struct Attributor<'a> {
    objects: &'a Objects,
    links: Links,
    /// The index of each commit in `links.commits`, by number; `NONE` for other objects.
    commit_of: Vec<u32>,
    /// The commits, parents before children, older ones first.
    order: Vec<u32>,
    refs: Vec<Tip>,
    reflogs: Vec<Tip>,
    /// The blobs in the index.
    staged: BTreeSet<Oid>,
    /// Which commits the refs reach, and which HEAD does.
    reached: Vec<bool>,
    in_head: Vec<bool>,
    head: Option<u32>,
}

const NONE: u32 = u32::MAX;

/// A name, and the commit that it means, if it means one.
struct Tip {
    name: Ref,
    commit: Option<u32>,
}

impl<'a> Attributor<'a> {
    /// Reads what refers to the objects called `found`.
    ///
    /// # Errors
    /// Where git cannot tell the refs.
    pub fn new(
        store: &Store,
        objects: &'a Objects,
        commits: Commits,
        found: &HashSet<Oid>,
        missing: Missing,
        names: Names,
        stop: &AtomicBool,
    ) -> Result<Self> {
        let links = Links::read(objects, commits, found, missing, names, stop);
        let mut commit_of = vec![NONE; objects.count() as usize];
        for (index, commit) in (0..).zip(&links.commits) {
            commit_of[commit.number as usize] = index;
        }
        let order = parents_first(&links.commits, &commit_of);
        let mut attributor = Self {
            objects,
            links,
            commit_of,
            order,
            refs: Vec::new(),
            reflogs: Vec::new(),
            staged: store.index(),
            reached: Vec::new(),
            in_head: Vec::new(),
            head: None,
        };
        let tip = |name: Ref| Tip { commit: attributor.commit_at(&name.target), name };
        let refs: Vec<Tip> = store.refs()?.into_iter().map(tip).collect();
        let reflogs = store.reflogs().into_iter().map(tip).collect();
        (attributor.refs, attributor.reflogs) = (refs, reflogs);
        let tips: Vec<u32> = attributor.refs.iter().filter_map(|tip| tip.commit).collect();
        attributor.reached = attributor.ancestors(&tips);
        attributor.head = store.head()?.and_then(|head| attributor.commit_at(&head));
        attributor.in_head = attributor.ancestors(attributor.head.as_slice());
        Ok(attributor)
    }

    /// What was read.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// All paths at which each of these objects ever stood; only for one that was made to know names.
    #[must_use]
    pub fn paths(&self, found: &HashSet<Number>) -> HashMap<Number, BTreeSet<BString>> {
        paths::all(&self.links, found, self.objects.count() as usize)
    }

    /// Where each of `groups` came from; nothing of an empty one.
    #[must_use]
    pub fn attribute(&self, groups: &[Group]) -> Vec<Option<Attribution>> {
        groups.chunks(64).flat_map(|chunk| self.attribute_chunk(chunk)).collect()
    }

    fn attribute_chunk(&self, groups: &[Group]) -> Vec<Option<Attribution>> {
        let mut marks = vec![0_u64; self.objects.count() as usize];
        for (bit, group) in groups.iter().enumerate() {
            for &object in group {
                marks[object as usize] |= 1 << bit;
            }
        }
        let own = marks.clone();
        self.links.spread(&mut marks);
        let of_commit =
            |commit: &Commit| marks[commit.number as usize] | commit.tree.map_or(0, |tree| marks[tree as usize]);
        let commits: Vec<u64> = self.links.commits.iter().map(of_commit).collect();
        let mut sight = Sight { of: self, own, marks, commits, removed: [None; 64] };
        sight.removed = sight.removed();
        let brought = sight.brought();
        let descends = sight.descends(&brought);
        groups
            .iter()
            .enumerate()
            .map(|(bit, group)| match brought[bit] {
                Some(commit) => sight.by_commit(bit, group, commit, &descends),
                None => sight.by_name(bit, group),
            })
            .collect()
    }

    /// The commit that a name means, through annotated tags.
    fn commit_at(&self, name: &Oid) -> Option<u32> {
        let object = *self.peeled(self.objects.find(name.as_bytes())?).last()?;
        Some(self.commit_of[object as usize]).filter(|&commit| commit != NONE)
    }

    /// An object and, if it is an annotated tag, what that is of.
    fn peeled(&self, object: Number) -> Vec<Number> {
        let mut objects = vec![object];
        while let Some(target) = self.links.tags.get(&objects[objects.len() - 1]) {
            if objects.contains(target) {
                break;
            }
            objects.push(*target);
        }
        objects
    }

    fn ancestors(&self, tips: &[u32]) -> Vec<bool> {
        let mut seen = vec![false; self.links.commits.len()];
        let mut pending = tips.to_vec();
        while let Some(commit) = pending.pop() {
            if !std::mem::replace(&mut seen[commit as usize], true) {
                pending.extend(self.parents(commit));
            }
        }
        seen
    }

    fn parents(&self, commit: u32) -> impl Iterator<Item = u32> + '_ {
        parents_of(&self.links.commits[commit as usize], &self.commit_of)
    }
}

fn parents_of<'c>(commit: &'c Commit, commit_of: &'c [u32]) -> impl Iterator<Item = u32> + 'c {
    commit.parents.iter().map(|&parent| commit_of[parent as usize]).filter(|&parent| parent != NONE)
}

/// The commits in an order in which parents come before their children and, among those that could come next, the older
/// first.
fn parents_first(commits: &[Commit], commit_of: &[u32]) -> Vec<u32> {
    let mut waiting_for: Vec<usize> = commits.iter().map(|commit| parents_of(commit, commit_of).count()).collect();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); commits.len()];
    for (index, commit) in (0..).zip(commits) {
        for parent in parents_of(commit, commit_of) {
            children[parent as usize].push(index);
        }
    }
    let key = |index: u32| Reverse((commits[index as usize].time, commits[index as usize].number, index));
    let mut ready: BinaryHeap<_> =
        (0..).zip(&waiting_for).filter(|(_, count)| **count == 0).map(|(index, _)| key(index)).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse((_, _, index))) = ready.pop() {
        order.push(index);
        for &child in &children[index as usize] {
            waiting_for[child as usize] -= 1;
            if waiting_for[child as usize] == 0 {
                ready.push(key(child));
            }
        }
    }
    order
}

/// What one chunk of groups marks: a bit for each.
struct Sight<'s> {
    of: &'s Attributor<'s>,
    /// The objects of the groups.
    own: Vec<u64>,
    /// These and all trees that hold them.
    marks: Vec<u64>,
    /// What each commit holds.
    commits: Vec<u64>,
    /// The commits that took the groups out of HEAD.
    removed: [Option<u32>; 64],
}

/// Notes `commit` for those groups that are in `bits` and have none yet.
fn note(bits: u64, commit: u32, noted: &mut [Option<u32>; 64]) {
    let mut left = bits;
    while left != 0 {
        noted[left.trailing_zeros() as usize].get_or_insert(commit);
        left &= left - 1;
    }
}

impl Sight<'_> {
    /// For each group the earliest commit that holds what no parent of it does; one that refs reach, if there is any.
    fn brought(&self) -> [Option<u32>; 64] {
        let (mut reached, mut any) = ([None; 64], [None; 64]);
        for &commit in &self.of.order {
            let held = self.of.parents(commit).fold(0, |bits, parent| bits | self.commits[parent as usize]);
            let brought = self.commits[commit as usize] & !held;
            note(brought, commit, &mut any);
            if self.of.reached[commit as usize] {
                note(brought, commit, &mut reached);
            }
        }
        std::array::from_fn(|bit| reached[bit].or(any[bit]))
    }

    /// For each group the latest commit in HEAD that has it no more, though all its parents had. A merge that takes the
    /// side without it counts only where no commit of that side removed it.
    fn removed(&self) -> [Option<u32>; 64] {
        let (mut by_commit, mut by_merge) = ([None; 64], [None; 64]);
        for &commit in self.of.order.iter().rev().filter(|&&commit| self.of.in_head[commit as usize]) {
            let gone = !self.commits[commit as usize];
            let parents = || self.of.parents(commit).map(|parent| self.commits[parent as usize]);
            let one_held = parents().fold(0, |bits, parent| bits | parent);
            let all_held = parents().fold(one_held, |bits, parent| bits & parent);
            note(gone & all_held, commit, &mut by_commit);
            note(gone & one_held, commit, &mut by_merge);
        }
        std::array::from_fn(|bit| by_commit[bit].or(by_merge[bit]))
    }

    /// For each commit, the bits of those groups that it, or one before it, brought.
    fn descends(&self, brought: &[Option<u32>; 64]) -> Vec<u64> {
        let mut descends = vec![0_u64; self.of.links.commits.len()];
        for (bit, commit) in brought.iter().enumerate() {
            if let Some(commit) = commit {
                descends[*commit as usize] |= 1 << bit;
            }
        }
        for &commit in &self.of.order {
            let inherited = self.of.parents(commit).fold(0, |bits, parent| bits | descends[parent as usize]);
            descends[commit as usize] |= inherited;
        }
        descends
    }

    fn by_commit(&self, bit: usize, group: &Group, commit: u32, descends: &[u64]) -> Option<Attribution> {
        let links = &self.of.links.commits[commit as usize];
        let in_message = self.own[links.number as usize] >> bit & 1 == 1;
        let found =
            if in_message { Some((links.number, None)) } else { links.tree.and_then(|tree| self.descend(tree, bit)) };
        let (object, path) = found.or_else(|| Some((*group.first()?, None)))?;
        let holds = |tip: &Tip| tip.commit.is_some_and(|commit| descends[commit as usize] >> bit & 1 == 1);
        let names = self.names(holds);
        let reach = if names.0 == 0 {
            Reach::Unreachable { held_by: self.held_by(group, holds) }
        } else {
            Reach::Refs { count: names.0, first: names.1, head: self.in_head(bit, commit, in_message) }
        };
        let mut provenance = self.signed(links.number, b"author ");
        provenance.reach = Some(reach);
        Some(Attribution { object, path, provenance })
    }

    fn in_head(&self, bit: usize, commit: u32, in_message: bool) -> Whereabouts {
        let Some(head) = self.of.head else { return Whereabouts::NeverInHead };
        if in_message && self.of.in_head[commit as usize] || self.commits[head as usize] >> bit & 1 == 1 {
            return Whereabouts::InHead;
        }
        self.removed[bit].map_or(Whereabouts::NeverInHead, |commit| {
            Whereabouts::RemovedBy(self.of.objects.name(self.of.links.commits[commit as usize].number).to_string())
        })
    }

    /// What no commit holds: tags of blobs and of trees, messages of tags, what only the index knows, and what nothing
    /// refers to any more.
    fn by_name(&self, bit: usize, group: &Group) -> Option<Attribution> {
        let marked = |object: Number, marks: &[u64]| marks[object as usize] >> bit & 1 == 1;
        let peeled = |tip: &Tip| {
            self.of.objects.find(tip.name.target.as_bytes()).map_or_else(Vec::new, |object| self.of.peeled(object))
        };
        let holds = |tip: &Tip| peeled(tip).iter().any(|&object| marked(object, &self.marks));
        let (count, first) = self.names(holds);
        let objects = self.of.refs.iter().find(|tip| holds(tip)).map(peeled);
        let held = objects.iter().flatten().find(|&&object| marked(object, &self.marks));
        let found = held.map(|&object| {
            if marked(object, &self.own) { (object, None) } else { self.descend(object, bit).unwrap_or((object, None)) }
        });
        let (object, path) = found.or_else(|| Some((*group.first()?, None)))?;
        let mut provenance = objects.map_or_else(Provenance::default, |objects| Provenance {
            commit: None,
            ..self.signed(objects[0], b"tagger ")
        });
        provenance.reach = Some(if count > 0 {
            Reach::Refs { count, first, head: Whereabouts::NeverInHead }
        } else {
            Reach::Unreachable { held_by: self.held_by(group, |_| false) }
        });
        Some(Attribution { object, path, provenance })
    }

    /// The first path below `tree` that leads to an object of the group.
    fn descend(&self, tree: Number, bit: usize) -> Option<(Number, Option<BString>)> {
        let mut path = BString::default();
        let mut at = tree;
        // A name is not held against its content, so a tree may claim to lie in itself.
        let mut passed = HashSet::new();
        while passed.insert(at) {
            let bytes = self.of.objects.read(at).ok()?;
            let marked = |marks: &[u64], entry: &TreeEntry<'_>| {
                self.of.objects.find(entry.id).filter(|&number| marks[number as usize] >> bit & 1 == 1)
            };
            // The name of something in the tree may be what was found.
            if self.own[at as usize] >> bit & 1 == 1 {
                return Some((at, Some(path)));
            }
            let (entry, number) = TreeEntry::all(&bytes, self.of.objects.hash_len())
                .filter(|entry| !entry.is_submodule())
                .find_map(|entry| marked(&self.marks, &entry).map(|number| (entry, number)))?;
            path.extend_from_slice(entry.name);
            if !entry.is_tree() {
                return Some((number, Some(path)));
            }
            path.push(b'/');
            at = number;
        }
        None
    }

    /// How many refs hold it, and the first of their names. HEAD counts where it names no branch.
    fn names(&self, holds: impl Fn(&Tip) -> bool) -> (usize, Vec<String>) {
        let is_branch = |tip: &Tip| tip.name.name.starts_with(b"refs/heads/");
        let is_detached = |head: &Tip| !self.of.refs.iter().any(|tip| is_branch(tip) && tip.commit == head.commit);
        let counts = |tip: &&Tip| tip.name.name != "HEAD" || is_detached(tip);
        let names: Vec<&Tip> = self.of.refs.iter().filter(|tip| holds(tip)).filter(counts).collect();
        (names.len(), names.iter().take(REFS_NAMED).map(|tip| short_name(&tip.name.name)).collect())
    }

    /// What still holds an object that no ref reaches: an entry of a reflog, or the index.
    fn held_by(&self, group: &Group, holds: impl Fn(&Tip) -> bool) -> Option<String> {
        let entry = self.of.reflogs.iter().find(|tip| holds(tip)).map(|tip| tip.name.name.to_string());
        let staged = || group.iter().any(|&object| self.of.staged.contains(&self.of.objects.name(object)));
        entry.or_else(|| staged().then(|| "the index".to_owned()))
    }

    /// Who signed a commit or tag, when, and its first line.
    fn signed(&self, object: Number, role: &[u8]) -> Provenance {
        let bytes = self.of.objects.read(object).unwrap_or_default();
        signed(&self.of.objects.name(object), &bytes, role)
    }
}

/// `main` for `refs/heads/main`; `v1` for `refs/tags/v1`; `origin/main`; `notes/commits`.
fn short_name(name: &[u8]) -> String {
    let prefixes: [&[u8]; 4] = [b"refs/heads/", b"refs/tags/", b"refs/remotes/", b"refs/"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(*prefix)).unwrap_or(name).to_str_lossy().into_owned()
}
