//! The scan of a history: every object through the prefilter and the detector, and for what was found the commit that
//! brought it.

mod packs;
mod places;
pub(super) mod range;

use super::objects::{Lens, Shown, View};
use super::sightings::{Sighting, Sightings, drop_ids_of_pairs, origin};
use super::{Collector, Outcome, peers};
use crate::config::{History, Hits, ScanSettings, Unreachable};
use crate::error::Result;
use crate::finding::{Finding, Origin, Reach, SourceKind};
use crate::git::{Kind, Oid, Refs, Revisions, Store};
use crate::prefilter::Prefilter;
use crate::source::history::attribute::Attributor;
use crate::source::history::commits::Commits;
use crate::source::history::links::{Missing, Names};
use crate::source::history::loose;
use crate::source::history::objects::{Loose, Objects, whole};
use crate::source::history::range::{missing_objects, shallow_gap};
use crate::source::history::walk::walk;
use crate::source::{Gap, Sink};
use bstr::{BString, ByteSlice};
use packs::{Compared, OfPack};
use places::Places;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// Scans what `scope` asks for.
pub(super) fn scan(settings: &ScanSettings, scope: &History, collector: &Collector<'_>) -> Result<Outcome> {
    let (store, local) = Store::find_both(scope.folder.as_deref())?;
    let lens = Lens {
        prefilter: Prefilter::new(),
        wanted: super::wanted(settings),
        archives: settings.archives,
        hash_len: store.hash_len(),
    };
    let scan = HistoryScan {
        settings,
        scope,
        collector,
        store,
        lens,
        sightings: Sightings::default(),
        commits: Commits::default(),
    };
    if scope.is_range() { scan.range(local) } else { scan.everything() }
}

/// Which objects count.
#[derive(Clone, Copy)]
enum Wanted<'w> {
    All,
    /// All of its own, and these of others.
    OfBorrowed(&'w HashSet<Oid>),
    /// These.
    Only(&'w HashSet<Oid>),
}

impl<'w> Wanted<'w> {
    /// Those that count among its own or borrowed ones; nothing means all.
    fn among(self, own: bool) -> Option<&'w HashSet<Oid>> {
        match self {
            Self::Only(names) => Some(names),
            Self::OfBorrowed(names) if !own => Some(names),
            Self::All | Self::OfBorrowed(_) => None,
        }
    }
}

struct HistoryScan<'s, 'c> {
    settings: &'s ScanSettings,
    scope: &'s History,
    collector: &'s Collector<'c>,
    store: Store,
    lens: Lens,
    sightings: Sightings,
    commits: Commits,
}

impl HistoryScan<'_, '_> {
    fn everything(self) -> Result<Outcome> {
        let mut gaps = Vec::new();
        let objects = Objects::open(&self.store, &mut gaps)?;
        let shallow = self.store.shallow_commits()?;
        gaps.extend(shallow.first().map(|commit| shallow_gap(commit, shallow.len())));
        self.collector.gaps(gaps);
        let borrows = objects.packs().iter().any(|packed| !packed.own) || objects.loose().iter().any(|part| !part.own);
        let reachable = if borrows { self.reachable()? } else { HashSet::new() };
        let wanted = if borrows { Wanted::OfBorrowed(&reachable) } else { Wanted::All };
        self.collector.census.expected.store(u64::from(objects.count()), Ordering::Relaxed);
        self.collector.census.submodules.store(self.store.submodules(), Ordering::Relaxed);
        self.examine(&objects, wanted);
        self.ref_names()?;
        self.interruption(&objects);
        self.conclude(&objects, &shallow)
    }

    /// The objects that refs reach: of borrowed ones, no others count.
    fn reachable(&self) -> Result<HashSet<Oid>> {
        let reachable = self.store.reachable(&Revisions { wanted_refs: Refs::All, ..Revisions::default() })?;
        Ok(reachable.objects.into_iter().map(|(name, _)| name).collect())
    }

