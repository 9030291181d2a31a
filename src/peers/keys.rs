//! A table of a TOML document whose keys are read without regard to case, as gitleaks' own reader does.

use super::Note;
pub(super) use crate::config::file::line_of;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table, and the document that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Keys<'t> {
    table: &'t DeTable<'t>,
    text: &'t str,
    /// The line of its header.
    pub(super) line: usize,
}

/// A text and the line on which it stands.
pub(super) type Written = (usize, String);

impl<'t> Keys<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, text: &'t str) -> Self {
        Self { table, text, line: 1 }
    }

    fn line_at(&self, offset: usize) -> usize {
        line_of(self.text, offset)
    }

    fn find(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.iter().find(|(name, _)| name.get_ref().eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// Is the key there?
    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// The line of a key, or else that of the table.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.find(key).map_or(self.line, |value| self.line_at(value.span().start))
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str, notes: &mut Vec<Note>) -> Option<Written> {
        let value = self.find(key)?;
        let line = self.line_at(value.span().start);
        if let DeValue::String(text) = value.get_ref() {
            return Some((line, text.to_string()));
        }
        notes.push(Note::malformed(line, format!("`{key}`"), "it must be a text"));
        None
    }

    /// The texts of a key; one that stands alone is split at its commas, as gitleaks' reader does.
    pub(super) fn texts(&self, key: &str, notes: &mut Vec<Note>) -> Vec<Written> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let line = self.line_at(value.span().start);
        match value.get_ref() {
            DeValue::String(text) => text.split(',').map(|part| (line, part.to_owned())).collect(),
            DeValue::Array(items) => {
                let mut texts = Vec::new();
                for item in items {
                    let line = self.line_at(item.span().start);
                    match item.get_ref() {
                        DeValue::String(text) => texts.push((line, text.to_string())),
                        _ => notes.push(Note::malformed(line, format!("an item of `{key}`"), "it must be a text")),
                    }
                }
                texts
            }
            _ => {
                notes.push(Note::malformed(line, format!("`{key}`"), "it must be a list of texts"));
                Vec::new()
            }
        }
    }

    /// Is the key there, and true?
    pub(super) fn is_true(&self, key: &str) -> bool {
        matches!(self.find(key).map(Spanned::get_ref), Some(DeValue::Boolean(true)))
    }

    /// The number of a key.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.find(key)?.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        }
    }

    /// The table of a key.
    pub(super) fn table(&self, key: &str) -> Option<Self> {
        let value = self.find(key)?;
        let DeValue::Table(table) = value.get_ref() else { return None };
        Some(Self { table, text: self.text, line: self.line_at(value.span().start) })
    }

    /// The tables of a key, `[[key]]`; a single one counts as a list of one.
    pub(super) fn tables(&self, key: &str) -> Vec<Self> {
        let Some(value) = self.find(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Table(table) => vec![Self { table, text: self.text, line: self.line_at(value.span().start) }],
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::Table(table) => {
                        Some(Self { table, text: self.text, line: self.line_at(item.span().start) })
                    }
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The keys that are none of `known`, each with its line.
    pub(super) fn others(&self, known: &[&str]) -> Vec<Written> {
        let keys = self.table.keys().map(|key| (self.line_at(key.span().start), key.get_ref().to_string()));
        let mut others: Vec<_> =
            keys.filter(|(_, key)| known.iter().all(|known| !known.eq_ignore_ascii_case(key))).collect();
        others.sort();
        others
    }
}
