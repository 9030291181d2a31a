//! Reflogs: what git keeps for a while though no ref leads to it any more.
//!
//! Source: git's gitrepository-layout(5), "logs": a file a ref, a line an entry. In a repository with reftables they are
//! elsewhere, and nothing is read.

use super::oid::Oid;
use super::store::Ref;
use bstr::{BString, ByteSlice};
use std::ffi::OsString;
use std::path::Path;

/// Reads the logs in `folder`, those of refs whose names start with `prefix`.
pub(super) fn read(folder: &Path, prefix: &BString, entries: &mut Vec<Ref>) {
    let mut names: Vec<OsString> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let full = BString::from([&prefix[..], name.as_encoded_bytes()].concat());
        if path.is_dir() {
            read(&path, &BString::from([&full[..], b"/"].concat()), entries);
        } else if let Ok(log) = std::fs::read(&path) {
            entries.extend(log_entries(&full, &log));
        }
    }
}

/// The entries of one log: lines of `OLD NEW WHO WHEN`, the oldest first. What its oldest entry replaced is held too.
fn log_entries(name: &BString, log: &[u8]) -> Vec<Ref> {
    let short = [&b"refs/heads/"[..], b"refs/remotes/", b"refs/"]
        .into_iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let lines: Vec<Vec<&[u8]>> = log.lines().map(|line| line.splitn(3, |&byte| byte == b' ').collect()).collect();
    let new = lines.iter().rev().filter_map(|line| Oid::from_hex(line.get(1)?));
    let oldest = lines.first().and_then(|line| Oid::from_hex(line.first()?)).filter(|old| !old.is_null());
    new.chain(oldest)
        .zip(0..)
        .map(|(target, age)| Ref { name: format!("{}@{{{age}}}", short.as_bstr()).into(), target })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: char) -> Oid {
        Oid::from_hex(digit.to_string().repeat(40).as_bytes()).expect("well-formed")
    }

    #[test]
    fn reflog_entries_are_numbered_from_the_newest() {
        let line = |old: char, new: char| format!("{} {} A <a> 1 +0000\tx\n", oid(old), oid(new));
        let log = format!("{}{}", line('1', '2'), line('2', '3'));
        let entries: Vec<_> = log_entries(&"refs/stash".into(), log.as_bytes())
            .into_iter()
            .map(|entry| (entry.name.to_string(), entry.target))
            .collect();
        let expected = [("stash@{0}", '3'), ("stash@{1}", '2'), ("stash@{2}", '1')];
        assert_eq!(entries, expected.map(|(name, digit)| (name.to_owned(), oid(digit))));
    }
}