    fn examine(&self, objects: &Objects, wanted: Wanted<'_>) {
        let large = Mutex::new(Vec::new());
        let compared = Compared::default();
        for packed in objects.packs() {
            let wanted = wanted.among(packed.own);
            walk(
                &packed.pack,
                &packed.forest,
                &OfPack { scan: self, packed, wanted, large: &large, compared: &compared },
            );
        }
        for part in objects.loose() {
            let wanted = wanted.among(part.own);
            part.names.par_iter().enumerate().for_each(|(at, name)| {
                if !self.is_over() && wanted.is_none_or(|wanted| wanted.contains(name)) {
                    self.loose(part, at, name);
                }
            });
        }
        let large = large.into_inner().expect("nothing panics while it holds this lock");
        self.through_git(&large, &BTreeMap::new());
        if self.scope.hits == Hits::Checked {
            self.collector.note(compared.to_string());
        }
    }

    fn loose(&self, part: &Loose, at: usize, name: &Oid) {
        let read = loose::read(&part.folder, name, |kind, size, content| {
            self.count(kind, size);
            if kind == Kind::Commit {
                let content = whole(size, content)?;
                self.commits.note(part.number(at), &content);
                self.note(*name, self.lens.look_at(kind, &content));
            } else {
                self.note(*name, self.lens.stream(kind, size, content)?);
            }
            Ok(())
        });
        if let Err(error) = read {
            self.collector.gap(Gap::new(format!("object {name}"), error));
        }
    }

    /// Reads objects through git: those that are too large to be held, and those of a range. Returns what they are.
    fn through_git(&self, names: &[Oid], paths: &BTreeMap<Oid, BString>) -> Vec<(Oid, Kind)> {
        let mut reader = self.store.reader();
        let mut kinds = Vec::new();
        for name in names.iter().take_while(|_| !self.is_over()) {
            let read = reader.with_object(name, |kind, size, content| {
                self.count(kind, size);
                kinds.push((*name, kind));
                self.lens.stream(kind, size, content)
            });
            match read {
                Ok(view) => self.note(*name, view),
                Err(error) => {
                    let path = paths.get(name).map(|path| format!(" ({})", path.to_str_lossy()));
                    let what = format!("object {name}{}", path.unwrap_or_default());
                    self.collector.gap(Gap::new(what, error));
                }
            }
        }
        kinds
    }

    fn count(&self, kind: Kind, bytes: u64) {
        let census = self.collector.census;
        census.objects.fetch_add(1, Ordering::Relaxed);
        census.bytes.fetch_add(bytes, Ordering::Relaxed);
        match kind {
            Kind::Blob => census.blobs.fetch_add(1, Ordering::Relaxed),
            Kind::Commit => census.commits.fetch_add(1, Ordering::Relaxed),
            Kind::Tree | Kind::Tag => 0,
        };
    }

    fn note(&self, name: Oid, view: View) {
        self.collector.census.lfs_pointers.fetch_add(u64::from(view.is_lfs_pointer), Ordering::Relaxed);
        let mut view = view;
        if !view.remarks.is_empty() {
            self.collector.results().remark(std::mem::take(&mut view.remarks), &origin(&name));
        }
        self.sightings.note(name, view);
    }

    fn is_over(&self) -> bool {
        self.collector.census.stop.load(Ordering::Relaxed)
    }

    fn interruption(&self, objects: &Objects) {
        if self.is_over() {
            let examined = self.collector.census.objects.load(Ordering::Relaxed);
            let why = format!("interrupted: {examined} of {} objects were examined", objects.count());
            self.collector.gap(Gap::new("the history", why));
        }
    }

    fn ref_names(&self) -> Result<()> {
        let mut examined = self.store.refs()?;
        examined.retain(|name| name.name != "HEAD");
        for name in examined {
            for Shown { credential, .. } in self.lens.look_at(Kind::Blob, &name.name).shown {
                let path = BString::from([b"name of ref ", &name.name[..]].concat());
                let origin = Origin::of(path, SourceKind::History, None);
                self.collector.results().findings.push(Finding::new(credential, origin));
            }
        }
        Ok(())
    }

