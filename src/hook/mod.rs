//! The git hooks: putting them in and out without hurting what is there, and what they do.
//!
//! From 2.54 on, git runs hooks that its configuration names (`configured`); before that, and only then, hooks are
//! files in a folder (`files`, `place`), which other tools want to own, too (`managers`). `doors` judges what
//! is guarded in the end. The scripts (`script`) only find keyward and call it: `keyward hook run` is an ordinary
//! scan of what git tells the hook ([`run`]).

mod calls;
mod configured;
mod doors;
mod files;
pub mod install;
mod managers;
mod place;
mod pushed;
mod remote;
pub mod run;
mod script;
pub mod status;
mod user;

use crate::config::Event;
use crate::error::{Error, ExitStatus, Result};
use std::fmt::Display;

/// What to print on standard output, and how it ended.
#[derive(Debug)]
pub struct Answer {
    /// The lines.
    pub lines: Vec<String>,
    /// The end.
    pub outcome: Result<ExitStatus>,
}

/// What was done to the hooks of one place.
#[derive(Debug)]
struct Done {
    place: String,
    /// The hooks that were put in, or taken out.
    changed: Vec<Event>,
    /// Those that were there already.
    up_to_date: Vec<Event>,
    /// What else to tell.
    notes: Vec<String>,
    /// What could not be done.
    problem: Option<Error>,
}

impl Done {
    fn at(place: impl Display) -> Self {
        Self { place: place.to_string(), changed: vec![], up_to_date: vec![], notes: vec![], problem: None }
    }

    /// Notes what could not be done; the first of several is told.
    fn problem(&mut self, problem: Error) {
        self.problem.get_or_insert(problem);
    }

    fn is_nothing(&self) -> bool {
        self.changed.is_empty() && self.notes.is_empty() && self.problem.is_none()
    }

    /// In words, behind `verb` ("installed in").
    fn lines(&self, verb: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for (verb, events) in [(verb, &self.changed), ("up to date in", &self.up_to_date)] {
            if !events.is_empty() {
                lines.push(format!("{verb} {}: {}", self.place, names(events)));
            }
        }
        lines.extend(self.notes.iter().cloned());
        lines
    }
}

fn names(events: &[Event]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(", ")
}
