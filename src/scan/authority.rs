//! Whose word it is that something is accepted.
//!
//! Markers and lines of the baseline are statements in files, so whoever can send files can make them. That is right for
//! a commit, which somebody will look at; where others must decide (on a server, in the check of a pull request), they count
//! only as they stand in revisions that were taken already.

use super::Outcome;
use crate::config::{Authority, History, Target};
use crate::error::Result;
use crate::finding::Finding;
use crate::git::{Oid, Store};
use crate::source::Gap;
use crate::source::ignored::WorkTree;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the repository whose revisions count; nothing means that of the working directory.
pub(super) fn repository(target: &Target) -> Option<PathBuf> {
    match target {
        Target::History(scope) => scope.folder.clone(),
        Target::Tree(paths, _) => paths.first().and_then(|path| top_around(path)),
        Target::Staged(_) | Target::Message(_) | Target::Stdin => None,
    }
}

/// The top of the work tree that `path` lies in.
pub(super) fn top_around(path: &Path) -> Option<PathBuf> {
    WorkTree::around(&path.canonicalize().ok()?)
}

/// The objects in whose files markers count. What is not here is a gap.
pub(super) fn of_markers(store: &Store, authority: &Authority, gaps: &mut Vec<Gap>) -> Vec<Oid> {
    match authority {
        Authority::Received(had) if !had.is_empty() => objects(store, had, "the markers", gaps),
        Authority::Examined | Authority::Received(_) => head(store, "the markers", gaps),
        Authority::Revision(revision) => objects(store, &[revision.as_str()], "the markers", gaps),
    }
}

/// The objects whose files decide, the first before the others. What is not here is a gap.
///
/// # Errors
/// Where somebody named a revision that is not here.
pub(super) fn deciding(store: &Store, authority: &Authority, what: &str, gaps: &mut Vec<Gap>) -> Result<Vec<Oid>> {
    match authority {
        Authority::Examined => Ok(Vec::new()),
        Authority::Revision(revision) => Ok(vec![store.object(revision)?]),
        Authority::Received(had) => {
            let named = head(store, what, gaps);
            Ok(if named.is_empty() { objects(store, had, what, gaps) } else { named })
        }
    }
}

/// The ends of the ranges of a push.
pub(super) fn tips(scope: &History) -> BTreeSet<&str> {
    let end = |range| str::rsplit(range, "..").next().unwrap_or_default().trim_start_matches('.');
    scope.ranges.iter().map(|range| end(range)).map(|end| if end.is_empty() { "HEAD" } else { end }).collect()
}

fn objects(store: &Store, revisions: &[impl AsRef<str>], what: &str, gaps: &mut Vec<Gap>) -> Vec<Oid> {
    let mut named = Vec::new();
    for revision in revisions.iter().map(AsRef::as_ref) {
        match store.object(revision) {
            Ok(object) => named.push(object),
            Err(error) => gaps.push(Gap::new(format!("{what} in {revision}"), error)),
        }
    }
    named
}

fn head(store: &Store, what: &str, gaps: &mut Vec<Gap>) -> Vec<Oid> {
    let asked = || {
        store.head().unwrap_or_else(|error| {
            gaps.push(Gap::new(format!("{what} in HEAD"), error));
            None
        })
    };
    store.local().and_then(|local| local.head()).or_else(asked).into_iter().collect()
}

/// Adds `gaps` to those of an outcome, in order.
pub(super) fn incomplete(outcome: &mut Outcome, gaps: Vec<Gap>) {
    outcome.summary.incomplete.extend(gaps);
    outcome.summary.incomplete.sort();
    outcome.summary.incomplete.dedup();
}

/// What is said of a finding whose acceptance by itself does not count.
pub(super) fn remark(finding: &Finding, why: &str) -> String {
    let place = &finding.locations[0];
    format!("{}:{}  {why}", place.path, place.span.start.line)
}
