//! Markers with which people accept a value that a scanner would report: `keyward:allow REASON` and those of other
//! scanners that are unmistakable.
//!
//! A marker stands where reviewers see it, on the line of the value or on the one before, and is about that value
//! alone; keyward's own says why. This module tells what stands beside a value. What that accepts, and whether
//! markers count at all, is decided by whoever knows the source (`scan`). Marks that other tools share (`nosec`, `noqa`,
//! `NOSONAR`) say nothing of secrets and are not looked for.

use super::Span;
use bstr::ByteSlice;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Bytes on either side of a value in which its marker must stand; of longer lines the rest is not read. What is read
/// of a value ends at most 10.6 KB from its hit (5,000 characters of base64 with 83 breaks and their indentation), so
/// this stays within [`super::MARGIN`].
const REACH: usize = 4 * 1024;

/// What a marker says of the value beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marker {
    /// keyward's own, without the reason that it needs to count.
    WithoutReason,
    /// Another scanner's.
    Peer,
    /// keyward's own, with a reason.
    Keyward,
}

impl Marker {
    /// Does it accept the value?
    #[must_use]
    pub fn accepts(self) -> bool {
        self > Self::WithoutReason
    }
}

/// A marker beside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// Which.
    pub marker: Marker,
    /// The line that it stands on.
    pub line: u64,
}

/// Which line a marker is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Its own.
    Line,
    /// Its own; the next, if it stands alone.
    LineOrNext,
    /// The next, if it stands alone.
    NextIfAlone,
    /// The next.
    Next,
}

/// What else a marker needs to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A letter or digit behind it.
    Reason,
    /// Rules behind it, if any, that are about AWS.
    Rules,
}

/// The markers, as their scanners read them. Sources: gitleaks and betterleaks, `gitleaksAllowSignature` and
/// `allowSignatures`; trufflehog, `ignoreTag`; detect-secrets, `filters/allowlist.py`; kingfisher, `inline_ignore.rs`;
/// ggshield's own tests; secretlint, `secretlint-rule-filter-comments`.
const FORMS: [(&str, Reach, Needs); 10] = [
    ("keyward:allow", Reach::LineOrNext, Needs::Reason),
    ("gitleaks:allow", Reach::Line, Needs::Nothing),
    ("betterleaks:allow", Reach::Line, Needs::Nothing),
    ("trufflehog:ignore", Reach::Line, Needs::Nothing),
    ("pragma:[ \\t]*(?:allow|white)list[ -]secret", Reach::Line, Needs::Nothing),
    ("pragma:[ \\t]*allowlist[ -]nextline[ -]secret", Reach::NextIfAlone, Needs::Nothing),
    ("ggignore", Reach::Line, Needs::Nothing),
    ("kingfisher:ignore", Reach::LineOrNext, Needs::Nothing),
    ("secretlint-disable-line", Reach::Line, Needs::Rules),
    ("secretlint-disable-next-line", Reach::Next, Needs::Rules),
];

/// All of them, each a group.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let groups: Vec<String> = FORMS.iter().map(|(form, ..)| format!("({form})")).collect();
    Regex::new(&format!("(?-u){}", groups.join("|"))).expect("the markers are fixed, and a test looks for each")
});

/// What closes a comment on its line.
const CLOSERS: [&[u8]; 2] = [b"*/", b"-->"];

/// What comments begin with, in any language; `+` is a patch's.
const COMMENT: &[u8] = b"#/*-;%'\"<!{(|:+";

/// The same, as words.
const COMMENT_WORDS: [&[u8]; 5] = [b"REM", b"rem", b"@REM", b"@rem", b"dnl"];

/// The marker of the value that is written at `written` and stands at `span`, the one that says most.
pub(super) fn beside(bytes: &[u8], written: &Range<usize>, span: &Span) -> Option<Marked> {
    let lines = Lines::around(bytes, written);
    let on_line = forms_in(bytes, &lines.line).filter_map(|found| {
        let line = if found.at.start < written.start { span.start.line } else { span.end.line };
        Some(Marked { marker: found.on_line(written)?, line })
    });
    let above = lines.above.iter().flat_map(|above| {
        let line = span.start.line.saturating_sub(1);
        let markers = forms_in(bytes, &above.range).filter_map(|found| found.on_line_before(above));
        markers.map(move |marker| Marked { marker, line })
    });
    on_line.chain(above).max_by_key(|marked| (marked.marker, std::cmp::Reverse(marked.line)))
}

/// The lines in which a value's marker may stand, as far as they are read.
struct Lines {
    /// From the start of the line on which the value starts to the end of the one on which it ends.
    line: Range<usize>,
    /// The line before.
    above: Option<Above>,
}

