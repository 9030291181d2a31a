//! Regular expressions as Go reads them, written so that Rust reads them the same way.
//!
//! The two are brothers (no looking around, no references back, linear time), and differ in letters: a `{` that counts
//! nothing, a `[` within a class, `\Q...\E`, octal numbers, `\<`. Whether the result compiles is for
//! [`crate::pattern::Pattern`] to say. Source: the package `regexp/syntax` of Go 1.26.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// `patterns`, each as Rust reads it.
///
/// gitleaks joins the expressions of a list with `|` into one, so a flag that one of them sets, like `(?i)` at its start,
/// holds for all that follow. What people have accepted rests on that, so it is kept.
pub(super) fn joined<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let mut flags = Flags::default();
    patterns
        .into_iter()
        .map(|pattern| {
            let prefix = flags.written();
            let (text, after) = translate(pattern, flags);
            flags = after;
            format!("{prefix}{text}")
        })
        .collect()
}

/// One pattern, as Rust reads it.
pub(super) fn alone(pattern: &str) -> String {
    translate(pattern, Flags::default()).0
}

/// The letters of the flags that both languages have.
const FLAGS: &str = "imsU";

/// The flags that are set: a bit for each letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    fn written(self) -> String {
        let is_set = |at: &usize| self.0 >> at & 1 == 1;
        let letters: String = FLAGS.char_indices().filter(|(at, _)| is_set(at)).map(|(_, letter)| letter).collect();
        if letters.is_empty() { letters } else { format!("(?{letters})") }
    }

    fn after(mut self, letters: &str) -> Self {
        let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
        let bits =
            |letters: &str| letters.chars().filter_map(|letter| FLAGS.find(letter)).fold(0, |bits, at| bits | 1 << at);
        self.0 = (self.0 | bits(on)) & !bits(off);
        self
    }
}

fn translate(pattern: &str, flags: Flags) -> (String, Flags) {
    let mut reader = Reader { rest: pattern.chars().peekable(), out: String::new(), flags, groups: Vec::new() };
    while let Some(letter) = reader.rest.next() {
        reader.take(letter);
    }
    let outermost = reader.groups.first().copied().unwrap_or(reader.flags);
    (reader.out, outermost)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    flags: Flags,
    /// The flags around each open group.
    groups: Vec<Flags>,
}

