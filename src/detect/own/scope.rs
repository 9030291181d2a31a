//! Where a rule's matches can be, read from its expression: so that a rule that is about a few bytes costs a look at a
//! few bytes.
//!
//! A rule counts in every text that holds one of its keywords, wherever that stands. If each match holds a keyword
//! itself, and is of a limited length, then nothing is lost by looking only around the keywords ([`Scope::Window`]).

use regex_syntax::hir::{Class, Hir, HirKind};

/// Where a rule's matches can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In so many bytes before the end of a keyword, and behind its start.
    Window(usize),
    /// Anywhere in a text that holds a keyword.
    TextWithKeyword,
    /// Anywhere.
    Text,
}

/// Bytes of the longest window: what judges may look at, less what stands directly around a match.
const LONGEST_WINDOW: usize = crate::detect::MARGIN - 1024;

/// Ways to write a match that are followed at a time.
const WAYS: usize = 256;

/// Bytes that a class of characters may have to be followed one by one.
const LETTERS: usize = 4;

impl Scope {
    /// That of an expression with its keywords, which are in lower case.
    #[must_use]
    pub fn of(hir: &Hir, keywords: &[String]) -> Self {
        let longest = hir.properties().maximum_len().filter(|&longest| longest <= LONGEST_WINDOW);
        match longest {
            _ if keywords.is_empty() => Self::Text,
            Some(longest) if every_match_holds_one(hir, keywords) => Self::Window(longest),
            _ => Self::TextWithKeyword,
        }
    }
}

/// A way to write a part of a match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// It held a keyword.
    Holds,
    /// It did not, and ends like this, in lower case.
    Ends(Vec<u8>),
}

fn every_match_holds_one(hir: &Hir, keywords: &[String]) -> bool {
    let ways = follow(hir, vec![Way::Ends(Vec::new())], keywords);
    ways.iter().all(|way| *way == Way::Holds)
}

/// The ways to write what `hir` matches behind each of `ways`. Forgetting how a way ends is always sound.
fn follow(hir: &Hir, ways: Vec<Way>, keywords: &[String]) -> Vec<Way> {
    let ways = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => ways,
        HirKind::Literal(literal) => {
            literal.0.iter().fold(ways, |ways, byte| write(&ways, &[byte.to_ascii_lowercase()], keywords))
        }
        HirKind::Class(class) => match letters(class) {
            Some(letters) => write(&ways, &letters, keywords),
            None => forget(ways),
        },
        HirKind::Capture(capture) => follow(&capture.sub, ways, keywords),
        HirKind::Concat(parts) => parts.iter().fold(ways, |ways, part| follow(part, ways, keywords)),
        HirKind::Alternation(parts) => parts.iter().flat_map(|part| follow(part, ways.clone(), keywords)).collect(),
        HirKind::Repetition(repeated) => {
            let once = follow(&repeated.sub, ways.clone(), keywords);
            match (repeated.min, repeated.max) {
                (0, Some(1)) => [ways, once].concat(),
                (1, Some(1)) => once,
                (0, _) => [forget(ways), forget(once)].concat(),
                _ => forget(once),
            }
        }
    };
    narrowed(ways)
}

/// Each way with each of these letters behind it.
fn write(ways: &[Way], letters: &[u8], keywords: &[String]) -> Vec<Way> {
    let longest = keywords.iter().map(String::len).max().unwrap_or_default();
    let written = |ends: &[u8], letter: u8| {
        let text = [ends, &[letter]].concat();
        if keywords.iter().any(|keyword| text.ends_with(keyword.as_bytes())) {
            return Way::Holds;
        }
        Way::Ends(text[(text.len() + 1).saturating_sub(longest.max(1))..].to_vec())
    };
    let behind = |way: &Way| match way {
        Way::Holds => vec![Way::Holds],
        Way::Ends(ends) => letters.iter().map(|&letter| written(ends, letter)).collect(),
    };
    narrowed(ways.iter().flat_map(behind).collect())
}

fn forget(ways: Vec<Way>) -> Vec<Way> {
    let forgotten = |way| match way {
        Way::Holds => Way::Holds,
        Way::Ends(_) => Way::Ends(Vec::new()),
    };
    ways.into_iter().map(forgotten).collect()
}

/// Each way once, and not too many.
fn narrowed(mut ways: Vec<Way>) -> Vec<Way> {
    ways.sort();
    ways.dedup();
    if ways.len() > WAYS {
        ways = forget(ways);
        ways.sort();
        ways.dedup();
    }
    ways
}

/// The letters of a class in lower case, if these are few and all of ASCII.
fn letters(class: &Class) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = match class {
        Class::Bytes(class) => {
            let count: usize = class.ranges().iter().map(regex_syntax::hir::ClassBytesRange::len).sum();
            (count <= 2 * LETTERS)
                .then(|| class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect())
        }
        Class::Unicode(class) => {
            let count: usize = class.ranges().iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            let all = || class.ranges().iter().flat_map(|range| range.start()..=range.end());
            (count <= 2 * LETTERS)
                .then(|| all().map(|letter| u8::try_from(letter).ok()).collect::<Option<Vec<u8>>>())
                .flatten()
        }
    }?;
    let mut letters: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
    letters.sort_unstable();
    letters.dedup();
    (letters.len() <= LETTERS && letters.iter().all(u8::is_ascii)).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(pattern: &str, keywords: &[&str]) -> Scope {
        let keywords: Vec<String> = keywords.iter().map(|&keyword| keyword.to_owned()).collect();
        Scope::of(&crate::pattern::parse(pattern).expect("a sound pattern").0, &keywords)
    }

    #[test]
    fn a_match_that_holds_its_keyword_and_has_an_end_is_looked_for_near_it() {
        for (pattern, keywords, window) in [
            ("acme_[a-z0-9]{32}", &["acme"][..], 37),
            ("(?i)[\\w.-]{0,50}?(?:adafruit)[ \\t\\w.-]{0,20}=([a-z0-9]{32})", &["adafruit"], 50 + 8 + 20 + 1 + 32),
            ("(?:sk|pk)_live_[0-9a-z]{4}", &["sk_live", "pk_live"], 12),
            ("x?key=\\d", &["key"], 6),
            ("(?:api|auth)[_-]key\\d{1,3}", &["api", "auth"], 11),
            ("(?:a{2}key){1,2}", &["key"], 10),
        ] {
            assert_eq!(scope(pattern, keywords), Scope::Window(window), "{pattern}");
        }
    }

    #[test]
    fn a_match_without_an_end_or_without_its_keyword_can_be_anywhere() {
        for (pattern, keywords) in [
            ("acme_[a-z0-9]{32,}", &["acme"][..]),
            ("[a-f0-9]{32}", &["acme"]),
            ("(?:acme)?[a-f0-9]{32}", &["acme"]),
            ("(?:acme|[a-f]{4})_[a-f0-9]{32}", &["acme"]),
            ("sk[a-f]_\\d", &["sk_"]),
            ("(?u)(?i)ska\\d", &["ska"]),
        ] {
            assert_eq!(scope(pattern, keywords), Scope::TextWithKeyword, "{pattern}");
        }
        assert_eq!(scope("acme_[a-z]{3}", &[]), Scope::Text);
    }
}
