//! Makes every object of a pack once, right after the one that it is built upon.
//!
//! Delta trees are walked depth first over an explicit stack: a chain may be 4,095 deep. A base's buffer is given up
//! when the last object built upon it is made; where many wait, the oldest is dropped and made again later. Trees
//! are dealt out to all cores in batches, and once no batch is left, whoever walks a tree hands a part of it over,
//! so that one huge tree keeps all cores busy too.

use super::delta;
use super::fault::Fault;
use super::forest::Forest;
use super::pack::{Entry, HELD, Header, Pack, inflate};
use crate::git::Kind;
use crate::prefilter::Copied;
use libdeflater::Decompressor;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of all the bases that wait for more to be built upon them, over all threads.
const WAITING: usize = 128 << 20;

/// Bytes of pack in a batch of trees: small enough to spread, large enough to be cheap.
const BATCH: u64 = 1 << 20;

/// Bytes of buffers that all threads keep for later: a chain of large objects needs as many at once, and what goes back to
/// the system comes back as page faults (aws-cli: a tenth of the floor).
const SPARE: usize = 32 << 20;

/// The same of a workshop by itself.
const SPARE_ALONE: usize = 4 << 20;

/// Of the buffers that it keeps, how many are tried, the last one first.
const TRIED: usize = 8;

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
    let walk = Walk { pack, forest, visitor, active: AtomicUsize::new(0), threads, idle: Mutex::default() };
    rayon::scope(|scope| {
        for batch in batches(pack, &roots) {
            walk.active.fetch_add(1, Ordering::Relaxed);
            let walk = &walk;
            scope.spawn(move |scope| {
                let mut workshop = walk.workshop();
                for &(root, kind) in batch {
                    if visitor.is_over() {
                        break;
                    }
                    walk.tree(root, kind, &mut workshop, scope);
                }
                walk.leave(workshop);
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
    /// Workshops that nobody works in: a batch goes on with the buffers of the one before.
    idle: Mutex<Vec<Workshop>>,
}

/// What a thread works with.
pub(super) struct Workshop {
    inflater: Inflater,
    delta: Vec<u8>,
    copies: Vec<Copied>,
    spare: Vec<Vec<u8>>,
    spare_bytes: usize,
    /// The most that `spare_bytes` may be.
    keeps: usize,
}

impl Default for Workshop {
    fn default() -> Self {
        Self::keeping(SPARE_ALONE)
    }
}

struct Inflater(Decompressor);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

impl Workshop {
    fn keeping(keeps: usize) -> Self {
        Self {
            inflater: Inflater::default(),
            delta: Vec::new(),
            copies: Vec::new(),
            spare: Vec::new(),
            spare_bytes: 0,
            keeps,
        }
    }

    /// A buffer for `size` bytes, whatever it holds. Versions of a file have about the same size, so a little room more makes
    /// it fit for the next one.
    fn buffer(&mut self, size: usize) -> Vec<u8> {
        let fits = |&at: &usize| self.spare[at].capacity() >= size;
        let found = (0..self.spare.len()).rev().take(TRIED).find(fits);
        let Some(at) = found.or_else(|| self.spare.len().checked_sub(1)) else {
            return Vec::with_capacity(size + size / 8);
        };
        let buffer = self.spare.swap_remove(at);
        self.spare_bytes -= buffer.capacity();
        // Not grown, which would copy what it holds.
        if buffer.capacity() < size { Vec::with_capacity(size + size / 8) } else { buffer }
    }

    fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > 0 && self.spare_bytes + buffer.capacity() <= self.keeps {
            self.spare_bytes += buffer.capacity();
            self.spare.push(buffer);
        }
    }

    /// Makes an object that is stored whole.
    fn whole(&mut self, pack: &Pack, entry: Entry) -> Result<Vec<u8>, Made> {
        let header = pack.header(entry)?;
        if header.size > HELD {
            return Err(Made::TooLarge);
        }
        let mut buffer = self.buffer(usize::try_from(header.size).map_err(|_| Fault::Header)?);
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
        let mut delta = std::mem::take(&mut self.delta);
        let made = self.applied(&header, base, &mut delta);
        self.delta = delta;
        made
    }

    fn applied(&mut self, header: &Header<'_>, base: &[u8], delta: &mut Vec<u8>) -> Result<Vec<u8>, Made> {
        let delta = inflate(&mut self.inflater.0, header, delta)?;
        let size = delta::Sizes::of(delta)?.result;
        if size > HELD {
            return Err(Made::TooLarge);
        }
        let mut buffer = self.buffer(usize::try_from(size).map_err(|_| Fault::Header)?);
        buffer.clear();
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
        let made = self.verify(root).and_then(|()| workshop.whole(self.pack, root));
        let Some(bytes) = self.accept(root, kind, made) else { return };
        let memo = self.visitor.visit(Object { entry: root, kind, bytes: &bytes }, None);
        let end = self.forest.children(root).len();
        self.branches(Frame::of(root, bytes, memo, V::size_of, end), kind, workshop, scope);
    }

    fn workshop(&self) -> Workshop {
        let idle = self.idle.lock().expect("nothing panics while it holds this lock").pop();
        idle.unwrap_or_else(|| Workshop::keeping(SPARE / self.threads))
    }

    fn leave(&self, workshop: Workshop) {
        self.idle.lock().expect("nothing panics while it holds this lock").push(workshop);
    }

    fn verify(&self, entry: Entry) -> Result<(), Made> {
        Ok(self.pack.verify(entry)?)
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
            let made = self.verify(child).and_then(|()| workshop.upon(self.pack, &bytes, child));
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
            let mut workshop = self.workshop();
            self.branches(handed, kind, &mut workshop, scope);
            self.leave(workshop);
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