impl Reader<'_> {
    fn take(&mut self, letter: char) {
        match letter {
            '\\' => self.escape(),
            '[' => self.class(),
            '(' => self.group(),
            ')' => {
                self.flags = self.groups.pop().unwrap_or(self.flags);
                self.out.push(')');
            }
            '{' => {
                if !self.counts() {
                    self.out.push_str("\\{");
                }
            }
            '}' | ']' => self.literal(letter),
            _ => self.out.push(letter),
        }
    }

    /// Behind a `{`: is it a count, like `{2}`, `{2,}` or `{2,5}`? Copies it, if so.
    fn counts(&mut self) -> bool {
        let ahead: String = self.rest.clone().take_while(|letter| letter.is_ascii_digit() || *letter == ',').collect();
        let ends = self.rest.clone().nth(ahead.len()) == Some('}');
        let is_count =
            ends && ahead.starts_with(|first: char| first.is_ascii_digit()) && ahead.matches(',').count() < 2;
        if is_count {
            let _ = write!(self.out, "{{{ahead}}}");
            self.rest.nth(ahead.len());
        }
        is_count
    }

    /// Behind a `(`.
    fn group(&mut self) {
        self.groups.push(self.flags);
        self.out.push('(');
        if self.rest.peek() != Some(&'?') {
            return;
        }
        let ahead: String = self.rest.clone().skip(1).take_while(|letter| "imsU-".contains(*letter)).collect();
        match self.rest.clone().nth(1 + ahead.len()) {
            Some(end @ (')' | ':')) if !ahead.is_empty() || end == ':' => {
                let _ = write!(self.out, "?{ahead}{end}");
                self.rest.nth(1 + ahead.len());
                self.flags = self.flags.after(&ahead);
                if end == ')' {
                    // Flags for the rest of the group around: this one is over.
                    self.groups.pop();
                }
            }
            _ => {}
        }
    }

    /// Behind a `\` that stands in no class.
    fn escape(&mut self) {
        match self.rest.next() {
            Some('Q') => self.quoted(),
            Some('b') => self.out.push_str("(?-u:\\b)"),
            Some('B') => self.out.push_str("(?-u:\\B)"),
            Some('C') => self.out.push_str("(?s-u:.)"),
            Some(letter) => match perl_class(letter) {
                Some((members, is_negated)) => {
                    let _ = write!(self.out, "[{}{members}]", if is_negated { "^" } else { "" });
                }
                None => self.escaped(letter),
            },
            None => self.out.push('\\'),
        }
    }

    /// What an escape means that is the same within a class and without.
    fn escaped(&mut self, letter: char) {
        match letter {
            '0'..='7' => self.octal(letter),
            'p' | 'P' => self.property(letter),
            _ if letter.is_ascii_punctuation() => self.literal(letter),
            _ => {
                self.out.push('\\');
                self.out.push(letter);
            }
        }
    }

    /// Up to three octal digits; a single one that is not zero refers back, which neither language does.
    fn octal(&mut self, first: char) {
        let mut digits = String::from(first);
        while digits.len() < 3
            && let Some(digit) = self.rest.next_if(|next| ('0'..='7').contains(next))
        {
            digits.push(digit);
        }
        match u32::from_str_radix(&digits, 8) {
            Ok(value) if digits.len() > 1 || value == 0 => {
                let _ = write!(self.out, "\\x{{{value:x}}}");
            }
            _ => {
                let _ = write!(self.out, "\\{digits}");
            }
        }
    }

    /// `\p{^Greek}` is `\P{Greek}`.
    fn property(&mut self, letter: char) {
        let mut ahead = self.rest.clone();
        let is_negated = ahead.next() == Some('{') && ahead.next() == Some('^');
        if is_negated {
            self.rest.nth(1);
            let _ = write!(self.out, "\\{}{{", if letter == 'p' { 'P' } else { 'p' });
        } else {
            let _ = write!(self.out, "\\{letter}");
            if self.rest.next_if_eq(&'{').is_some() {
                self.out.push('{');
            } else {
                self.out.extend(self.rest.next());
                return;
            }
        }
        for next in self.rest.by_ref() {
            self.out.push(next);
            if next == '}' {
                break;
            }
        }
    }

    /// Behind a `\Q`: all is meant as it stands, up to `\E`.
    fn quoted(&mut self) {
        while let Some(letter) = self.rest.next() {
            if letter == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(letter);
        }
    }

    /// Behind a `[`.
    fn class(&mut self) {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        // A bracket that comes first is meant.
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str("\\]");
        }
        while let Some(letter) = self.rest.next() {
            match letter {
                ']' => {
                    self.out.push(']');
                    return;
                }
                '[' => self.bracket_in_class(),
                '\\' => self.escape_in_class(),
                // Twice, these are operators in Rust.
                '&' | '~' | '-' if self.rest.peek() == Some(&letter) => self.literal(letter),
                _ => self.out.push(letter),
            }
        }
    }

    fn bracket_in_class(&mut self) {
        let name: String = self.rest.clone().take_while(|next| *next != ']').collect();
        if name.starts_with(':') && name.ends_with(':') && name.len() > 2 {
            let _ = write!(self.out, "[{name}]");
            self.rest.nth(name.chars().count());
            self.hyphen();
        } else {
            self.out.push_str("\\[");
        }
    }

    fn escape_in_class(&mut self) {
        match self.rest.next() {
            Some(letter) => match perl_class(letter) {
                Some((members, is_negated)) => {
                    if is_negated {
                        let _ = write!(self.out, "[^{members}]");
                    } else {
                        self.out.push_str(members);
                    }
                    self.hyphen();
                }
                None => self.escaped(letter),
            },
            None => self.out.push('\\'),
        }
    }

    /// Behind a class of several characters a hyphen is meant: nothing ranges from there.
    fn hyphen(&mut self) {
        if self.rest.next_if_eq(&'-').is_some() {
            self.out.push_str("\\-");
        }
    }

    /// A character that is meant as it stands.
    fn literal(&mut self, letter: char) {
        if regex_syntax::is_meta_character(letter) {
            self.out.push('\\');
        }
        self.out.push(letter);
    }
}

