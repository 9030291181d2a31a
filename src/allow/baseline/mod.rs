//! `.keyward-baseline`: the credentials that people have accepted, one a line.
//!
//! ```text
//! HASH[,HASH...] SALT RULE DATE[..LAST-DAY] PATH REASON
//! ```
//!
//! The hashes are those of a credential's values, salted: that of what is to be kept secret first, then those of what it
//! brings along (a pair's key ID, a session token). Nothing else decides, so that moved lines, renamed files and other
//! encodings change nothing: rule and path are for people. The salt is public and stands in each line, so that
//! lines of two files make one file in any order, twice, or merged by git's `union`; and a line means the same wherever it
//! is copied. What is written is sorted by hashes: so two branches rarely write at the same place.
//!
//! A hash says nothing of a secret of AWS, which has 240 random bits. A password that can be guessed can be guessed from a
//! hash, too, whatever the salt.

mod entry;
mod hash;

pub use entry::{Entry, Found, Terms};
pub use hash::{Hash, Salt};

use super::Day;
use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// The name of the file at the top of a work tree.
pub const NAME: &str = ".keyward-baseline";

/// What stands at its start.
const HEADER: [&str; 3] = [
    "# What keyward shall not report. Each line accepts one credential; it holds salted hashes, no secret:",
    "# HASH[,HASH...] SALT RULE DATE[..LAST-DAY] PATH REASON",
    "# `keyward baseline show` explains them; `merge=union` in .gitattributes lets git merge them.",
];

/// Broken lines that are named.
const ERRORS_SHOWN: usize = 10;

/// The lines of a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Sorted, each once.
    entries: BTreeSet<Entry>,
    /// Comments of others, in their order.
    comments: Vec<String>,
}

impl Baseline {
    /// The baseline whose file, called `name`, holds `text`: in any order, lines twice, with comments (`#`) and empty lines.
    ///
    /// # Errors
    /// All broken lines at once, with their numbers.
    pub fn parse(text: &[u8], name: &str) -> Result<Self> {
        let mut baseline = Self::default();
        let mut errors = Vec::new();
        let mut torn = false;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
            let read = match line.to_str() {
                _ if line.is_empty() => continue,
                _ if is_conflict(line) => {
                    torn = true;
                    Err("a merge left its marks here".to_owned())
                }
                Ok(comment) if comment.starts_with('#') => {
                    baseline.comment(comment);
                    continue;
                }
                Ok(line) => Entry::parse(line),
                Err(_) => Err("it is not UTF-8".to_owned()),
            };
            match read {
                Ok(entry) => drop(baseline.entries.insert(entry)),
                Err(error) => errors.push(format!("line {number}: {error}")),
            }
        }
        if errors.is_empty() { Ok(baseline) } else { Err(refusal(name, errors, torn)) }
    }

    /// All entries, sorted.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many lines accept something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Does it accept nothing at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes an entry in.
    pub fn add(&mut self, entry: Entry) {
        self.entries.insert(entry);
    }

    /// Takes the entry for a credential of these `values` in, and returns those that it makes needless.
    pub fn replace(&mut self, values: &[&str], entry: Entry) -> Vec<Entry> {
        let is_needless = |old: &Entry| {
            let hashes: Vec<Hash> = values.iter().map(|value| old.salt.hash(value)).collect();
            old.hashes.iter().all(|hash| hashes.contains(hash))
        };
        let needless = self.entries.iter().filter(|old| is_needless(old)).cloned().collect();
        self.entries.retain(|old| !is_needless(old));
        self.entries.insert(entry);
        needless
    }

    /// Takes in what another one accepts.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Leaves out entries that are not to be `kept`, and of those about the same credential all but the one that accepts it
    /// longest.
    pub fn prune(&mut self, kept: impl Fn(&Entry) -> bool) {
        let mut best: HashMap<(Vec<Hash>, Salt), Entry> = HashMap::new();
        for entry in std::mem::take(&mut self.entries).into_iter().filter(kept) {
            let known = best.entry((entry.hashes.clone(), entry.salt)).or_insert_with(|| entry.clone());
            if entry.lasts_longer_than(known) {
                *known = entry;
            }
        }
        self.entries = best.into_values().collect();
    }

    /// The salt that most entries use.
    #[must_use]
    pub fn salt(&self) -> Option<Salt> {
        let mut counts: HashMap<Salt, usize> = HashMap::new();
        for entry in &self.entries {
            *counts.entry(entry.salt).or_default() += 1;
        }
        counts.into_iter().max_by_key(|&(salt, count)| (count, salt)).map(|(salt, _)| salt)
    }

    /// Its entries, to be looked up by value.
    #[must_use]
    pub fn index(&self) -> Index<'_> {
        let mut by_salt: HashMap<Salt, HashMap<Hash, Vec<&Entry>>> = HashMap::new();
        for entry in &self.entries {
            let hashes = by_salt.entry(entry.salt).or_default();
            for &hash in &entry.hashes {
                hashes.entry(hash).or_default().push(entry);
            }
        }
        Index { by_salt }
    }

    fn comment(&mut self, comment: &str) {
        if !HEADER.contains(&comment) && !self.comments.iter().any(|known| known == comment) {
            self.comments.push(comment.to_owned());
        }
    }
}

