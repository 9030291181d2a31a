//! Makes every object of a pack once, right after the one that it is built upon.
//!
//! Delta trees are walked depth first over an explicit stack: a chain may be 4,095 deep. A base's buffer is given up
//! when the last object built upon it is made; where many wait, the oldest is dropped and made again later. Trees
//! are dealt out to all cores in batches, and once no batch is left, whoever walks a tree hands a part of it over,
//! so that one huge tree keeps all cores busy too.

use super::delta;
use super::fault::Fault;
use super::forest::Forest;
use super::pack::{Entry, HELD, Pack, inflate};
use crate::git::Kind;
use crate::prefilter::Copied;
use libdeflater::Decompressor;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of all the bases that wait for more to be built upon them, over all threads.
const WAITING: usize = 128 << 20;

/// Bytes of pack in a batch of trees: small enough to spread, large enough to be cheap.
const BATCH: u64 = 1 << 20;

/// Bytes of buffers that a thread keeps for later.
const SPARE: usize = 4 << 20;

/// An object, made.
#[derive(Debug, Clone, Copy)]
pub struct Object<'o> {
    /// Which entry of the pack it is.
    pub entry: Entry,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub bytes: &'o [u8],
}

/// Takes the objects of a pack; called from many threads at once, for each object after its base.
pub trait Visitor: Sync {
    /// What is remembered of an object until all that is built upon it has been visited.
    type Memo: Clone + Send;

    /// Are objects of this kind wanted?
    fn wants(&self, _kind: Kind) -> bool {
        true
    }