/// The members of `\d`, `\s`, `\w` and their opposites, which are about ASCII in Go.
fn perl_class(letter: char) -> Option<(&'static str, bool)> {
    let members = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0C\r ",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    Some((members, letter.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::bytes::Regex;

    #[track_caller]
    fn check(go: &str, matching: &[&str], others: &[&str]) {
        let regex = Regex::new(&alone(go)).unwrap_or_else(|error| panic!("{go} became {}: {error}", alone(go)));
        for text in matching {
            assert!(regex.is_match(text.as_bytes()), "{go}, as {regex}, does not match {text:?}");
        }
        for text in others {
            assert!(!regex.is_match(text.as_bytes()), "{go}, as {regex}, matches {text:?}");
        }
    }

    #[test]
    fn braces_that_count_nothing_are_meant() {
        check(r"^\${\w+}$", &["${NAME}"], &["$NAME"]);
        check(r"^{{[ \t]*x}}$", &["{{ x}}"], &["x"]);
        check(r"^a{,2}$", &["a{,2}"], &["aa"]);
        check(r"^a{2,3}b{1}c{1,}$", &["aabcc"], &["abc"]);
    }

    #[test]
    fn classes_are_those_of_go() {
        check(r"^[\w-.]+$", &["a-b.c_"], &["a b"]);
        check(r"^[]a]+$", &["]a"], &["[a"]);
        check(r"^[^]a]$", &["b"], &["]"]);
        check(r"^[a[b]+$", &["a[b"], &["]"]);
        check(r"^[a&&b~~]+$", &["a&b~"], &["-"]);
        check(r"^[--/]+$", &["-./"], &[","]);
        check(r"^[[:alpha:]-]+$", &["a-b"], &["1"]);
        check(r"^[^\s\W]$", &["a"], &[" ", "-"]);
        check(r"^[\d.]+$", &["1.2"], &["\u{663}"]);
    }

    #[test]
    fn letters_and_their_edges_are_about_ascii() {
        check(r"^\w$", &["a"], &["\u{e9}"]);
        check(r"\bkey\b", &["a key.", "\u{e9}key\u{e9}"], &["monkey"]);
        check(r"^\s$", &[" "], &["\u{b}", "\u{a0}"]);
        check("^\u{e9}.$", &["\u{e9}x"], &["e"]);
    }

    #[test]
    fn escapes_are_those_of_go() {
        check(r"^\Qa.b[\E.$", &["a.b[c"], &["axb[c"]);
        check(r"^\<\_\>\-\/\x41\101\077$", &["<_>-/AA?"], &[]);
        check(r"^\p{^Greek}\pL$", &["ab"], &["\u{3b1}b"]);
        check(r"a\z", &["a"], &["ab"]);
    }

    #[test]
    fn a_flag_holds_for_the_patterns_behind_it() {
        assert_eq!(
            joined(["a", "(?i)b", "c", "(?-i)d(?s)e", "(?i:f)", "((?m)g)"]),
            ["a", "(?i)b", "(?i)c", "(?i)(?-i)d(?s)e", "(?s)(?i:f)", "(?s)((?m)g)"]
        );
    }
}
