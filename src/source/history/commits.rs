//! The commits of a history, noted while they pass.
//!
//! Every commit is examined for what its message says, so what it refers to costs nothing but a few lines more; a
//! second reading, where something was found, would have to inflate them all again.

use super::objects::{Number, Objects};
use super::signature::Signature;
use crate::git::Oid;
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The object.
    pub number: Number,
    /// Its tree; nothing where that is missing.
    pub tree: Option<Number>,
    /// Its parents, but for missing ones.
    pub parents: Vec<Number>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// What a commit refers to, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Its tree.
    pub tree: Option<Oid>,
    /// Its parents.
    pub parents: Vec<Oid>,
}

/// What the commit with this content refers to.
#[must_use]
pub fn links(commit: &[u8]) -> Links {
    // As git reads it: one tree, in the first line, and the parents right behind it; another `tree` is no tree of it.
    let mut headers = commit.lines();
    let tree = headers.next().and_then(|header| header.strip_prefix(b"tree ")).and_then(Oid::from_hex);
    let parents = headers.map_while(|header| header.strip_prefix(b"parent ").and_then(Oid::from_hex)).collect();
    Links { tree, parents }
}

/// Commits as they were noted, before anybody asks what they refer to.
#[derive(Debug, Default)]
pub struct Commits(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    commits: Vec<Note>,
    /// The names of each one's tree and parents, side by side.
    names: Vec<u8>,
}

#[derive(Debug)]
struct Note {
    number: Number,
    time: i64,
    /// How many names are its.
    names: u32,
}

impl Commits {
    /// Notes what the commit with this content refers to.
    ///
    /// # Panics
    /// Never: nothing panics while it holds the lock.
    pub fn note(&self, number: Number, content: &[u8]) {
        let mut noted = self.0.lock().expect("nothing panics while it holds this lock");
        let mut note = Note { number, time: 0, names: 0 };
        for header in content.lines() {
            let name = header.strip_prefix(b"tree ").or_else(|| header.strip_prefix(b"parent "));
            if let Some(name) = name.and_then(Oid::from_hex) {
                noted.names.extend_from_slice(name.as_bytes());
                note.names += 1;
            } else {
                let committer = header.strip_prefix(b"committer ").and_then(Signature::parse);
                note.time = committer.map_or(note.time, |signature| signature.time);
                // Nothing that is wanted stands behind it.
                if header.is_empty() || header.starts_with(b"committer ") {
                    break;
                }
            }
        }
        noted.commits.push(note);
    }

    /// What they refer to among `objects`; what is not there is added to `missing`.
    pub(super) fn resolve(self, objects: &Objects, missing: &mut BTreeSet<Oid>) -> Vec<Commit> {
        let noted = self.0.into_inner().expect("nothing panics while it holds this lock");
        let mut names = noted.names.chunks_exact(objects.hash_len());
        let mut find = |name: &[u8]| {
            let found = objects.find(name);
            if found.is_none() {
                missing.extend(Oid::from_bytes(name));
            }
            found
        };
        let commit = |note: Note| {
            let mut own = names.by_ref().take(note.names as usize);
            let tree = own.next().and_then(&mut find);
            let parents = own.filter_map(&mut find).collect();
            Commit { number: objects.canonical(note.number), tree, parents, time: note.time }
        };
        noted.commits.into_iter().map(commit).collect()
    }
}