    fn conclude(self, objects: &Objects, shallow: &BTreeSet<Oid>) -> Result<Outcome> {
        let (settings, collector) = (self.settings, self.collector);
        let Self { scope, store, lens, sightings, commits, .. } = self;
        let (sightings, below, dismissed) = sightings.conclude(settings.min_confidence);
        collector.results().dismissed = dismissed;
        let asks = settings.policy.asks_for_paths() || !sightings.is_empty() && peers::ask_for_paths(settings);
        let names = if asks { Names::Wanted } else { Names::Unwanted };
        let attribution = Attributing { store: &store, lens: &lens, objects, shallow, names, collector };
        let mut findings = attribution.findings(sightings, commits)?;
        if scope.unreachable == Unreachable::LeftOut {
            let all = findings.len();
            findings.retain(|finding| !is_unreachable(finding));
            let left_out = all - findings.len();
            if left_out > 0 {
                collector.note(format!("{left_out} credentials that no ref reaches were left out"));
            }
        }
        // Only now: a pair that was left out must not take along the ID that refs reach.
        drop_ids_of_pairs(&mut findings);
        collector.results().findings.extend(findings);
        let mut outcome = collector.conclude(settings)?;
        outcome.summary.below_confidence += below;
        Ok(outcome)
    }
}

/// Says who brought what was found.
struct Attributing<'a, 'c> {
    store: &'a Store,
    lens: &'a Lens,
    objects: &'a Objects,
    shallow: &'a BTreeSet<Oid>,
    /// Are all paths wanted?
    names: Names,
    collector: &'a Collector<'c>,
}

impl Attributing<'_, '_> {
    fn findings(&self, sightings: Vec<Sighting>, commits: Commits) -> Result<Vec<Finding>> {
        let stop = &self.collector.census.stop;
        let is_partial = self.store.is_partial();
        // Nothing to attribute, and nothing that may be missing; or no time left.
        if sightings.is_empty() && !is_partial || stop.load(Ordering::Relaxed) {
            return Ok(sightings.into_iter().map(|seen| seen.best).collect());
        }
        let names: HashSet<Oid> = sightings.iter().flat_map(|seen| &seen.objects).copied().collect();
        let missing = if is_partial { Missing::Everything } else { Missing::TreesAndCommits };
        let attributor = Attributor::new(self.store, self.objects, commits, &names, missing, self.names, stop)?;
        if stop.load(Ordering::Relaxed) {
            self.collector.gap(Gap::new("the history", "interrupted before it was known who brought what was found"));
            return Ok(sightings.into_iter().map(|seen| seen.best).collect());
        }
        let damaged = attributor.links().damaged.iter().map(|&tree| self.objects.name(tree));
        self.collector.gaps(damaged.map(|tree| Gap::new(format!("object {tree}"), "its entries are damaged")));
        let cut = parents_of(self.objects, self.shallow);
        let missing = attributor.links().missing.iter().filter(|name| !cut.contains(name)).count();
        self.collector.gaps(missing_objects(missing));
        let mut places = Places { reader: self.store.reader(), objects: self.objects, lens: self.lens };
        let elsewhere = match self.names {
            Names::Wanted => self.paths(&sightings, &attributor),
            Names::Unwanted => Vec::new(),
        };
        let mut findings = places.findings(sightings, &attributor);
        for (finding, paths) in findings.iter_mut().zip(elsewhere) {
            finding.elsewhere = paths;
        }
        Ok(findings)
    }
}

impl Attributing<'_, '_> {
    /// All paths at which each sighting ever stood.
    fn paths(&self, sightings: &[Sighting], attributor: &Attributor<'_>) -> Vec<Vec<BString>> {
        let number = |name: &Oid| self.objects.find(name.as_bytes());
        let found = sightings.iter().flat_map(|seen| &seen.objects).filter_map(number).collect();
        let known = attributor.paths(&found);
        let paths = |seen: &Sighting| {
            let objects = seen.objects.iter().filter_map(number);
            objects.flat_map(|object| known.get(&object).into_iter().flatten().cloned()).collect::<BTreeSet<_>>()
        };
        sightings.iter().map(|seen| paths(seen).into_iter().collect()).collect()
    }
}

fn is_unreachable(finding: &Finding) -> bool {
    let reach = finding.provenance.as_ref().and_then(|provenance| provenance.reach.as_ref());
    matches!(reach, Some(Reach::Unreachable { .. }))
}

/// The parents of the commits at which a shallow clone ends: they are missing on purpose, and that is said already.
fn parents_of(objects: &Objects, shallow: &BTreeSet<Oid>) -> BTreeSet<Oid> {
    let contents = shallow.iter().filter_map(|commit| objects.read(objects.find(commit.as_bytes())?).ok());
    contents
        .flat_map(|content| {
            let parents = content.lines().filter_map(|line| line.strip_prefix(b"parent ").and_then(Oid::from_hex));
            parents.collect::<Vec<_>>()
        })
        .collect()
}
