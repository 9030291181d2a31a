//! The entries of other scanners' files, written as `.keyward.toml` has them.
//!
//! What that form has no word for (hashes, numbers of lines) is carried over by what it accepts today: the fingerprints of
//! the credentials. What keyward's own reader would refuse, because it accepts everything, is left out, and said.

use super::{Note, Reading, RuleDefinition};
use crate::allow::{Check, Condition, Day, Entry, Target};
use crate::config::file;
use crate::config::problem::Grade;
use crate::pattern::Pattern;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A file of another scanner's, as it was read.
#[derive(Debug)]
pub struct Source {
    /// The name by which people know it.
    pub name: String,
    /// What it says.
    pub reading: Reading,
}

/// A credential that an entry accepts today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Where the entry stands.
    pub place: String,
    /// The credential's name in reports.
    pub fingerprint: String,
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct Conversion {
    /// A whole `.keyward.toml`.
    pub text: String,
    /// Entries in it.
    pub entries: usize,
    /// Rules in it.
    pub rules: usize,
    /// What could not be carried over, a line each: place, what, why.
    pub omitted: Vec<String>,
}

/// Can an entry be written as it is?
#[must_use]
pub fn is_portable(entry: &Entry) -> bool {
    entry.checks.iter().all(|check| !matches!(check, Check::Lines(_) | Check::Sha1(_)))
}

/// Converts what `sources` say, which from then on need not be read any more if it `replaces_all`; `accepted` is what those entries accept today that cannot be written as they are.
#[must_use]
pub fn convert(sources: &[Source], accepted: &[Accepted], today: Day, replaces_all: bool) -> Conversion {
    let mut conversion = Conversion::default();
    let names: Vec<&str> = sources.iter().map(|source| &source.name[..]).collect();
    let _ = writeln!(conversion.text, "# Made of {} by `keyward config import` on {today}.", names.join(", "));
    if replaces_all {
        conversion.text.push_str("\n# What those files accept is below.\nother-scanners = \"ignored\"\n");
    }
    let mut by_place: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in accepted {
        by_place.entry(&one.place).or_default().push(&one.fingerprint);
    }
    for Source { name, reading } in sources {
        for entry in &reading.entries {
            conversion.entry(entry, by_place.get(&entry.place[..]).map(Vec::as_slice), today);
        }
        for rule in &reading.rules {
            conversion.rule(name, rule, today);
        }
        conversion.omitted.extend(reading.notes.iter().map(|note| omission(name, note)));
    }
    conversion
}

fn omission(name: &str, note: &Note) -> String {
    if note.line == 0 { note.to_string() } else { format!("{name}:{}  {note}", note.line) }
}

impl Conversion {
    fn entry(&mut self, entry: &Entry, fingerprints: Option<&[&str]>, today: Day) {
        let section = if is_portable(entry) {
            section(entry)
        } else if let Some(fingerprints) = fingerprints {
            let mut names: Vec<&str> = fingerprints.to_vec();
            names.sort_unstable();
            names.dedup();
            let mut text = header(entry);
            let _ = writeln!(text, "fingerprints = {}", list(names));
            Ok(text)
        } else {
            Err("it accepts nothing that stands in these files today".to_owned())
        };
        match section.and_then(|text| readable(text, today)) {
            Ok(text) => {
                self.entries += 1;
                let _ = write!(self.text, "\n{text}");
            }
            Err(why) => self.omitted.push(format!("{}  {why}", entry.place)),
        }
    }

    fn rule(&mut self, name: &str, rule: &RuleDefinition, today: Day) {
        match own_rule(name, rule).and_then(|text| readable(text, today)) {
            Ok(text) => {
                self.rules += 1;
                let _ = write!(self.text, "\n{text}");
            }
            Err(why) => self.omitted.push(format!("{name}:{}  the rule {}: {why}", rule.line, rule.id)),
        }
    }
}

/// What is written must be read again.
fn readable(text: String, today: Day) -> Result<String, String> {
    let read = file::read(text.as_bytes(), "", today);
    match read.problems.iter().find(|problem| problem.grade == Grade::Error) {
        None => Ok(text),
        Some(problem) => Err(problem.what.clone()),
    }
}

