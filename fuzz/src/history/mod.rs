//! The law of `fuzz_targets/history.rs`: every entry of a pack is reported once, whatever the pack is like, and what
//! is made of it, and the hits that it inherits, are those of a slow reconstruction that shares no code with the engine.
//!
//! [`input`] takes an input for a pack and its index, [`entries`] from a small language and [`real`] from a pack as
//! git writes it; [`files`] stores them; [`resolve`] is the slow reconstruction. This file walks and compares. Where
//! the objects of a repository are looked up, and who wrote what, is not touched: only packs, indexes, delta trees,
//! deltas and the walk.

mod entries;
mod files;
mod input;
mod real;
mod resolve;

use crate::PREFILTER;
use keyward::git::Kind;
use keyward::prefilter::{Copied, Doors, Hit};
use keyward::source::history::fault::Fault;
use keyward::source::history::forest::Forest;
use keyward::source::history::links::TreeEntry;
use keyward::source::history::pack::{Entry, HELD, Pack};
use keyward::source::history::walk::{Object, Visitor, walk};
use rayon::{ThreadPool, ThreadPoolBuilder};
use resolve::{Made, Outcome};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a name.
const NAME_LEN: usize = 20;

/// Bytes of objects from which on a walk of [`MANY`] is worth its time.
const LARGE: usize = 384 << 10;

/// What a pack had in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walked {
    /// Objects that were made.
    pub visited: usize,
    /// Those of them that are stored as deltas.
    pub deltas: usize,
    /// Entries that are too large to be held.
    pub large: usize,
    /// Entries that cannot be read.
    pub faulty: usize,
    /// Hits in all objects.
    pub hits: usize,
    /// Those of them that lie in what an object shares with its base.
    pub inherited: usize,
}

/// This thread makes everything in order; two hand parts of trees over.
static FEW: LazyLock<[ThreadPool; 2]> = LazyLock::new(|| [built(pool(1).use_current_thread()), built(pool(2))]);

/// The threads share a budget for waiting bases: among so many, each has a quarter of a megabyte, and bases are dropped and
/// made again. Such a walk takes a tenth of a second, so an input has to ask for it.
static MANY: LazyLock<ThreadPool> = LazyLock::new(|| built(pool(512)));

fn pool(threads: usize) -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().num_threads(threads)
}

fn built(pool: ThreadPoolBuilder) -> ThreadPool {
    pool.build().expect("threads can be had, and this one is in no other pool")
}

/// Holds the law for one input; nothing where the input is put aside because its objects are too large together.
///
/// # Panics
/// If it is broken.
pub fn hold(input: &[u8]) -> Option<Walked> {
    let stored = input::take(input);
    let outcomes = resolve::all(&stored)?;
    let Some(pack) = files::open(&stored) else {
        return Some(Walked::default());
    };
    assert_eq!(pack.len() as usize, stored.places.len(), "the index lost an entry");
    for (entry, place) in (0..).zip(&stored.places) {
        assert_eq!(pack.name(entry), place.name, "entry {entry} has another name");
        assert_eq!(pack.index().find(&place.name), Some(pack.position(entry)), "entry {entry} is not found by name");
    }
    let objection = pack.objection();
    assert!(stored.is_damaged || objection.is_none(), "a sound pack is objected to: {objection:?}");

    let forest = Forest::of(&pack);
    let unreachable = forest.unreachable();
    let walk_in = |threads: &ThreadPool| {
        let seen = threads.install(|| Seen::of(&pack, &forest, &outcomes));
        seen.compare(&unreachable);
        seen
    };
    let [one, two] = &*FEW;
    walk_in(one);
    let seen = walk_in(two);
    let bytes: usize = outcomes.iter().filter_map(Outcome::made).map(|made| made.bytes.len()).sum();
    if stored.for_many && bytes >= LARGE {
        walk_in(&MANY);
    }
    Some(seen.walked(unreachable.len()))
}

/// A visitor that compares what it is given with what was to be expected.
struct Seen<'s> {
    forest: &'s Forest,
    outcomes: &'s [Outcome],
    /// How often each entry was reported as what.
    visited: Vec<AtomicUsize>,
    large: Vec<AtomicUsize>,
    faulty: Vec<AtomicUsize>,
    inherited: AtomicUsize,
}

/// An object and its hits.
#[derive(Clone)]
struct Memo {
    entry: Entry,
    hits: Vec<Hit>,
}

impl<'s> Seen<'s> {
    /// After a walk over all of `pack`.
    fn of(pack: &Pack, forest: &'s Forest, outcomes: &'s [Outcome]) -> Self {
        let counts = || outcomes.iter().map(|_| AtomicUsize::new(0)).collect();
        let (visited, large, faulty) = (counts(), counts(), counts());
        let seen = Self { forest, outcomes, visited, large, faulty, inherited: AtomicUsize::new(0) };
        walk(pack, forest, &seen);
        seen
    }

