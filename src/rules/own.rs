//! Rules of somebody's own, from a config: they have facts like the others.
//!
//! A rule lives as long as the process, so that it can be passed around as easily as those that are built in; a config
//! that is read again finds its rules again.

use super::facts::Facts;
use super::{Confidence, Severity};
use std::collections::HashMap;
use std::fmt;
use std::sync::{LazyLock, Mutex};

/// A rule from a config.
#[derive(Clone, Copy)]
pub struct OwnRule(&'static Facts);

/// What makes two rules the same.
type Key = (String, String, Severity, Confidence);

/// All that were ever made.
static MADE: LazyLock<Mutex<HashMap<Key, OwnRule>>> = LazyLock::new(Mutex::default);

impl OwnRule {
    /// The rule of this name.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the lock.
    #[must_use]
    pub fn new(id: &str, description: &str, severity: Severity, confidence: Confidence) -> Self {
        let key = (id.to_owned(), description.to_owned(), severity, confidence);
        let mut made = MADE.lock().expect("nothing panics while it holds this lock");
        *made.entry(key).or_insert_with(|| {
            let title: &'static str = String::leak(description.to_owned());
            Self(Box::leak(Box::new(Facts {
                rule: None,
                id: String::leak(id.to_owned()),
                title,
                what: "found by a rule of the config",
                how: "as the config says",
                source: "the config",
                severity,
                confidence,
            })))
        })
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        self.0
    }
}

impl fmt::Debug for OwnRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl PartialEq for OwnRule {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for OwnRule {}

impl PartialOrd for OwnRule {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OwnRule {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.id.cmp(other.0.id)
    }
}

impl std::hash::Hash for OwnRule {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}
