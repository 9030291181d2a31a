//! The scan of what the next commit would contain.
//!
//! Only what the commit *brings* counts: a value is old if it stands in the changed files as HEAD has them, or if a
//! merge brings it from a commit that a remote has already.

use super::{Collector, Outcome, Scope, allowed, baseline, merge};
use crate::allow::baseline::NAME;
use crate::config::{Acceptance, ScanSettings, Staged};
use crate::error::Result;
use crate::finding::{Finding, Suppression};
use crate::scan::Census;
use crate::source::staged::Pending;
use std::collections::HashSet;
use std::sync::Arc;

/// Scans what is staged.
pub(super) fn scan(settings: &ScanSettings, staged: &Staged, collector: &Collector<'_>) -> Result<Outcome> {
    let pending = Pending::from_env(&staged.files)?;
    pending.deliver(collector);
    if settings.baseline == Acceptance::Counts && pending.brings(NAME) {
        baseline::check_staged(settings)?;
    }
    let mut outcome = collector.conclude(settings)?;
    outcome.summary.scope = if pending.is_of_named_files() { Scope::FilesOfTheIndex } else { Scope::AsAsked };
    if outcome.standing().next().is_some() {
        let known = known_values(settings, &pending, &mut outcome);
        outcome.suppress(Suppression::AlreadyThere, |value| known.contains(value));
    }
    if outcome.standing().next().is_some() {
        let merged = pending.merged(&staged.merged)?;
        if !merged.is_empty() {
            merge::forgive_what_is_public(settings, &mut outcome, merged)?;
        }
    }
    Ok(outcome)
}

/// The values that stand in the old side of the changed files. What cannot be read there makes nothing old, and the
/// scan incomplete.
fn known_values(settings: &ScanSettings, pending: &Pending, outcome: &mut Outcome) -> HashSet<String> {
    let census = Census::default();
    let collector = Collector::new(settings, &census);
    pending.deliver_old(&collector);
    let (policy, top) = (Arc::clone(&collector.policy), collector.top.clone());
    let (mut findings, gaps) = collector.into_parts();
    findings.retain(|finding| allowed::is_at_its_place(&policy, &top, finding));
    outcome.summary.incomplete.extend(gaps);
    findings.iter().flat_map(Finding::values).map(str::to_owned).collect()
}