/// A rule as the config has it, with what is accepted of it.
fn own_rule(name: &str, rule: &RuleDefinition) -> Result<String, String> {
    let Some(regex) = &rule.regex else { return Err("it has no regex, so it finds files and no values".to_owned()) };
    if rule.is_composite || rule.is_silent {
        return Err("it needs another rule, and rules stand alone here".to_owned());
    }
    let mut text = format!("# {name}:{}\n[[rule]]\nid = {}\n", rule.line, quoted(&rule.id));
    if !rule.description.is_empty() {
        let _ = writeln!(text, "description = {}", quoted(&rule.description));
    }
    let _ = writeln!(text, "regex = {}", quoted(regex));
    if rule.secret_group > 0 {
        let _ = writeln!(text, "secret-group = {}", rule.secret_group);
    }
    if rule.entropy > 0.0 {
        let _ = writeln!(text, "entropy = {}", rule.entropy);
    }
    if !rule.keywords.is_empty() {
        let _ = writeln!(text, "keywords = {}", list(rule.keywords.iter().map(String::as_str)));
    }
    if let Some(path) = &rule.path {
        let _ = writeln!(text, "paths = {}", list([&path[..]]));
    }
    for entry in &rule.allow {
        let section = section(entry)?.replacen("[[allow]]", "[[rule.allow]]", 1);
        let _ = write!(text, "\n{section}");
    }
    Ok(text)
}

fn header(entry: &Entry) -> String {
    format!("# {}\n[[allow]]\nreason = {}\n", entry.place, quoted(&entry.reason))
}

/// An entry as the config has it.
fn section(entry: &Entry) -> Result<String, String> {
    let mut text = header(entry);
    let mut rules: Vec<&str> = entry.rules.iter().map(String::as_str).collect();
    let mut keys = BTreeMap::new();
    for check in &entry.checks {
        let (key, value) = match check {
            Check::Paths(patterns) => ("paths", expressions(patterns)),
            Check::Files(files) => {
                let patterns: Vec<String> =
                    files.iter().map(|file| format!("^{}$", regex_syntax::escape(&file.to_string()))).collect();
                ("paths", list(patterns.iter().map(String::as_str)))
            }
            Check::Globs(globs) => ("paths", list(globs.expressions()?.iter().map(String::as_str))),
            Check::Values(target, patterns) => {
                if *target != Target::Secret {
                    let target = if *target == Target::Line { "line" } else { "match" };
                    keys.insert("target", quoted(target));
                }
                ("values", expressions(patterns))
            }
            Check::Stopwords(words) => ("stopwords", list(words.iter().map(String::as_str))),
            Check::Commits(commits) => ("commits", list(commits.iter().map(String::as_str))),
            Check::FoundBy(finders) => {
                if finders.by.iter().any(|finder| finder.rules.is_empty()) {
                    return Err("it is about a rule of its own, and what that finds".to_owned());
                }
                rules.extend(finders.by.iter().flat_map(|finder| &finder.rules).map(String::as_str));
                continue;
            }
            Check::Accounts(_) | Check::KeyIds(_) | Check::Fingerprints(_) | Check::Lines(_) | Check::Sha1(_) => {
                return Err("it cannot be written".to_owned());
            }
        };
        if keys.insert(key, value).is_some() {
            return Err(format!("it holds {key} twice"));
        }
    }
    rules.sort_unstable();
    rules.dedup();
    if !rules.is_empty() {
        let _ = writeln!(text, "rules = {}", list(rules));
    }
    if entry.condition == Condition::Any && keys.len() > 1 {
        let _ = writeln!(text, "condition = \"any\"");
    }
    for (key, value) in keys {
        let _ = writeln!(text, "{key} = {value}");
    }
    Ok(text)
}

fn expressions(patterns: &[Pattern]) -> String {
    list(patterns.iter().map(Pattern::as_str))
}

/// A list of texts, on one line or, where there are several, on one each.
fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(quoted).collect();
    match &texts[..] {
        [one] => format!("[{one}]"),
        _ => format!("[\n  {},\n]", texts.join(",\n  ")),
    }
}

/// A text as TOML quotes it, without escapes where that is possible: expressions are full of backslashes.
fn quoted(text: &str) -> String {
    let is_plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if is_plain {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
