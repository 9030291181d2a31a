//! The words before a value, as far as they may be shown.
//!
//! A report shows a value with its label, `AWS_SECRET_ACCESS_KEY=`, so that people know the place again. The rest
//! of the line can hold passwords and secrets that are not ours to print, so only the one assignment is kept, and
//! what in it could be a secret is starred out here, before anybody can get at it.

use super::MARGIN;

/// Bytes before a value that are kept at the most: more than a report shows, so that each word is seen whole.
const MAX: usize = 128;

/// Characters beside each other from which a word may be a secret: of mixed kinds, and of any.
const SUSPECT_MIXED: usize = 24;
const SUSPECT: usize = 36;

/// The text between the last separator and a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lead {
    text: String,
    /// Is there more on the line before it?
    pub cut: bool,
}

impl Lead {
    /// What stands on the line before `at`, from the last separator on.
    #[must_use]
    pub fn before(bytes: &[u8], at: usize) -> Self {
        let line = &bytes[line_start(bytes, at)..at];
        let opening = line.iter().rev().take_while(|byte| b" \t\"'`(<>=:[{".contains(byte)).count();
        let label_end = line.len() - opening;
        let label = line[..label_end].iter().rev().take_while(|byte| !b",;|\t&?(){}[]@".contains(byte)).count();
        let start = label_end - label.min(MAX);
        let text = String::from_utf8_lossy(&line[start..]);
        Self { text: without_suspects(text.trim_start()), cut: !line[..start].trim_ascii().is_empty() }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Where the line that holds `at` begins, or the window does.
fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(MARGIN / 4);
    memchr::memrchr2(b'\n', b'\r', &bytes[from..at]).map_or(from, |end| from + end + 1)
}

/// Stars for every word that could be a secret.
fn without_suspects(text: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "+/=%\\-_".contains(letter);
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(word);
        if is_suspect(head) {
            safe.push_str(&"*".repeat(head.len()));
        } else {
            safe.push_str(head);
        }
        let mut others = tail.chars();
        safe.extend(others.next());
        rest = others.as_str();
    }
    safe
}

fn is_suspect(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().any(|letter| of(&letter));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    word.len() >= SUSPECT || word.len() >= SUSPECT_MIXED && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(line: &str) -> (String, bool) {
        let Lead { text, cut } = Lead::before(line.as_bytes(), line.len());
        (text, cut)
    }

    #[test]
    fn one_assignment_is_shown_and_nothing_before_it() {
        assert_eq!(lead("a\n  aws_secret_key = \""), ("aws_secret_key = \"".into(), false));
        assert_eq!(lead("client('s3', aws_secret_access_key=\""), ("aws_secret_access_key=\"".into(), true));
        assert_eq!(lead("bob,Pa55w0rd,"), (String::new(), true));
    }

    #[test]
    fn a_word_that_could_be_a_secret_is_starred() {
        let secret = "x".repeat(20) + "Y1+/" + &"z".repeat(16);
        assert_eq!(lead(&format!("f {secret} ")), (format!("f {} ", "*".repeat(40)), false));
    }
}
