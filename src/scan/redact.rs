//! Secrets in what a report says of a finding's surroundings.
//!
//! The name of a file, the first line of a message or an author's name may be the very secret that was found there.
//! There can be as many secrets as findings, so a text is searched for all of them at once, by how they start.

use super::Outcome;
use crate::credential::starred;
use crate::finding::Finding;
use std::collections::HashMap;

/// Bytes by which secrets are told apart first; all of them are longer.
const START: usize = 8;

/// The secrets of a scan, by their first bytes.
struct Known(HashMap<[u8; START], Vec<String>>);

/// Puts stars in the place of every secret of the findings in all that is said besides: paths, titles and authors, notes, gaps.
pub(super) fn redact(outcome: &mut Outcome) {
    let known = Known::of(&outcome.findings);
    for dismissed in &mut outcome.dismissed {
        if let Some(redacted) = known.starred_in(&dismissed.origin.path) {
            dismissed.origin.path = redacted.into();
        }
    }
    let gaps = outcome.summary.incomplete.iter_mut().flat_map(|gap| [&mut gap.what, &mut gap.why]);
    let notes = outcome.summary.notes.iter_mut().chain(&mut outcome.summary.as_it_is);
    for text in notes.chain(gaps) {
        if let Some(redacted) = known.starred_in(text.as_bytes()) {
            *text = String::from_utf8_lossy(&redacted).into_owned();
        }
    }
    for finding in &mut outcome.findings {
        let places = finding.locations.iter_mut().map(|place| &mut place.path);
        for path in places.chain([&mut finding.origin.path]) {
            if let Some(redacted) = known.starred_in(path) {
                *path = redacted.into();
            }
        }
        let provenance = finding.provenance.iter_mut();
        for text in provenance.flat_map(|provenance| [&mut provenance.title, &mut provenance.author]).flatten() {
            if let Some(redacted) = known.starred_in(text.as_bytes()) {
                *text = String::from_utf8_lossy(&redacted).into_owned();
            }
        }
    }
}

impl Known {
    fn of(findings: &[Finding]) -> Self {
        let mut known: HashMap<[u8; START], Vec<String>> = HashMap::new();
        for secret in findings.iter().flat_map(|finding| finding.secret.iter().chain(&finding.token)) {
            let secret = secret.expose();
            if let Some(start) = secret.as_bytes().first_chunk() {
                known.entry(*start).or_default().push(secret.to_owned());
            }
        }
        Self(known)
    }

    /// The text with stars; nothing where it holds no secret.
    fn starred_in(&self, text: &[u8]) -> Option<Vec<u8>> {
        let (mut redacted, mut kept) = (Vec::new(), 0);
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.first_chunk::<START>()) {
            let here = self.0.get(start).into_iter().flatten().find(|secret| text[at..].starts_with(secret.as_bytes()));
            if let Some(secret) = here {
                redacted.extend_from_slice(&text[kept..at]);
                redacted.extend_from_slice(starred(secret).as_bytes());
                at += secret.len();
                kept = at;
            } else {
                at += 1;
            }
        }
        redacted.extend_from_slice(&text[kept..]);
        (kept > 0).then_some(redacted)
    }
}
