//! An allowlist of gitleaks, and the entry that decides as it does.
//!
//! Source: gitleaks 8.30, `config/allowlist.go`, and `checkCommitOrPathAllowed` and `checkFindingAllowed` in
//! `detect/detect.go`, read 2026-11-24.

use super::keys::{Keys, Written};
use super::{Note, re2};
use crate::allow::{Check, Condition, Entry, Finders, Target};
use crate::config::problem::masked;
use crate::pattern::Pattern;

/// An allowlist.
#[derive(Debug, Clone)]
pub(super) struct Allowlist {
    line: usize,
    place: String,
    reason: String,
    condition: Condition,
    checks: Vec<Check>,
    /// The rules that it is about, where it names them itself.
    pub(super) targets: Vec<Written>,
}

/// The keys of an allowlist.
const KEYS: [&str; 8] =
    ["description", "condition", "commits", "paths", "regexTarget", "regexes", "stopwords", "targetRules"];

impl Allowlist {
    /// Reads the table of one; nothing where it accepts nothing.
    pub(super) fn read(keys: &Keys<'_>, name: &str, notes: &mut Vec<Note>) -> Option<Self> {
        for (line, key) in keys.others(&KEYS) {
            notes.push(Note::malformed(line, format!("`{key}`"), "no allowlist of gitleaks has this key"));
        }
        let condition = condition(keys, notes)?;
        let target = target(keys, notes)?;
        let mut lists = Lists { keys, notes, whole: true };
        let checks = [
            lists.paths().map(Check::Paths),
            lists.patterns("regexes").map(|patterns| Check::Values(target, patterns)),
            lists.words("stopwords", str::to_lowercase).map(Check::Stopwords),
            lists.words("commits", |commit| commit.trim().to_ascii_lowercase()).map(Check::Commits),
        ];
        let is_whole = lists.whole;
        let checks: Vec<Check> = checks.into_iter().flatten().collect();
        if checks.is_empty() {
            let why = "it has neither commits, paths, regexes nor stopwords, so it accepts nothing";
            notes.push(Note::malformed(keys.line, "the allowlist", why));
            return None;
        }
        if !is_whole && condition == Condition::All {
            let why = "one of its conditions cannot be read, and all must hold";
            notes.push(Note::malformed(keys.line, "the allowlist", why));
            return None;
        }
        let described = keys.text("description", notes).map(|(_, text)| text).filter(|text| !text.trim().is_empty());
        let reason = described.unwrap_or_else(|| "accepted there without a reason".to_owned());
        let place = format!("{name}:{}", keys.line);
        let targets = keys.texts("targetRules", notes);
        Some(Self { line: keys.line, place, reason, condition, checks, targets })
    }

    /// The line of its header.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The entry for the findings of every rule.
    pub(super) fn for_all(&self) -> Entry {
        Entry {
            reason: self.reason.clone(),
            place: self.place.clone(),
            expires: None,
            rules: Vec::new(),
            condition: self.condition,
            checks: self.checks.clone(),
        }
    }

    /// The entries for what these rules find: one, or one for each check where one check is enough.
    pub(super) fn for_what(&self, finders: &Finders) -> Vec<Entry> {
        let found = Check::FoundBy(finders.clone());
        let with = |checks: &[Check]| Entry {
            condition: Condition::All,
            checks: [std::slice::from_ref(&found), checks].concat(),
            ..self.for_all()
        };
        match self.condition {
            Condition::All => vec![with(&self.checks)],
            Condition::Any => self.checks.iter().map(|check| with(std::slice::from_ref(check))).collect(),
        }
    }
}

fn condition(keys: &Keys<'_>, notes: &mut Vec<Note>) -> Option<Condition> {
    let Some((line, written)) = keys.text("condition", notes) else { return Some(Condition::Any) };
    match &written.to_ascii_uppercase()[..] {
        "AND" | "&&" => Some(Condition::All),
        "" | "OR" | "||" => Some(Condition::Any),
        _ => {
            notes.push(Note::malformed(line, format!("condition '{written}'"), "it must be AND or OR"));
            None
        }
    }
}

fn target(keys: &Keys<'_>, notes: &mut Vec<Note>) -> Option<Target> {
    let Some((line, written)) = keys.text("regexTarget", notes) else { return Some(Target::Secret) };
    match &written[..] {
        "" | "secret" => Some(Target::Secret),
        "match" => Some(Target::Match),
        "line" => Some(Target::Line),
        _ => {
            notes.push(Note::malformed(line, format!("regexTarget '{written}'"), "it must be secret, match or line"));
            None
        }
    }
}

/// The lists of an allowlist as they are read.
struct Lists<'l, 't> {
    keys: &'l Keys<'t>,
    notes: &'l mut Vec<Note>,
    /// Could all that there is be read?
    whole: bool,
}

impl Lists<'_, '_> {
    fn paths(&mut self) -> Option<Vec<Pattern>> {
        self.patterns("paths")
    }

    /// The expressions of a list, those that are sound; nothing where there is none.
    fn patterns(&mut self, key: &str) -> Option<Vec<Pattern>> {
        let written = self.keys.texts(key, self.notes);
        let translated = re2::joined(written.iter().map(|(_, text)| &text[..]));
        let mut patterns = Vec::new();
        for ((line, text), translated) in written.iter().zip(translated) {
            match Pattern::new(&translated) {
                Ok(pattern) => patterns.push(pattern),
                Err(mistake) => {
                    self.whole = false;
                    let what = format!("{key}: '{}'", masked(text));
                    self.notes.push(Note::malformed(*line, what, format!("the expression {}", mistake.what)));
                }
            }
        }
        (!patterns.is_empty()).then_some(patterns)
    }

    fn words(&mut self, key: &str, plain: impl Fn(&str) -> String) -> Option<Vec<String>> {
        let words: Vec<String> = self.keys.texts(key, self.notes).iter().map(|(_, word)| plain(word)).collect();
        (!words.is_empty()).then_some(words)
    }
}
