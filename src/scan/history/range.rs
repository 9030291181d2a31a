//! The scan of what some revisions bring and others do not have.

use super::places::{place, take_mark};
use super::{HistoryScan, Wanted};
use crate::error::Result;
use crate::finding::{Finding, Suppression};
use crate::git::{Kind, Local, Oid, Reachable, Store};
use crate::scan::objects::Lens;
use crate::scan::sightings::{Sighting, drop_ids_of_pairs};
use crate::scan::{Outcome, suppress, threads};
use crate::source::history::ancestry::Ancestry;
use crate::source::history::objects::{Objects, whole};
use crate::source::history::range::{self, Changes, Range};
use crate::source::history::reach::{self, Visitor};
use crate::source::history::signature::signed;
use crate::source::history::single::Single;
use crate::source::{Gap, Sink};
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;

/// Objects from which on they are read by passing over whole packs.
const MANY: usize = 20_000;

/// What a range brings.
#[derive(Default)]
struct Brought {
    objects: HashSet<Oid>,
    /// The newest first.
    commits: Vec<Oid>,
    /// Where files and folders were met.
    paths: BTreeMap<Oid, BString>,
}

/// Examines what commits bring while it is read.
struct Reading<'r, 's, 'c> {
    scan: &'r HistoryScan<'s, 'c>,
    brought: Brought,
    large: Vec<Oid>,
}

impl Visitor for Reading<'_, '_, '_> {
    fn visit(&mut self, name: Oid, kind: Kind, path: &BString, bytes: &[u8]) {
        self.scan.count(kind, bytes.len() as u64);
        self.scan.note(name, self.scan.lens.look_at(kind, bytes));
        self.brought.objects.insert(name);
        if kind == Kind::Commit {
            self.brought.commits.push(name);
        } else {
            self.brought.paths.insert(name, path.clone());
        }
    }

    fn too_large(&mut self, name: Oid, path: &BString) {
        self.brought.paths.insert(name, path.clone());
        self.large.push(name);
    }

    fn gap(&mut self, gap: Gap) {
        self.scan.collector.gap(gap);
    }

    fn is_over(&self) -> bool {
        self.scan.is_over()
    }
}

impl HistoryScan<'_, '_> {
    pub(super) fn range(self, local: Option<Local>) -> Result<Outcome> {
        let mut gaps = Vec::new();
        let found = range::find(&self.store, local, self.scope, &mut gaps)?;
        self.collector.gaps(gaps);
        let examined = match found {
            Range::Here(local, found) => self.read_here(&local, found)?,
            Range::Listed(listed) => self.read_listed(listed)?,
        };
        self.conclude_range(&examined)
    }

    fn read_here(&self, local: &Local, found: Ancestry) -> Result<Brought> {
        let mut reading = Reading { scan: self, brought: Brought::default(), large: Vec::new() };
        for (name, bytes) in found.tags {
            reading.visit(name, Kind::Tag, &BString::default(), &bytes);
        }
        let mut objects = Single::open(local, self.store.objects().to_owned())?;
        reach::walk(&mut objects, &found.commits, &mut reading);
        let Reading { mut brought, large, .. } = reading;
        self.through_git(&large, &brought.paths);
        brought.objects.extend(large);
        // The newest first, as git has them.
        brought.commits.reverse();
        if self.is_over() {
            self.interrupted(brought.commits.len(), found.commits.len(), "commits");
        }
        Ok(brought)
    }

    fn read_listed(&self, listed: Reachable) -> Result<Brought> {
        self.collector.census.expected.store(listed.objects.len() as u64, Ordering::Relaxed);
        let names: Vec<Oid> = listed.objects.iter().map(|(name, _)| *name).collect();
        let paths: BTreeMap<Oid, BString> = listed.objects.into_iter().filter(|(_, path)| !path.is_empty()).collect();
        let objects: HashSet<Oid> = names.iter().copied().collect();
        if names.len() > MANY {
            self.read_many(&objects)?;
        } else {
            self.through_git(&names, &paths);
        }
        if self.is_over() {
            let done = self.collector.census.objects.load(Ordering::Relaxed);
            self.interrupted(usize::try_from(done).unwrap_or(usize::MAX), names.len(), "objects");
        }
        Ok(Brought { objects, commits: listed.commits, paths })
    }

