//! The law of `fuzz_targets/sqlite.rs`: whatever a database says, reading it ends and yields no more than it weighs, a
//! second reading tells the same as the first, and every line that is asked for has a place whose lead stands there.

use keyward::sqlite::{Database, Subject};
use std::io::Read;

/// What reading an input came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Texts of tables and indexes with at least one value.
    pub trees: usize,
    /// Texts of what was deleted.
    pub freed: usize,
    /// Values.
    pub values: usize,
    /// Kinds of damage.
    pub faults: usize,
}

/// How many times its bytes a database may yield: names of columns go before values of 16 bytes and more, and a page
/// that two readings see, of a log, is there twice.
const MOST: usize = 32;

/// Holds the law for one input; nothing if it is no database at all.
///
/// # Panics
/// If it is broken.
pub fn hold(input: &[u8]) -> Option<Reading> {
    let mut database = Database::begins(input).then(|| Database::open(input).ok()).flatten()?;
    let mut read = Reading::default();
    let mut yielded = 0;
    for subject in database.subjects() {
        let Some(mut text) = database.text(subject) else { continue };
        text.keep(|head| head.len() > 3 && head[0] % 2 == 0);
        let mut bytes = Vec::new();
        text.read_to_end(&mut bytes).expect("bytes are always readable");
        let _ = text.take_nested();
        yielded += bytes.len();
        assert!(yielded <= MOST * input.len() + 4096, "{yielded} bytes of {}", input.len());
        let content = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = content.trim_end_matches('\n').split('\n').collect();
        let values = 2..=lines.len() as u64;
        let places = text.places(&values.clone().collect::<Vec<_>>(), || true);
        let is_tree = matches!(subject, Subject::Table(_) | Subject::Index(_));
        (read.trees, read.freed) =
            (read.trees + usize::from(is_tree && lines.len() > 1), read.freed + usize::from(!is_tree));
        if !content.ends_with("\n\n") {
            assert_eq!(places.len(), lines.len() - 1, "a line has no place");
        }
        for (number, place) in values.zip(&places) {
            assert!(place.line <= number, "a place begins behind its line");
            let first = lines.get(usize::try_from(place.line).expect("few lines") - 1).copied().unwrap_or_default();
            assert!(first.starts_with(&place.lead), "{:?} does not begin with {:?}", first, place.lead);
            read.values += usize::from(place.line == number);
        }
    }
    read.faults = database.faults().len();
    Some(read)
}