struct Above {
    range: Range<usize>,
    /// Does the range begin where the line does?
    whole: bool,
}

impl Lines {
    fn around(bytes: &[u8], written: &Range<usize>) -> Self {
        let from = written.start.saturating_sub(REACH);
        let to = bytes.len().min(written.end + REACH);
        let line_end = memchr::memchr2(b'\n', b'\r', &bytes[written.end..to]).map_or(to, |len| written.end + len);
        let break_at = memchr::memrchr2(b'\n', b'\r', &bytes[from..written.start]).map(|len| from + len);
        let line = break_at.map_or(from, |at| at + 1)..line_end;
        let above = break_at.map(|at| {
            let is_crlf = at > from && bytes[at - 1..=at] == *b"\r\n";
            let end = at - usize::from(is_crlf);
            let break_before = memchr::memrchr2(b'\n', b'\r', &bytes[from..end]);
            Above {
                range: break_before.map_or(from, |len| from + len + 1)..end,
                whole: from == 0 || break_before.is_some(),
            }
        });
        Self { line, above }
    }
}

/// A marker in a text.
struct Found<'b> {
    bytes: &'b [u8],
    at: Range<usize>,
    reach: Reach,
    needs: Needs,
    /// Where its line ends, as far as it is read.
    line_end: usize,
}

/// All that is written like a marker in `range`.
fn forms_in<'b>(bytes: &'b [u8], range: &Range<usize>) -> impl Iterator<Item = Found<'b>> {
    let (start, end) = (range.start, range.end);
    PATTERN.captures_iter(&bytes[range.clone()]).filter_map(move |captures| {
        let (form, group) = captures.iter().skip(1).zip(FORMS).find_map(|(group, form)| Some((form, group?)))?;
        let (at, (_, reach, needs)) = (start + group.start()..start + group.end(), form);
        let line_end = memchr::memchr2(b'\n', b'\r', &bytes[at.end..end]).map_or(end, |len| at.end + len);
        is_word(bytes, &at).then_some(Found { bytes, at, reach, needs, line_end })
    })
}

/// Does what stands at `at` stand by itself, and not in a longer word? A hyphen joins words, too.
fn is_word(bytes: &[u8], at: &Range<usize>) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let joins = |letters: &mut dyn Iterator<Item = char>| match letters.next() {
        Some('-') => letters.next().is_some_and(is_letter),
        letter => letter.is_some_and(is_letter),
    };
    !joins(&mut bytes[..at.start].chars().rev()) && !joins(&mut bytes[at.end..].chars())
}

impl Found<'_> {
    /// What it says of the value at `written`, which stands on its line.
    fn on_line(&self, written: &Range<usize>) -> Option<Marker> {
        let end = if self.at.end <= written.start { self.line_end.min(written.start) } else { self.line_end };
        matches!(self.reach, Reach::Line | Reach::LineOrNext)
            .then(|| self.says(&self.bytes[self.at.end..end]))
            .flatten()
    }

    /// What it says of a value on the next line.
    fn on_line_before(&self, line: &Above) -> Option<Marker> {
        let (before, behind) = (&self.bytes[line.range.start..self.at.start], &self.bytes[self.at.end..self.line_end]);
        let counts = match self.reach {
            Reach::Line => false,
            Reach::Next => true,
            Reach::LineOrNext | Reach::NextIfAlone => line.whole && is_comment(before) && !has_letter(closed(behind).1),
        };
        counts.then(|| self.says(behind)).flatten()
    }

    /// What it says, where `behind` it is the rest of its line.
    fn says(&self, behind: &[u8]) -> Option<Marker> {
        let said = closed(behind).0;
        match self.needs {
            Needs::Nothing => Some(Marker::Peer),
            Needs::Reason if has_letter(said) => Some(Marker::Keyward),
            Needs::Reason => Some(Marker::WithoutReason),
            Needs::Rules => {
                let rules = said.split_once_str(b" -- ").map_or(said, |(rules, _)| rules).to_ascii_lowercase();
                (!has_letter(&rules) || rules.contains_str("aws")).then_some(Marker::Peer)
            }
        }
    }
}

/// What belongs to the comment, and what stands behind it on the line.
fn closed(behind: &[u8]) -> (&[u8], &[u8]) {
    let ends = CLOSERS.iter().filter_map(|closer| behind.find(closer));
    behind.split_at(ends.min().unwrap_or(behind.len()))
}

/// Does nothing stand there but what comments begin with?
fn is_comment(before: &[u8]) -> bool {
    let mut words = before.split(u8::is_ascii_whitespace);
    words.all(|word| COMMENT_WORDS.contains(&word) || word.iter().all(|byte| COMMENT.contains(byte)))
}

