//! What a config file says, understood: what counts, where, and what is accepted.

use super::Acceptance;
use crate::allow::Entry;
use crate::credential::Account;
use crate::detect::own::OwnRules;
use crate::pattern::Pattern;
use crate::rules::facts::{FACTS, Facts};
use crate::rules::{Confidence, Severity};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a config file says; the default is what holds without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The file, as people know it; nothing where there is none.
    pub file: Option<String>,
    /// Findings below this are counted, not reported.
    pub min_confidence: Option<Confidence>,
    /// Findings below this do not make a scan fail.
    pub fail_on: Option<Severity>,
    /// The accounts that are ours.
    pub accounts: BTreeSet<Account>,
    /// Paths that are not examined.
    pub excluded: Vec<Exclusion>,
    /// Which rules count.
    pub switches: Switches,
    /// The rules of its own that are on.
    pub own: Arc<OwnRules>,
    /// What is accepted.
    pub allow: Vec<Entry>,
    /// Do the files of other scanners count?
    pub other_scanners: Acceptance,
    /// What people should know of the file, though it can be followed.
    pub warnings: Vec<String>,
}

/// Paths that are not examined, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// They match one of these; from the top of the work tree.
    pub paths: Vec<Pattern>,
    /// Why, in the words of whoever wrote it.
    pub reason: String,
    /// Where it stands, as people find it: `.keyward.toml:12`.
    pub place: String,
}

/// Which rules count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// Only these, if there are any.
    pub on: BTreeSet<String>,
    /// Not these.
    pub off: BTreeSet<String>,
}

impl Policy {
    /// Why the file at `path`, from the top of the work tree, is not examined; nothing if it is.
    #[must_use]
    pub fn excludes(&self, path: &[u8]) -> Option<&str> {
        let excludes = |exclusion: &&Exclusion| exclusion.paths.iter().any(|pattern| pattern.is_match(path));
        self.excluded.iter().find(excludes).map(|exclusion| &exclusion.reason[..])
    }

    /// Its own rules, if there are any.
    #[must_use]
    pub fn own_rules(&self) -> Option<Arc<OwnRules>> {
        (!self.own.is_empty()).then(|| Arc::clone(&self.own))
    }

    /// What is known of every rule that counts: those that are built in, then its own.
    pub fn facts(&self) -> impl Iterator<Item = &'static Facts> {
        FACTS.iter().chain(self.own.definitions().map(|definition| definition.rule.facts()))
    }

    /// Does it ask at which paths something stands?
    #[must_use]
    pub fn asks_for_paths(&self) -> bool {
        let of_rules = self.own.definitions().any(|definition| !definition.paths.is_empty());
        of_rules || !self.excluded.is_empty() || self.allow.iter().any(Entry::asks_for_paths)
    }

    /// Is a part of the decision made by what stands around a value?
    #[must_use]
    pub fn needs_surroundings(&self) -> bool {
        self.allow.iter().any(Entry::needs_surroundings)
    }
}

impl Switches {
    /// Does the rule of this name count?
    #[must_use]
    pub fn is_on(&self, rule: &str) -> bool {
        (self.on.is_empty() || self.on.contains(rule)) && !self.off.contains(rule)
    }
}
