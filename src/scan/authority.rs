//! Whose word it is that something is accepted.
//!
//! Markers and lines of the baseline are statements in files, so whoever can send files can make them. That is right for
//! a commit, which somebody will look at; where others must decide (on a server, in the check of a pull request), they count
//! only as they stand in revisions that were taken already.

use super::Outcome;
use crate::config::Target;
use crate::finding::Finding;
use crate::git::{Oid, Store};
use crate::source::Gap;
use crate::source::ignored::WorkTree;
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

/// The objects that `revisions` name, or that of HEAD, where there is one. What is not here is a gap: `what` cannot count
/// as it stands there.
pub(super) fn objects(store: &Store, revisions: &[String], what: &str, gaps: &mut Vec<Gap>) -> Vec<Oid> {
    if revisions.is_empty() {
        let head = store.head().unwrap_or_else(|error| {
            gaps.push(Gap::new(format!("{what} in HEAD"), error));
            None
        });
        return head.into_iter().collect();
    }
    let mut named = Vec::new();
    for revision in revisions {
        match store.object(revision) {
            Ok(object) => named.push(object),
            Err(error) => gaps.push(Gap::new(format!("{what} in {revision}"), error)),
        }
    }
    named
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
