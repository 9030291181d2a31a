//! What markers accept, and what is said of those that do not count.

use super::Outcome;
use super::authority::{incomplete, of_markers, repository};
use super::objects::Lens;
use crate::config::{Acceptance, Authority, ScanSettings};
use crate::detect::found::Credential;
use crate::finding::{Finding, Suppression};
use crate::git::{Oid, Store};
use crate::prefilter::Prefilter;
use crate::source::Gap;
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

/// Lets those findings not count that a marker accepts.
pub(super) fn heed(settings: &ScanSettings, stop: &AtomicBool, outcome: &mut Outcome) {
    if settings.markers == Acceptance::Ignored {
        return;
    }
    let accepted = match &settings.authority {
        Authority::Examined => None,
        authority => {
            let sought = Sought::by(outcome);
            let mut gaps = Vec::new();
            let found = if sought.values.is_empty() {
                BTreeSet::new()
            } else {
                sought.in_base(settings, authority, stop, &mut gaps)
            };
            incomplete(outcome, gaps);
            Some(found)
        }
    };
    for finding in outcome.findings.iter_mut().filter(|finding| asks(finding)) {
        if accepted.as_ref().is_none_or(|accepted| value(finding).is_some_and(|value| accepted.contains(value))) {
            finding.suppressed_by = Some(Suppression::Marker);
        }
    }
}

/// Notes the markers that do not count beside what is left.
pub(super) fn tell(settings: &ScanSettings, outcome: &mut Outcome) {
    if settings.markers == Acceptance::Ignored {
        return;
    }
    let marks = outcome.standing().filter_map(|finding| finding.mark.as_ref());
    let notes: BTreeSet<String> = marks
        .map(|mark| {
            let why = if mark.marker.accepts() {
                "accepted by the author with a marker, which does not count here"
            } else {
                "keyward:allow needs a reason to count"
            };
            format!("{}:{}  {why}", mark.path, mark.line)
        })
        .collect();
    outcome.summary.notes.extend(notes);
}

/// Does a marker ask for it to be accepted?
fn asks(finding: &Finding) -> bool {
    finding.suppressed_by.is_none() && finding.mark.as_ref().is_some_and(|mark| mark.marker.accepts())
}

/// The value by which a finding is known again: the secret, or what there is instead.
fn value(finding: &Finding) -> Option<&str> {
    finding.values().next()
}

/// What is to be found with a marker in the files of earlier revisions.
struct Sought {
    values: BTreeSet<String>,
    /// Where the values stand now: most often they stood there before.
    paths: BTreeSet<BString>,
}

impl Sought {
    fn by(outcome: &Outcome) -> Self {
        let asking = || outcome.findings.iter().filter(|finding| asks(finding));
        Self {
            values: asking().filter_map(value).map(str::to_owned).collect(),
            paths: asking().flat_map(|finding| &finding.locations).map(|place| place.path.clone()).collect(),
        }
    }

    /// Those of the values that a marker accepts in the files of those who decide. What cannot be read there accepts nothing, and is a gap.
    fn in_base(
        &self,
        settings: &ScanSettings,
        authority: &Authority,
        stop: &AtomicBool,
        gaps: &mut Vec<Gap>,
    ) -> BTreeSet<String> {
        let folder = repository(&settings.target);
        let store = match Store::find(folder.as_deref()) {
            Ok(store) => store,
            Err(error) => {
                gaps.push(Gap::new("the markers of the repository", error));
                return BTreeSet::new();
            }
        };
        let files = self.files(&store, authority, gaps);
        let (prefilter, wanted, archives) = (Prefilter::new(), super::wanted(settings), settings.archives);
        let lens = Lens { prefilter, wanted, archives, hash_len: store.hash_len() };
        let mut reader = store.reader();
        let mut accepted = BTreeSet::new();
        for (name, path) in files {
            if accepted.len() == self.values.len() {
                break;
            }
            if stop.load(Ordering::Relaxed) {
                gaps.push(Gap::new("the markers of earlier revisions", "interrupted"));
                break;
            }
            match reader.with_object(&name, |kind, size, content| lens.stream(kind, size, content)) {
                Ok(view) => {
                    let credentials = view.shown.iter().map(|shown| &shown.credential);
                    let values = credentials.filter(|found| is_accepted(found)).flat_map(values);
                    accepted.extend(values.filter(|value| self.values.contains(value)));
                }
                Err(error) => gaps.push(Gap::new(format!("object {name} ({})", path.to_str_lossy()), error)),
            }
        }
        accepted
    }

    /// The files of the revisions, each once, those at the paths of the findings first.
    fn files(&self, store: &Store, authority: &Authority, gaps: &mut Vec<Gap>) -> Vec<(Oid, BString)> {
        let mut files = BTreeMap::new();
        for revision in of_markers(store, authority, gaps) {
            match store.files(&revision.to_string()) {
                Ok(found) => files.extend(found),
                Err(error) => gaps.push(Gap::new(format!("the markers in {}", revision.short()), error)),
            }
        }
        let mut files: Vec<(Oid, BString)> = files.into_iter().collect();
        files.sort_by_key(|(name, path)| (!self.paths.contains(path), *name));
        files
    }
}

fn is_accepted(credential: &Credential) -> bool {
    credential.marked().is_some_and(|marked| marked.marker.accepts())
}

/// What is accepted with a credential: a pair's ID, too.
fn values(credential: &Credential) -> impl Iterator<Item = String> {
    let secret = credential.secret().map(|secret| secret.expose().to_owned());
    secret.into_iter().chain(credential.key_id().map(|id| id.as_str().to_owned()))
}
