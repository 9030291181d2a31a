//! Joins halves that lie in different files: the key ID in one, the secret in the other.
//!
//! People part them on purpose (`id.txt` and `secret.txt`) or by habit (one setting a file), and each half alone
//! looks mild. They are joined only where there is no doubt which belongs to which: one lone key ID and one lone
//! secret among the files of a folder, of a commit or of an archive. Without a name for it, a secret counts only if its file
//! holds nothing else.

use crate::finding::{Finding, Mark, SourceKind};
use crate::rules::{Confidence, Rule, Severity};
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};

/// Joins the halves among `findings`, which are sorted; each pair takes the place of its two halves.
#[must_use]
pub fn join(findings: Vec<Finding>) -> Vec<Finding> {
    let (halves, mut whole): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| is_id(finding) || is_secret(finding));
    let mut groups: BTreeMap<BString, Vec<Finding>> = BTreeMap::new();
    for half in halves {
        groups.entry(group_of(&half)).or_default().push(half);
    }
    whole.extend(groups.into_values().flat_map(join_group));
    whole
}

/// The files of a folder belong together; so do those of a commit, and those of a container, wherever they lie.
fn group_of(finding: &Finding) -> BString {
    if let Some(inside) = finding.origin.inside {
        return finding.origin.path[..inside.container].into();
    }
    match finding.origin.source {
        SourceKind::Staged | SourceKind::Message | SourceKind::Stdin => BString::default(),
        SourceKind::Tree | SourceKind::History => finding
            .origin
            .path
            .rfind_byte(b'/')
            .map_or(b"".as_bstr(), |end| finding.origin.path[..end].as_bstr())
            .to_owned(),
    }
}

fn is_id(finding: &Finding) -> bool {
    finding.rule == Rule::AccessKeyId && finding.severity >= Severity::Medium
}

fn is_secret(finding: &Finding) -> bool {
    finding.rule == Rule::SecretAccessKey && (finding.confidence >= Confidence::Medium || finding.alone)
}

fn join_group(halves: Vec<Finding>) -> Vec<Finding> {
    let (mut ids, mut secrets): (Vec<_>, Vec<_>) = halves.into_iter().partition(is_id);
    let distinct =
        |findings: &[Finding]| findings.iter().map(|finding| &finding.fingerprint).collect::<BTreeSet<_>>().len();
    // Within one file it was nearness that decided, and against them.
    let apart = ids.iter().all(|id| secrets.iter().all(|secret| id.origin != secret.origin));
    if distinct(&ids) != 1 || distinct(&secrets) != 1 || !apart {
        ids.append(&mut secrets);
        return ids;
    }
    let id = ids.swap_remove(0);
    let mut pair = secrets.swap_remove(0);
    // What accepts the secret accepts the pair.
    pair.mark = Mark::strongest(secrets.iter_mut().chain([&mut pair]).filter_map(|secret| secret.mark.take()));
    pair.rule = Rule::AccessKey;
    pair.confidence = Confidence::Medium;
    pair.severity = if id.key_id.is_some_and(|id| id.is_temporary()) { Severity::High } else { Severity::Critical };
    (pair.key_id, pair.account) = (id.key_id, id.account);
    let elsewhere = secrets.into_iter().chain(ids).flat_map(|half| half.locations);
    pair.locations.extend(id.locations.into_iter().chain(elsewhere));
    vec![pair]
}
