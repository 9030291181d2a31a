//! What a run is about, looked up in the clone.
//!
//! A clone that lacks a part of it is an error before anything is examined: a pass over the rest would look like a
//! pass over all.

use super::subject::{Part, Subject};
use crate::config::{Authority, History};
use crate::error::{Error, Result};
use crate::git::{Oid, Revisions, Store};
use std::collections::BTreeSet;

/// What is examined.
#[derive(Debug)]
pub(super) struct Looked {
    /// The line that says so.
    pub(super) heading: String,
    /// What that is to a scan.
    pub(super) scope: History,
    /// Where something is to be taken in, whoever keeps that decides what is accepted.
    pub(super) authority: Authority,
}

/// What is examined, found in the clone.
///
/// # Errors
/// Where the clone does not have all of it.
pub(super) fn of(subject: &Subject) -> Result<Looked> {
    let store = Store::find(None)?;
    let ends = store.shallow_commits()?;
    let (what, scope) = Checkout { store, ends, subject }.look_up()?;
    let authority = match (&subject.part, scope.not.first()) {
        (Part::Brought { .. }, Some(base)) => Authority::Revision(base.clone()),
        _ => Authority::Examined,
    };
    Ok(Looked { heading: format!("{}: {what}", subject.name), scope, authority })
}

/// The clone that the CI made.
struct Checkout<'s> {
    store: Store,
    /// Where it ends, if it is shallow.
    ends: BTreeSet<Oid>,
    subject: &'s Subject,
}

impl Checkout<'_> {
    fn look_up(&self) -> Result<(String, History)> {
        match &self.subject.part {
            Part::Brought { head, base } => self.since("base ", head, base, ""),
            Part::Pushed { head, before, default } => self.pushed(head, before.as_deref(), default.as_deref()),
            Part::Everything { why } => self.everything(*why),
            Part::Nothing { why } => Ok((format!("{why}, so there is nothing to examine"), self.nothing()?)),
        }
    }

    fn pushed(&self, head: &str, before: Option<&str>, default: Option<&str>) -> Result<(String, History)> {
        let why = match before {
            Some(before) if self.store.object(before).is_ok() => return self.since("", head, before, ""),
            // It may have been cut off, so nothing says that the branch was rewritten.
            Some(before) if !self.ends.is_empty() => return Err(self.missing("commit", before)),
            Some(before) => format!("; {}, where it was, is not here any more", shown(before)),
            None => String::new(),
        };
        match default {
            Some(default) => self.since("", head, default, &why),
            None => self.all_of(head, &why),
        }
    }

    /// What `head` has and `base` has not; `role` and `why` are for people.
    fn since(&self, role: &str, head: &str, base: &str, why: &str) -> Result<(String, History)> {
        let (head_name, base_name) = (self.object("head", head)?, self.object("base", base)?);
        let count = self.count(head_name, vec![base_name])?;
        if !self.ends.is_empty() && !self.meet(head_name, base_name)? {
            return Err(self.cut_off(self.ends.get(&base_name).unwrap_or(&head_name)));
        }
        let what = format!("what {} has and {role}{} has not ({count}){why}", shown(head), shown(base));
        let scope =
            History { ranges: vec![head_name.to_string()], not: vec![base_name.to_string()], ..History::default() };
        Ok((what, scope))
    }

    fn all_of(&self, head: &str, why: &str) -> Result<(String, History)> {
        let name = self.object("head", head)?;
        let count = self.count(name, Vec::new())?;
        let what = format!("all that {} has ({count}){why}", shown(head));
        Ok((what, History { ranges: vec![name.to_string()], ..History::default() }))
    }

    fn everything(&self, why: Option<&str>) -> Result<(String, History)> {
        if let Some(end) = self.ends.first() {
            return Err(self.cut_off(end));
        }
        let refs = self.store.refs()?.into_iter().filter(|a_ref| a_ref.name.starts_with(b"refs/")).count();
        let why = why.map(|why| format!("; {why}")).unwrap_or_default();
        Ok((format!("everything that this clone has ({}){why}", counted(refs, "ref")), History::default()))
    }

    /// A range without anything in it, so that reports are written.
    fn nothing(&self) -> Result<History> {
        let head = self.store.head()?.map(|head| head.to_string());
        let head = head.ok_or_else(|| Error::new(format!("{}: there is no commit here", self.subject.name)))?;
        Ok(History { ranges: vec![head.clone()], not: vec![head], ..History::default() })
    }

    /// How many commits are examined, all of which must be here.
    fn count(&self, head: Oid, not: Vec<Oid>) -> Result<String> {
        let commits = self.store.commits(&Revisions { wanted: vec![head], not, ..Revisions::default() })?;
        match commits.iter().find(|commit| self.ends.contains(commit)) {
            Some(end) => Err(self.cut_off(end)),
            None => Ok(counted(commits.len(), "commit")),
        }
    }

    /// Has the clone a commit that both of them have? Otherwise all of the older history would be taken for new.
    fn meet(&self, head: Oid, base: Oid) -> Result<bool> {
        let of = |not| self.store.commits(&Revisions { wanted: vec![head], not, ..Revisions::default() });
        let (all, new) = (of(Vec::new())?, of(vec![base])?);
        Ok(all.is_empty() || new.len() < all.len())
    }

    fn object(&self, role: &str, revision: &str) -> Result<Oid> {
        self.store.object(revision).map_err(|_| self.missing(role, revision))
    }

    fn missing(&self, role: &str, revision: &str) -> Error {
        let why = if self.ends.is_empty() { "it was not fetched" } else { "this clone is shallow" };
        self.refusal(&format!("{role} {} is not in this clone", shown(revision)), why)
    }

    fn cut_off(&self, end: &Oid) -> Error {
        let why =
            format!("this clone is shallow: it ends at {}, and so lacks a part of what is to be examined", end.short());
        self.refusal("not everything is in this clone", &why)
    }

    fn refusal(&self, what: &str, why: &str) -> Error {
        Error::new(format!("{}: {what}", self.subject.name)).because(why).hint(&self.subject.fix)
    }
}

/// A revision as people know it.
fn shown(revision: &str) -> String {
    if let Some(name) = Oid::from_hex(revision.as_bytes()) {
        return name.short();
    }
    let known = ["refs/remotes/", "refs/tags/", "refs/heads/"];
    known.iter().find_map(|start| revision.strip_prefix(start)).unwrap_or(revision).to_owned()
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_shown_as_people_know_them() {
        assert_eq!(shown(&"a".repeat(40)), "aaaaaaaa");
        for (revision, short) in
            [("refs/remotes/origin/main", "origin/main"), ("refs/tags/v1", "v1"), ("HEAD~2", "HEAD~2")]
        {
            assert_eq!(shown(revision), short);
        }
    }
}
