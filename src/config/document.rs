//! A TOML document, read key by key: each value where it stands, each mistake noted, and no key passed over.

use super::problem::{Grade, Line, Problem};
use crate::pattern::{Mistake, Pattern};
use serde_spanned::Spanned;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The problems of a file, as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    /// Notes an error.
    pub(super) fn error(&mut self, at: &Range<usize>, about: &str, what: impl Into<String>, hint: Option<String>) {
        self.note(Grade::Error, Line::Shown, at, about, what, hint);
    }

    /// Notes a problem of any grade.
    pub(super) fn note(
        &mut self,
        grade: Grade,
        line: Line,
        at: &Range<usize>,
        about: &str,
        what: impl Into<String>,
        hint: Option<String>,
    ) {
        self.0.push(Problem { at: at.clone(), about: about.to_owned(), what: what.into(), hint, grade, line });
    }
}

/// A value with its place.
pub(super) type At<T> = Spanned<T>;

/// A table whose keys are taken one by one; those that nobody took are problems in the end.
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    /// The whole file.
    text: &'t str,
    /// What messages call it.
    pub(super) about: String,
    /// Where it stands.
    pub(super) at: Range<usize>,
    known: BTreeSet<&'static str>,
}

impl<'t> Section<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, text: &'t str, about: impl Into<String>, at: Range<usize>) -> Self {
        Self { table, text, about: about.into(), at, known: BTreeSet::new() }
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.insert(key);
        self.table.get(key)
    }

    /// Is this key there?
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where a key stands, or else the table.
    pub(super) fn place_of(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or_else(|| self.at.clone(), |(key, _)| key.span())
    }

    fn wrong(&self, problems: &mut Problems, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let what = format!("`{key}` is {}, and must be {expected}", kind(value.get_ref()));
        problems.error(&value.span(), &self.about, what, None);
    }

    /// The text of a key.
    pub(super) fn string(&mut self, key: &'static str, problems: &mut Problems) -> Option<At<String>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(problems, key, value, "a text in quotes");
            return None;
        };
        Some(Spanned::new(value.span(), text.to_owned()))
    }

    /// The texts of a key: a list, never empty.
    pub(super) fn strings(&mut self, key: &'static str, problems: &mut Problems) -> Option<Vec<At<String>>> {
        let value = self.value(key)?;
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(problems, key, value, "a list of texts, [\"...\"]");
            return None;
        };
        if list.is_empty() {
            problems.error(
                &value.span(),
                &self.about,
                format!("`{key}` is empty"),
                Some("leave the key out".to_owned()),
            );
        }
        let mut texts = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Spanned::new(item.span(), text.to_owned())),
                None => self.wrong(problems, key, item, "a list of texts, [\"...\"]"),
            }
        }
        Some(texts)
    }

    /// A number of a key, whole or not.
    pub(super) fn number(&mut self, key: &'static str, problems: &mut Problems) -> Option<At<f64>> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if f64::is_finite(number) => Some(Spanned::new(value.span(), number)),
            _ => {
                self.wrong(problems, key, value, "a number");
                None
            }
        }
    }

    /// A whole number of a key, from 0 on.
    pub(super) fn count(&mut self, key: &'static str, problems: &mut Problems) -> Option<At<u32>> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(problems, key, value, "a whole number, 0 or more");
        }
        Some(Spanned::new(value.span(), number?))
    }

    /// A day of a key, as TOML writes it or in quotes: the text, `2027-01-31`.
    pub(super) fn day(&mut self, key: &'static str, problems: &mut Problems) -> Option<At<String>> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong(problems, key, value, "a day, 2027-01-31");
                return None;
            }
        };
        Some(Spanned::new(value.span(), text))
    }

    /// The table of a key.
    pub(super) fn table(&mut self, key: &'static str, problems: &mut Problems) -> Option<Section<'t>> {
        let text = self.text;
        let value = self.value(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(problems, key, value, &format!("a table, [{key}]"));
            return None;
        };
        Some(Section::new(table, text, format!("[{key}]"), self.place_of(key)))
    }

    /// The tables of a key, `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Section<'t>> {
        let text = self.text;
        let Some(value) = self.value(key) else { return Vec::new() };
        let expected = format!("a list of tables, [[{key}]]");
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(problems, key, value, &expected);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in list {
            match item.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Section::new(table, text, format!("[[{key}]]"), header(text, item.span())));
                }
                _ => self.wrong(problems, key, item, &expected),
            }
        }
        tables
    }

    /// The regular expressions of a key, those that are sound.
    pub(super) fn patterns(&mut self, key: &'static str, problems: &mut Problems) -> Option<Vec<At<Pattern>>> {
        let texts = self.strings(key, problems)?;
        let compiled = texts.into_iter().filter_map(|text| {
            let pattern = Pattern::new(text.get_ref());
            let noted =
                pattern.map_err(|mistake| self.mistake(problems, &format!("a pattern in `{key}`"), &text, &mistake));
            noted.ok().map(|pattern| Spanned::new(text.span(), pattern))
        });
        Some(compiled.collect())
    }

    /// Notes what is wrong with a regular expression, at its place.
    pub(super) fn mistake(&self, problems: &mut Problems, key: &str, written: &At<String>, mistake: &Mistake) {
        let span = written.span();
        let start = span.start + offset_in_source(&self.text[span.clone()], mistake.at.start);
        let what = format!("{key} {}", mistake.what);
        problems.error(&(start..span.end), &self.about, what, mistake.hint.map(str::to_owned));
    }

    /// Notes the keys that nobody knows.
    pub(super) fn finish(self, problems: &mut Problems) {
        let mut unknown: Vec<_> =
            self.table.keys().filter(|key| !self.known.contains(key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let name = key.get_ref();
            let hint = nearest(name, self.known.iter().copied()).map_or_else(
                || format!("known here: {}", self.known.iter().copied().collect::<Vec<_>>().join(", ")),
                |known| format!("did you mean `{known}`?"),
            );
            problems.error(&key.span(), &self.about, format!("unknown key `{name}`"), Some(hint));
        }
    }
}

