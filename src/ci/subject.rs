//! What a run is about, before a clone is looked at.

use crate::config::Variables;
use crate::error::{Error, Result};
use crate::git::Oid;

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// In the words of its CI: `GitHub pull request 12`.
    pub(super) name: String,
    /// What is to be examined.
    pub(super) part: Part,
    /// What to do if the clone does not have it.
    pub(super) fix: String,
}

/// The part of a history that is to be examined; revisions are whole names of objects, full names of refs, or what
/// somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// What `head` has and `base` has not.
    Brought {
        /// Where to begin.
        head: String,
        /// What is known.
        base: String,
    },
    /// What a ref has got.
    Pushed {
        /// Where it is.
        head: String,
        /// Where it was; nothing if it is new. Not in the clone if it was rewritten.
        before: Option<String>,
        /// What is known instead where `before` does not help; without it, nothing is known.
        default: Option<String>,
    },
    /// All that the clone has.
    Everything {
        /// Why, where that is worth a word.
        why: Option<&'static str>,
    },
    /// Nothing.
    Nothing {
        /// Why.
        why: &'static str,
    },
}

/// The value of a variable without which a CI has not told what a run is about.
pub(super) fn need<'t>(told: &'t Variables, name: &str, expected: &str) -> Result<&'t str> {
    told.get(name).map(String::as_str).ok_or_else(|| {
        Error::new(format!("{name} is not set"))
            .because(format!("it should be {expected}"))
            .hint("keyward ci must see the variables of its job; keyward ci --base REF --head REF needs none of them")
    })
}

/// The name of an object that `place` tells; nothing where it is the null name.
pub(super) fn object(place: &str, name: &str) -> Result<Option<String>> {
    match Oid::from_hex(name.as_bytes()) {
        Some(oid) if oid.is_null() => Ok(None),
        Some(oid) => Ok(Some(oid.to_string())),
        None => Err(Error::new(format!("{place} is '{name}'")).because("it should be the whole name of a commit")),
    }
}

/// The same where it must be one.
pub(super) fn some_object(place: &str, name: &str) -> Result<String> {
    object(place, name)?
        .ok_or_else(|| Error::new(format!("{place} is '{name}'")).because("it should name a commit that exists"))
}

/// The branch of the remote that every CI clones from.
pub(super) fn remote_branch(name: &str) -> String {
    format!("refs/remotes/origin/{name}")
}
