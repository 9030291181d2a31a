//! The reader of SQLite databases, with SQLite itself as the referee: what it says is in a row is found at that row.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![expect(clippy::disallowed_methods, reason = "Python brings the real SQLite")]

use keyward::sqlite::{Database, Subject};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

/// A value that SQLite says there is or was.
#[derive(Debug, Deserialize)]
struct Planted(String, i64, String, String, bool);

/// Random databases that are made.
const DATABASES: usize = 40;

/// A part of a database as it was read.
struct Part {
    subject: Subject,
    name: String,
    content: String,
    /// `row/column` of each needle.
    places: BTreeMap<String, String>,
}

impl Part {
    fn is_table(&self) -> bool {
        matches!(self.subject, Subject::Table(_))
    }
}

fn read(bytes: &[u8]) -> Vec<Part> {
    let mut database = Database::open(bytes).unwrap();
    let mut parts = Vec::new();
    for subject in database.subjects() {
        let Some(mut text) = database.text(subject) else { continue };
        let mut bytes = Vec::new();
        text.read_to_end(&mut bytes).unwrap();
        let content = String::from_utf8_lossy(&bytes).into_owned();
        let needles = needles(&content);
        let lines: Vec<u64> = needles.iter().map(|(line, _)| *line).collect();
        let places = text.places(&lines, || true);
        assert_eq!(places.len(), lines.len());
        let places = needles.into_iter().zip(places).map(|((_, needle), place)| (needle, place.path)).collect();
        parts.push(Part { subject, name: text.name().to_owned(), content, places });
    }
    assert_eq!(database.faults(), []);
    parts
}

/// The words that are planted, with their lines.
fn needles(text: &str) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    for (line, content) in (1..).zip(unix.split('\n')) {
        found.extend(
            content.split(|letter: char| !letter.is_ascii_alphanumeric()).flat_map(words).map(|word| (line, word)),
        );
    }
    found
}

/// Every stretch of 24 characters that begins with `n`: filler may touch a needle.
fn words(run: &str) -> Vec<String> {
    let starts = run.match_indices('n').map(|(at, _)| at);
    starts.filter_map(|at| run.get(at..at + 24)).map(str::to_owned).collect()
}

fn needle_of(value: &str) -> Option<String> {
    None.or_else(|| value.split(|letter: char| !letter.is_ascii_alphanumeric()).flat_map(words).next())
}

fn text_of(planted: &Planted) -> String {
    let Planted(.., value, _) = planted;
    let is_hex = value.len() >= 48 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex {
        return value.clone();
    }
    let bytes: Vec<u8> =
        value.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_value_of_random_databases_is_found_in_its_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let referee = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sqlite/referee.py");
    let made = Command::new("python3").arg(referee).arg(folder.path()).args(["1", &DATABASES.to_string()]).status();
    assert!(made.unwrap().success());
    let (mut live, mut deleted, mut recovered) = (0, 0, 0);
    for seed in 1..=DATABASES {
        let bytes = fs::read(folder.path().join(format!("{seed}.db"))).unwrap();
        let json = fs::read(folder.path().join(format!("{seed}.json"))).unwrap();
        let planted: Vec<Planted> = serde_json::from_slice(&json).unwrap();
        let parts = read(&bytes);
        let freed: String = parts.iter().filter(|part| !part.is_table()).map(|part| part.content.as_str()).collect();
        for value in &planted {
            let text = text_of(value);
            let Some(needle) = needle_of(&text) else { continue };
            let Planted(table, row, column, _, is_deleted) = value;
            if *is_deleted {
                // What was written over, or parted over pages, is no longer there.
                if is_in(&bytes, &text) {
                    deleted += 1;
                    recovered += usize::from(freed.contains(&format!(": {text}\n")));
                }
                continue;
            }
            live += 1;
            let part = parts.iter().find(|part| part.is_table() && part.name == *table).unwrap();
            assert_eq!(part.places.get(&needle), Some(&format!("{row}/{column}")), "{seed} {value:?}");
            assert!(part.content.contains(&text), "{seed} {value:?}");
        }
    }
    assert!(live > 10_000 && deleted > 3_000, "{live} {deleted}");
    // Nearly all; what is left stood in rows longer than a page, or of tables that got another column later.
    assert!(recovered * 100 > deleted * 90, "{recovered} of {deleted}");
}

/// Do the bytes hold the text, in any of the encodings of a database?
fn is_in(bytes: &[u8], text: &str) -> bool {
    let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let forms = [text.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)];
    forms.iter().any(|form| memchr::memmem::find(bytes, form).is_some())
}
