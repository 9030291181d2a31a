//! The repository, and the only door to the `git` command.
//!
//! libgit2 reads objects and refs; `git` itself lists what is staged and tracked, because it is many times faster
//! at that (100,000 entries: 13 ms against 180) and knows every index format. Where libgit2 refuses a repository
//! altogether (SHA-256, reftable, unknown extensions), git's plumbing reads the objects as well.
//!
//! A repository is hostile until proven otherwise, and git runs commands that its configuration names. Every child
//! therefore goes through `guarded`: no hooks, no file system monitor, no transport, no lazy fetch, plumbing
//! only, no replaced history. Its exit status decides; its standard error is shown and never taken for an outcome.

use crate::error::{Error, Result};
use bstr::{BString, ByteSlice, ByteVec};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Blobs above this size are streamed from git instead of being held in memory whole.
const STREAMED_FROM: usize = 16 << 20;

/// The variables with which a git process tells its children where the repository is (`git rev-parse
/// --local-env-vars`). They must not reach a child that is to look at another one.
const LOCAL_VARIABLES: [&str; 10] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_IMPLICIT_WORK_TREE",
];

/// A `git` child that cannot be made to run what the repository's configuration names. Sources of each: `git help
/// config`, `git help git` (Environment Variables), all tried against a configuration that writes a marker file.
fn guarded() -> Command {
    let mut git = unhooked();
    git.args(["-c", "core.hooksPath=/dev/null"]);
    git
}

/// The same without the override of `core.hooksPath`, for asking what that is. Hooks run on no plumbing used here.
fn unhooked() -> Command {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let mut git = Command::new("git");
    git.args(["-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-c", "advice.graftFileDeprecated=false"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", "/dev/null")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    git
}

/// Runs `git` with `arguments` and returns its standard output.
fn output(mut git: Command, arguments: &[&str]) -> Result<Vec<u8>> {
    let what = || format!("git {} failed", arguments[0]);
    let run = git.args(arguments).output().map_err(|error| could_not_run(&error))?;
    if run.status.success() {
        return Ok(run.stdout);
    }
    let said = run.stderr.trim_ascii().to_str_lossy().into_owned();
    let cause = if said.is_empty() { run.status.to_string() } else { said };
    Err(explain_refusal(Error::new(what()).because(&cause), &cause))
}

fn could_not_run(error: &std::io::Error) -> Error {
    Error::new("could not run git").because(error).hint("keyward needs the git command on the PATH to read an index")
}

/// Adds what to do about a refusal that people meet in containers.
fn explain_refusal(error: Error, cause: &str) -> Error {
    if cause.contains("dubious ownership") || cause.contains("not owned by current user") {
        error.hint("git config --global --add safe.directory PATH, if you trust that repository")
    } else {
        error
    }
}

/// A repository.
pub struct Repository {
    /// Nothing where libgit2 refuses the repository and git does not.
    libgit2: Option<git2::Repository>,
    batch: Option<Batch>,
}

/// One entry of the index that differs from HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path from the top of the work tree.
    pub path: BString,
    /// The blob in HEAD.
    pub old: Option<ObjectId>,
    /// What the index holds now.
    pub new: Staged,
}

/// The index's side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staged {
    /// A file, or a link whose target is the content.
    Blob(ObjectId),
    /// A commit of another repository.
    Submodule,
    /// Nothing any more.
    Deleted,
    /// A merge conflict: nothing that could be committed.
    Unmerged,
}

/// The name of an object, in hexadecimal.
pub type ObjectId = String;

impl Repository {
    /// The repository of the working directory, as the environment that git gives its hooks says.
    ///
    /// # Errors
    /// Where there is none, or git refuses it.
    pub fn from_env() -> Result<Self> {
        match git2::Repository::open_from_env() {
            Ok(repository) => Ok(Self { libgit2: Some(repository), batch: None }),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Err(not_a_repository()),
            // libgit2 knows fewer formats than git does.
            Err(error) => {
                output(guarded(), &["rev-parse", "--git-dir"]).map_err(|_| refused(error.message()))?;
                Ok(Self { libgit2: None, batch: None })
            }
        }
    }

