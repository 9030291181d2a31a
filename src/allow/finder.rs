//! Rules of another scanner, as far as it matters which of them would find a value: what is accepted of one rule is not
//! accepted of the others.

use super::entry::own_places;
use crate::finding::{Finding, Location};
use crate::pattern::Pattern;

/// A rule of another scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    /// keyward's rules for what it finds; empty means any.
    pub rules: Vec<String>,
    /// What it matches on the line, the value included; nothing means that its rules say enough.
    pub pattern: Option<Pattern>,
    /// The paths at which it looks; nothing means all.
    pub path: Option<Pattern>,
}

/// Some of a scanner's rules, and all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finders {
    /// One of these finds the value.
    pub by: Vec<Finder>,
    /// None of these does.
    pub by_no_other: Vec<Finder>,
}

impl Finders {
    /// Is a finding found by one of the rules, and by no other?
    #[must_use]
    pub fn hold(&self, finding: &Finding, paths: &[&[u8]]) -> bool {
        // Where nobody saw the line, another rule may find the value.
        let finds = |unseen: bool| move |finder: &Finder| finder.finds(finding, paths, unseen);
        self.by.iter().any(finds(false)) && !self.by_no_other.iter().any(finds(true))
    }

    /// Do they look at the lines on which findings stand?
    #[must_use]
    pub fn needs_surroundings(&self) -> bool {
        self.by.iter().chain(&self.by_no_other).any(|finder| finder.pattern.is_some())
    }
}

impl Finder {
    fn finds(&self, finding: &Finding, paths: &[&[u8]], unseen: bool) -> bool {
        let is_about = self.rules.is_empty() || self.rules.iter().any(|rule| rule == finding.rule.id());
        let looks = self.path.as_ref().is_none_or(|path| paths.iter().any(|at| path.is_match(at)));
        is_about
            && looks
            && self.pattern.as_ref().is_none_or(|pattern| own_places(finding).any(|at| covers(pattern, at, unseen)))
    }
}

/// Is the value within a match of `pattern` on its line? `unseen` is the answer where the line is not known.
fn covers(pattern: &Pattern, place: &Location, unseen: bool) -> bool {
    let Some(line) = place.around.as_deref().map(|around| around.line.expose()) else { return unseen };
    let value = place.written.expose();
    pattern.matches(line.as_bytes()).any(|found| line.get(found).is_some_and(|found| found.contains(value)))
}
