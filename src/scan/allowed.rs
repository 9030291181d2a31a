//! What the config accepts of what was found.
//!
//! Files that it leaves out are not read in a tree; in a history, where a file has many paths, it is the findings that
//! do not count, and only those that stand at no other path.

use super::Outcome;
use super::authority::remark;
use super::policy::newer;
use super::top::Top;
use crate::allow::{Day, Entry};
use crate::config::file::NAME;
use crate::config::{Policy, ScanSettings};
use crate::finding::{Finding, Suppression};
use crate::rules::Rule;
use bstr::{BStr, BString, ByteSlice};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Lets those findings not count that the config accepts.
pub(super) fn heed(policy: &Policy, outcome: &mut Outcome) {
    outcome.summary.notes.extend(policy.warnings.iter().cloned());
    let today = Day::today();
    let valid: Vec<&Entry> = policy.allow.iter().filter(|entry| entry.is_valid(today)).collect();
    let top = &outcome.top;
    for finding in outcome.findings.iter_mut().filter(|finding| finding.suppressed_by.is_none()) {
        let from_top: Vec<Cow<'_, BStr>> = finding.paths().map(|path| top.path(path.as_bstr())).collect();
        let paths: Vec<&[u8]> = from_top.iter().map(|path| path.as_bytes()).collect();
        let reason = why(policy, &valid, finding, &paths);
        if let Some(reason) = reason {
            finding.suppressed_by = Some(Suppression::Config);
            finding.reason = Some(reason);
        }
    }
}

/// Notes what a config accepts that does not count here.
pub(super) fn tell(settings: &ScanSettings, outcome: &mut Outcome) {
    if outcome.standing().next().is_none() {
        return;
    }
    let today = Day::today();
    let mut notes = BTreeSet::new();
    for policy in newer(settings) {
        let valid: Vec<&Entry> = policy.allow.iter().filter(|entry| entry.is_valid(today)).collect();
        for finding in outcome.standing() {
            let from_top: Vec<Cow<'_, BStr>> = finding.paths().map(|path| outcome.top.path(path.as_bstr())).collect();
            let paths: Vec<&[u8]> = from_top.iter().map(|path| path.as_bytes()).collect();
            if why(&policy, &valid, finding, &paths).is_some() {
                let file = policy.file.as_deref().unwrap_or(NAME);
                notes.insert(remark(finding, &format!("accepted by the author in {file}, which does not count here")));
            }
        }
    }
    outcome.summary.notes.extend(notes);
}

/// Does the rule that found it count where it stands?
pub(super) fn is_at_its_place(policy: &Policy, top: &Top, finding: &Finding) -> bool {
    let Rule::Own(own) = finding.rule else { return true };
    let paths = policy.own.definition(own).map_or(&[][..], |definition| &definition.paths);
    let fits = |path: &BString| paths.iter().any(|pattern| pattern.is_match(&top.path(path.as_bstr())));
    paths.is_empty() || finding.paths().any(fits)
}

/// Why the config accepts a finding, if it does.
fn why(policy: &Policy, valid: &[&Entry], finding: &Finding, paths: &[&[u8]]) -> Option<String> {
    if !policy.switches.is_on(finding.rule.id()) {
        return Some("its rule is off".to_owned());
    }
    let excluded = || {
        let reasons: Option<Vec<&str>> = paths.iter().map(|path| policy.excludes(path)).collect();
        reasons?.first().map(|reason| format!("its path is left out: {reason}"))
    };
    let accepted = || valid.iter().find(|entry| entry.accepts(finding, paths)).map(|entry| entry.reason.clone());
    excluded().or_else(accepted)
}
