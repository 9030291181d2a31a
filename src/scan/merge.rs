//! What a merge brings that is public already.
//!
//! Refusing a merge over a credential that everybody can fetch helps nobody: it is past keeping, and must be switched
//! off. What only local commits hold is another matter; that is still to be kept.

use super::Outcome;
use super::history::range::values_in;
use super::objects::Lens;
use crate::config::ScanSettings;
use crate::error::Result;
use crate::finding::{Finding, Suppression, short_name};
use crate::git::{Oid, Refs, Revisions, Store};
use crate::prefilter::Prefilter;
use crate::source::history::objects::whole;
use crate::source::history::range::Changes;
use crate::source::history::signature::signed;
use std::collections::{BTreeSet, HashMap};

/// Lets those findings not count whose values a commit brought that `merged` reach, HEAD does not, and a
/// remote-tracking ref does.
///
/// # Errors
/// Where git cannot walk the commits.
pub(super) fn forgive_what_is_public(settings: &ScanSettings, outcome: &mut Outcome, merged: Vec<Oid>) -> Result<()> {
    let store = Store::find(None)?;
    let public = public_commits(&store, merged)?;
    if public.is_empty() {
        return Ok(());
    }
    let (wanted, archives) = (super::wanted(settings), settings.archives);
    let lens = Lens { prefilter: Prefilter::new(), wanted, archives, hash_len: store.hash_len() };
    let changes = Changes::of(&store, &public)?;
    let values = values_in(&store, &lens, &changes.brought(), &mut outcome.summary.incomplete);
    outcome.suppress(Suppression::AlreadyPushed, |value| values.contains_key(value));
    let forgiven = outcome.findings.iter_mut();
    for finding in forgiven.filter(|finding| finding.suppressed_by == Some(Suppression::AlreadyPushed)) {
        name_commit(&store, &changes, &values, finding);
        outcome.summary.notes.push(warning(finding));
    }
    Ok(())
}

/// The commits that a merge brings and that a remote has, the newest first.
fn public_commits(store: &Store, merged: Vec<Oid>) -> Result<Vec<Oid>> {
    let not: Vec<Oid> = store.head()?.into_iter().collect();
    let mut revisions = Revisions { wanted: merged, not, ..Revisions::default() };
    let mut all = store.commits(&revisions)?;
    revisions.known_refs = Refs::OfRemotes;
    let local: BTreeSet<Oid> = store.commits(&revisions)?.into_iter().collect();
    all.retain(|commit| !local.contains(commit));
    Ok(all)
}

/// Notes the commit that brought what was found.
fn name_commit(store: &Store, changes: &Changes, values: &HashMap<String, Oid>, finding: &mut Finding) {
    let blob = finding.values().find_map(|value| values.get(value)).copied();
    let commit = blob.and_then(|blob| changes.first(&[blob])).map(|(_, commit, _)| commit);
    finding.provenance = commit.and_then(|commit| {
        let read = store.reader().with_object(&commit, |_, size, content| whole(size, content));
        Some(signed(&commit, &read.ok()?, b"author "))
    });
}

fn warning(finding: &Finding) -> String {
    let place = &finding.locations[0];
    let commit = finding.provenance.as_ref().and_then(|provenance| provenance.commit.as_deref()).unwrap_or("a commit");
    let commit = short_name(commit);
    let id = finding.key_id.map(|id| format!(" {id}")).unwrap_or_default();
    let (path, line, what) = (&place.path, place.span.start.line, finding.rule.title());
    format!(
        "warning: {path}:{line}  {what}{id}\n  \
         comes with the merge; a remote has {commit}, which brought it: switch it off"
    )
}
