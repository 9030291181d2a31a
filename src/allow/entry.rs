//! An allow entry: who accepts what, why, and until when.
//!
//! Whatever a config's form, it comes down to this: checks, joined by *all* or *any*, for the findings of some rules
//! or of every one. An entry without a check accepts nothing, whatever it says: nobody allows everything by leaving
//! something out.

use super::{Day, Finders, Globs};
use crate::credential::{Account, KeyId, Secret};
use crate::finding::{Finding, Location, Part};
use crate::pattern::Pattern;
use bstr::BString;
use sha1::{Digest, Sha1};

/// What somebody accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Why, in the words of whoever wrote it.
    pub reason: String,
    /// Where it stands, as people find it: `.keyward.toml:12`.
    pub place: String,
    /// The last day on which it counts.
    pub expires: Option<Day>,
    /// The rules whose findings it is about; empty means every one.
    pub rules: Vec<String>,
    /// How many of the checks must hold.
    pub condition: Condition,
    /// What a finding is held against.
    pub checks: Vec<Check>,
}

/// How many checks of an entry must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Condition {
    /// Every one.
    #[default]
    All,
    /// One.
    Any,
}

/// One thing that a finding is held against. Of a list, one must fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The path of each place, from the top of the repository.
    Paths(Vec<Pattern>),
    /// A text of the finding.
    Values(Target, Vec<Pattern>),
    /// Words in the secret, in lower case; the case does not matter.
    Stopwords(Vec<String>),
    /// The commit that brought it: whole names in lower case.
    Commits(Vec<String>),
    /// The account that the key belongs to.
    Accounts(Vec<Account>),
    /// The key ID.
    KeyIds(Vec<KeyId>),
    /// The name in reports.
    Fingerprints(Vec<String>),
    /// The path of each place, whole.
    Files(Vec<BString>),
    /// The path of each place, as `.gitignore` would write it.
    Globs(Globs),
    /// The line on which the secret stands, or what there is instead.
    Lines(Vec<u64>),
    /// The SHA-1 of the secret, or of the key ID where that is all there is.
    Sha1(Vec<[u8; 20]>),
    /// The rules of another scanner that find it.
    FoundBy(Finders),
}

/// Which text of a finding a pattern is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Target {
    /// The secret, or the key ID where that is all there is.
    #[default]
    Secret,
    /// All that the rule matched.
    Match,
    /// The lines on which it stands.
    Line,
}

impl Entry {
    /// Does it count on `today`?
    #[must_use]
    pub fn is_valid(&self, today: Day) -> bool {
        self.expires.is_none_or(|last| today <= last)
    }

    /// Does it accept this finding, which stands at `paths` (from the top of the repository)?
    #[must_use]
    pub fn accepts(&self, finding: &Finding, paths: &[&[u8]]) -> bool {
        let is_about = self.rules.is_empty() || self.rules.iter().any(|rule| rule == finding.rule.id());
        let mut checks = self.checks.iter();
        is_about
            && match self.condition {
                Condition::All => !self.checks.is_empty() && checks.all(|check| check.holds(finding, paths)),
                Condition::Any => checks.any(|check| check.holds(finding, paths)),
            }
    }

    /// Does it ask at which paths a finding stands?
    #[must_use]
    pub fn asks_for_paths(&self) -> bool {
        self.checks.iter().any(|check| matches!(check, Check::Paths(_) | Check::Files(_) | Check::Globs(_)))
    }

    /// Does it go by the number of a line, whatever stands there? A commit's lines do not change.
    #[must_use]
    pub fn is_by_line(&self) -> bool {
        let has = |is_one: fn(&Check) -> bool| self.checks.iter().any(is_one);
        has(|check| matches!(check, Check::Lines(_))) && !has(|check| matches!(check, Check::Commits(_)))
    }

    /// Does it look at the lines on which findings stand, or at all that a rule matched?
    #[must_use]
    pub fn needs_surroundings(&self) -> bool {
        self.checks.iter().any(|check| match check {
            Check::Values(target, _) => *target != Target::Secret,
            Check::FoundBy(finders) => finders.needs_surroundings(),
            _ => false,
        })
    }
}

impl Check {
    fn holds(&self, finding: &Finding, paths: &[&[u8]]) -> bool {
        match self {
            Self::Paths(patterns) => every(paths, |path| any(patterns, path)),
            Self::Values(Target::Secret, patterns) => {
                value(finding).is_some_and(|value| any(patterns, value.as_bytes()))
            }
            Self::Values(target, patterns) => every(own_places(finding), |place| {
                surroundings(place, *target).is_some_and(|text| any(patterns, text.expose().as_bytes()))
            }),
            Self::Stopwords(words) => value(finding).is_some_and(|value| {
                let value = value.to_lowercase();
                words.iter().any(|word| value.contains(word))
            }),
            Self::Commits(commits) => {
                let brought = finding.provenance.as_ref().and_then(|provenance| provenance.commit.as_ref());
                brought.is_some_and(|commit| commits.contains(commit))
            }
            Self::Accounts(accounts) => finding.account.is_some_and(|account| accounts.contains(&account)),
            Self::KeyIds(ids) => finding.key_id.is_some_and(|id| ids.contains(&id)),
            Self::Fingerprints(names) => names.iter().any(|name| name == finding.fingerprint.as_str()),
            Self::Files(files) => every(paths, |path| files.iter().any(|file| file == path)),
            Self::Globs(globs) => every(paths, |path| globs.is_match(path)),
            Self::Lines(lines) => every(own_places(finding), |place| lines.contains(&place.span.start.line)),
            Self::Sha1(hashes) => value(finding).is_some_and(|value| {
                let hash = Sha1::digest(value);
                hashes.iter().any(|known| hash[..] == known[..])
            }),
            Self::FoundBy(finders) => finders.hold(finding, paths),
        }
    }
}

/// The value by which a finding is known.
fn value(finding: &Finding) -> Option<&str> {
    finding.values().next()
}

/// The places of what is accepted: of a pair those of its secret.
pub(super) fn own_places(finding: &Finding) -> impl Iterator<Item = &Location> {
    let part = finding.locations.first().map_or(Part::Secret, |place| place.part);
    finding.locations.iter().filter(move |place| place.part == part)
}

fn surroundings(place: &Location, target: Target) -> Option<&Secret> {
    let around = place.around.as_ref()?;
    match target {
        Target::Line => Some(&around.line),
        Target::Match | Target::Secret => Some(&around.matched),
    }
}

fn any(patterns: &[Pattern], text: &[u8]) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(text))
}

/// Every one, and at least one.
fn every<T>(items: impl IntoIterator<Item = T>, holds: impl Fn(T) -> bool) -> bool {
    let mut items = items.into_iter().peekable();
    items.peek().is_some() && items.all(holds)
}