/// The known word that somebody most likely meant.
pub(super) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |word: &str| word.to_lowercase().replace('_', "-");
    let likeness = |known: &str| strsim::jaro_winkler(&plain(word), &plain(known));
    known
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// An item of `[[key]]` is placed at its header.
fn header(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text[..span.start.min(text.len())].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    if line.trim_start().starts_with("[[") { start..start + line.len() } else { span }
}

/// Where a byte of a text stands in its source, quotes and escapes included.
fn offset_in_source(source: &str, offset: usize) -> usize {
    let quote = if source.starts_with("\"\"\"") || source.starts_with("'''") { 3 } else { 1 };
    let body = &source[quote.min(source.len())..];
    let line_break = if quote == 3 { body.len() - body.trim_start_matches(['\r', '\n']).len() } else { 0 };
    let start = quote + line_break.min(if body.starts_with('\r') { 2 } else { 1 });
    if source.starts_with('\'') {
        return start + offset;
    }
    let (mut written, mut read) = (start, 0);
    while read < offset {
        let rest = &source[written.min(source.len())..];
        let Some(first) = rest.chars().next() else { break };
        let escape = (first == '\\').then(|| rest[1..].chars().next()).flatten();
        let (len, plain) = match escape {
            None => (first.len_utf8(), first.len_utf8()),
            Some(kind @ ('u' | 'U' | 'x')) => {
                let len = match kind {
                    'u' => 6,
                    'U' => 10,
                    _ => 4,
                };
                let code = rest.get(2..len).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                (len, code.and_then(char::from_u32).map_or(1, char::len_utf8))
            }
            Some(letter) => (1 + letter.len_utf8(), 1),
        };
        written += len;
        read += plain;
    }
    written
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_text_is_found_behind_quotes_and_escapes() {
        for (source, offset, at) in [
            ("'a[b'", 1, 2),
            ("\"a[b\"", 1, 2),
            (r#""\\d[b""#, 2, 4),
            (r#""\u00e9[b""#, 2, 7),
            ("'''\na[b'''", 1, 5),
            ("\"\"\"a[b\"\"\"", 1, 4),
        ] {
            assert_eq!(offset_in_source(source, offset), at, "{source}");
        }
    }
}
