//! `.gitleaks.toml`, and `.betterleaks.toml`, which has the same form.
//!
//! A config can extend another one, by path or the built-in one; what that accepts counts, too, but for the lists
//! that are built into gitleaks: those nobody of the repository has accepted. Source: gitleaks 8.30, `config/config.go`,
//! read 2026-11-24.

use super::allowlist::Allowlist;
use super::keys::Keys;
use super::{Files, Note, Peer, Reading, RuleDefinition, names, re2};
use crate::allow::{Entry, Finder, Finders};
use crate::pattern::Pattern;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use toml::de::DeTable;

/// How many configs can follow each other by `extend`.
const DEEPEST: usize = 2;

pub(super) fn read(peer: Peer, name: &str, text: &str, files: &Files<'_>) -> Reading {
    let mut notes = Vec::new();
    let Some(config) = Config::read(name, text, files, 0, &mut notes) else {
        return Reading { notes, ..Reading::default() };
    };
    let entries = config.entries(peer, &mut notes);
    notes.sort_by_key(|note| note.line);
    let accepted = |rule: &Rule| rule.allowlists.iter().map(Allowlist::for_all).collect();
    let rules =
        config.rules.into_values().map(|rule| RuleDefinition { allow: accepted(&rule), ..rule.definition }).collect();
    Reading { entries, notes, rules }
}

/// A rule, with what is accepted of it.
#[derive(Debug, Clone, Default)]
struct Rule {
    definition: RuleDefinition,
    allowlists: Vec<Allowlist>,
}

/// A config with all that it extends.
#[derive(Debug, Default)]
struct Config {
    rules: BTreeMap<String, Rule>,
    allowlists: Vec<Allowlist>,
    /// Does it have the built-in rules, and which of them not?
    built_in: Option<BTreeSet<String>>,
}

/// The tables and keys of a config.
const KEYS: [&str; 8] =
    ["title", "description", "extend", "rules", "allowlist", "allowlists", "minVersion", "betterleaksMinVersion"];

