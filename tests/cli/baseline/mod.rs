//! What people have accepted in `.keyward-baseline`.

mod commands;
mod counting;
mod deciding;
mod edits;
mod explaining;
mod merging;

use crate::support::{Folder, Key};
use keyward::allow::Day;
use keyward::allow::baseline::{Baseline, Entry, Found, NAME, Salt, Terms};

/// A line that accepts a credential of these values.
pub fn line(values: &[&str], reason: &str, until: Option<&str>) -> String {
    let day = |text| Day::parse(text).unwrap();
    let found = Found { rule: "aws-access-key", path: "a.env".into() };
    let terms = Terms { accepted: day("2026-11-24"), until: until.map(day), reason: reason.to_owned() };
    Entry::new(values.iter().copied(), Salt::from_seed(b"test"), found, &terms).to_string()
}

/// A baseline that accepts these pairs.
pub fn accepting(keys: &[&Key]) -> String {
    let lines = keys.iter().map(|key| line(&[&key.secret, &key.id], "a test key", None) + "\n");
    Baseline::parse(lines.collect::<String>().as_bytes(), NAME).unwrap().to_string()
}

impl Folder {
    /// Accepts these pairs, and nothing else, in the file of the work tree.
    pub fn accept(&self, keys: &[&Key]) {
        self.write(NAME, accepting(keys));
    }
}
