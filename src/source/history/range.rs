//! The part of a history that a push, a pull request or a person asks about: what some revisions reach and others do
//! not.
//!
//! git walks it and names the objects; these are few, so they are read one by one. What stood in the files before the
//! range is not new, even where it stands in a new version of such a file.

use super::ancestry::Ancestry;
use super::single::Single;
use crate::config::{History, Known};
use crate::error::{Error, Result};
use crate::git::{CommitChange, Local, Oid, Reachable, Refs, Revisions, Store};
use crate::source::Gap;
use bstr::{BStr, BString};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Commits up to which reading them in this process is faster than through git.
const FEW: usize = 5_000;

/// What a range consists of.
pub enum Range {
    /// Commits and tags that are read in this process.
    Here(Local, Ancestry),
    /// Objects that git listed.
    Listed(Reachable),
}

/// What `scope` means; `local` is the same repository, where libgit2 reads it.
///
/// # Errors
/// Where a revision means nothing, with what to type.
pub fn find(store: &Store, local: Option<Local>, scope: &History, gaps: &mut Vec<Gap>) -> Result<Range> {
    let revisions = revisions(&Named::look_up(store, local.as_ref(), scope)?, scope)?;
    let shallow = store.shallow_commits()?;
    if let [revisions] = &revisions[..]
        && shallow.is_empty()
        && !store.is_partial()
        && revisions.wanted_refs == Refs::None
        && let Some(local) = local
        && let Some(found) = ancestry(store, &local, revisions)?
    {
        return Ok(Range::Here(local, found));
    }
    let (mut listed, mut all, mut missing) = (HashSet::new(), Reachable::default(), BTreeSet::new());
    for revisions in revisions {
        let reachable = store.reachable(&revisions)?;
        missing.extend(reachable.missing);
        all.commits.extend(reachable.commits.into_iter().filter(|name| !listed.contains(name)));
        all.objects.extend(reachable.objects.into_iter().filter(|(name, _)| listed.insert(*name)));
    }
    gaps.extend(missing_objects(missing.len()));
    let cut = shallow.iter().find(|commit| listed.contains(commit));
    gaps.extend(cut.map(|commit| shallow_gap(commit, shallow.len())));
    Ok(Range::Listed(all))
}

fn ancestry(store: &Store, local: &Local, revisions: &Revisions) -> Result<Option<Ancestry>> {
    let known = [&revisions.not[..], &local.targets(&revisions.known_refs)?].concat();
    let mut objects = Single::open(local, store.objects().to_owned())?;
    Ok(Ancestry::find(&mut objects, &revisions.wanted, &known, FEW))
}

/// What `scope` means to git: each `A..B` by itself, and the rest together.
fn revisions(objects: &Named<'_>, scope: &History) -> Result<Vec<Revisions>> {
    if let Some(range) = scope.ranges.iter().find(|range| range.contains("...")) {
        return Err(Error::new(format!("'{range}' is not a range")).hint("A..B is what B has and A has not"));
    }
    let mut not = scope.not.iter().map(|name| objects.get(name)).collect::<Result<Vec<_>>>()?;
    not.extend(scope.had.iter().filter_map(|name| objects.whole(name)));
    let known_refs = refs(&scope.known);
    let (pairs, tips): (Vec<_>, Vec<_>) = scope.ranges.iter().partition(|range| range.contains(".."));
    let mut all = Vec::new();
    for (from, to) in pairs.iter().filter_map(|range: &&String| range.split_once("..")) {
        let not = [&not[..], &[objects.get(from)?]].concat();
        all.push(Revisions {
            wanted: vec![objects.get(to)?],
            not,
            wanted_refs: Refs::None,
            known_refs: known_refs.clone(),
        });
    }
    if !tips.is_empty() || pairs.is_empty() {
        let wanted = tips.iter().map(|name| objects.get(name)).collect::<Result<Vec<_>>>()?;
        let wanted_refs = if tips.is_empty() { Refs::All } else { Refs::None };
        all.push(Revisions { wanted, not, wanted_refs, known_refs });
    }
    Ok(all)
}

fn refs(known: &Known) -> Refs {
    match known {
        Known::Nothing => Refs::None,
        Known::ByRemote(name) => Refs::OfRemote(name.clone()),
        Known::ByAnyRemote => Refs::OfRemotes,
        Known::ByAnyRef => Refs::All,
    }
}

/// What is typed as the name of a commit is asked of git one by one; whole names, of which a push brings many, at once.
struct Named<'s> {
    store: &'s Store,
    whole: BTreeSet<Oid>,
}

