//! The delta trees of a pack: which entry is built upon which.
//!
//! Every entry that is stored whole is the root of a tree. The trees are linked from the headers alone, before
//! anything is inflated, so that each entry can be made right after its base, while that is still in the cache.

use super::fault::Fault;
use super::pack::{Entry, Pack, Stored, Stretches};
use crate::git::Kind;

/// Stands for "no base".
const NONE: u32 = u32::MAX;

/// All entries of a pack, linked.
#[derive(Debug)]
pub struct Forest {
    roots: Vec<(Entry, Kind)>,
    /// The base of each entry.
    bases: Vec<Entry>,
    /// Where in `children` those of each entry begin; one more than there are entries.
    firsts: Vec<u32>,
    children: Vec<Entry>,
    /// Entries that cannot be linked, and why.
    broken: Vec<(Entry, Fault)>,
}

impl Forest {
    /// Links the entries of `pack`.
    #[must_use]
    pub fn of(pack: &Pack) -> Self {
        let (mut roots, mut broken) = (Vec::new(), Vec::new());
        let mut bases = vec![NONE; pack.len() as usize];
        let stretches = Stretches::of(pack);
        for entry in 0..pack.len() {
            match base_of(pack, &stretches, entry) {
                Ok(Base::None(kind)) => roots.push((entry, kind)),
                Ok(Base::Entry(base)) => bases[entry as usize] = base,
                Err(fault) => broken.push((entry, fault)),
            }
        }
        let (firsts, children) = children_of(&bases);
        Self { roots, bases, firsts, children, broken }
    }

    /// The entries that are stored whole, in the order of their offsets.
    #[must_use]
    pub fn roots(&self) -> &[(Entry, Kind)] {
        &self.roots
    }

    /// What is built upon `entry`, in the order of offsets.
    #[must_use]
    pub fn children(&self, entry: Entry) -> &[Entry] {
        &self.children[self.firsts[entry as usize] as usize..self.firsts[entry as usize + 1] as usize]
    }

    /// The base of `entry`.
    #[must_use]
    pub fn base(&self, entry: Entry) -> Option<Entry> {
        Some(self.bases[entry as usize]).filter(|&base| base != NONE)
    }

    /// `entry` and all that it is built upon, the root last; nothing where that leads to no root.
    #[must_use]
    pub fn chain(&self, entry: Entry) -> Option<Vec<Entry>> {
        let mut chain = vec![entry];
        while let Some(base) = self.base(chain[chain.len() - 1]) {
            if chain.len() > self.bases.len() {
                return None;
            }
            chain.push(base);
        }
        let root = chain[chain.len() - 1];
        self.roots.binary_search_by_key(&root, |&(root, _)| root).is_ok().then_some(chain)
    }

    /// The kind of `entry`: that of the root of its tree.
    #[must_use]
    pub fn kind(&self, entry: Entry) -> Option<Kind> {
        let root = self.chain(entry)?.pop()?;
        let at = self.roots.binary_search_by_key(&root, |&(root, _)| root).ok()?;
        Some(self.roots[at].1)
    }

    /// `entry` and all that is built upon it.
    #[must_use]
    pub fn descendants(&self, entry: Entry) -> Vec<Entry> {
        let mut found = vec![entry];
        let mut at = 0;
        while at < found.len() {
            found.extend_from_slice(self.children(found[at]));
            at += 1;
        }
        found
    }

    /// The entries that no walk from the roots reaches, and why: a damaged header, a missing base, a cycle, or a base
    /// of which one of these is true.
    #[must_use]
    pub fn unreachable(&self) -> Vec<(Entry, Fault)> {
        // Nearly every pack: bases stand before what is built upon them, so each chain ends at a root.
        let stands_before = |(entry, &base): (Entry, &Entry)| base == NONE || base < entry;
        if self.broken.is_empty() && (0..).zip(&self.bases).all(stands_before) {
            return Vec::new();
        }
        let mut seen = vec![false; self.bases.len()];
        let mut unreachable = self.broken.clone();
        for &(root, _) in &self.roots {
            self.mark(root, &mut seen);
        }
        for (entry, _) in &self.broken {
            let first = unreachable.len();
            unreachable
                .extend(self.descendants(*entry).into_iter().skip(1).map(|entry| (entry, Fault::BaseUnreadable)));
            seen[*entry as usize] = true;
            for (entry, _) in &unreachable[first..] {
                seen[*entry as usize] = true;
            }
        }
        let rest = (0_u32..).zip(&seen).filter(|(_, seen)| !**seen);
        unreachable.extend(rest.map(|(entry, _)| (entry, Fault::Cycle)));
        unreachable
    }

    fn mark(&self, root: Entry, seen: &mut [bool]) {
        let mut pending = vec![root];
        while let Some(entry) = pending.pop() {
            seen[entry as usize] = true;
            pending.extend_from_slice(self.children(entry));
        }
    }
}

enum Base {
    None(Kind),
    Entry(Entry),
}

fn base_of(pack: &Pack, stretches: &Stretches<'_>, entry: Entry) -> Result<Base, Fault> {
    match pack.header(entry)?.stored {
        Stored::Whole(kind) => Ok(Base::None(kind)),
        Stored::DeltaAt(offset) => {
            stretches.at(offset).map(Base::Entry).ok_or_else(|| Fault::NoBase(format!("what should start at {offset}")))
        }
        Stored::DeltaTo(name) => {
            let position = pack.index().find(name);
            let offset = position.and_then(|position| pack.index().offset(position).ok());
            let base = offset.and_then(|offset| pack.at(offset));
            base.map(Base::Entry).ok_or_else(|| {
                Fault::NoBase(crate::git::Oid::from_bytes(name).map_or_else(String::new, |name| name.to_string()))
            })
        }
    }
}

/// The children of every entry, sorted by entry: where each one's begin, and all of them.
fn children_of(bases: &[Entry]) -> (Vec<u32>, Vec<Entry>) {
    let mut firsts = vec![0_u32; bases.len() + 1];
    for &base in bases.iter().filter(|&&base| base != NONE) {
        firsts[base as usize + 1] += 1;
    }
    for at in 1..firsts.len() {
        firsts[at] += firsts[at - 1];
    }
    let mut next = firsts.clone();
    let mut children = vec![0; firsts[bases.len()] as usize];
    for (entry, &base) in (0_u32..).zip(bases).filter(|(_, base)| **base != NONE) {
        let place = &mut next[base as usize];
        children[*place as usize] = entry;
        *place += 1;
    }
    (firsts, children)
}
