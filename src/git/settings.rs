//! git's configuration, as git reads it: all its files, includes and conditions.

use super::{could_not_run, guarded};
use crate::error::{Error, Result};
use bstr::{BString, ByteSlice};

/// The settings whose names, in lower case but for the middle, match a regular expression, in the order in which they
/// count: the last one holds.
///
/// # Errors
/// Where git's configuration cannot be read.
pub fn settings(pattern: &str) -> Result<Vec<(String, BString)>> {
    let run = guarded().args(["config", "-z", "--get-regexp", pattern]).output();
    let run = run.map_err(|error| could_not_run(&error))?;
    match run.status.code() {
        // `NAME LF VALUE NUL`; a name alone is a switch that is on.
        Some(0) => {
            let records = run.stdout.split(|&byte| byte == 0).filter(|record| !record.is_empty());
            let pairs = records.map(|record| record.split_once_str(b"\n").unwrap_or((record, b"true")));
            Ok(pairs.map(|(name, value)| (name.to_str_lossy().into_owned(), value.into())).collect())
        }
        Some(1) => Ok(Vec::new()),
        _ => Err(Error::new("git config failed").because(run.stderr.trim_ascii().to_str_lossy())),
    }
}
