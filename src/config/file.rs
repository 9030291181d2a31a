//! The form of `.keyward.toml`: what its bytes say, or all that is wrong with them.

use super::Acceptance;
use super::document::{At, Problems, Section, nearest};
use super::policy::{Exclusion, Policy, Switches};
use super::problem::{Grade, Line, Problem};
use crate::allow::{Check, Condition, Day, Entry, Target};
use crate::credential::{Account, KeyId};
use crate::detect::own::OwnRules;
use crate::error::Error;
use crate::pattern::Pattern;
use crate::rules::facts::FACTS;
use crate::rules::{Confidence, Severity};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use toml::de::DeTable;

/// The name of the file at the top of a work tree.
pub const NAME: &str = ".keyward.toml";

/// What `keyward config init` writes.
pub const TEMPLATE: &str = include_str!("init.toml");

/// The form of a config, for editors.
pub const SCHEMA: &str = include_str!("../../docs/keyward.schema.json");

/// Bytes of the largest config that is read.
pub const LARGEST: usize = 4 << 20;

/// A config as it was read: what it says, and what is wrong with it.
#[derive(Debug)]
pub struct Read {
    /// What it says, as far as that could be understood: to be followed only if nothing is wrong.
    policy: Policy,
    /// In the order of the file.
    pub problems: Vec<Problem>,
    name: String,
    text: String,
}

/// Reads a config from `bytes`; `name` is what people call it, `today` decides what has expired.
#[must_use]
pub fn read(bytes: &[u8], name: &str, today: Day) -> Read {
    let mut problems = Problems::default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let at = error.valid_up_to();
            problems.error(&(at..at), "", "this is not UTF-8", Some("save the file as UTF-8".to_owned()));
            String::from_utf8_lossy(&bytes[..at]).into_owned()
        }
    };
    let mut policy = Policy::default();
    if problems.0.is_empty() {
        let (document, errors) = DeTable::parse_recoverable(&text);
        for error in &errors {
            problems.error(&error.span().unwrap_or_default(), "", error.message(), None);
        }
        // A document that is no TOML may lack half of what stands in it.
        let mut file = File { name, text: &text, today, problems: Problems::default() };
        policy = file.policy(document.get_ref());
        if errors.is_empty() {
            problems = file.problems;
        }
    }
    problems.0.sort_by_key(|problem| problem.at.start);
    policy.file = Some(name.to_owned());
    let warnings = problems.0.iter().filter(|problem| problem.grade == Grade::Warning);
    policy.warnings =
        warnings.map(|warning| format!("{name}:{}  {}", line_of(&text, warning.at.start), warning.what)).collect();
    Read { policy, problems: problems.0, name: name.to_owned(), text }
}

impl Read {
    /// What the config says.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn policy(self) -> Result<Policy, Error> {
        if self.has_errors() {
            let what = format!("cannot read {}", self.name);
            return Err(Error::new(what).showing(self.told(Grade::Error)));
        }
        Ok(self.policy)
    }

    /// Is anything wrong, so that it cannot be followed?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.grade == Grade::Error)
    }

    /// The problems of a grade, as people read them.
    #[must_use]
    pub fn told(&self, grade: Grade) -> String {
        let mut told = String::new();
        for problem in self.problems.iter().filter(|problem| problem.grade == grade) {
            problem.write(&self.text, &mut told).unwrap_or_else(|fmt::Error| unreachable!("a text takes everything"));
        }
        told.truncate(told.trim_end().len());
        told
    }
}

/// The file as it is read.
pub(super) struct File<'f> {
    pub(super) name: &'f str,
    text: &'f str,
    today: Day,
    pub(super) problems: Problems,
}

