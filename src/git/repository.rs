//! What is staged, and the content of blobs.

use super::batch::Reader;
use super::local::Local;
use super::oid::Oid;
use super::record::{Record, is_file};
use super::{guarded, not_a_repository, output, path};
use crate::error::{Error, Result};
use bstr::{BString, ByteSlice};
use std::collections::HashSet;
use std::path::PathBuf;

/// A repository.
pub struct Repository {
    /// Nothing where libgit2 refuses the repository and git does not.
    local: Option<Local>,
}

/// One entry of the index that differs from HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path from the top of the work tree.
    pub path: BString,
    /// The blob in HEAD.
    pub old: Option<Oid>,
    /// What the index holds now.
    pub new: Staged,
}

/// The index's side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// A file, or a link whose target is the content.
    Blob(Oid),
    /// A commit of another repository.
    Submodule,
    /// Nothing any more.
    Deleted,
    /// A merge conflict: nothing that could be committed.
    Unmerged,
}

impl Repository {
    /// The repository of the working directory, as the environment that git gives its hooks says.
    ///
    /// # Errors
    /// Where there is none, or git refuses it.
    pub fn from_env() -> Result<Self> {
        match Local::from_env() {
            Ok(local) => Ok(Self { local: Some(local) }),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Err(not_a_repository()),
            // libgit2 knows fewer formats than git does.
            Err(_) => {
                output(guarded(), &["rev-parse", "--git-dir"])?;
                Ok(Self { local: None })
            }
        }
    }

    /// The top of the work tree of the working directory's repository, found in this process where that is possible;
    /// nothing where there is none.
    #[must_use]
    pub fn top_from_env() -> Option<PathBuf> {
        match Local::from_env() {
            Ok(local) => local.repository().workdir().and_then(|top| top.canonicalize().ok()),
            Err(_) => super::top_folder(),
        }
    }

    /// The same through libgit2; nothing where that refuses it.
    #[must_use]
    pub fn local(&self) -> Option<&Local> {
        self.local.as_ref()
    }

    fn libgit2(&self) -> Option<&git2::Repository> {
        self.local.as_ref().map(Local::repository)
    }

    fn is_bare(&self) -> Result<bool> {
        match self.libgit2() {
            Some(repository) => Ok(repository.is_bare()),
            None => Ok(output(guarded(), &["rev-parse", "--is-bare-repository"])?.trim_ascii() == b"true"),
        }
    }

    /// What the next commit would change: the index that the environment names, compared with HEAD or, before the
    /// first commit, with the empty tree.
    ///
    /// # Errors
    /// In a bare repository, and where git cannot read the index or HEAD.
    pub fn staged(&self) -> Result<Vec<Change>> {
        if self.is_bare()? {
            return Err(Error::new("a bare repository has no index, so nothing can be staged in it")
                .hint("run this in a work tree"));
        }
        let base = self.base_of_next_commit()?;
        let listing = output(
            guarded(),
            &[
                "diff-index",
                "--cached",
                "--raw",
                "-z",
                "--no-abbrev",
                "--no-renames",
                "--no-ext-diff",
                "--no-textconv",
                "--ita-invisible-in-index",
                "--ignore-submodules=none",
                &base,
                "--",
            ],
        )?;
        parse_raw(&listing)
    }

    /// The blobs that the index holds at these paths, from the top of the work tree; what it does not hold is left out.
    ///
    /// # Errors
    /// Where git cannot read the index.
    pub fn indexed(&self, paths: &HashSet<BString>) -> Result<Vec<Change>> {
        let listing = output(guarded(), &["ls-files", "--stage", "--full-name", "-z"])?;
        let records = listing.split(|&byte| byte == 0).filter(|record| !record.is_empty());
        let mut found = Vec::new();
        for record in records {
            // `MODE OID STAGE TAB PATH`
            let (head, path) = record.split_once_str(b"\t").ok_or_else(|| unknown("ls-files", record))?;
            if !paths.contains(path.as_bstr()) {
                continue;
            }
            let fields: Vec<&str> = head.split_str(b" ").map(|field| field.to_str().unwrap_or_default()).collect();
            let new = match fields[..] {
                ["160000", ..] => Staged::Submodule,
                [_, oid, "0"] => {
                    Staged::Blob(Oid::from_hex(oid.as_bytes()).ok_or_else(|| unknown("ls-files", record))?)
                }
                _ => Staged::Unmerged,
            };
            found.push(Change { path: path.into(), old: None, new });
        }
        Ok(found)
    }

