//! The repository, and the only door to the `git` command.
//!
//! libgit2 reads objects and refs; `git` itself lists what is staged and tracked, because it is many times faster
//! at that (100,000 entries: 13 ms against 180) and knows every index format. Where libgit2 refuses a repository
//! altogether (SHA-256, reftable, unknown extensions), git's plumbing reads the objects as well.
//!
//! A repository is hostile until proven otherwise, and git runs commands that its configuration names. Every child
//! therefore goes through `guarded`: no hooks, no file system monitor, no transport, no lazy fetch, plumbing
//! only, no replaced history. Its exit status decides; its standard error is shown and never taken for an outcome.

mod batch;
mod file;
mod hooks;
mod index;
mod local;
mod oid;
mod record;
mod reflog;
mod remotes;
mod repository;
mod revisions;
mod settings;
mod store;
mod work_tree;

pub use batch::{Kind, Reader};
pub use hooks::{
    Configured, HooksPath, Off, Version, common_folder, configured_hooks, hooks_folder, hooks_paths, is_bare,
    top_folder,
};
pub use index::{Damaged, FILE, Index, IndexEntries, IndexEntry, KIND, LINK, SUBMODULE};
pub use local::{Content, Local, Objects};
pub use oid::Oid;
pub use remotes::Remotes;
pub use repository::{Change, Repository, Staged};
pub use revisions::{Reachable, Refs, Revisions};
pub use settings::{Scope, Setting, scoped_settings, set, settings, unset};
pub use store::{CommitChange, Ref, Store};
pub use work_tree::{Tracked, ignored, merge_driver};

use crate::error::{Error, Result};
use bstr::{ByteSlice, ByteVec};
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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

/// A path that git tells its hooks: of the objects of a push, which lie apart until it is taken; of the index of a commit
/// that is made of some files only.
#[expect(clippy::disallowed_methods, reason = "it goes with the variables that git's children inherit")]
fn told_path(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

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
    let run = git.args(arguments).output().map_err(|error| could_not_run(&error))?;
    succeeded(arguments[0], run)
}

/// Runs `git` and returns the path that it prints.
fn path(git: Command, arguments: &[&str]) -> Result<PathBuf> {
    let line = output(git, arguments)?;
    Ok(Vec::from(line.strip_suffix(b"\n").unwrap_or(&line)).into_path_buf_lossy())
}

/// A request of one line for each item.
fn lines(items: impl IntoIterator<Item = impl Display>) -> Vec<u8> {
    let mut request = Vec::new();
    for item in items {
        writeln!(request, "{item}").expect("memory takes everything");
    }
    request
}

/// What `git` answers to a request on its standard input, and its exit status.
fn answer(mut git: Command, request: Vec<u8>) -> Result<Output> {
    git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(|error| could_not_run(&error))?;
    let pipe = child.stdin.take();
    // On a thread of its own: git answers while it is still being asked.
    let asking = std::thread::spawn(move || pipe.map(|mut pipe| pipe.write_all(&request)));
    let run = child.wait_with_output().map_err(|error| could_not_run(&error))?;
    // If git stopped reading, its exit status says why.
    let _ = asking.join();
    Ok(run)
}

/// The standard output of a `git` that succeeded.
fn succeeded(verb: &str, run: Output) -> Result<Vec<u8>> {
    if run.status.success() {
        return Ok(run.stdout);
    }
    let said = run.stderr.trim_ascii().to_str_lossy().into_owned();
    let cause = if said.is_empty() { run.status.to_string() } else { said };
    Err(explain_refusal(Error::new(format!("git {verb} failed")).because(&cause), &cause))
}

fn could_not_run(error: &std::io::Error) -> Error {
    Error::new("could not run git").because(error).hint("keyward needs the git command on the PATH")
}

/// Adds what to do about a refusal that people meet in containers.
fn explain_refusal(error: Error, cause: &str) -> Error {
    if cause.contains("dubious ownership") || cause.contains("not owned by current user") {
        error.hint("git config --global --add safe.directory PATH, if you trust that repository")
    } else {
        error
    }
}

fn not_a_repository() -> Error {
    Error::new("not a git repository (nor any of its parents)").hint("keyward scan PATH examines files without git")
}

/// A guarded child for the repository at `folder`, or for that of the working directory.
fn git_in(folder: Option<&Path>) -> Command {
    folder.map_or_else(guarded, guarded_in)
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
