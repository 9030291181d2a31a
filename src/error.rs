//! What went wrong, why, and what to type: the one shape in which keyward reports a failure.
//!
//! Exit statuses live here too, because they are how a hook or a pipeline learns of a failure. An error is never
//! "clean": whoever cannot examine something returns an [`Error`] or notes a gap in the summary.

use crate::sanitize::{sanitize, sanitize_lines};
use std::fmt;
use std::process::ExitCode;

/// A failure in the user's words: the fact, its cause, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    what: String,
    cause: Option<String>,
    details: Option<String>,
    hint: Option<String>,
}

/// The result of whatever can fail for a reason that a user must hear.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure to do `what`; lower case, no full stop, the user's own words quoted.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), cause: None, details: None, hint: None }
    }

    /// Adds why it failed.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Adds what shows it: lines that are put as they are.
    #[must_use]
    pub fn showing(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Does its cause say so?
    #[must_use]
    pub fn is_about(&self, words: &str) -> bool {
        self.cause.as_ref().is_some_and(|cause| cause.contains(words))
    }

    /// Adds what to type, or to change.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", sanitize(&self.what))?;
        if let Some(cause) = &self.cause {
            write!(f, "\n  caused by: {}", sanitize_lines(cause))?;
        }
        if let Some(details) = &self.details {
            write!(f, "\n{}", sanitize_lines(details))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {}", sanitize(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// How a run ends; `README.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Everything in scope was examined, and nothing at or above `--fail-on` was found.
    Clean,
    /// Something was found, or an action was refused.
    Findings,
    /// An error, or a part of the scope could not be examined.
    Error,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Clean => 0,
            ExitStatus::Findings => 1,
            ExitStatus::Error => 2,
        })
    }
}
