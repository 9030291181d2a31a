//! The objects of packs, with the hits that they inherit.

use super::HistoryScan;
use crate::config::Hits;
use crate::git::{Kind, Oid};
use crate::prefilter::{Copied, Doors, Hit};
use crate::source::history::fault::Fault;
use crate::source::history::objects::Packed;
use crate::source::history::pack::Entry;
use crate::source::history::walk::{Object, Visitor};
use crate::source::{Gap, Sink};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The visitor of one pack.
pub(super) struct OfPack<'v, 's, 'c> {
    pub(super) scan: &'v HistoryScan<'s, 'c>,
    pub(super) packed: &'v Packed,
    /// Of borrowed objects, those that count.
    pub(super) wanted: Option<&'v HashSet<Oid>>,
    pub(super) large: &'v Mutex<Vec<Oid>>,
    pub(super) compared: &'v Compared,
}

impl OfPack<'_, '_, '_> {
    fn name(&self, entry: Entry) -> Oid {
        Oid::from_bytes(self.packed.pack.name(entry)).expect("an index has names of a known length")
    }

    fn is_wanted(&self, entry: Entry) -> bool {
        self.wanted.is_none_or(|wanted| wanted.contains(&self.name(entry)))
    }
}

impl Visitor for OfPack<'_, '_, '_> {
    type Memo = Vec<Hit>;

    fn visit(&self, object: Object<'_>, built_on: Option<(&Vec<Hit>, &[Copied])>) -> Vec<Hit> {
        let Object { entry, kind, bytes } = object;
        let lens = &self.scan.lens;
        let mut hits = Vec::new();
        match built_on {
            Some((old, copies)) => lens.prefilter.inherit(bytes, copies, old, &mut hits),
            None => lens.prefilter.hits(bytes, &mut hits),
        }
        if self.scan.scope.hits == Hits::Checked {
            let mut looked_at = Vec::new();
            lens.prefilter.hits(bytes, &mut looked_at);
            if !self.compared.is_same(&hits, &looked_at) {
                let why = "inherited hits are not those of the whole object";
                self.scan.collector.gap(Gap::new(format!("object {}", self.name(entry)), why));
            }
        }
        if self.is_wanted(entry) {
            self.scan.count(kind, bytes.len() as u64);
            if kind == Kind::Commit {
                self.scan.commits.note(self.packed.number(entry), bytes);
            }
            let view = lens.look(kind, bytes, &hits);
            if !view.is_empty() {
                self.scan.note(self.name(entry), view);
            }
        }
        hits
    }

    fn size_of(memo: &Vec<Hit>) -> usize {
        memo.capacity() * size_of::<Hit>()
    }

    fn too_large(&self, entry: Entry, _kind: Kind) {
        if self.is_wanted(entry) {
            self.large.lock().expect("nothing panics while it holds this lock").push(self.name(entry));
        }
    }

    fn fault(&self, entry: Entry, fault: Fault) {
        if self.is_wanted(entry) {
            self.scan.collector.gap(Gap::new(format!("object {}", self.name(entry)), fault));
        }
    }

    fn is_over(&self) -> bool {
        self.scan.is_over()
    }
}

/// Counts the objects whose hits were found in both ways.
#[derive(Default)]
pub(super) struct Compared {
    objects: AtomicU64,
    different: AtomicU64,
}

impl Compared {
    fn is_same(&self, inherited: &[Hit], looked_at: &[Hit]) -> bool {
        self.objects.fetch_add(1, Ordering::Relaxed);
        let same = inherited == looked_at;
        self.different.fetch_add(u64::from(!same), Ordering::Relaxed);
        same
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (objects, different) = (self.objects.load(Ordering::Relaxed), self.different.load(Ordering::Relaxed));
        write!(f, "inherited hits compared with those of {objects} whole objects: {different} differ")
    }
}