impl<'s> Named<'s> {
    fn look_up(store: &'s Store, local: Option<&Local>, scope: &History) -> Result<Self> {
        let typed = scope.ranges.iter().flat_map(|range| range.split(".."));
        let typed = typed.chain(scope.not.iter().chain(&scope.had).map(String::as_str));
        let whole: Vec<Oid> = typed.filter_map(|name| Oid::from_hex(name.as_bytes())).collect();
        Ok(Self { store, whole: store.existing(local, &whole)? })
    }

    fn whole(&self, name: &str) -> Option<Oid> {
        Oid::from_hex(name.as_bytes()).filter(|name| self.whole.contains(name))
    }

    fn get(&self, name: &str) -> Result<Oid> {
        match self.whole(name) {
            Some(name) => Ok(name),
            None => self.store.object(if name.is_empty() { "HEAD" } else { name }),
        }
    }
}

/// The gap that a clone leaves which ends at `commit`.
#[must_use]
pub fn shallow_gap(commit: &Oid, ends: usize) -> Gap {
    let more = if ends > 1 { format!(" and {} more commits", ends - 1) } else { String::new() };
    Gap {
        hint: Some("git fetch --unshallow, or fetch-depth: 0 in actions/checkout".to_owned()),
        ..Gap::new(
            "the history",
            format!("this clone is shallow, so what came before {}{more} was not examined", commit.short()),
        )
    }
}

/// The gap that missing objects leave.
#[must_use]
pub fn missing_objects(count: usize) -> Option<Gap> {
    (count > 0).then(|| Gap {
        hint: Some(
            "git fetch --refetch --no-filter brings what a partial clone leaves out; git fsck says more".to_owned(),
        ),
        ..Gap::new("the history", format!("{count} objects of it are not here, so they were not examined"))
    })
}

/// How the commits of a range change files.
pub struct Changes {
    changes: Vec<CommitChange>,
    /// The place of each commit in the order of the range, the oldest first.
    commits: HashMap<Oid, usize>,
}

impl Changes {
    /// The changes of `commits`, the newest first.
    ///
    /// # Errors
    /// Where git cannot read them.
    pub fn of(store: &Store, commits: &[Oid]) -> Result<Self> {
        let oldest_first: Vec<Oid> = commits.iter().rev().copied().collect();
        let changes = store.changes(&oldest_first)?;
        Ok(Self { changes, commits: oldest_first.into_iter().zip(0..).collect() })
    }

    /// The blobs that stood there before: replaced or removed by a commit of the range, and not brought by it.
    #[must_use]
    pub fn replaced(&self, new: &HashSet<Oid>) -> BTreeMap<Oid, BString> {
        let old = self.changes.iter().filter_map(|change| Some((change.old?, change.path.clone())));
        old.filter(|(name, _)| !new.contains(name)).collect()
    }

    /// The blobs that its commits bring, each with a path.
    #[must_use]
    pub fn brought(&self) -> BTreeMap<Oid, BString> {
        self.changes.iter().filter_map(|change| Some((change.new?, change.path.clone()))).collect()
    }

    /// The first commit that brings one of `objects`: the object, the commit, and the path; a commit or tag brings its
    /// own message.
    #[must_use]
    pub fn first(&self, objects: &[Oid]) -> Option<(Oid, Oid, Option<BString>)> {
        let brought = self.changes.iter().filter_map(|change| {
            let new = change.new.filter(|new| objects.binary_search(new).is_ok())?;
            Some((new, change.commit, Some(change.path.clone())))
        });
        let messages = objects.iter().filter(|name| self.commits.contains_key(name)).map(|&name| (name, name, None));
        brought.chain(messages).min_by_key(|(_, commit, _)| self.commits.get(commit))
    }

    /// All paths at which commits bring these objects.
    #[must_use]
    pub fn paths(&self, objects: &[Oid]) -> Vec<BString> {
        let is_one = |change: &&CommitChange| change.new.is_some_and(|new| objects.binary_search(&new).is_ok());
        let paths: BTreeSet<BString> = self.changes.iter().filter(is_one).map(|change| change.path.clone()).collect();
        paths.into_iter().collect()
    }

    /// The first commit that brings something at `path`.
    #[must_use]
    pub fn first_at(&self, path: &BStr) -> Option<Oid> {
        self.changes.iter().find(|change| change.new.is_some() && change.path == path).map(|change| change.commit)
    }
}