    fn is_bare(&self) -> Result<bool> {
        match &self.libgit2 {
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

    /// HEAD, or the empty tree where HEAD names a branch without a commit.
    fn base_of_next_commit(&self) -> Result<String> {
        let Some(repository) = &self.libgit2 else {
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

    /// Calls `read` with the content of a blob.
    ///
    /// # Errors
    /// Where the object is missing, damaged or no blob, and whatever `read` returns.
    pub fn with_blob<T>(&mut self, id: &ObjectId, read: impl FnOnce(&mut dyn Read) -> std::io::Result<T>) -> Result<T> {
        let unreadable = |cause: &dyn std::fmt::Display| Error::new(format!("could not read blob {id}")).because(cause);
        if let Some(repository) = &self.libgit2 {
            let small = git2::Oid::from_str(id).ok().filter(|&oid| is_small(repository, oid));
            if let Some(oid) = small {
                let blob = repository.find_blob(oid).map_err(|error| unreadable(&error.message()))?;
                return read(&mut blob.content()).map_err(|error| unreadable(&error));
            }
        }
        let batch = match &mut self.batch {
            Some(batch) => batch,
            none => none.insert(Batch::start()?),
        };
        let result = batch.with_blob(id, read);
        if result.is_err() {
            // What is left in its pipe would be taken for the next blob.
            self.batch = None;
        }
        result.map_err(|error| unreadable(&error))
    }
}

fn refused(cause: &str) -> Error {
    explain_refusal(Error::new("git refuses this repository").because(cause), cause)
}

fn not_a_repository() -> Error {
    Error::new("not a git repository (nor any of its parents)").hint("keyward scan PATH examines files without git")
}

fn is_small(repository: &git2::Repository, oid: git2::Oid) -> bool {
    let header = repository.odb().and_then(|odb| odb.read_header(oid));
    header.is_ok_and(|(size, _)| size < STREAMED_FROM)
}

/// Parses `:MODE MODE OID OID STATUS NUL PATH NUL` records (`git help diff-index`, "Raw output format").
fn parse_raw(listing: &[u8]) -> Result<Vec<Change>> {
    let mut fields = listing.split(|&byte| byte == 0).filter(|field| !field.is_empty());
    let mut changes = Vec::new();
    while let Some(record) = fields.next() {
        let change = fields.next().and_then(|path| parse_record(record, path));
        changes.push(change.ok_or_else(|| {
            Error::new("git diff-index answered in a form that keyward does not know").because(record.to_str_lossy())
        })?);
    }
    Ok(changes)
}

fn parse_record(record: &[u8], path: &[u8]) -> Option<Change> {
    let record = record.strip_prefix(b":")?.to_str().ok()?;
    let fields: Vec<&str> = record.split(' ').collect();
    let [old_mode, new_mode, old, new, status] = fields[..] else {
        return None;
    };
    let is_file = |mode: &str| mode.starts_with("10") || mode == "120000";
    let new = match (status, new_mode) {
        ("U", _) => Staged::Unmerged,
        ("D", _) => Staged::Deleted,
        (_, "160000") => Staged::Submodule,
        (_, mode) if is_file(mode) => Staged::Blob(new.to_owned()),
        _ => return None,
    };
    Some(Change { path: path.into(), old: is_file(old_mode).then(|| old.to_owned()), new })
}

/// `git cat-file --batch`: blobs one after the other through one child, streamed.
struct Batch {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    fn start() -> Result<Self> {
        let mut child = guarded()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| could_not_run(&error))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::new("git cat-file has no pipes"));
        };
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    fn with_blob<T>(&mut self, id: &str, read: impl FnOnce(&mut dyn Read) -> std::io::Result<T>) -> std::io::Result<T> {
        writeln!(self.requests, "{id}")?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = match header.split_ascii_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse().map_err(std::io::Error::other)?,
            _ => return Err(std::io::Error::other(format!("git answered '{}'", header.trim()))),
        };
        let mut content = (&mut self.answers).take(size);
        let result = read(&mut content);
        if content.limit() > 0 && result.is_ok() {
            std::io::copy(&mut content, &mut std::io::sink())?;
        }
        // The line feed behind the content.
        self.answers.read_exact(&mut [0])?;
        result
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It only reads: there is nothing to lose, and a child that is not waited for would stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The paths that a repository's index holds, sorted as git sorts them.
#[derive(Debug, Default)]
pub struct Tracked {
    listing: Vec<u8>,
    paths: Vec<Range<usize>>,
}

impl Tracked {
    /// The index of the work tree whose top is `top`.
    ///
    /// # Errors
    /// Where git cannot be run, or refuses the repository.
    pub fn list(top: &Path) -> Result<Self> {
        let listing = output(guarded_in(top), &["ls-files", "-z"])?;
        let mut start = 0;
        let ends = memchr::memchr_iter(0, &listing);
        let paths = ends.map(|end| std::mem::replace(&mut start, end + 1)..end).collect();
        Ok(Self { listing, paths })
    }

    /// Does the index hold this file?
    #[must_use]
    pub fn holds(&self, path: &[u8]) -> bool {
        self.paths.binary_search_by(|range| self.listing[range.clone()].cmp(path)).is_ok()
    }

    /// Does the index hold this folder as a submodule, or a file under it?
    #[must_use]
    pub fn reaches_into(&self, folder: &[u8]) -> bool {
        let mut inside = folder.to_vec();
        inside.push(b'/');
        let at = self.paths.partition_point(|range| self.listing[range.clone()] < inside[..]);
        self.holds(folder) || self.paths.get(at).is_some_and(|range| self.listing[range.clone()].starts_with(&inside))
    }
}

/// A guarded child for the repository at `folder`, whatever repository the environment speaks of.
fn guarded_in(folder: &Path) -> Command {
    let mut git = guarded();
    for variable in LOCAL_VARIABLES {
        git.env_remove(variable);
    }
    git.current_dir(folder);
    git
}

/// Those of `paths` (from the top of a work tree, `top`) that git ignores: its word is final on what its own rules
/// mean. The user's own excludes do not count.
///
/// # Errors
/// Where git cannot be run, or refuses the repository.
pub fn ignored(top: &Path, paths: &[&[u8]]) -> Result<HashSet<BString>> {
    let mut git = guarded_in(top);
    git.args(["-c", "core.excludesFile=/dev/null", "check-ignore", "-z", "--stdin"]);
    git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(|error| could_not_run(&error))?;
    let request: Vec<u8> = paths.iter().flat_map(|path| [path, &b"\0"[..]].concat()).collect();
    let mut pipe = child.stdin.take();
    // On a thread of its own: git answers while it is still being asked.
    let asking = std::thread::spawn(move || pipe.as_mut().map(|pipe| pipe.write_all(&request)));
    let run = child.wait_with_output().map_err(|error| could_not_run(&error))?;
    // If git stopped reading, its exit status says why.
    let _ = asking.join();
    // 1: none of them.
    if matches!(run.status.code(), Some(0 | 1)) {
        let ignored = run.stdout.split(|&byte| byte == 0).filter(|path| !path.is_empty());
        return Ok(ignored.map(BString::from).collect());
    }
    let said = run.stderr.trim_ascii().to_str_lossy();
    Err(explain_refusal(Error::new("git check-ignore failed").because(&said), &said))
}

/// Where `core.hooksPath` was set, if it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksPath {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// The value.
    pub value: String,
}

/// The folder from which git runs the hooks of the working directory's repository.
///
/// # Errors
/// Outside a repository.
pub fn hooks_folder() -> Result<PathBuf> {
    let path = output(unhooked(), &["rev-parse", "--git-path", "hooks"]).map_err(|_| not_a_repository())?;
    let path = Vec::from(path.strip_suffix(b"\n").unwrap_or(&path)).into_path_buf_lossy();
    std::path::absolute(&path).map_err(|error| Error::new("could not tell the working directory").because(error))
}

/// The setting that decides on [`hooks_folder`]; nothing where git's default holds.
///
/// # Errors
/// Where git's configuration cannot be read.
pub fn hooks_path() -> Result<Option<HooksPath>> {
    let mut git = unhooked();
    let arguments = ["config", "--show-scope", "--get", "core.hooksPath"];
    let run = git.args(arguments).output().map_err(|error| could_not_run(&error))?;
    match (run.status.code(), run.stdout.to_str_lossy().trim_end_matches('\n').split_once('\t')) {
        (Some(0), Some((scope, value))) => Ok(Some(HooksPath { scope: scope.to_owned(), value: value.to_owned() })),
        (Some(1), _) => Ok(None),
        _ => Err(Error::new("git config failed").because(run.stderr.trim_ascii().to_str_lossy())),
    }
}

/// The folders that belong to the working directory's repository: the top of its work tree, and the git folder that
/// all its work trees share.
///
/// # Errors
/// Outside a repository.
pub fn own_folders() -> Result<Vec<PathBuf>> {
    let common = output(unhooked(), &["rev-parse", "--git-common-dir"]).map_err(|_| not_a_repository())?;
    // In a bare repository there is no work tree, and git says so with an error.
    let top = output(unhooked(), &["rev-parse", "--show-toplevel"]).unwrap_or_default();
    let folders = [common, top].into_iter().filter(|path| !path.is_empty());
    let without_line_feed = |path: Vec<u8>| Vec::from(path.strip_suffix(b"\n").unwrap_or(&path));
    Ok(folders.map(|path| without_line_feed(path).into_path_buf_lossy()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_records_are_told_apart() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let zero = "0".repeat(40);
        let listing = format!(
            ":000000 100644 {zero} {a} A\0new \"q\"\n.env\0:100644 000000 {b} {zero} D\0gone\0\
             :100644 120000 {a} {b} T\0link\0:000000 160000 {zero} {a} A\0sub\0:100644 000000 {a} {zero} U\0torn\0"
        );
        let change = |path: &str, old: Option<&String>, new| Change { path: path.into(), old: old.cloned(), new };
        assert_eq!(
            parse_raw(listing.as_bytes()),
            Ok(vec![
                change("new \"q\"\n.env", None, Staged::Blob(a.clone())),
                change("gone", Some(&b), Staged::Deleted),
                change("link", Some(&a), Staged::Blob(b.clone())),
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