fn has_letter(text: &[u8]) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Locator;

    /// What is said of the `VALUE` in a text, and on which line.
    fn said(text: &str) -> Option<(Marker, u64)> {
        let bytes = text.as_bytes();
        let at = text.find("VALUE").expect("the text holds it");
        let mut locator = Locator::default();
        let span = Span { start: locator.advance(bytes, 0, at), end: locator.advance(bytes, 0, at + 5) };
        beside(bytes, &(at..at + 5), &span).map(|marked| (marked.marker, marked.line))
    }

    #[test]
    fn ours_counts_on_the_line_and_alone_on_the_line_before() {
        for (text, line) in [
            ("x\nk = VALUE # keyward:allow test", 2),
            ("/* keyward:allow test */ k = VALUE", 1),
            ("\n# keyward:allow 7\nVALUE\n", 2),
            ("  // keyward:allow test\r\n  VALUE", 1),
            ("a\r<!-- keyward:allow \u{d55c}\u{ad6d} -->\rVALUE", 2),
            ("+-- keyward:allow test\n+VALUE", 1),
            ("@REM keyward:allow test\r\nset k=VALUE", 1),
            ("dnl keyward:allow test\nVALUE", 1),
            ("<!--keyward:allow test-->\nVALUE", 1),
        ] {
            assert_eq!(said(text), Some((Marker::Keyward, line)), "{text:?}");
        }
    }

    #[test]
    fn a_marker_behind_something_else_or_farther_away_is_not_about_the_value() {
        for text in [
            "OTHER # keyward:allow test\nVALUE",
            "/* keyward:allow test */ OTHER\nVALUE",
            "# keyward:allow test\n\nVALUE",
            "VALUE\n# keyward:allow test",
            "# gitleaks:allow\nVALUE",
            "# pragma: allowlist secret\nVALUE",
            "VALUE # pragma: allowlist nextline secret",
            "OTHER # pragma: allowlist nextline secret\nVALUE",
            "VALUE # secretlint-disable-next-line",
            "VALUE # nosec noqa NOSONAR",
        ] {
            assert_eq!(said(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_a_letter_or_a_digit_before_the_comment_ends() {
        for text in [
            "VALUE # keyward:allow",
            "VALUE # keyward:allow: ...",
            "/* keyward:allow */ VALUE # test",
            "<!-- keyward:allow -->\n<k>VALUE</k>",
            "keyward:allow VALUE",
        ] {
            assert_eq!(said(text).map(|(marker, _)| marker), Some(Marker::WithoutReason), "{text:?}");
        }
        let both = "# keyward:allow test\nVALUE # keyward:allow";
        assert_eq!(said(both), Some((Marker::Keyward, 1)));
    }

    #[test]
    fn a_marker_is_a_word() {
        for word in ["xgitleaks:allow", "_ggignore", "ggignored", "ggignore-start", "no-ggignore", "ggignore\u{e9}"] {
            assert_eq!(said(&format!("VALUE # {word}")), None, "{word}");
        }
        for word in ["--gitleaks:allow", "#ggignore--", "<!--ggignore-->", "ggignore.", "ggignore\u{2014}demo"] {
            assert_eq!(said(&format!("VALUE {word}")), Some((Marker::Peer, 1)), "{word}");
        }
    }

    #[test]
    fn a_marker_for_rules_on_other_things_is_not_about_aws() {
        for (rules, counts) in [
            ("", true),
            (" -- a test", true),
            (" @secretlint/secretlint-rule-aws -- a test", true),
            (" AWSSecretAccessKey */", true),
            (" @secretlint/secretlint-rule-basicauth -- not of AWS", false),
        ] {
            assert_eq!(said(&format!("VALUE /* secretlint-disable-line{rules}")).is_some(), counts, "{rules}");
        }
    }

    #[test]
    fn a_line_is_read_as_far_as_the_reach() {
        let gap = |bytes: usize| " ".repeat(bytes);
        assert!(said(&format!("VALUE{}ggignore", gap(REACH - 8))).is_some());
        assert!(said(&format!("VALUE{}ggignore", gap(REACH - 7))).is_none());
        assert!(said(&format!("ggignore{}VALUE", gap(REACH - 8))).is_some());
        assert!(said(&format!("ggignore{}VALUE", gap(REACH - 7))).is_none());
        // Whether a marker stands alone is known only where its line begins.
        assert!(said(&format!("OTHER #{}kingfisher:ignore\nVALUE", gap(REACH))).is_none());
        assert!(said(&format!("\n#{}kingfisher:ignore\nVALUE", gap(REACH - 40))).is_some());
        assert!(said(&format!("\n#{}kingfisher:ignore\nVALUE", gap(REACH - 19))).is_none());
    }
}
