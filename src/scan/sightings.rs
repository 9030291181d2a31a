//! What was seen in the objects of a history, brought together: a credential is one finding however many versions of
//! a file hold it.

use super::inside::Inner;
use super::objects::{Shown, View};
use crate::credential::{Fingerprint, KeyId};
use crate::finding::{Dismissed, Finding, Mark, Origin, SourceKind};
use crate::git::Oid;
use crate::rules::{Confidence, Rule};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

/// One credential and the objects that hold it.
pub(super) struct Sighting {
    /// The finding in the object that says most of it.
    pub(super) best: Finding,
    /// The objects, sorted.
    pub(super) objects: Vec<Oid>,
    /// The marker beside it that says most, and the object that holds it, the first by name: one version with a marker
    /// is enough, for nobody can mark the older ones.
    pub(super) marked: Option<(Mark, Oid)>,
}

/// All of them; filled from many threads.
#[derive(Default)]
pub(super) struct Sightings {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    sightings: BTreeMap<Fingerprint, Sighting>,
    dismissed: Vec<Dismissed>,
    /// The values that are in `dismissed`: each version of a file has them all.
    dismissed_values: HashSet<String>,
}

impl Sightings {
    /// Notes what the object called `name` shows.
    pub(super) fn note(&self, name: Oid, view: View) {
        if view.shown.is_empty() && view.dismissals.is_empty() {
            return;
        }
        let mut seen = self.seen.lock().expect("nothing panics while it holds this lock");
        for Shown { credential, inner, .. } in view.shown {
            let finding = Finding::new(credential, Inner::origin(inner.as_ref(), &origin(&name)));
            match seen.sightings.entry(finding.fingerprint.clone()) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    let marked = finding.mark.clone().map(|mark| (mark, name));
                    place.insert(Sighting { best: finding, objects: vec![name], marked });
                }
                std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().add(finding, name),
            }
        }
        for (dismissal, inner) in view.dismissals {
            if seen.dismissed_values.insert(dismissal.value.expose().to_owned()) {
                let origin = Inner::origin(inner.as_ref(), &origin(&name));
                seen.dismissed.push(Dismissed { dismissal, origin });
            }
        }
    }

    /// What was seen, without what a report will not show: what is below `min_confidence` and can neither rise above it
    /// by the name of its file nor be half of a pair; the number of these; what was dismissed.
    pub(super) fn conclude(self, min_confidence: Confidence) -> (Vec<Sighting>, u64, Vec<Dismissed>) {
        let Seen { sightings, dismissed, .. } =
            self.seen.into_inner().expect("nothing panics while it holds this lock");
        let mut sightings: Vec<Sighting> = sightings.into_values().collect();
        let has_lone_id = sightings.iter().any(|seen| seen.best.rule == Rule::AccessKeyId);
        let all = sightings.len();
        sightings.retain(|seen| {
            seen.best.confidence >= min_confidence
                || seen.best.rule == Rule::PrivateKey
                || has_lone_id && seen.best.rule == Rule::SecretAccessKey && seen.best.alone
        });
        for seen in &mut sightings {
            seen.objects.sort_unstable();
            seen.objects.dedup();
            seen.best.mark = seen.marked.as_ref().map(|(mark, _)| mark.clone());
        }
        let dropped = (all - sightings.len()) as u64;
        (sightings, dropped, dismissed)
    }
}

impl Sighting {
    fn add(&mut self, finding: Finding, name: Oid) {
        let marked = finding.mark.clone().map(|mark| (mark, name));
        let first = self.marked.take().into_iter().chain(marked);
        self.marked = first.max_by_key(|(mark, name)| (mark.marker, Reverse(*name)));
        // What says most decides; among those, the name, so that the order of threads does not matter.
        let rank =
            |finding: &Finding| (finding.confidence, finding.severity, finding.key_id, finding.origin.blob.clone());
        if rank(&finding) > rank(&self.best) {
            self.best = finding;
        }
        if self.objects.last() != Some(&name) {
            self.objects.push(name);
        }
    }
}

/// Leaves out the IDs of pairs: one that stood alone for a while is that pair.
pub(super) fn drop_ids_of_pairs(findings: &mut Vec<Finding>) {
    let pairs = findings.iter().filter(|finding| finding.rule == Rule::AccessKey);
    let paired: HashSet<KeyId> = pairs.filter_map(|finding| finding.key_id).collect();
    let is_lone = |finding: &Finding| finding.key_id.is_none_or(|id| !paired.contains(&id));
    findings.retain(|finding| finding.rule != Rule::AccessKeyId || is_lone(finding));
}

/// An object before anybody knows its path.
pub(super) fn origin(name: &Oid) -> Origin {
    Origin::of(format!("object {name}").into(), SourceKind::History, Some(name.to_string()))
}