/// As the file is written.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comments = HEADER.into_iter().chain(self.comments.iter().map(String::as_str));
        comments.into_iter().try_for_each(|line| writeln!(f, "{line}"))?;
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

/// A baseline by hashes.
#[derive(Debug)]
pub struct Index<'b> {
    by_salt: HashMap<Salt, HashMap<Hash, Vec<&'b Entry>>>,
}

impl<'b> Index<'b> {
    /// The entries that are about `value`.
    pub fn about(&self, value: &str) -> impl Iterator<Item = &'b Entry> {
        self.by_salt.iter().flat_map(move |(salt, hashes)| hashes.get(&salt.hash(value)).into_iter().flatten().copied())
    }

    /// The entry that accepts a credential of these `values`, what is to be kept secret first, as of `today`. All of them must
    /// be accepted: another secret of the same key ID is not, nor a new key ID beside an accepted secret.
    pub fn accepts<'v>(&self, values: impl IntoIterator<Item = &'v str>, today: Day) -> Accepted<'b> {
        let mut first = None;
        let mut ended = None;
        for value in values {
            let (over, valid): (Vec<_>, Vec<_>) = self.about(value).partition(|entry| entry.is_over(today));
            match (valid.into_iter().min(), over.into_iter().max_by_key(|entry| entry.until)) {
                (Some(entry), _) => drop(first.get_or_insert(entry)),
                (None, Some(entry)) => drop(ended.get_or_insert(entry)),
                (None, None) => return Accepted::No,
            }
        }
        match (ended, first) {
            (Some(entry), _) => Accepted::NoMore(entry),
            (None, Some(entry)) => Accepted::By(entry),
            (None, None) => Accepted::No,
        }
    }
}

