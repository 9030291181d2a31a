//! `keyward ci`: what a CI tells in the environment, turned into the settings of an ordinary scan.
//!
//! Each CI has a file that reads its variables into a `Subject`: what the run is about, as that CI tells it. These
//! know no repository. `range` looks the subject up in the clone, and refuses what the clone cannot answer: a part of
//! a range is never taken for all of it.

mod elsewhere;
mod github;
mod gitlab;
mod range;
mod subject;

pub use elsewhere::{BASE, HEAD};

use crate::config::{Authority, Ci, Format, Output, ScanSettings, Target, Variables};
use crate::error::Result;
use subject::Subject;

/// What is examined, and how that was found out.
#[derive(Debug)]
pub struct Plan {
    /// For people, before anything else is said.
    pub heading: String,
    /// The settings of the scan.
    pub settings: ScanSettings,
}

/// The names of the variables that are worth reading.
pub fn variables() -> impl Iterator<Item = &'static str> {
    [github::VARIABLES, gitlab::VARIABLES, elsewhere::VARIABLES].into_iter().flatten().copied()
}

/// The reports on standard output where nobody asks for one there.
///
/// Where a CI takes annotations, they come first: what the report for people shows of a repository cannot mute them.
#[must_use]
pub fn reports(told: &Variables) -> Vec<Output> {
    let is_github = told.get("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    let annotations = is_github.then_some(Output { format: Format::Github, file: None });
    annotations.into_iter().chain([Output::default()]).collect()
}

/// What a run is about, as far as its environment tells, and the scan of it.
///
/// # Errors
/// Where the environment lacks what its CI should have put there, and where the clone does not have all that is asked
/// for, with what to write into the CI's configuration.
pub fn plan(ci: &Ci) -> Result<Plan> {
    let range::Looked { heading, scope, authority } = range::of(&subject(&ci.variables)?)?;
    let asked = &ci.scan;
    let authority = if asked.authority == Authority::Examined { authority } else { asked.authority.clone() };
    Ok(Plan { heading, settings: ScanSettings { target: Target::History(scope), authority, ..asked.clone() } })
}

/// What somebody asks for by name counts more than what a CI tells.
fn subject(told: &Variables) -> Result<Subject> {
    let is_set = |name| told.get(name).is_some_and(|value| value == "true");
    match elsewhere::as_asked(told) {
        Some(asked) => Ok(asked),
        None if is_set("GITHUB_ACTIONS") => github::subject(told),
        None if is_set("GITLAB_CI") => gitlab::subject(told),
        None => Ok(elsewhere::subject(told)),
    }
}
