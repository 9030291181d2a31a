//! Where git looks for the hooks of a repository.

use super::{could_not_run, not_a_repository, path, unhooked};
use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::path::PathBuf;

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
    let folder = path(unhooked(), &["rev-parse", "--git-path", "hooks"]).map_err(|_| not_a_repository())?;
    std::path::absolute(&folder).map_err(|error| Error::new("could not tell the working directory").because(error))
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
    let common = path(unhooked(), &["rev-parse", "--git-common-dir"]).map_err(|_| not_a_repository())?;
    // In a bare repository there is no work tree, and git says so with an error.
    let top = path(unhooked(), &["rev-parse", "--show-toplevel"]).ok();
    Ok([common].into_iter().chain(top).collect())
}
