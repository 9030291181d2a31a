//! `[[rule]]` of a config: a rule of somebody's own, tried on its examples while the file is read.

use super::document::{At, Section};
use super::file::{CONFIDENCES, File, SEVERITIES};
use super::problem::{Grade, Line};
use crate::allow::{Check, Condition, Entry, Target};
use crate::detect::Stretch;
use crate::detect::own::{Definition, Group, OwnRules, Progress, examine};
use crate::pattern::Pattern;
use crate::rules::{Confidence, OwnRule, Rule, Severity};
use crate::sanitize::sanitize;
use std::collections::BTreeSet;

/// A rule, and what is accepted of its findings.
pub(super) struct Read {
    pub(super) definition: Definition,
    pub(super) allow: Vec<Entry>,
}

/// Letters of a rule's longest name.
const LONGEST_ID: usize = 80;

impl File<'_> {
    /// The name of a rule, if it can have that; `known` holds those before it.
    pub(super) fn rule_id(&mut self, section: &mut Section<'_>, known: &BTreeSet<String>) -> Option<String> {
        let id = section.string("id", &mut self.problems);
        if !section.has("id") {
            let hint = Some("id = \"acme-token\"".to_owned());
            self.problems.error(&section.at, &section.about, "`id` is missing", hint);
        }
        let id = id?;
        let name = id.get_ref().clone();
        section.about = format!("rule \"{name}\"");
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if name.is_empty() || name.len() > LONGEST_ID || !name.chars().all(is_letter) {
            let what = format!("`id` has letters, digits, `-`, `_` and `.`, {LONGEST_ID} at the most");
            self.problems.error(&id.span(), &section.about, what, None);
            return None;
        }
        if known.contains(&name) {
            let what =
                if Rule::named(&name).is_some() { "this rule is built in" } else { "there is such a rule already" };
            self.problems.error(&id.span(), &section.about, what, Some("give it another name".to_owned()));
            return None;
        }
        Some(name)
    }

    /// The rule of this name.
    pub(super) fn rule(&mut self, mut section: Section<'_>, id: Option<String>) -> Option<Read> {
        let description = section.string("description", &mut self.problems).map(At::into_inner);
        let severity = self.word(&mut section, "severity", &SEVERITIES).unwrap_or(Severity::High);
        let confidence = self.word(&mut section, "confidence", &CONFIDENCES).unwrap_or(Confidence::Medium);
        let group = self.group(&mut section);
        let regex = self.expression(&mut section, group);
        let keywords = self.keywords(&mut section);
        let entropy = self.entropy(&mut section);
        let paths = self.paths(&mut section);
        let examples = section.strings("examples", &mut self.problems).unwrap_or_default();
        let near_misses = section.strings("near-misses", &mut self.problems).unwrap_or_default();
        let entries = section.tables("allow", &mut self.problems);
        let only = id.clone().into_iter().collect::<Vec<_>>();
        let mut allow: Vec<Entry> =
            entries.into_iter().filter_map(|entry| self.entry_of(entry, only.clone())).collect();
        let about = section.about.clone();
        section.finish(&mut self.problems);
        let id = id?;
        let title = sanitize(description.as_deref().unwrap_or(&id)).into_owned();
        let rule = OwnRule::new(&id, &title, severity, confidence);
        let paths = paths.unwrap_or_default();
        let tried = (examples.len(), near_misses.len());
        let definition = Definition { rule, regex: regex?, keywords: keywords?, entropy, group, paths, tried };
        let values = self.tried(&definition, &about, &examples, &near_misses);
        allow.extend(values.into_iter().filter_map(|value| self.of_example(&definition, &value)));
        Some(Read { definition, allow })
    }

    fn group(&mut self, section: &mut Section<'_>) -> Group {
        let number = section.count("secret-group", &mut self.problems);
        number.map_or(Group::First, |number| Group::Number(number.into_inner() as usize))
    }

    fn expression(&mut self, section: &mut Section<'_>, group: Group) -> Option<String> {
        let regex = section.string("regex", &mut self.problems);
        if !section.has("regex") {
            let hint = Some("regex = 'acme_[a-z0-9]{32}'".to_owned());
            self.problems.error(&section.at, &section.about, "`regex` is missing", hint);
        }
        let regex = regex?;
        if let Err(mistake) = examine(regex.get_ref(), group) {
            section.mistake(&mut self.problems, "`regex`", &regex, &mistake);
            return None;
        }
        Some(regex.into_inner())
    }

    fn keywords(&mut self, section: &mut Section<'_>) -> Option<Vec<String>> {
        let mut sound = true;
        let keywords = section.strings("keywords", &mut self.problems).unwrap_or_default();
        for keyword in keywords.iter().filter(|keyword| keyword.get_ref().len() < 2) {
            sound = false;
            let hint = Some("a word that stands in every match, of two letters at least".to_owned());
            self.problems.error(&keyword.span(), &section.about, "so short a keyword stands in every text", hint);
        }
        sound.then(|| keywords.into_iter().map(At::into_inner).collect())
    }

    fn entropy(&mut self, section: &mut Section<'_>) -> Option<f64> {
        let entropy = section.number("entropy", &mut self.problems)?;
        if !(0.0..8.0).contains(entropy.get_ref()) {
            let hint = Some("English has 4 bits in a letter, random base64 has nearly 6".to_owned());
            self.problems.error(&entropy.span(), &section.about, "`entropy` is from 0 to 8", hint);
        }
        Some(entropy.into_inner())
    }

    /// Tries a rule on its examples and near misses; returns the values that its examples hold.
    fn tried(
        &mut self,
        definition: &Definition,
        about: &str,
        examples: &[At<String>],
        near_misses: &[At<String>],
    ) -> Vec<String> {
        if examples.is_empty() && near_misses.is_empty() {
            return Vec::new();
        }
        let rules = OwnRules::new(vec![definition.clone()]);
        let mut values = Vec::new();
        for (texts, expected) in [(examples, true), (near_misses, false)] {
            for text in texts {
                let found = values_in(&rules, text.get_ref());
                if found.is_empty() == expected {
                    let (what, hint) = if expected {
                        ("this example is not found", "look at the regex, the keywords and the entropy")
                    } else {
                        ("this near miss is found", "make the regex stricter, or the entropy higher")
                    };
                    let (at, hint) = (text.span(), Some(hint.to_owned()));
                    // An example looks like a secret.
                    self.problems.note(Grade::Error, Line::Hidden, &at, about, what, hint);
                }
                values.extend(found);
            }
        }
        values
    }

    /// An entry for a value of an example, which stands in the config itself.
    fn of_example(&self, definition: &Definition, value: &str) -> Option<Entry> {
        let file = std::path::Path::new(self.name).file_name()?.to_str()?;
        let exactly = |text: &str| Pattern::new(&format!("^{}$", regex_syntax::escape(text))).ok();
        let path = Pattern::new(&format!("(^|/){}$", regex_syntax::escape(file))).ok()?;
        Some(Entry {
            reason: "an example of the rule that finds it".to_owned(),
            place: self.name.to_owned(),
            expires: None,
            rules: vec![definition.rule.facts().id.to_owned()],
            condition: Condition::All,
            checks: vec![Check::Paths(vec![path]), Check::Values(Target::Secret, vec![exactly(value)?])],
        })
    }
}

/// The values that rules find in a text.
fn values_in(rules: &OwnRules, text: &str) -> Vec<String> {
    let stretch = Stretch { bytes: text.as_bytes(), base: 0, accept: 0..text.len() };
    let mut progress = Progress::default();
    let mut seen = rules.look(&stretch, &mut progress);
    seen.extend(rules.look_at_all(text.as_bytes(), &progress));
    seen.into_iter().map(|seen| String::from_utf8_lossy(&text.as_bytes()[seen.value]).into_owned()).collect()
}