    /// Takes an object; `built_on` is what was remembered of its base, and what it shares with that. Nothing where it is
    /// stored whole, and where that was dropped.
    fn visit(&self, object: Object<'_>, built_on: Option<(&Self::Memo, &[Copied])>) -> Self::Memo;

    /// Takes an object that is too large to be held in memory, or built upon one that is.
    fn too_large(&self, entry: Entry, kind: Kind);

    /// Takes an entry that cannot be read.
    fn fault(&self, entry: Entry, fault: Fault);

    /// Bytes that a memo takes; it is dropped with the content that it speaks of where too many wait.
    fn size_of(_memo: &Self::Memo) -> usize {
        0
    }

    /// Shall the walk end early?
    fn is_over(&self) -> bool {
        false
    }
}

/// Walks all of `pack`, on the threads of the current pool.
pub fn walk<V: Visitor>(pack: &Pack, forest: &Forest, visitor: &V) {
    let roots: Vec<_> = forest.roots().iter().copied().filter(|&(_, kind)| visitor.wants(kind)).collect();
    let threads = rayon::current_num_threads();
    let walk = Walk { pack, forest, visitor, active: AtomicUsize::new(0), threads };
    rayon::scope(|scope| {
        for batch in batches(pack, &roots) {
            walk.active.fetch_add(1, Ordering::Relaxed);
            let walk = &walk;
            scope.spawn(move |scope| {
                let mut workshop = Workshop::default();
                for &(root, kind) in batch {
                    if visitor.is_over() {
                        break;
                    }
                    walk.tree(root, kind, &mut workshop, scope);
                }
                walk.active.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
}

/// Stretches of roots whose distance in the pack is about that of a batch.
fn batches<'r>(pack: &Pack, roots: &'r [(Entry, Kind)]) -> Vec<&'r [(Entry, Kind)]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, &(root, _)) in roots.iter().enumerate() {
        bytes += pack.stored_len(root);
        if bytes >= BATCH {
            batches.push(&roots[start..=at]);
            (start, bytes) = (at + 1, 0);
        }
    }
    batches.push(&roots[start..]);
    batches
}

struct Walk<'w, V> {
    pack: &'w Pack,
    forest: &'w Forest,
    visitor: &'w V,
    /// Batches and parts of trees that are not done.
    active: AtomicUsize,
    threads: usize,
}

/// What a thread works with.
#[derive(Default)]
pub(super) struct Workshop {
    inflater: Inflater,
    delta: Vec<u8>,
    copies: Vec<Copied>,
    spare: Vec<Vec<u8>>,
    spare_bytes: usize,
}

struct Inflater(Decompressor);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

impl Workshop {
    fn buffer(&mut self) -> Vec<u8> {
        let buffer = self.spare.pop().unwrap_or_default();
        self.spare_bytes -= buffer.capacity();
        buffer
    }

    fn recycle(&mut self, mut buffer: Vec<u8>) {
        if self.spare_bytes + buffer.capacity() <= SPARE {
            self.spare_bytes += buffer.capacity();
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Makes an object that is stored whole.
    fn whole(&mut self, pack: &Pack, entry: Entry) -> Result<Vec<u8>, Made> {
        let header = pack.header(entry)?;
        if header.size > HELD {
            return Err(Made::TooLarge);
        }
        let mut buffer = self.buffer();
        let len = inflate(&mut self.inflater.0, &header, &mut buffer)?.len();
        buffer.truncate(len);
        Ok(buffer)
    }

    /// Makes the object of `entry` from its base; what they share is in `self.copies` then.
    fn upon(&mut self, pack: &Pack, base: &[u8], entry: Entry) -> Result<Vec<u8>, Made> {
        let header = pack.header(entry)?;
        if header.size > HELD {
            return Err(Made::TooLarge);
        }
        let mut buffer = self.buffer();
        let delta = inflate(&mut self.inflater.0, &header, &mut self.delta)?;
        if delta::Sizes::of(delta)?.result > HELD {
            return Err(Made::TooLarge);
        }
        delta::apply(base, delta, &mut buffer, &mut self.copies)?;
        Ok(buffer)
    }

    /// Makes the object of `entry` from the root of its tree on.
    pub(super) fn object(&mut self, pack: &Pack, forest: &Forest, entry: Entry) -> Result<Vec<u8>, Made> {
        let chain = forest.chain(entry).ok_or(Fault::BaseUnreadable)?;
        let mut chain = chain.into_iter().rev();
        let root = chain.next().ok_or(Fault::BaseUnreadable)?;
        let mut bytes = self.whole(pack, root)?;
        for entry in chain {
            let made = self.upon(pack, &bytes, entry)?;
            self.recycle(std::mem::replace(&mut bytes, made));
        }
        Ok(bytes)
    }
}

/// Why an object was not made.
#[derive(Debug)]
pub(super) enum Made {
    TooLarge,
    Faulty(Fault),
}

impl From<Fault> for Made {
    fn from(fault: Fault) -> Self {
        Self::Faulty(fault)
    }
}

/// An object upon which more is to be built.
struct Frame<M> {
    entry: Entry,
    /// Nothing where it was dropped.
    bytes: Option<Vec<u8>>,
    /// Dropped with the content.
    memo: Option<M>,
    memo_size: usize,
    /// Which of its children comes next, and behind which it ends.
    next: usize,
    end: usize,
}

impl<M> Frame<M> {
    fn of(entry: Entry, bytes: Vec<u8>, memo: M, size_of: impl Fn(&M) -> usize, end: usize) -> Self {
        let memo_size = size_of(&memo);
        Self { entry, bytes: Some(bytes), memo: Some(memo), memo_size, next: 0, end }
    }

    fn held(&self) -> usize {
        self.bytes.as_ref().map_or(0, |bytes| bytes.capacity() + self.memo_size)
    }
}

impl<'w, V: Visitor> Walk<'w, V> {
    fn tree<'s>(&'s self, root: Entry, kind: Kind, workshop: &mut Workshop, scope: &rayon::Scope<'s>)
    where
        'w: 's,
    {
        let made = self.pack.verify(root).map_err(Made::from).and_then(|()| workshop.whole(self.pack, root));
        let Some(bytes) = self.accept(root, kind, made) else { return };
        let memo = self.visitor.visit(Object { entry: root, kind, bytes: &bytes }, None);
        let end = self.forest.children(root).len();
        self.branches(Frame::of(root, bytes, memo, V::size_of, end), kind, workshop, scope);
    }

    /// Walks all that is built upon `bottom`.
    fn branches<'s>(&'s self, bottom: Frame<V::Memo>, kind: Kind, workshop: &mut Workshop, scope: &rayon::Scope<'s>)
    where
        'w: 's,
    {
        let mut stack = vec![bottom];
        let mut waiting = stack[0].held();
        while let Some(mut top) = stack.pop() {
            waiting -= top.held();
            if top.next == top.end {
                workshop.recycle(top.bytes.unwrap_or_default());
                continue;
            }
            let Some(bytes) = self.bytes_of(&mut top, kind, workshop) else { continue };
            let child = self.forest.children(top.entry)[top.next];
            let made =
                self.pack.verify(child).map_err(Made::from).and_then(|()| workshop.upon(self.pack, &bytes, child));
            let made = self.accept(child, kind, made).map(|made| {
                let object = Object { entry: child, kind, bytes: &made };
                let built_on = top.memo.as_ref().map(|memo| (memo, &workshop.copies[..]));
                let memo = self.visitor.visit(object, built_on);
                let end = self.forest.children(child).len();
                Frame::of(child, made, memo, V::size_of, end)
            });
            top.next += 1;
            if top.next < top.end {
                let frame = Frame { bytes: Some(bytes), ..top };
                waiting += frame.held();
                stack.push(frame);
            } else {
                workshop.recycle(bytes);
            }
            if let Some(frame) = made {
                waiting += frame.held();
                stack.push(frame);
            }
            waiting -= drop_oldest(&mut stack, waiting, WAITING / self.threads);
            if self.active.load(Ordering::Relaxed) < self.threads {
                self.hand_over(&mut stack, kind, scope);
            }
            if self.visitor.is_over() {
                return;
            }
        }
    }

    /// The content of a frame; made again where it was dropped.
    fn bytes_of(&self, frame: &mut Frame<V::Memo>, kind: Kind, workshop: &mut Workshop) -> Option<Vec<u8>> {
        if let Some(bytes) = frame.bytes.take() {
            return Some(bytes);
        }
        let made = workshop.object(self.pack, self.forest, frame.entry);
        self.accept(frame.entry, kind, made)
    }

    /// What was made; what was not is passed on with all that is built upon it.
    fn accept(&self, entry: Entry, kind: Kind, made: Result<Vec<u8>, Made>) -> Option<Vec<u8>> {
        match made {
            Ok(bytes) => return Some(bytes),
            Err(Made::TooLarge) => {
                for entry in self.forest.descendants(entry) {
                    self.visitor.too_large(entry, kind);
                }
            }
            Err(Made::Faulty(fault)) => {
                self.visitor.fault(entry, fault);
                for entry in self.forest.descendants(entry).into_iter().skip(1) {
                    self.visitor.fault(entry, Fault::BaseUnreadable);
                }
            }
        }
        None
    }

    /// Gives half of what waits on the oldest frame to another thread.
    fn hand_over<'s>(&'s self, stack: &mut [Frame<V::Memo>], kind: Kind, scope: &rayon::Scope<'s>)
    where
        'w: 's,
    {
        let newest = stack.len().saturating_sub(1);
        let has_some = |(at, frame): &(usize, &mut Frame<V::Memo>)| frame.end - frame.next > usize::from(*at == newest);
        let Some((_, frame)) = stack.iter_mut().enumerate().find(has_some) else { return };
        let middle = frame.next + (frame.end - frame.next) / 2;
        let handed = Frame {
            entry: frame.entry,
            bytes: frame.bytes.clone(),
            memo: frame.memo.clone(),
            memo_size: frame.memo_size,
            next: middle,
            end: frame.end,
        };
        frame.end = middle;
        self.active.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |scope| {
            self.branches(handed, kind, &mut Workshop::default(), scope);
            self.active.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Drops the content of the oldest frames, never of the newest, until what waits is within `budget`; returns the bytes
/// given up.
fn drop_oldest<M>(stack: &mut [Frame<M>], waiting: usize, budget: usize) -> usize {
    let mut dropped = 0;
    let older = stack.len().saturating_sub(1);
    for frame in &mut stack[..older] {
        if waiting - dropped <= budget {
            break;
        }
        dropped += frame.held();
        (frame.bytes, frame.memo) = (None, None);
    }
    dropped
}