    /// The top of the work tree.
    ///
    /// # Errors
    /// In a bare repository.
    pub fn top(&self) -> Result<PathBuf> {
        path(guarded(), &["rev-parse", "--show-toplevel"])
    }

    /// The commits that the next commit merges with HEAD, as git has noted them.
    ///
    /// # Errors
    /// Where the note cannot be read.
    pub fn merged(&self) -> Result<Vec<Oid>> {
        let note = match self.libgit2() {
            Some(repository) => repository.path().join("MERGE_HEAD"),
            None => path(guarded(), &["rev-parse", "--git-path", "MERGE_HEAD"])?,
        };
        match std::fs::read(&note) {
            Ok(heads) => Ok(heads.lines().filter_map(Oid::from_hex).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::new("could not read MERGE_HEAD").because(error)),
        }
    }

    /// HEAD, or the empty tree where HEAD names a branch without a commit.
    fn base_of_next_commit(&self) -> Result<String> {
        let Some(repository) = self.libgit2() else {
            let head = output(guarded(), &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
            let base = head.or_else(|_| output(guarded(), &["hash-object", "-t", "tree", "--stdin"]))?;
            return Ok(base.trim_ascii().to_str_lossy().into_owned());
        };
        match repository.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(commit.id().to_string()),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => {
                git2::Oid::hash_object(git2::ObjectType::Tree, &[])
                    .map(|tree| tree.to_string())
                    .map_err(|error| Error::new("could not name the empty tree").because(error.message()))
            }
            Err(error) => Err(Error::new("could not read HEAD").because(error.message()).hint("git fsck says more")),
        }
    }

    /// A reader through git, of any object.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(None)
    }
}

fn unknown(verb: &str, record: &[u8]) -> Error {
    Error::new(format!("git {verb} answered in a form that keyward does not know")).because(record.to_str_lossy())
}

/// Parses `:MODE MODE OID OID STATUS NUL PATH NUL` records (`git help diff-index`, "Raw output format").
fn parse_raw(listing: &[u8]) -> Result<Vec<Change>> {
    let mut fields = listing.split(|&byte| byte == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(record) = fields.next() {
        let change = fields.next().and_then(|path| parse_record(record, path));
        changes.push(change.ok_or_else(|| unknown("diff-index", record))?);
    }
    Ok(changes)
}

fn parse_record(record: &[u8], path: &[u8]) -> Option<Change> {
    let Record { old_mode, new_mode, old, new, status } = Record::parse(record.strip_prefix(b":")?)?;
    let new = match (status, new_mode) {
        ("U", _) => Staged::Unmerged,
        ("D", _) => Staged::Deleted,
        (_, "160000") => Staged::Submodule,
        (_, mode) if is_file(mode) => Staged::Blob(Oid::from_hex(new)?),
        _ => return None,
    };
    let old = if is_file(old_mode) { Some(Oid::from_hex(old)?) } else { None };
    Some(Change { path: path.into(), old, new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_records_are_told_apart() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let oid = |name: &str| Oid::from_hex(name.as_bytes()).expect("well-formed");
        let zero = "0".repeat(40);
        let listing = format!(
            ":000000 100644 {zero} {a} A\0new \"q\"\n.env\0:100644 000000 {b} {zero} D\0gone\0\
             :100644 120000 {a} {b} T\0link\0:000000 160000 {zero} {a} A\0sub\0:100644 000000 {a} {zero} U\0torn\0"
        );
        let change = |path: &str, old: Option<&str>, new| Change { path: path.into(), old: old.map(oid), new };
        assert_eq!(
            parse_raw(listing.as_bytes()),
            Ok(vec![
                change("new \"q\"\n.env", None, Staged::Blob(oid(&a))),
                change("gone", Some(&b), Staged::Deleted),
                change("link", Some(&a), Staged::Blob(oid(&b))),
                change("sub", None, Staged::Submodule),
                change("torn", Some(&a), Staged::Unmerged),
            ])
        );
    }

    #[test]
    fn an_unknown_record_is_an_error_and_not_an_empty_list() {
        assert!(parse_raw(b"warning: something\0x\0").is_err());
        assert!(parse_raw(b":100644 100644 a\0x\0").is_err());
    }
}
