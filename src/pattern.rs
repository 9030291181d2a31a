//! A regular expression as people write it into a config: compiled, or the mistake in it with its place.
//!
//! The syntax is that of RE2 and of Rust's `regex`, over bytes, so that paths and files need not be UTF-8: `\w`, `\d`,
//! `\s` and `\b` are about ASCII, as in Go, unless the pattern asks for more (`(?u)`) or cannot be understood without.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;
use std::fmt;

/// A compiled regular expression that knows how it was written.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// What is wrong with a regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// In words, as in "regex `what`".
    pub what: String,
    /// Its bytes in the pattern.
    pub at: std::ops::Range<usize>,
    /// What to write instead.
    pub hint: Option<&'static str>,
}

/// Bytes that the compiled form of one pattern may take.
const LARGEST: usize = 10 << 20;

impl Pattern {
    /// Compiles `text`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn new(text: &str) -> Result<Self, Mistake> {
        let (_, unicode) = parse(text)?;
        let regex = RegexBuilder::new(text).unicode(unicode).size_limit(LARGEST).build();
        let regex = regex.map_err(|_| too_large(text))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Does it match anywhere in `text`?
    #[must_use]
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// The bytes of each match in `text`.
    pub fn matches(&self, text: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.regex.find_iter(text).map(|found| found.range())
    }

    /// Does it match each of these?
    #[must_use]
    pub fn matches_all<T: AsRef<[u8]>>(&self, texts: &[T]) -> bool {
        texts.iter().all(|text| self.is_match(text.as_ref()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// What `text` means, and whether it can only be understood as Unicode.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn parse(text: &str) -> Result<(Hir, bool), Mistake> {
    let parse = |unicode: bool| {
        let mut parser = regex_syntax::ParserBuilder::new();
        parser.unicode(unicode).utf8(false).build().parse(text).map_err(Box::new)
    };
    match parse(false) {
        Ok(hir) => Ok((hir, false)),
        Err(error) if is_about_unicode(&error) => parse(true).map(|hir| (hir, true)).map_err(|error| mistake(&error)),
        Err(error) => Err(mistake(&error)),
    }
}

fn is_about_unicode(error: &regex_syntax::Error) -> bool {
    use regex_syntax::hir::ErrorKind::UnicodeNotAllowed;
    matches!(error, regex_syntax::Error::Translate(error) if *error.kind() == UnicodeNotAllowed)
}

fn too_large(text: &str) -> Mistake {
    Mistake {
        what: "is too large".to_owned(),
        at: 0..text.len(),
        hint: Some("repeat less: {0,1000} takes a thousand copies"),
    }
}

fn mistake(error: &regex_syntax::Error) -> Mistake {
    use regex_syntax::ast::ErrorKind as Kind;
    let (span, what, hint) = match error {
        regex_syntax::Error::Parse(error) => {
            let (what, hint) = match error.kind() {
                Kind::ClassUnclosed => ("needs a closing bracket".to_owned(), Some("a bracket that is meant is \\[")),
                Kind::GroupUnclosed => {
                    ("needs a closing parenthesis".to_owned(), Some("a parenthesis that is meant is \\("))
                }
                Kind::GroupUnopened => {
                    ("closes a group that was not opened".to_owned(), Some("a parenthesis that is meant is \\)"))
                }
                Kind::RepetitionMissing => ("repeats nothing".to_owned(), Some("a character that is meant gets a \\")),
                Kind::RepetitionCountUnclosed
                | Kind::RepetitionCountDecimalEmpty
                | Kind::DecimalEmpty
                | Kind::DecimalInvalid => {
                    ("has a brace that is no count".to_owned(), Some("a brace that is meant is \\{"))
                }
                Kind::RepetitionCountInvalid => {
                    ("counts from more to less".to_owned(), Some("the smaller number comes first"))
                }
                Kind::ClassRangeInvalid => {
                    ("has a range that runs backwards".to_owned(), Some("a hyphen that is meant stands last"))
                }
                Kind::EscapeUnexpectedEof => ("ends in a backslash".to_owned(), None),
                Kind::EscapeUnrecognized => ("escapes what needs no escape".to_owned(), None),
                Kind::UnsupportedLookAround => (
                    "looks around, which is not supported".to_owned(),
                    Some("match what stands there, and name the group that counts"),
                ),
                Kind::UnsupportedBackreference => ("refers back, which is not supported".to_owned(), None),
                kind => (format!("cannot be read: {kind}"), None),
            };
            (Some(error.span()), what, hint)
        }
        regex_syntax::Error::Translate(error) => {
            (Some(error.span()), format!("cannot be read: {}", error.kind()), None)
        }
        _ => (None, "cannot be read".to_owned(), None),
    };
    let at = span.map_or(0..0, |span| span.start.offset..span.end.offset);
    Mistake { what, at, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_has_its_place_and_says_what_helps() {
        for (text, what, at) in [
            ("acme_[a-z0-9{20}", "needs a closing bracket", 5),
            ("(a", "needs a closing parenthesis", 0),
            ("a)", "closes a group that was not opened", 1),
            ("*a", "repeats nothing", 0),
            ("a{2,1}", "counts from more to less", 1),
            ("x{y}", "has a brace that is no count", 2),
            ("(?=a)", "looks around, which is not supported", 0),
        ] {
            let mistake = Pattern::new(text).unwrap_err();
            assert_eq!((&mistake.what[..], mistake.at.start), (what, at), "{text}");
        }
    }

    #[test]
    fn letters_are_ascii_unless_the_pattern_needs_more() {
        assert!(!Pattern::new(r"^\w$").unwrap().is_match("é".as_bytes()));
        assert!(Pattern::new(r"^[é]$").unwrap().is_match("é".as_bytes()));
        assert!(Pattern::new(r"^.\xff$").unwrap().is_match(b"a\xff"));
    }
}