impl Config {
    fn read(name: &str, text: &str, files: &Files<'_>, depth: usize, notes: &mut Vec<Note>) -> Option<Self> {
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let line = error.span().map_or(1, |span| super::keys::line_of(text, span.start));
                notes.push(Note::malformed(line, name, format!("this is no TOML: {}", error.message())));
                return None;
            }
        };
        let keys = Keys::new(document.get_ref(), text);
        for (line, key) in keys.others(&KEYS) {
            let why = match &key.to_ascii_lowercase()[..] {
                "filter" | "prefilter" => "expressions of betterleaks cannot be carried over",
                _ => "gitleaks does not read it, either",
            };
            notes.push(Note::malformed(line, format!("`{key}`"), why));
        }
        let mut config = Self::default();
        for keys in keys.tables("rules") {
            config.add_rule(&keys, name, notes);
        }
        config.allowlists = allowlists(&keys, name, notes);
        config.extend(&keys, files, depth, notes);
        Some(config)
    }

    fn add_rule(&mut self, keys: &Keys<'_>, name: &str, notes: &mut Vec<Note>) {
        let Some((_, id)) = keys.text("id", notes).filter(|(_, id)| !id.trim().is_empty()) else {
            notes.push(Note::malformed(keys.line, "the rule", "it has no id"));
            return;
        };
        for key in ["filter", "validate"] {
            if keys.has(key) {
                let why = "expressions of betterleaks cannot be carried over";
                notes.push(Note::otherwise(keys.line_of(key), format!("{key} of {id}"), why));
            }
        }
        let mut expression = |key: &str| {
            let (line, written) = keys.text(key, notes).filter(|(_, written)| !written.is_empty())?;
            let translated = re2::alone(&written);
            if let Err(mistake) = Pattern::new(&translated) {
                let why = format!("the expression {}", mistake.what);
                notes.push(Note::malformed(line, format!("{key} of {id}"), why));
                return None;
            }
            Some(translated)
        };
        let (regex, path) = (expression("regex"), expression("path"));
        let text = |key: &str, notes: &mut Vec<Note>| keys.text(key, notes).map_or_else(String::new, |(_, text)| text);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a group is a small number")]
        let definition = RuleDefinition {
            line: keys.line,
            description: text("description", notes),
            regex,
            path,
            secret_group: keys.number("secretGroup").unwrap_or_default() as u32,
            entropy: keys.number("entropy").unwrap_or_default(),
            keywords: keys.texts("keywords", notes).into_iter().map(|(_, word)| word.to_lowercase()).collect(),
            is_composite: keys.has("required"),
            is_silent: keys.is_true("skipReport"),
            allow: Vec::new(),
            id: id.clone(),
        };
        self.rules.insert(id, Rule { definition, allowlists: allowlists(keys, name, notes) });
    }

    /// Takes in what the config extends.
    fn extend(&mut self, keys: &Keys<'_>, files: &Files<'_>, depth: usize, notes: &mut Vec<Note>) {
        let Some(extend) = keys.table("extend") else { return };
        let disabled: BTreeSet<String> = extend.texts("disabledRules", notes).into_iter().map(|(_, id)| id).collect();
        if extend.has("url") {
            let why = "a scan never touches the network; fetch the file, and name it in extend.path";
            notes.push(Note::malformed(extend.line_of("url"), "extend.url", why));
        }
        let path = extend.text("path", notes).filter(|(_, path)| !path.is_empty());
        if depth == DEEPEST {
            if extend.is_true("useDefault") || path.is_some() {
                notes.push(Note::malformed(extend.line, "extend", "gitleaks follows two configs, and no third"));
            }
            return;
        }
        if extend.is_true("useDefault") {
            self.built_in = Some(disabled.clone());
            if path.is_some() {
                let why = "gitleaks takes either it or useDefault, so it is not followed";
                notes.push(Note::malformed(extend.line_of("path"), "extend.path", why));
            }
        } else if let Some((line, path)) = path {
            match Self::extended(&path, files, depth, notes) {
                Ok(base) => self.merge(base, &disabled),
                Err(why) => notes.push(Note::malformed(line, format!("extend.path '{path}'"), why)),
            }
        }
    }

    fn extended(path: &str, files: &Files<'_>, depth: usize, notes: &mut Vec<Note>) -> Result<Self, String> {
        let inside = inside(path).ok_or("it leads out of the repository")?;
        let content = files(&inside)?.ok_or("there is no such file in the repository")?;
        let text = std::str::from_utf8(&content).map_err(|_| "it is not UTF-8")?;
        let mut inner = Vec::new();
        let base = Self::read(&inside, text, files, depth + 1, &mut inner);
        // Their lines are those of another file.
        notes.extend(inner.into_iter().map(|note| Note {
            what: format!("{inside}:{}: {}", note.line, note.what),
            line: 0,
            ..note
        }));
        base.ok_or_else(|| "it cannot be read".to_owned())
    }

    /// Takes over what the config behind has, where this one says nothing else.
    fn merge(&mut self, base: Self, disabled: &BTreeSet<String>) {
        for (id, mut rule) in base.rules.into_iter().filter(|(id, _)| !disabled.contains(id)) {
            if let Some(own) = self.rules.remove(&id) {
                rule.definition.overlay(own.definition);
                rule.allowlists.extend(own.allowlists);
            }
            self.rules.insert(id, rule);
        }
        self.allowlists.extend(base.allowlists);
        if let Some(theirs) = base.built_in {
            self.built_in = Some(theirs.union(disabled).cloned().collect());
        }
    }

    fn entries(&self, peer: Peer, notes: &mut Vec<Note>) -> Vec<Entry> {
        let finders = self.finders(peer);
        let mut entries = Vec::new();
        for list in &self.allowlists {
            if list.targets.is_empty() {
                entries.push(list.for_all());
            } else {
                let targets: Vec<&str> = list.targets.iter().map(|(_, id)| &id[..]).collect();
                entries.extend(about(list, &targets, &finders, notes));
            }
        }
        for (id, rule) in &self.rules {
            for list in &rule.allowlists {
                entries.extend(about(list, &[id], &finders, notes));
            }
        }
        entries
    }

    /// What each rule finds, as far as it may be something of AWS.
    fn finders(&self, peer: Peer) -> BTreeMap<&str, Finder> {
        let mut finders = BTreeMap::new();
        if let Some(disabled) = &self.built_in {
            let names = names::built_in(peer).filter(|&name| !disabled.contains(name));
            finders.extend(names.filter_map(|name| Some((name, names::finder(peer, name)?))));
        }
        for (id, Rule { definition, .. }) in &self.rules {
            let pattern = definition.regex.as_ref().and_then(|regex| Pattern::new(regex).ok());
            let known = names::finder(peer, id);
            let finder = match (pattern, known) {
                (Some(pattern), _) => Finder { rules: Vec::new(), pattern: Some(pattern), path: None },
                (None, Some(known)) => known,
                (None, None) => continue,
            };
            let path = definition.path.as_ref().and_then(|path| Pattern::new(path).ok());
            finders.insert(id, Finder { path, ..finder });
        }
        finders
    }
}

impl RuleDefinition {
    /// Takes over what another one says of the same rule.
    fn overlay(&mut self, own: Self) {
        self.line = own.line;
        if !own.description.is_empty() {
            self.description = own.description;
        }
        if own.entropy != 0.0 {
            self.entropy = own.entropy;
        }
        if own.secret_group != 0 {
            self.secret_group = own.secret_group;
        }
        self.regex = own.regex.or(self.regex.take());
        self.path = own.path.or(self.path.take());
        self.keywords.extend(own.keywords);
    }
}

/// The allowlists of a config or of a rule, of both forms.
fn allowlists(keys: &Keys<'_>, name: &str, notes: &mut Vec<Note>) -> Vec<Allowlist> {
    let tables = keys.tables("allowlists").into_iter().chain(keys.tables("allowlist"));
    tables.filter_map(|keys| Allowlist::read(&keys, name, notes)).collect()
}

/// The entries for what `rules` find and no other rule does: gitleaks reports a value while one rule does not let it pass.
fn about(list: &Allowlist, rules: &[&str], finders: &BTreeMap<&str, Finder>, notes: &mut Vec<Note>) -> Vec<Entry> {
    let (by, by_others): (Vec<_>, Vec<_>) = finders.iter().partition(|(id, _)| rules.contains(*id));
    if by.is_empty() {
        notes.push(Note::not_of_aws(list.line(), format!("the allowlist of {}", rules.join(", "))));
        return Vec::new();
    }
    let clones = |finders: Vec<(&&str, &Finder)>| finders.into_iter().map(|(_, finder)| finder.clone()).collect();
    list.for_what(&Finders { by: clones(by), by_no_other: clones(by_others) })
}

/// A path from the top that stays below it, as git writes it.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}