/// Is a credential accepted?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted<'b> {
    /// Yes, by this entry.
    By(&'b Entry),
    /// It was, by this one, whose time is over.
    NoMore(&'b Entry),
    /// No.
    No,
}

fn is_conflict(line: &[u8]) -> bool {
    [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"].iter().any(|mark| line.starts_with(*mark))
}

fn refusal(name: &str, mut errors: Vec<String>, torn: bool) -> Error {
    let more = errors.len().saturating_sub(ERRORS_SHOWN);
    errors.truncate(ERRORS_SHOWN);
    if more > 0 {
        errors.push(format!("and {more} more lines"));
    }
    let hint = if torn {
        "delete the lines that begin with <<<<<<<, ======= and >>>>>>>, keep all others"
    } else {
        "each line is HASH[,HASH...] SALT RULE DATE[..LAST-DAY] PATH REASON"
    };
    Error::new(format!("could not read {name}")).because(errors.join("\n")).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "0123456789abcdef";

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn entry(values: &[&str], until: Option<&str>) -> Entry {
        let found = Found { rule: "aws-access-key", path: "a b/\u{e9}%.env".into() };
        let terms = Terms { accepted: day("2026-11-24"), until: until.map(day), reason: " two\n words ".to_owned() };
        Entry::new(values.iter().copied(), Salt::parse(SALT).expect("a salt"), found, &terms)
    }

    fn parsed(text: &str) -> Result<Baseline> {
        Baseline::parse(text.as_bytes(), NAME)
    }

    #[test]
    fn a_line_is_read_as_it_is_written() {
        for entry in [entry(&["secret", "id"], None), entry(&["id"], Some("2027-01-01"))] {
            let line = entry.to_string();
            assert!(line.ends_with(" a%20b/\u{e9}%25.env two words"), "{line}");
            assert_eq!(Entry::parse(&line), Ok(entry));
        }
        let raw = Entry { path: b"\xff/\xe2\x80\xae".into(), ..entry(&["x"], None) };
        assert!(raw.to_string().contains(" %FF/%E2%80%AE "), "{raw}");
        assert_eq!(Entry::parse(&raw.to_string()), Ok(raw));
    }

    #[test]
    fn any_order_with_repeats_and_comments_is_one_file() {
        let mut both = Baseline::default();
        both.add(entry(&["a"], None));
        both.add(entry(&["b"], None));
        let written = both.to_string();
        let (a, b) = (entry(&["a"], None), entry(&["b"], None));
        for text in [written.clone(), format!("{b}\n\n{a}\r\n  {b}\n"), format!("\u{feff}{a}\n{b}")] {
            assert_eq!(parsed(&text).expect("well-formed").to_string(), written);
        }
        let commented = parsed(&format!("# ours\n{written}{written}# ours\n{b}\n")).expect("well-formed");
        assert_eq!(commented.to_string(), written.replacen("merge them.\n", "merge them.\n# ours\n", 1));
    }

    #[test]
    fn all_broken_lines_are_named_at_once() {
        let good = entry(&["a"], None).to_string();
        let (hash, rest) = good.split_once(' ').expect("words");
        let text = format!(
            "{good}\nnonsense\n{hash}\n{hash} {SALT} rule 2026-02-30 path why\n{hash} {SALT} rule 2026-02-03 path \n\
             {hash}, {rest}\n{hash} 12 rule\n"
        );
        let error = parsed(&text).expect_err("broken").to_string();
        assert_eq!(
            error,
            "could not read .keyward-baseline\n  \
             caused by: line 2: it does not begin with hashes of 32 digits, joined by commas\n\
             line 3: it ends before its salt\n\
             line 4: its fourth word is no date, as 2026-11-24 or 2026-11-24..2027-02-28\n\
             line 5: it gives no reason\n\
             line 6: it does not begin with hashes of 32 digits, joined by commas\n\
             line 7: its second word is no salt of 16 digits\n  \
             hint: each line is HASH[,HASH...] SALT RULE DATE[..LAST-DAY] PATH REASON"
        );
    }

    #[test]
    fn the_marks_of_a_conflict_are_named_with_the_way_out() {
        let error = parsed("<<<<<<< HEAD\n=======\n>>>>>>> topic\n").expect_err("torn").to_string();
        assert!(error.contains("line 1: a merge left its marks here\nline 2: "), "{error}");
        assert!(
            error.ends_with("hint: delete the lines that begin with <<<<<<<, ======= and >>>>>>>, keep all others")
        );
    }

    #[test]
    fn a_pair_brings_its_key_id_and_nothing_else() {
        let mut baseline = Baseline::default();
        baseline.add(entry(&["secret", "id"], None));
        baseline.add(entry(&["lone"], None));
        let (index, today) = (baseline.index(), day("2026-11-24"));
        let is_accepted = |values: &[&str]| matches!(index.accepts(values.iter().copied(), today), Accepted::By(_));
        for values in [&["secret", "id"][..], &["secret"], &["id"], &["lone"], &["secret", "lone"]] {
            assert!(is_accepted(values), "{values:?}");
        }
        for values in [&["other", "id"][..], &["secret", "other"], &["other"], &["Secret"], &[]] {
            assert!(!is_accepted(values), "{values:?}");
        }
    }

    #[test]
    fn an_entry_counts_until_the_end_of_its_last_day() {
        let mut baseline = Baseline::default();
        baseline.add(entry(&["secret"], Some("2026-12-01")));
        let index = baseline.index();
        assert!(matches!(index.accepts(["secret"], day("2026-12-01")), Accepted::By(_)));
        assert!(matches!(index.accepts(["secret"], day("2026-12-02")), Accepted::NoMore(_)));
    }

    #[test]
    fn pruning_keeps_the_line_that_accepts_longest() {
        let mut baseline = Baseline::default();
        baseline.entries.extend([entry(&["a"], Some("2027-01-01")), entry(&["a"], None), entry(&["b"], None)]);
        baseline.prune(|entry| *entry != super::tests::entry(&["b"], None));
        assert_eq!(baseline.entries().collect::<Vec<_>>(), [&entry(&["a"], None)]);
    }

    #[test]
    fn the_same_seed_gives_the_same_salt_and_a_salt_other_hashes() {
        let (one, two) = (Salt::from_seed(b"one"), Salt::from_seed(b"two"));
        assert_eq!(one, Salt::from_seed(b"one"));
        assert_ne!(one, two);
        assert_ne!(one.hash("x"), two.hash("x"));
    }
}
