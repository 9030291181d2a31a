//! Counts which characters of base64 follow each other in code, and prints the table that `detect::bigram` reads.
//!
//! ```text
//! cargo run --release --example train_bigrams -- FOLDER... > src/detect/bigrams.txt
//! ```
//!
//! The table must be one that anybody can count again, so a folder is taken only if [`SOURCES`] says what it holds.
//! The repositories that detection is measured on (botocore, moto, aws-cli) stay out: a table trained on them would
//! be praised for what it has learnt by heart.
//!
//! It does not judge how good the table is; the tests of `detect::bigram` do.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program whose output is a file, and that stops where it cannot go on"
)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder, and what its files are: repository, commit, licence.
const SOURCES: [(&str, &str); 2] = [
    ("ajaxorg+ace-builds", "ajaxorg/ace-builds 1.43.2, ed87eff0725307ff0b2370dba44bd69b8140e485, BSD-3-Clause"),
    ("apache+dubbo", "apache/dubbo 3.3.1-32, 324c62550ab22ffa53bce15f219bbc1d67b8c4a3, Apache-2.0"),
];

/// Day of the counting.
const DATE: &str = "2026-11-23";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Characters of a token: shorter ones are keywords and abbreviations; longer ones are encoded data, which stands in
/// lines of 64 or 76, or without a break.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=60;

/// One in so many characters of a token may be a digit; dates, versions and hashes have more.
const CHARACTERS_PER_DIGIT: usize = 4;

/// Times that a token counts at most, so that `function` and licence headers do not drown the names.
const MAX_REPEATS: u32 = 50;

/// Steps of the table in one bit; `detect::bigram` has the same.
const STEPS: f64 = 8.0;

type Counts = [[u32; 64]; 64];

fn main() {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let sources: Vec<&str> = folders.iter().map(|folder| source(folder)).collect();
    let mut tokens = HashMap::new();
    for folder in &folders {
        read(folder, &mut tokens);
    }
    print_header(&sources, &tokens);
    for row in count(&tokens) {
        println!("{}", table_row(&row));
    }
}

/// What `folder` holds. A folder that nobody has described ends the program.
fn source(folder: &Path) -> &'static str {
    let known = SOURCES.iter().find(|(name, _)| folder.ends_with(name));
    known.unwrap_or_else(|| panic!("SOURCES does not say what '{}' holds", folder.display())).1
}

/// Adds the tokens of every text below `path`. Links are not followed.
fn read(path: &Path, tokens: &mut HashMap<Vec<u8>, u32>) {
    let kind = fs::symlink_metadata(path).unwrap().file_type();
    if kind.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), tokens);
        }
    } else if kind.is_file() {
        let text = fs::read(path).unwrap();
        if !text.contains(&0) {
            add_tokens(&text, tokens);
        }
    }
}

fn add_tokens(text: &[u8], tokens: &mut HashMap<Vec<u8>, u32>) {
    for run in text.split(|byte| !ALPHABET.contains(byte)).filter(|run| is_token(run)) {
        if let Some(repeats) = tokens.get_mut(run) {
            *repeats = MAX_REPEATS.min(*repeats + 1);
        } else {
            tokens.insert(run.to_vec(), 1);
        }
    }
}

/// Is this an identifier or a path, rather than a number, a hash, encoded data or a ruler of slashes?
fn is_token(run: &[u8]) -> bool {
    let count = |of: fn(&u8) -> bool| run.iter().filter(|byte| of(byte)).count();
    LENGTHS.contains(&run.len())
        && count(u8::is_ascii_alphabetic) > 0
        && count(u8::is_ascii_digit) * CHARACTERS_PER_DIGIT <= run.len()
        && !run.iter().all(u8::is_ascii_hexdigit)
}

/// How often each character follows each, once more than seen: what was never seen is rare, not impossible.
fn count(tokens: &HashMap<Vec<u8>, u32>) -> Counts {
    let mut counts = [[1; 64]; 64];
    for (token, repeats) in tokens {
        for pair in token.windows(2) {
            counts[place(pair[0])][place(pair[1])] += repeats;
        }
    }
    counts
}

fn place(character: u8) -> usize {
    ALPHABET.iter().position(|&other| other == character).unwrap()
}

/// One row of the table: how much likelier each successor is than if all 64 were equally likely, as a logarithm.
fn table_row(counts: &[u32; 64]) -> String {
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    let cells = counts.iter().map(|&count| STEPS * (f64::from(count) / total * 64.0).log2());
    let cells: Vec<String> = cells.map(|cell| format!("{:.0}", cell.round().clamp(-128.0, 127.0) + 0.0)).collect();
    cells.join(" ")
}

fn print_header(sources: &[&str], tokens: &HashMap<Vec<u8>, u32>) {
    println!("# Which characters of base64 follow each other in identifiers and paths.");
    println!("# Written by examples/train_bigrams.rs on {DATE}; do not edit.");
    println!("#");
    println!("# A row for each character of A-Z a-z 0-9 + /, in it a column for each successor in the same order:");
    println!("# round({STEPS} * log2(P(successor | character) * 64)), from counts with one added to each.");
    println!("#");
    println!("# Counted in:");
    for source in sources {
        println!("#   {source}");
    }
    let total: u32 = tokens.values().sum();
    println!("# {total} tokens, {} of them different; one token counts {MAX_REPEATS} times at most.", tokens.len());
    println!("# Only these counts are kept: no text of the sources, and none can be had from them.");
}