impl File<'_> {
    fn policy(&mut self, document: &DeTable<'_>) -> Policy {
        let mut top = Section::new(document, self.text, "", 0..0);
        let min_confidence = self.word(&mut top, "min-confidence", &CONFIDENCES);
        let fail_on = self.word(&mut top, "fail-on", &SEVERITIES);
        let other_scanners = self.word(&mut top, "other-scanners", &ACCEPTANCES).unwrap_or_default();
        let accounts = self.aws(&mut top);
        let excluded = top.tables("exclude", &mut self.problems);
        let excluded = excluded.into_iter().filter_map(|section| self.exclusion(section)).collect();
        let mut known: BTreeSet<String> = FACTS.iter().map(|facts| facts.id.to_owned()).collect();
        // Their names first, because whatever stands before them may speak of them.
        let mut named = Vec::new();
        for mut section in top.tables("rule", &mut self.problems) {
            let id = self.rule_id(&mut section, &known);
            known.extend(id.clone());
            named.push((section, id));
        }
        let switches = self.switches(&mut top, &known);
        let entries = top.tables("allow", &mut self.problems);
        let mut allow: Vec<Entry> = entries.into_iter().filter_map(|section| self.entry(section, &known)).collect();
        let mut definitions = Vec::new();
        for rule in named.into_iter().filter_map(|(section, id)| self.rule(section, id)) {
            allow.extend(rule.allow);
            definitions.push(rule.definition);
        }
        top.finish(&mut self.problems);
        definitions.retain(|definition| switches.is_on(definition.rule.facts().id));
        let own = Arc::new(OwnRules::new(definitions));
        Policy {
            file: None,
            min_confidence,
            fail_on,
            accounts,
            excluded,
            switches,
            own,
            allow,
            other_scanners,
            warnings: Vec::new(),
        }
    }

    fn aws(&mut self, top: &mut Section<'_>) -> BTreeSet<Account> {
        let Some(mut aws) = top.table("aws", &mut self.problems) else { return BTreeSet::new() };
        let accounts = self.parsed(&mut aws, "accounts", "an account has twelve digits", Account::parse);
        aws.finish(&mut self.problems);
        accounts.unwrap_or_default().into_iter().collect()
    }

    fn switches(&mut self, top: &mut Section<'_>, known: &BTreeSet<String>) -> Switches {
        let Some(mut rules) = top.table("rules", &mut self.problems) else { return Switches::default() };
        let on = self.rule_names(&mut rules, "on", known);
        let off = self.rule_names(&mut rules, "off", known);
        let names = |names: &[At<String>]| names.iter().map(|name| name.get_ref().clone()).collect::<BTreeSet<_>>();
        let switches = Switches { on: names(&on), off: names(&off) };
        for twice in off.iter().filter(|name| switches.on.contains(name.get_ref())) {
            let what = format!("rule '{}' is both on and off", twice.get_ref());
            self.problems.error(&twice.span(), &rules.about, what, None);
        }
        if !known.iter().any(|rule| switches.is_on(rule)) {
            let hint = "a config without rules would call everything clean".to_owned();
            self.problems.error(&rules.place_of("off"), &rules.about, "no rule is left", Some(hint));
        }
        rules.finish(&mut self.problems);
        switches
    }

    fn rule_names(
        &mut self,
        section: &mut Section<'_>,
        key: &'static str,
        known: &BTreeSet<String>,
    ) -> Vec<At<String>> {
        let names = section.strings(key, &mut self.problems).unwrap_or_default();
        for name in names.iter().filter(|name| !known.contains(name.get_ref())) {
            let hint = nearest(name.get_ref(), known.iter().map(String::as_str)).map_or_else(
                || "keyward rules list names them".to_owned(),
                |known| format!("did you mean \"{known}\"?"),
            );
            let what = format!("there is no rule '{}'", name.get_ref());
            self.problems.error(&name.span(), &section.about, what, Some(hint));
        }
        names
    }

    fn exclusion(&mut self, mut section: Section<'_>) -> Option<Exclusion> {
        let place = self.place(&section);
        let reason = self.reason(&mut section);
        let paths = self.paths(&mut section);
        if !section.has("paths") {
            let what = "`paths` is missing".to_owned();
            self.problems.error(&section.at, &section.about, what, Some("paths = ['^vendor/']".to_owned()));
        }
        section.finish(&mut self.problems);
        Some(Exclusion { paths: paths?, reason: reason?, place })
    }

    fn entry(&mut self, mut section: Section<'_>, known: &BTreeSet<String>) -> Option<Entry> {
        let rules = self.rule_names(&mut section, "rules", known);
        self.entry_of(section, rules.into_iter().map(At::into_inner).collect())
    }

    /// An entry about the findings of `rules`; of every one, if these are none.
    pub(super) fn entry_of(&mut self, mut section: Section<'_>, rules: Vec<String>) -> Option<Entry> {
        let place = self.place(&section);
        let reason = self.reason(&mut section);
        let expires = self.expiry(&mut section);
        let condition = self.word(&mut section, "condition", &CONDITIONS).unwrap_or_default();
        let checks = self.checks(&mut section);
        if checks.is_empty() && !CHECKS.iter().any(|key| section.has(key)) {
            let hint = if rules.is_empty() {
                format!("say what it is about: {}", CHECKS.join(", "))
            } else {
                "to switch a rule off: [rules] off = [\"...\"]; or say which of its findings".to_owned()
            };
            let what = if rules.is_empty() { "this accepts everything" } else { "this accepts all that a rule finds" };
            self.problems.error(&section.at, &section.about, what, Some(hint));
        }
        section.finish(&mut self.problems);
        Some(Entry { reason: reason?, place, expires, rules, condition, checks })
    }

    fn place(&self, section: &Section<'_>) -> String {
        format!("{}:{}", self.name, line_of(self.text, section.at.start))
    }

    fn checks(&mut self, section: &mut Section<'_>) -> Vec<Check> {
        let commits = |text: &str| {
            let is_name = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_name.then(|| text.to_ascii_lowercase())
        };
        let fingerprints = |text: &str| {
            let is_name = text.strip_prefix("v1:").is_some_and(|digits| digits.len() == 32);
            is_name.then(|| text.to_owned())
        };
        let key_ids = |text: &str| KeyId::parse(text.as_bytes());
        let checks = [
            self.paths(section).map(Check::Paths),
            self.values(section),
            self.stopwords(section).map(Check::Stopwords),
            self.parsed(section, "commits", "a commit is named by all its 40 digits", commits).map(Check::Commits),
            self.parsed(section, "accounts", "an account has twelve digits", Account::parse).map(Check::Accounts),
            self.parsed(section, "key-ids", "a key ID has 20 characters: AKIA...", key_ids).map(Check::KeyIds),
            self.parsed(section, "fingerprints", "a report gives it: v1: and 32 digits", fingerprints)
                .map(Check::Fingerprints),
        ];
        checks.into_iter().flatten().collect()
    }

    fn reason(&mut self, section: &mut Section<'_>) -> Option<String> {
        let reason = section.string("reason", &mut self.problems);
        if !section.has("reason") {
            let hint = "whoever reads this in a year wants to know: reason = \"...\"".to_owned();
            self.problems.error(&section.at, &section.about, "`reason` is missing", Some(hint));
        }
        let reason = reason?;
        if !reason.get_ref().chars().any(char::is_alphanumeric) {
            self.problems.error(&reason.span(), &section.about, "`reason` says nothing", None);
            return None;
        }
        Some(reason.into_inner())
    }

    fn expiry(&mut self, section: &mut Section<'_>) -> Option<Day> {
        let written = section.day("expires", &mut self.problems)?;
        let Some(day) = Day::parse(written.get_ref()) else {
            let what = format!("'{}' is no day", written.get_ref());
            self.problems.error(&written.span(), &section.about, what, Some("expires = 2027-01-31".to_owned()));
            return None;
        };
        if day < self.today {
            let what = format!("this expired on {day}, so it accepts nothing any more");
            let hint = Some("take it out, or give it another day".to_owned());
            self.problems.note(Grade::Warning, Line::Shown, &written.span(), &section.about, what, hint);
        }
        Some(day)
    }

    pub(super) fn paths(&mut self, section: &mut Section<'_>) -> Option<Vec<Pattern>> {
        let patterns = section.patterns("paths", &mut self.problems)?;
        for pattern in &patterns {
            if pattern.get_ref().matches_all(&PATHS) {
                let hint = "a path from the top of the work tree: '^vendor/', '\\.lock$'".to_owned();
                self.problems.error(&pattern.span(), &section.about, "this matches every path", Some(hint));
            }
        }
        Some(patterns.into_iter().map(At::into_inner).collect())
    }

    fn values(&mut self, section: &mut Section<'_>) -> Option<Check> {
        let target = self.word(section, "target", &TARGETS);
        if target.is_some() && !section.has("values") {
            let what = "`target` says what `values` are held against, and there are none";
            self.problems.error(&section.place_of("target"), &section.about, what, None);
        }
        let patterns = section.patterns("values", &mut self.problems)?;
        for pattern in &patterns {
            if let Some(what) = all_that_matches(pattern.get_ref()) {
                let what = format!("this matches {what}");
                let hint = Some("say what sets apart the value that is meant".to_owned());
                self.problems.error(&pattern.span(), &section.about, what, hint);
            }
        }
        let patterns = patterns.into_iter().map(At::into_inner).collect();
        Some(Check::Values(target.unwrap_or_default(), patterns))
    }

    fn stopwords(&mut self, section: &mut Section<'_>) -> Option<Vec<String>> {
        let words = section.strings("stopwords", &mut self.problems)?;
        for word in words.iter().filter(|word| word.get_ref().chars().count() < SHORTEST_STOPWORD) {
            let what = "so short a word stands in nearly every secret";
            let hint = Some(format!("{SHORTEST_STOPWORD} characters at least"));
            self.problems.error(&word.span(), &section.about, what, hint);
        }
        Some(words.iter().map(|word| word.get_ref().to_lowercase()).collect())
    }

    /// A list of what `parse` understands.
    fn parsed<T>(
        &mut self,
        section: &mut Section<'_>,
        key: &'static str,
        form: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let texts = section.strings(key, &mut self.problems)?;
        let mut parsed = Vec::new();
        for text in texts {
            if let Some(value) = parse(text.get_ref()) {
                parsed.push(value);
            } else {
                let what = format!("`{key}` has an item of another form");
                self.problems.error(&text.span(), &section.about, what, Some(form.to_owned()));
            }
        }
        Some(parsed)
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        section: &mut Section<'_>,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let written = section.string(key, &mut self.problems)?;
        let found = words.iter().find(|(word, _)| word == written.get_ref());
        if found.is_none() {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let what = format!("`{key}` cannot be '{}'", written.get_ref());
            self.problems.error(&written.span(), &section.about, what, Some(format!("one of {}", known.join(", "))));
        }
        found.map(|(_, value)| *value)
    }
}

