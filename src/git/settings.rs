//! git's configuration, as git reads it: all its files, includes and conditions.

use super::{could_not_run, guarded, unhooked};
use crate::error::{Error, Result};
use bstr::{BString, ByteSlice};
use std::ffi::OsStr;
use std::process::{Command, Output};

/// A value, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// In lower case but for the middle.
    pub name: String,
    /// As git takes it.
    pub value: BString,
}

/// The files of git's configuration that keyward writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// That of the working directory's repository.
    Local,
    /// That of the user.
    Global,
}

impl Scope {
    /// As git names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Global => "global",
        }
    }
}

/// The settings whose names, in lower case but for the middle, match a regular expression, in the order in which they
/// count: the last one holds.
///
/// # Errors
/// Where git's configuration cannot be read.
pub fn settings(pattern: &str) -> Result<Vec<(String, BString)>> {
    Ok(scoped_settings(pattern)?.into_iter().map(|setting| (setting.name, setting.value)).collect())
}

/// The same, each with its scope; of `core.hooksPath` what the files say.
///
/// # Errors
/// Where git's configuration cannot be read.
pub fn scoped_settings(pattern: &str) -> Result<Vec<Setting>> {
    let run = unhooked().args(["config", "-z", "--show-scope", "--get-regexp", pattern]).output();
    let run = run.map_err(|error| could_not_run(&error))?;
    match run.status.code() {
        Some(0) => Ok(parse(&run.stdout)),
        Some(1) => Ok(Vec::new()),
        _ => Err(Error::new("git config failed").because(run.stderr.trim_ascii().to_str_lossy())),
    }
}

/// `SCOPE NUL NAME LF VALUE NUL`; a name alone is a switch that is on.
fn parse(listed: &[u8]) -> Vec<Setting> {
    let mut fields = listed.split(|&byte| byte == 0);
    let mut settings = Vec::new();
    while let (Some(scope), Some(pair)) = (fields.next(), fields.next()) {
        let (name, value) = pair.split_once_str(b"\n").unwrap_or((pair, b"true"));
        let text = |bytes: &[u8]| bytes.to_str_lossy().into_owned();
        settings.push(Setting { scope: text(scope), name: text(name), value: value.into() });
    }
    settings
}

/// Gives a setting this value, and no other.
///
/// # Errors
/// Where git cannot write the file.
pub fn set(scope: Scope, name: &str, value: impl AsRef<OsStr>) -> Result<()> {
    let run = writing(scope).args(["--replace-all", name]).arg(value).output();
    let run = run.map_err(|error| could_not_run(&error))?;
    if run.status.success() { Ok(()) } else { Err(could_not_write(&run)) }
}

/// Takes all values of a setting out; tells whether it had one.
///
/// # Errors
/// Where git cannot write the file.
pub fn unset(scope: Scope, name: &str) -> Result<bool> {
    let run = writing(scope).args(["--unset-all", name]).output().map_err(|error| could_not_run(&error))?;
    match run.status.code() {
        Some(0) => Ok(true),
        Some(5) => Ok(false),
        _ => Err(could_not_write(&run)),
    }
}

fn writing(scope: Scope) -> Command {
    let mut git = guarded();
    git.args(["config", &format!("--{}", scope.name())]);
    git
}

fn could_not_write(run: &Output) -> Error {
    Error::new("could not write git's configuration").because(run.stderr.trim_ascii().to_str_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_several_lines_and_switches_without_one_are_read() {
        let of =
            |name: &str, value: &str| Setting { scope: "local".to_owned(), name: name.to_owned(), value: value.into() };
        let listed = b"local\0hook.a.command\none\ntwo\0local\0hook.a.enabled\0";
        assert_eq!(parse(listed), [of("hook.a.command", "one\ntwo"), of("hook.a.enabled", "true")]);
    }
}
