//! Which commits some objects reach and others do not.
//!
//! Commits are taken newest first, and what the others reach is marked on the way; it is over once nothing is left that
//! is not marked, and nothing newer than what was kept could still mark it. Clocks that go wrong can make that too
//! early: then commits are examined that were known, and nothing is lost. Whatever is not commits and tags of them
//! is git's to tell.

use super::commits::{Links, links};
use super::signature::Signature;
use super::single::Single;
use crate::git::{Kind, Oid};
use bstr::ByteSlice;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Marked commits that are still followed once nothing else is left, for clocks that differ a little. As git does it:
/// `SLOP` in revision.c.
const SLOP: usize = 5;

/// Parents above which a commit is git's to compare: nobody merges so many, but for harm.
const MANY_PARENTS: usize = 16;

/// What is reached.
#[derive(Debug, Default)]
pub struct Ancestry {
    /// Commits with their content, parents before children.
    pub commits: Vec<Commit>,
    /// Annotated tags with their content.
    pub tags: Vec<(Oid, Vec<u8>)>,
}

/// A commit.
#[derive(Debug)]
pub struct Commit {
    /// Its name.
    pub name: Oid,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What it refers to.
    pub links: Links,
}

struct Node {
    commit: Commit,
    time: i64,
    known: bool,
    queued: bool,
    /// Is it among those that wait?
    waiting: bool,
}

impl Ancestry {
    /// What `wanted` reach and `known` do not; nothing if that is more than `most` commits, or not for us to tell.
    pub fn find(objects: &mut Single<'_>, wanted: &[Oid], known: &[Oid], most: usize) -> Option<Self> {
        let mut walk = Walk { objects, nodes: HashMap::new(), waiting: BinaryHeap::new(), open: 0 };
        let mut found = Self::default();
        for name in known {
            // Of what is known, a tag of a file leaves out nothing, and what is not here neither.
            if let Some(commit) = walk.peel(*name, &mut Vec::new()) {
                walk.add(commit, true)?;
            }
        }
        let mut tips = Vec::new();
        for name in wanted {
            let commit = walk.peel(*name, &mut found.tags)?;
            walk.add(commit, false)?;
            tips.push(commit);
        }
        walk.run(most)?;
        found.commits = walk.in_order(tips);
        Some(found)
    }
}

struct Walk<'w, 'l> {
    objects: &'w mut Single<'l>,
    nodes: HashMap<Oid, Node>,
    waiting: BinaryHeap<(i64, Oid)>,
    /// How many of those that wait are not known.
    open: usize,
}

impl Walk<'_, '_> {
    /// The commit that a tag is of, through tags of tags, which are noted.
    fn peel(&mut self, name: Oid, tags: &mut Vec<(Oid, Vec<u8>)>) -> Option<Oid> {
        let mut name = name;
        loop {
            if self.nodes.contains_key(&name) {
                return Some(name);
            }
            let (kind, bytes) = self.objects.read(&name).ok()??;
            match kind {
                Kind::Commit => {
                    self.insert(name, bytes);
                    return Some(name);
                }
                Kind::Tag => {
                    let target = bytes.lines().next()?.strip_prefix(b"object ").and_then(Oid::from_hex)?;
                    tags.push((name, bytes));
                    name = target;
                }
                Kind::Tree | Kind::Blob => return None,
            }
        }
    }

    fn insert(&mut self, name: Oid, bytes: Vec<u8>) {
        let committer = bytes.lines().find_map(|line| line.strip_prefix(b"committer "));
        let time = committer.and_then(Signature::parse).map_or(0, |signature| signature.time);
        let links = links(&bytes);
        self.nodes.insert(
            name,
            Node { commit: Commit { name, bytes, links }, time, known: false, queued: false, waiting: false },
        );
    }

    /// Lets a commit wait for its turn, or marks it.
    fn add(&mut self, name: Oid, known: bool) -> Option<()> {
        if !self.nodes.contains_key(&name) {
            let (kind, bytes) = self.objects.read(&name).ok()??;
            if kind != Kind::Commit {
                return None;
            }
            self.insert(name, bytes);
        }
        let node = self.nodes.get_mut(&name)?;
        if !node.queued {
            node.queued = true;
            node.waiting = true;
            node.known = known;
            self.open += usize::from(!known);
            self.waiting.push((node.time, name));
        } else if known {
            self.mark(name);
        }
        Some(())
    }

    /// Marks a commit that was queued already, and all above it that were seen.
    fn mark(&mut self, name: Oid) {
        let mut names = vec![name];
        while let Some(name) = names.pop() {
            let Some(node) = self.nodes.get_mut(&name).filter(|node| node.queued && !node.known) else { continue };
            node.known = true;
            self.open -= usize::from(node.waiting);
            names.extend_from_slice(&node.commit.links.parents);
        }
    }

    fn run(&mut self, most: usize) -> Option<()> {
        let (mut oldest, mut kept, mut slop) = (i64::MAX, 0, SLOP);
        while let Some((time, name)) = self.waiting.pop() {
            let node = self.nodes.get_mut(&name)?;
            node.waiting = false;
            let (known, parents) = (node.known, node.commit.links.parents.clone());
            if known {
                if self.open == 0 && time < oldest {
                    slop -= 1;
                }
            } else {
                self.open -= 1;
                oldest = oldest.min(time);
                kept += 1;
            }
            if slop == 0 {
                break;
            }
            if kept > most || !known && parents.len() > MANY_PARENTS {
                return None;
            }
            for parent in parents {
                self.add(parent, known)?;
            }
        }
        Some(())
    }

    /// What is not marked, parents before children.
    fn in_order(mut self, tips: Vec<Oid>) -> Vec<Commit> {
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        let mut stack: Vec<(Oid, bool)> = tips.into_iter().rev().map(|tip| (tip, false)).collect();
        while let Some((name, is_done)) = stack.pop() {
            if is_done {
                order.push(name);
                continue;
            }
            if self.nodes.get(&name).is_none_or(|node| node.known) || !seen.insert(name) {
                continue;
            }
            stack.push((name, true));
            let parents = &self.nodes[&name].commit.links.parents;
            stack.extend(parents.iter().rev().map(|parent| (*parent, false)));
        }
        order.into_iter().filter_map(|name| self.nodes.remove(&name)).map(|node| node.commit).collect()
    }
}
