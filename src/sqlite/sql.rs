//! The names of columns, from the statement that made a table or an index.
//!
//! SQLite keeps the statement as it was written. It is read by words and brackets, no further than its columns' names
//! and the order in which records keep them (sqlite.org/fileformat2.html, sections 2.4 and 2.6).

use std::collections::HashMap;

/// A word of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// A keyword or a plain name.
    Bare(String),
    /// A name in quotes, or a text.
    Quoted(String),
    Sign(char),
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Bare(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Bare(name) | Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

fn words(sql: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '"' | '`' | '\'' | '[' => {
                let (name, len) = quoted(rest, first);
                words.push(Word::Quoted(name));
                len
            }
            _ if is_of_name(first) => {
                let len = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
                words.push(Word::Bare(rest[..len].to_owned()));
                len
            }
            _ => {
                if !first.is_whitespace() {
                    words.push(Word::Sign(first));
                }
                first.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    words
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

/// What stands in quotes at the start of `text`, and the bytes of both. A doubled quote stands for itself.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let end_quote = if quote == '[' { ']' } else { quote };
    let mut name = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == end_quote {
            if quote == '[' || letters.peek().is_none_or(|&(_, next)| next != quote) {
                return (name, at + 1);
            }
            letters.next();
        }
        name.push(letter);
    }
    (name, text.len())
}

/// The words between the first bracket and its partner, parted at commas, and the words behind.
fn parts(words: &[Word]) -> (Vec<&[Word]>, &[Word]) {
    let Some(open) = words.iter().position(|word| *word == Word::Sign('(')) else { return (Vec::new(), &[]) };
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, open + 1);
    for (at, word) in words.iter().enumerate().skip(open) {
        match word {
            Word::Sign('(') => depth += 1,
            Word::Sign(')') if depth == 1 => {
                parts.push(&words[start..at]);
                return (parts, &words[at + 1..]);
            }
            Word::Sign(')') => depth -= 1,
            Word::Sign(',') if depth == 1 => {
                parts.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&words[start..]);
    (parts, &[])
}

/// The columns of the table that `sql` makes, in the order in which its records hold them.
pub(super) fn columns_of_table(sql: &str) -> Vec<String> {
    let words = words(sql);
    let (parts, options) = parts(&words);
    let (mut names, mut key) = (Vec::new(), Vec::new());
    for part in parts {
        let Some(name) = part.first().and_then(Word::name) else { continue };
        let is_constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| part[0].is(word));
        let key_at = part.windows(2).position(|pair| pair[0].is("PRIMARY") && pair[1].is("KEY"));
        if is_constraint {
            if let Some(at) = key_at {
                key = names_in(&part[at..]);
            }
        } else if !is_computed(part) {
            names.push(name.to_owned());
            if key_at.is_some_and(|at| at > 0) {
                key = vec![name.to_owned()];
            }
        }
    }
    let without_rowid = options.windows(2).any(|pair| pair[0].is("WITHOUT") && pair[1].is("ROWID"));
    if without_rowid { key_first(&names, &key) } else { names }
}

/// Is the column worked out when it is read, so that no record holds it?
fn is_computed(part: &[Word]) -> bool {
    let is_generated = part.windows(2).skip(1).any(|pair| pair[0].is("AS") && pair[1] == Word::Sign('('));
    is_generated && !part.iter().any(|word| word.is("STORED"))
}

/// The columns of the key, each once, then the others.
fn key_first(names: &[String], key: &[String]) -> Vec<String> {
    let place: HashMap<String, usize> = names.iter().map(|name| name.to_ascii_lowercase()).zip(0..).collect();
    let (mut order, mut is_placed) = (Vec::new(), vec![false; names.len()]);
    let of_key = key.iter().filter_map(|name| place.get(&name.to_ascii_lowercase()).copied());
    for at in of_key.chain(0..names.len()) {
        if !std::mem::replace(&mut is_placed[at], true) {
            order.push(names[at].clone());
        }
    }
    order
}

/// The columns that the index that `sql` makes is over; an expression has no name.
pub(super) fn columns_of_index(sql: &str) -> Vec<String> {
    names_in(&words(sql))
}

fn names_in(words: &[Word]) -> Vec<String> {
    let (parts, _) = parts(words);
    let name = |part: &[Word]| {
        let is_expression = part.contains(&Word::Sign('('));
        part.first().and_then(Word::name).filter(|_| !is_expression).unwrap_or_default().to_owned()
    };
    parts.into_iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_the_statement_names_them() {
        let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, \"access \"\"key\" TEXT DEFAULT ('a,b'), [secret key], `x` \
                   DECIMAL(10,2) -- a comment, with (brackets\n, /* ) */ y CHECK (y in (1,2)), UNIQUE(x, y))";
        assert_eq!(columns_of_table(sql), ["id", "access \"key", "secret key", "x", "y"]);
    }

    #[test]
    fn a_computed_column_is_in_no_record_and_a_stored_one_is() {
        let sql = "CREATE TABLE t(a, b AS (a+1), c GENERATED ALWAYS AS (a) STORED, as_ TEXT)";
        assert_eq!(columns_of_table(sql), ["a", "c", "as_"]);
    }

    #[test]
    fn without_row_ids_the_key_comes_first() {
        let sql = "CREATE TABLE t(a, b, c, d, PRIMARY KEY(C, a, c)) STRICT, WITHOUT ROWID";
        assert_eq!(columns_of_table(sql), ["c", "a", "b", "d"]);
        assert_eq!(columns_of_table("CREATE TABLE t(a, b TEXT PRIMARY KEY) WITHOUT ROWID"), ["b", "a"]);
    }

    #[test]
    fn an_index_names_its_columns_and_no_expression() {
        assert_eq!(columns_of_index("CREATE INDEX i ON t(b COLLATE nocase, lower(a))"), ["b", ""]);
    }

    #[test]
    fn what_is_no_statement_has_no_columns() {
        for sql in ["", "(", "((", "CREATE", "'", "CREATE TABLE t(", "/*", ")("] {
            assert!(columns_of_table(sql).len() <= 1, "{sql}");
        }
    }
}