    /// Was every entry reported once, as what it is?
    fn compare(&self, unreachable: &[(Entry, Fault)]) {
        let mut unlinked = vec![0; self.outcomes.len()];
        for (entry, _) in unreachable {
            unlinked[*entry as usize] += 1;
        }
        for (at, (entry, outcome)) in (0..).zip(self.outcomes).enumerate() {
            let [visited, large, faulty] =
                [&self.visited, &self.large, &self.faulty].map(|counts| counts[at].load(Ordering::Relaxed));
            let reported = (visited, large, faulty + unlinked[at]);
            let expected = match outcome {
                Outcome::Made(_) => (1, 0, 0),
                Outcome::Large => (0, 1, 0),
                Outcome::Broken(_) => (0, 0, 1),
            };
            assert_eq!(reported, expected, "entry {entry}, (visited, large, faulty), should be {outcome:?}");
            let chain = self.forest.chain(entry);
            assert_eq!(chain.is_none(), unlinked[at] > 0, "entry {entry} has the chain {chain:?}");
        }
    }

    fn walked(&self, unlinked: usize) -> Walked {
        let sum = |counts: &[AtomicUsize]| counts.iter().map(|count| count.load(Ordering::Relaxed)).sum::<usize>();
        let made = || self.outcomes.iter().filter_map(Outcome::made);
        Walked {
            visited: sum(&self.visited),
            deltas: made().filter(|made| made.base.is_some()).count(),
            large: sum(&self.large),
            faulty: sum(&self.faulty) + unlinked,
            hits: made().map(|made| made.hits.len()).sum(),
            inherited: self.inherited.load(Ordering::Relaxed),
        }
    }

    fn expected(&self, entry: Entry) -> &'s Made {
        let outcome = &self.outcomes[entry as usize];
        outcome.made().unwrap_or_else(|| panic!("entry {entry} was visited, but is {outcome:?}"))
    }

    /// The hits of an object by way of its base's.
    fn inherit(&self, made: &Made, (memo, copies): (&Memo, &[Copied])) -> Vec<Hit> {
        let base = self.expected(memo.entry);
        let mut behind = 0;
        for copy in copies {
            assert!(behind <= copy.to, "copies are not in order: {copies:?}");
            behind = copy.to + copy.len;
            let shared = &base.bytes[copy.from..copy.from + copy.len];
            assert!(&made.bytes[copy.to..behind] == shared, "{copy:?} is not shared");
        }
        let are_one =
            |pair: &[Copied]| pair[0].to + pair[0].len == pair[1].to && pair[0].from + pair[0].len == pair[1].from;
        assert!(!copies.windows(2).any(are_one), "neighbouring copies are two: {copies:?}");

        let mut hits = Vec::new();
        PREFILTER.inherit(&made.bytes, copies, &memo.hits, &mut hits);
        let is_copied = |hit: &&Hit| copies.iter().any(|copy| (copy.to..copy.to + copy.len).contains(&hit.at));
        self.inherited.fetch_add(hits.iter().filter(is_copied).count(), Ordering::Relaxed);
        hits
    }
}

impl Visitor for Seen<'_> {
    type Memo = Memo;

    fn visit(&self, object: Object<'_>, built_on: Option<(&Memo, &[Copied])>) -> Memo {
        let Object { entry, kind, bytes } = object;
        self.visited[entry as usize].fetch_add(1, Ordering::Relaxed);
        let made = self.expected(entry);
        assert_eq!(kind, made.kind, "entry {entry} is of another kind");
        assert!(bytes == made.bytes, "entry {entry} has other content");
        assert!(bytes.len() as u64 <= HELD, "entry {entry} is too large to be held");
        // What was remembered of a base may have been dropped, with the base, for want of room.
        if let Some((memo, _)) = built_on {
            assert_eq!(Some(memo.entry as usize), made.base, "entry {entry} is built upon another");
        }
        let hits = match built_on {
            Some(base) => self.inherit(made, base),
            None => looked_for(bytes),
        };
        assert_eq!(hits, made.hits, "entry {entry} has other hits");
        if kind == Kind::Tree {
            read_tree(bytes);
        }
        Memo { entry, hits }
    }

    fn too_large(&self, entry: Entry, _kind: Kind) {
        self.large[entry as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn fault(&self, entry: Entry, _fault: Fault) {
        self.faulty[entry as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// The hits in all of `text`.
fn looked_for(text: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    PREFILTER.hits(text, &mut hits);
    hits
}

/// The entries of a tree follow each other without gaps and hold what they say.
fn read_tree(tree: &[u8]) {
    let mut start = 0;
    for entry in TreeEntry::all(tree, NAME_LEN) {
        let name_end = entry.name_at + entry.name.len();
        assert!(start < entry.name_at && entry.end == name_end + 1 + NAME_LEN && entry.end <= tree.len(), "{entry:?}");
        assert!(tree[entry.name_at - 1] == b' ' && tree[name_end] == 0, "{entry:?} has other ends");
        assert!(
            tree[entry.name_at..name_end] == *entry.name && tree[name_end + 1..entry.end] == *entry.id,
            "{entry:?}"
        );
        assert!(!(entry.is_tree() && entry.is_submodule()), "{entry:?} is two things");
        start = entry.end;
    }
}
