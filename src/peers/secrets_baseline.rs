//! `.secrets.baseline`: what detect-secrets knows already, by file and SHA-1 of the value, and which files, lines and
//! values it leaves out.
//!
//! What an audit calls a real secret (`is_secret`), or a service has confirmed (`is_verified`), is known there and not accepted
//! here. Line numbers are not looked at: the hash is enough. Source: detect-secrets 1.5, `core/potential_secret.py`,
//! `filters/regex.py`, `core/upgrades/`, read 2026-11-24.

use super::keys::line_of;
use super::{Note, Reading};
use crate::allow::{Check, Condition, Entry, Target};
use crate::config::problem::masked;
use crate::pattern::Pattern;
use serde_json::{Map, Value};

pub(super) fn read(name: &str, text: &str) -> Reading {
    let mut reading = Reading::default();
    let document: Map<String, Value> = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            reading.notes.push(Note::malformed(error.line(), name, "this is no JSON object"));
            return reading;
        }
    };
    let mut baseline = Baseline { name, text, from: 0, document, reading };
    baseline.filters();
    baseline.exclusions_of_old_versions();
    baseline.results();
    baseline.reading
}

struct Baseline<'b> {
    name: &'b str,
    text: &'b str,
    /// What lies before was looked for already: files come in their order.
    from: usize,
    document: Map<String, Value>,
    reading: Reading,
}

impl Baseline<'_> {
    fn filters(&mut self) {
        for filter in list(self.document.get("filters_used")) {
            let Some(path) = filter.get("path").and_then(Value::as_str) else { continue };
            let check: fn(Vec<Pattern>) -> Check = match path.rsplit('.').next() {
                Some("should_exclude_file") => Check::Paths,
                Some("should_exclude_line") => |patterns| Check::Values(Target::Line, patterns),
                Some("should_exclude_secret") if path.contains(".regex.") => {
                    |patterns| Check::Values(Target::Secret, patterns)
                }
                // Some come with detect-secrets and are about what a secret looks like; others run code.
                _ if path.starts_with("detect_secrets.") => continue,
                _ => {
                    let line = self.line_of_text(path);
                    let why = "it is code of your own, which keyward does not run";
                    self.reading.notes.push(Note::otherwise(line, format!("the filter {path}"), why));
                    continue;
                }
            };
            let patterns = match filter.get("pattern") {
                Some(Value::String(one)) => vec![one.clone()],
                more => list(more).iter().filter_map(|pattern| pattern.as_str().map(str::to_owned)).collect(),
            };
            self.exclude(&patterns, check);
        }
    }

    /// Before version 1, there were two expressions.
    fn exclusions_of_old_versions(&mut self) {
        let Some(exclude) = self.document.get("exclude") else { return };
        let text = |key: &str| exclude.get(key).and_then(Value::as_str).map(|text| vec![text.to_owned()]);
        let (files, lines) = (text("files"), text("lines"));
        self.exclude(&files.unwrap_or_default(), Check::Paths);
        self.exclude(&lines.unwrap_or_default(), |patterns| Check::Values(Target::Line, patterns));
    }

    fn exclude(&mut self, patterns: &[String], check: fn(Vec<Pattern>) -> Check) {
        for written in patterns.iter().filter(|written| !written.is_empty()) {
            let line = self.line_of_text(written);
            // Python's end of the text; all else that the two have in common is written alike.
            match Pattern::new(&written.replace(r"\Z", r"\z")) {
                Ok(pattern) => {
                    let reason = "left out by a filter of the baseline".to_owned();
                    self.accept(line, reason, vec![check(vec![pattern])]);
                }
                Err(mistake) => {
                    let why = format!("the expression {}", mistake.what);
                    self.reading.notes.push(Note::malformed(line, format!("the filter '{}'", masked(written)), why));
                }
            }
        }
    }

    fn results(&mut self) {
        let results = self.document.get("results").and_then(Value::as_object).cloned().unwrap_or_default();
        for (file, known) in &results {
            let start = self.text.find(&format!("{}: [", Value::from(file.as_str())));
            self.from = start.unwrap_or_default();
            let path = file.replace('\\', "/");
            for known in list(Some(known)) {
                self.result(path.trim_start_matches("./"), &known);
            }
        }
    }

    fn result(&mut self, path: &str, known: &Value) {
        let says = |key: &str| known.get(key).and_then(Value::as_bool) == Some(true);
        let digits = known.get("hashed_secret").and_then(Value::as_str).unwrap_or_default();
        let place = self.text[self.from..].find(digits).map_or(self.from, |at| self.from + at);
        let line = line_of(self.text, place);
        let kind = known.get("type").and_then(Value::as_str).unwrap_or("secret");
        let what = format!("{kind} in '{path}'");
        let Some(hash) = sha1(digits) else {
            self.reading.notes.push(Note::malformed(line, what, "it has no SHA-1"));
            return;
        };
        if says("is_secret") {
            self.reading.notes.push(Note::otherwise(line, what, "the audit calls it a real secret"));
        } else if says("is_verified") {
            self.reading.notes.push(Note::otherwise(line, what, "it was verified: a service took it"));
        } else {
            let reason = format!("known to detect-secrets as {kind}");
            self.accept(line, reason, vec![Check::Files(vec![path.into()]), Check::Sha1(vec![hash])]);
        }
    }

    fn accept(&mut self, line: usize, reason: String, checks: Vec<Check>) {
        self.reading.entries.push(Entry {
            reason,
            place: format!("{}:{line}", self.name),
            expires: None,
            rules: Vec::new(),
            condition: Condition::All,
            checks,
        });
    }

    /// The line on which a text of the document stands first.
    fn line_of_text(&self, text: &str) -> usize {
        self.text.find(&Value::from(text).to_string()).map_or(1, |at| line_of(self.text, at))
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The bytes that forty hexadecimal digits stand for.
fn sha1(digits: &str) -> Option<[u8; 20]> {
    let mut hash = [0; 20];
    let is_hash = digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    for (byte, at) in hash.iter_mut().zip((0..if is_hash { 40 } else { 0 }).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    is_hash.then_some(hash)
}