    /// Reads so many objects that it pays to pass over whole packs for them.
    fn read_many(&self, names: &HashSet<Oid>) -> Result<()> {
        let mut gaps = Vec::new();
        let objects = Objects::open(&self.store, &mut gaps)?;
        self.collector.gaps(gaps);
        threads(self.settings.threads)?.install(|| self.examine(&objects, Wanted::Only(names)));
        let seen = self.collector.census.objects.load(Ordering::Relaxed);
        let lost = (names.len() as u64).saturating_sub(seen);
        if lost > 0 && !self.is_over() {
            self.collector.gap(Gap::new("the range", format!("{lost} objects of it could not be read")));
        }
        Ok(())
    }

    fn interrupted(&self, done: usize, all: usize, what: &str) {
        self.collector.gap(Gap::new("the range", format!("interrupted: {done} of {all} {what} were examined")));
    }

    fn conclude_range(self, brought: &Brought) -> Result<Outcome> {
        let (settings, collector) = (self.settings, self.collector);
        let Self { store, lens, sightings, .. } = self;
        let (sightings, below, dismissed) = sightings.conclude(settings.min_confidence);
        collector.results().dismissed = dismissed;
        if !sightings.is_empty() {
            let changes = Changes::of(&store, &brought.commits)?;
            let mut gaps = Vec::new();
            let replaced = changes.replaced(&brought.objects);
            let known = values_in(&store, &lens, &replaced, &mut gaps);
            collector.gaps(gaps);
            let mut findings: Vec<Finding> =
                sightings.iter().map(|seen| of_range(&store, &lens, seen, &changes, &brought.paths)).collect();
            suppress(&mut findings, Suppression::AlreadyThere, |value| known.contains_key(value));
            drop_ids_of_pairs(&mut findings);
            collector.results().findings.extend(findings);
        }
        let mut outcome = collector.conclude(settings)?;
        outcome.summary.below_confidence += below;
        Ok(outcome)
    }
}

/// The values that stand in files, each with an object that holds it. What cannot be read holds nothing, and is a gap.
pub(in crate::scan) fn values_in(
    store: &Store,
    lens: &Lens,
    files: &BTreeMap<Oid, BString>,
    gaps: &mut Vec<Gap>,
) -> HashMap<String, Oid> {
    let mut values = HashMap::new();
    let mut reader = store.reader();
    for (name, path) in files {
        match reader.with_object(name, |kind, size, content| lens.stream(kind, size, content)) {
            Ok(view) => {
                let shown = view.shown.iter().flat_map(|shown| shown.credential.values());
                values.extend(shown.map(|value| (value.to_owned(), *name)));
            }
            Err(error) => gaps.push(Gap::new(format!("object {name} ({})", path.to_str_lossy()), error)),
        }
    }
    values
}

/// The finding that a sighting in a range is.
fn of_range(store: &Store, lens: &Lens, seen: &Sighting, changes: &Changes, paths: &BTreeMap<Oid, BString>) -> Finding {
    let brought = changes.first(&seen.objects);
    let (object, commit, path) = match brought {
        Some((object, commit, path)) => (object, Some(commit), path),
        None => (seen.objects[0], None, paths.get(&seen.objects[0]).cloned()),
    };
    let mut reader = store.reader();
    let mut placed = |name: &Oid, path: Option<&BString>| {
        let found = reader.with_object(name, |kind, size, content| place(lens, seen, name, kind, size, content, path));
        found.ok().flatten()
    };
    let mut finding = placed(&object, path.as_ref()).unwrap_or_else(|| seen.best.clone());
    finding.elsewhere = changes.paths(&seen.objects);
    take_mark(&mut finding, seen, |name| placed(name, paths.get(name)));
    // A tree came with the file whose name it holds.
    finding.provenance = commit.or_else(|| changes.first_at(finding.origin.artifact())).and_then(|commit| {
        let read = reader.with_object(&commit, |_, size, content| whole(size, content));
        Some(signed(&commit, &read.ok()?, b"author "))
    });
    finding
}