/// Letters of the shortest stopword; of two letters, every third random secret has them.
const SHORTEST_STOPWORD: usize = 3;

/// The keys of an allow entry that say what it is about.
const CHECKS: [&str; 7] = ["paths", "values", "stopwords", "commits", "accounts", "key-ids", "fingerprints"];

pub(super) const CONFIDENCES: [(&str, Confidence); 3] =
    [("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];

pub(super) const SEVERITIES: [(&str, Severity); 4] =
    [("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High), ("critical", Severity::Critical)];

const ACCEPTANCES: [(&str, Acceptance); 2] = [("count", Acceptance::Counts), ("ignored", Acceptance::Ignored)];

const CONDITIONS: [(&str, Condition); 2] = [("all", Condition::All), ("any", Condition::Any)];

const TARGETS: [(&str, Target); 3] = [("secret", Target::Secret), ("match", Target::Match), ("line", Target::Line)];

/// Paths that have nothing in common: what matches them all matches every path.
const PATHS: [&str; 10] = [
    "README",
    "src/main.rs",
    "a/b/c.env",
    "Makefile",
    "7",
    "docs/9.txt",
    ".x",
    "UPPER.TXT",
    "lib/z-1.2/q_k.c",
    "\u{e9}",
];

/// What a pattern matches all of; nothing if it tells values apart.
fn all_that_matches(pattern: &Pattern) -> Option<&'static str> {
    let secrets = values(&BASE64, 40, "");
    let key_ids = values(&BASE64[..26], 16, "AKIA");
    let others = ["q", "7", "Z", "_", "correct horse", "\u{e9}"];
    if pattern.matches_all(&secrets) && pattern.matches_all(&key_ids) && pattern.matches_all(&others) {
        Some("every value")
    } else if pattern.matches_all(&secrets) {
        Some("every secret access key")
    } else if pattern.matches_all(&key_ids) {
        Some("every key ID")
    } else {
        None
    }
}

const BASE64: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A dozen values of `length` characters behind `start`, as good as random.
fn values(alphabet: &[u8], length: usize, start: &str) -> Vec<String> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[usize::try_from(state >> 40).unwrap_or_default() % alphabet.len()])
    };
    (0..12).map(|_| start.chars().chain((0..length).map(|_| draw())).collect()).collect()
}

/// The line on which the byte at `at` stands; lines start at 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..at.min(text.len())]).count() + 1
}
