//! What a push brings, as git tells it to both of its ends.
//!
//! All lines count, not only the first. What the other end has is what its refs name, so a new branch, a forced push
//! and a tag of a blob are all the same: what the new objects reach, and the known ones do not.

use super::remote;
use super::run::wrong_arguments;
use crate::config::{Event, Guard, History, Known, Tips};
use crate::error::{Error, Result};
use crate::git::{Oid, Store};
use bstr::ByteSlice;
use std::io::Read;

/// A ref that a push changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Its name there.
    pub(super) remote_ref: String,
    /// Null where it is new.
    pub(super) old: Oid,
    /// Null where it is deleted.
    pub(super) new: Oid,
}

/// What is sent to a remote; nothing if that is nothing. Where nobody says what it is, all that is local.
///
/// # Errors
/// Where the lines are not git's, or git cannot be asked.
pub(super) fn sent(guard: &Guard, input: &mut dyn Read) -> Result<Option<History>> {
    let changes = changes(input, sent_line)?;
    let argument = |at: usize| guard.arguments.get(at).and_then(|argument| argument.to_str());
    let told = guard.manager.as_ref().and_then(|manager| manager.remote.as_deref());
    let known = match (argument(0), argument(1), told) {
        (Some(name), Some(url), _) if name != url => remote::known(name, url, &changes)?,
        (Some(_), Some(_), _) => Known::ByAnyRemote,
        (_, _, Some(name)) => Known::ByRemote(name.to_owned()),
        _ => return Err(wrong_arguments(guard, "the remote's name and its URL")),
    };
    // Git says nothing where everything is there; a hook manager that keeps standard input to itself says nothing, too.
    if changes.is_empty() {
        return all_local(known);
    }
    Ok(history(&changes, known))
}

/// What a repository receives; nothing if that is nothing.
///
/// # Errors
/// Where git's lines or arguments are not what they should be.
pub(super) fn received(guard: &Guard, input: &mut dyn Read) -> Result<Option<History>> {
    let changes = match guard.event {
        Event::Update => {
            vec![updated(guard).ok_or_else(|| wrong_arguments(guard, "a ref, its old and its new object"))?]
        }
        _ => changes(input, received_line)?,
    };
    Ok(history(&changes, Known::ByAnyRef))
}

/// Everything local that somebody else does not have.
fn all_local(known: Known) -> Result<Option<History>> {
    let refs = Store::find(None)?.refs()?;
    let starts = [&b"refs/heads/"[..], b"refs/tags/", b"HEAD"];
    let local = refs.into_iter().filter(|a_ref| starts.iter().any(|start| a_ref.name.starts_with(start)));
    let ranges: Vec<String> = local.map(|a_ref| a_ref.target.to_string()).collect();
    let history = History { ranges, tips: Tips::AllLocal, known, ..History::default() };
    Ok(Some(history).filter(|history| !history.ranges.is_empty()))
}

fn history(changes: &[Change], known: Known) -> Option<History> {
    let names = |side: fn(&Change) -> Oid| {
        let objects = changes.iter().map(side).filter(|name| !name.is_null());
        objects.map(|name| name.to_string()).collect::<Vec<_>>()
    };
    let ranges = names(|change| change.new);
    // What somebody else pushed there may not be here.
    let had = names(|change| change.old);
    (!ranges.is_empty()).then(|| History { ranges, had, known, ..History::default() })
}

fn changes(input: &mut dyn Read, parse: fn(&[u8]) -> Option<Change>) -> Result<Vec<Change>> {
    let mut lines = Vec::new();
    let unreadable = |error| Error::new("could not read which refs are pushed").because(error);
    input.read_to_end(&mut lines).map_err(unreadable)?;
    let parsed = lines.lines().map(|line| {
        parse(line).ok_or_else(|| {
            Error::new(format!("'{}' does not tell which ref is pushed", line.as_bstr()))
                .hint("git's standard input must reach keyward as it is")
        })
    });
    parsed.collect()
}

/// `LOCAL-REF SP NEW SP REMOTE-REF SP OLD`: the first may be any revision, with blanks in it.
fn sent_line(line: &[u8]) -> Option<Change> {
    let mut fields = line.rsplitn(4, |&byte| byte == b' ');
    let (old, remote_ref, new, _) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    Some(Change {
        remote_ref: remote_ref.to_str_lossy().into_owned(),
        old: Oid::from_hex(old)?,
        new: Oid::from_hex(new)?,
    })
}

/// `OLD SP NEW SP REF`.
fn received_line(line: &[u8]) -> Option<Change> {
    let mut fields = line.splitn(3, |&byte| byte == b' ');
    let (old, new, remote_ref) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Change {
        remote_ref: remote_ref.to_str_lossy().into_owned(),
        old: Oid::from_hex(old)?,
        new: Oid::from_hex(new)?,
    })
}

/// The arguments `REF OLD NEW`.
fn updated(guard: &Guard) -> Option<Change> {
    let [name, old, new] = &guard.arguments[..] else { return None };
    let oid = |name: &std::ffi::OsString| Oid::from_hex(name.to_str()?.as_bytes());
    Some(Change { remote_ref: name.to_string_lossy().into_owned(), old: oid(old)?, new: oid(new)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: char) -> Oid {
        Oid::from_hex(digit.to_string().repeat(40).as_bytes()).expect("well-formed")
    }

    #[test]
    fn the_local_side_of_a_push_may_be_any_revision() {
        let (new, old) = (oid('a'), oid('b'));
        for local in ["refs/heads/main", "HEAD~1", ":/a message of words", "(delete)"] {
            let line = format!("{local} {new} refs/heads/main {old}");
            let change = Change { remote_ref: "refs/heads/main".to_owned(), old, new };
            assert_eq!(sent_line(line.as_bytes()), Some(change), "{line}");
        }
    }

    #[test]
    fn a_line_that_is_not_gits_is_an_error_and_not_an_empty_push() {
        for line in ["nonsense", "refs/heads/main 12 refs/heads/main 34"] {
            assert!(changes(&mut line.as_bytes(), sent_line).is_err(), "{line}");
        }
        assert!(changes(&mut &b"a b"[..], received_line).is_err());
    }
}
