//! What is wrong in a config: where, what, and what to write instead, with the line and a caret under it.

use crate::credential::starred;
use crate::sanitize::sanitize;
use std::fmt;
use std::ops::Range;

/// Something in a config that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its bytes in the file.
    pub at: Range<usize>,
    /// What it is about (`rule "acme-token"`); empty for the file.
    pub about: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// How grave it is.
    pub grade: Grade,
    /// May its line be shown?
    pub line: Line,
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// The config cannot be followed.
    Error,
    /// It can, and somebody should know.
    Warning,
}

/// Whether a line of the config may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It is.
    Shown,
    /// It holds something that looks like a credential: an example.
    Hidden,
}

/// Columns of a terminal.
const WIDTH: usize = 80;

/// Columns before what a line does not hold any more.
const INDENT: usize = 4;

/// Characters of a line that are shown; the rest of a message fits beside it in 80 columns.
const LINE_SHOWN: usize = 64;

/// Characters before the caret that are kept of a longer line.
const BEFORE_CARET: usize = 40;

/// Characters from which on a word of letters and digits may be a secret that somebody wrote into a pattern.
const SUSPECT: usize = 16;

impl Problem {
    /// Writes it as people read it; `text` is the file.
    ///
    /// # Errors
    /// What writing reports.
    pub fn write(&self, text: &str, out: &mut dyn fmt::Write) -> fmt::Result {
        let at = floor(text, self.at.start);
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let number = text[..line_start].matches('\n').count() + 1;
        let column = text[line_start..at].chars().count() + 1;
        let about = if self.about.is_empty() { String::new() } else { format!("{}: ", sanitize(&self.about)) };
        let told = format!("  line {number}, column {column}: {about}{}", sanitize(&self.what));
        writeln!(out, "{}", wrapped(&told))?;
        if self.line == Line::Shown {
            let line = text[line_start..].lines().next().unwrap_or_default();
            let (shown, indent) = excerpt(&masked(line), column - 1);
            writeln!(out, "{number:>7} | {shown}\n        | {}^", " ".repeat(indent))?;
        }
        if let Some(hint) = &self.hint {
            writeln!(out, "{}", wrapped(&format!("  hint: {}", sanitize(hint))))?;
        }
        Ok(())
    }
}

/// A line that is broken between words, so that each part fits into 80 columns.
fn wrapped(line: &str) -> String {
    let mut broken = String::new();
    let mut width = 0;
    for word in line.split_inclusive(' ') {
        let len = word.trim_end().chars().count();
        if width > INDENT && width + len > WIDTH {
            broken.truncate(broken.trim_end().len());
            broken.push_str("\n    ");
            width = INDENT;
        }
        broken.push_str(word);
        width += word.chars().count();
    }
    broken
}

/// The start of the character at `at`, or the end.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

/// A line with stars for what may be a secret; as long as before.
pub(crate) fn masked(line: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "+/_".contains(letter);
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| is_word(letter) != is_word(first)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let is_suspect = is_word(first) && word.len() >= SUSPECT && word.bytes().any(|byte| byte.is_ascii_digit());
        shown.push_str(&if is_suspect { starred(word) } else { word.to_owned() });
        rest = behind;
    }
    shown
}

/// As much of a line as is shown, and the characters before the caret in it; a character that is escaped counts as one.
fn excerpt(line: &str, caret: usize) -> (String, usize) {
    let letters: Vec<char> = line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let from = if letters.len() > LINE_SHOWN { caret.saturating_sub(BEFORE_CARET) } else { 0 };
    let to = letters.len().min(from + LINE_SHOWN);
    let (before, behind) = (if from > 0 { "..." } else { "" }, if to < letters.len() { "..." } else { "" });
    let text: String = letters[from.min(to)..to].iter().collect();
    let shown: String = text
        .chars()
        .map(|letter| if sanitize(&letter.to_string()) == letter.to_string() { letter } else { '?' })
        .collect();
    (format!("{before}{shown}{behind}"), caret - from + before.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_caret_and_secrets_in_them_are_starred() {
        assert_eq!(excerpt("short", 2), ("short".to_owned(), 2));
        let (shown, indent) = excerpt(&format!("{}X{}", "a".repeat(100), "b".repeat(100)), 100);
        assert_eq!(shown.chars().nth(indent), Some('X'));
        assert_eq!(shown.len(), LINE_SHOWN + 6);
        assert_eq!(masked("values = ['^q7Zx9Kp2LmN4vB8s$']"), "values = ['^q7**************$']");
        assert_eq!(masked("regex = 'acme_[a-z0-9]{20}'"), "regex = 'acme_[a-z0-9]{20}'");
    }
}
