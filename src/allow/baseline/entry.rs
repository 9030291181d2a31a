//! A line of a baseline.

use super::hash::{Hash, Salt};
use crate::allow::Day;
use bstr::{BStr, BString, ByteSlice};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::fmt;

/// A credential that somebody has accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The hashes of its values, that of what is to be kept secret first; never empty.
    pub hashes: Vec<Hash>,
    /// The salt of these hashes.
    pub salt: Salt,
    /// The rule that found it; for people.
    pub rule: String,
    /// When it was accepted.
    pub accepted: Day,
    /// The last day on which it is accepted, if that ends.
    pub until: Option<Day>,
    /// Where it stood then; for people.
    pub path: BString,
    /// Why it is accepted; one line, never empty.
    pub reason: String,
}

/// What was found, for people.
#[derive(Debug, Clone, Copy)]
pub struct Found<'f> {
    /// The rule that found it.
    pub rule: &'f str,
    /// Where.
    pub path: &'f BStr,
}

/// On what terms it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Today.
    pub accepted: Day,
    /// The last day, if that ends.
    pub until: Option<Day>,
    /// Why; of several lines it becomes one.
    pub reason: String,
}

impl Entry {
    /// The entry for a credential of these `values`, what is to be kept secret first.
    #[must_use]
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>, salt: Salt, found: Found<'_>, terms: &Terms) -> Self {
        let mut hashes = Vec::new();
        for value in values {
            let hash = salt.hash(value);
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        Self {
            hashes,
            salt,
            rule: found.rule.to_owned(),
            accepted: terms.accepted,
            until: terms.until,
            path: found.path.to_owned(),
            reason: one_line(&terms.reason),
        }
    }

    /// Has its time ended before `today`?
    #[must_use]
    pub fn is_over(&self, today: Day) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Does it accept longer than `other`, or as long, and since an earlier day?
    pub(super) fn lasts_longer_than(&self, other: &Self) -> bool {
        let end = |entry: &Self| (entry.until.is_none(), entry.until);
        (end(self), &other.accepted) > (end(other), &self.accepted)
    }

    /// The entry that `line` is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let mut rest = line;
        let hashes = word(&mut rest, "hashes")?.split(',').map(Hash::parse).collect::<Option<Vec<_>>>();
        let hashes = hashes.ok_or("it does not begin with hashes of 32 digits, joined by commas")?;
        let salt = Salt::parse(word(&mut rest, "salt")?).ok_or("its second word is no salt of 16 digits")?;
        let rule = word(&mut rest, "rule")?.to_owned();
        let days = days(word(&mut rest, "date")?);
        let (accepted, until) = days.ok_or("its fourth word is no date, as 2026-11-24 or 2026-11-24..2027-02-28")?;
        let path = percent_decode_str(word(&mut rest, "path")?).collect::<Vec<u8>>().into();
        let reason = rest.trim_ascii().to_owned();
        if reason.is_empty() {
            return Err("it gives no reason".to_owned());
        }
        Ok(Self { hashes, salt, rule, accepted, until, path, reason })
    }
}

/// A reason on one line.
fn one_line(reason: &str) -> String {
    let words = reason.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `DAY`, or `DAY..DAY`.
fn days(text: &str) -> Option<(Day, Option<Day>)> {
    match text.split_once("..") {
        Some((accepted, until)) => Some((Day::parse(accepted)?, Some(Day::parse(until)?))),
        None => Some((Day::parse(text)?, None)),
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hashes: Vec<String> = self.hashes.iter().map(Hash::to_string).collect();
        let until = self.until.as_ref().map(|until| format!("..{until}")).unwrap_or_default();
        let path = match self.path.as_bytes() {
            b"" => "-".to_owned(),
            path => written(path),
        };
        write!(f, "{} {} {} {}{until} {path} {}", hashes.join(","), self.salt, self.rule, self.accepted, self.reason)
    }
}

/// A path as one word; letters of any alphabet stay legible.
fn written(path: &[u8]) -> String {
    let mut word = String::new();
    for chunk in path.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if letter.is_ascii_graphic() && letter != '%' || letter.is_alphanumeric() {
                word.push(letter);
            } else {
                word.extend(percent_encode(letter.encode_utf8(&mut [0; 4]).as_bytes(), NON_ALPHANUMERIC));
            }
        }
        word.extend(percent_encode(chunk.invalid(), NON_ALPHANUMERIC));
    }
    word
}

/// Takes the next word off `rest`.
fn word<'l>(rest: &mut &'l str, what: &str) -> Result<&'l str, String> {
    let line = rest.trim_ascii_start();
    let (word, behind) = line.split_at(line.find([' ', '\t']).unwrap_or(line.len()));
    *rest = behind;
    if word.is_empty() { Err(format!("it ends before its {what}")) } else { Ok(word) }
}
