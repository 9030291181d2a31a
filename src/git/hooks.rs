//! Where git looks for the hooks of a repository: a folder, and, from 2.54 on, its own configuration.

use super::{could_not_run, guarded, not_a_repository, output, path, unhooked};
use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::fmt;
use std::path::{Path, PathBuf};

/// The git on the PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: (u32, u32),
    text: String,
}

impl Version {
    /// The first version that runs the hooks which its configuration names.
    const CONFIGURED_HOOKS: (u32, u32) = (2, 54);

    /// The first version whose comments may start with more than one character.
    const COMMENT_STRING: (u32, u32) = (2, 45);

    /// Asks git for it.
    ///
    /// # Errors
    /// Where there is no git, or it does not say.
    pub fn of_git() -> Result<Self> {
        let said = output(guarded(), &["version"])?;
        let said = said.trim_ascii().to_str_lossy();
        Self::parse(&said).ok_or_else(|| Error::new(format!("git calls its version '{said}'")))
    }

    /// `git version 2.39.5 (Apple Git-154)`.
    fn parse(said: &str) -> Option<Self> {
        let text = said.strip_prefix("git version ")?.split_whitespace().next()?;
        let mut numbers = text.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
        Some(Self { numbers: (numbers.next()?.ok()?, numbers.next()?.ok()?), text: text.to_owned() })
    }

    /// Does it know `core.commentString`?
    #[must_use]
    pub fn knows_comment_string(&self) -> bool {
        self.numbers >= Self::COMMENT_STRING
    }

    /// Does it run the hooks that its configuration names?
    #[must_use]
    pub fn runs_configured_hooks(&self) -> bool {
        self.numbers >= Self::CONFIGURED_HOOKS
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "git {}", self.text)
    }
}

/// A hook that git's configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// `NAME` in `hook.NAME.command`.
    pub name: String,
    /// Whose configuration names the event: `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// What switches it off, if it is.
    pub off: Option<Off>,
}

/// What switches a hook off that the configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// `hook.NAME.enabled`.
    Hook,
    /// `hook.EVENT.enabled`, which holds for all hooks of the event.
    Event,
}

/// The hooks that git's configuration names for an event, as a git tells that runs them.
///
/// # Errors
/// Where git refuses the configuration, as it does then for every command that would run a hook.
pub fn configured_hooks(event: &str) -> Result<Vec<Configured>> {
    let run = unhooked().args(["hook", "list", "-z", "--show-scope", event]).output();
    let run = run.map_err(|error| could_not_run(&error))?;
    match run.status.code() {
        Some(0) => Ok(run.stdout.split(|&byte| byte == 0).filter_map(configured).collect()),
        Some(1) => Ok(Vec::new()),
        _ => Err(Error::new("git hook list failed").because(run.stderr.trim_ascii().to_str_lossy())),
    }
}

/// `SCOPE [disabled | event-disabled] NAME`, by tabs; the hook in the folder has no scope.
fn configured(line: &[u8]) -> Option<Configured> {
    let fields: Vec<String> = line.split_str("\t").map(|field| field.to_str_lossy().into_owned()).collect();
    let off = |word: &str| if word == "event-disabled" { Off::Event } else { Off::Hook };
    match &fields[..] {
        [scope, name] => Some(Configured { name: name.clone(), scope: scope.clone(), off: None }),
        [scope, word, name] => Some(Configured { name: name.clone(), scope: scope.clone(), off: Some(off(word)) }),
        _ => None,
    }
}

/// Where `core.hooksPath` was set, if it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksPath {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// The value, a `~` resolved.
    pub value: String,
}

/// The folder from which git runs the hooks of the working directory's repository.
///
/// # Errors
/// Outside a repository.
pub fn hooks_folder() -> Result<PathBuf> {
    let folder = path(unhooked(), &["rev-parse", "--git-path", "hooks"]).map_err(outside)?;
    absolute(&folder)
}

/// All that is said of [`hooks_folder`], in the order in which it counts: the last one decides. Nothing where git's
/// default holds.
///
/// # Errors
/// Where git's configuration cannot be read.
pub fn hooks_paths() -> Result<Vec<HooksPath>> {
    let arguments = ["config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath"];
    let run = unhooked().args(arguments).output().map_err(|error| could_not_run(&error))?;
    match run.status.code() {
        Some(0) => {
            let fields: Vec<String> =
                run.stdout.split(|&byte| byte == 0).map(|field| field.to_str_lossy().into_owned()).collect();
            let pairs = fields.chunks_exact(2);
            Ok(pairs.map(|pair| HooksPath { scope: pair[0].clone(), value: pair[1].clone() }).collect())
        }
        Some(1) => Ok(Vec::new()),
        _ => Err(Error::new("git config failed").because(run.stderr.trim_ascii().to_str_lossy())),
    }
}

/// The git folder that all work trees of the working directory's repository share.
///
/// # Errors
/// Outside a repository.
pub fn common_folder() -> Result<PathBuf> {
    let folder = path(unhooked(), &["rev-parse", "--git-common-dir"]).map_err(outside)?;
    absolute(&folder)
}

/// The top of the work tree; nothing where there is none, as in a bare repository.
#[must_use]
pub fn top_folder() -> Option<PathBuf> {
    path(unhooked(), &["rev-parse", "--show-toplevel"]).ok()
}

/// Is the working directory's repository bare, or are we in its git folder?
///
/// # Errors
/// Outside a repository.
pub fn is_bare() -> Result<bool> {
    let said = output(unhooked(), &["rev-parse", "--is-bare-repository"]).map_err(outside)?;
    Ok(said.trim_ascii() == b"true")
}

/// Is there no repository, or does git refuse the one that is there?
fn outside(error: Error) -> Error {
    if error.is_about("not a git repository") { not_a_repository() } else { error }
}

fn absolute(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).map_err(|error| Error::new("could not tell the working directory").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_by_its_first_two_numbers() {
        for (said, runs) in [
            ("git version 2.39.5", false),
            ("git version 2.39.5 (Apple Git-154)", false),
            ("git version 2.54.0.windows.1", true),
            ("git version 2.55.0.618.g1a3e64c6c4", true),
            ("git version 3.0-rc0", true),
        ] {
            assert_eq!(Version::parse(said).map(|version| version.runs_configured_hooks()), Some(runs), "{said}");
        }
        assert_eq!(Version::parse("git version unknown"), None);
    }

    #[test]
    fn a_hook_that_is_switched_off_says_by_what() {
        let of = |off| Some(Configured { name: "a".to_owned(), scope: "local".to_owned(), off });
        assert_eq!(configured(b"local\ta"), of(None));
        assert_eq!(configured(b"local\tdisabled\ta"), of(Some(Off::Hook)));
        assert_eq!(configured(b"local\tevent-disabled\ta"), of(Some(Off::Event)));
        assert_eq!(configured(b"hook from hookdir"), None);
    }
}
