//! The git hooks: putting them in and out without hurting what is there.
//!
//! The scripts lie in `hooks/` and are carried by the binary, so that what is reviewed is what is installed, save
//! the one line that names the binary. They only find keyward and call it: `keyward hook run` is an ordinary scan of
//! what git tells the hook ([`run`]).

pub mod install;
mod pushed;
pub mod run;

use bstr::ByteSlice;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The script for pre-commit.
const SCRIPT: &str = include_str!("../../hooks/pre-commit");

/// The line in which the script names the binary.
const BINARY: &str = "keyward=keyward\n";

/// The script that calls `keyward`, an absolute path.
#[must_use]
pub fn script(keyward: &Path) -> Vec<u8> {
    let path = keyward.as_os_str().as_bytes().replace("'", "'\\''");
    SCRIPT.as_bytes().replacen(BINARY, [b"keyward='", &path[..], b"'\n"].concat(), 1)
}

/// The binary that a script of ours names; nothing if it is not the script that this version installs, to the
/// letter but for that one line. What somebody has changed is theirs, and is kept.
#[must_use]
pub fn binary_of(hook: &[u8]) -> Option<PathBuf> {
    let line = hook.lines_with_terminator().find(|line| line.starts_with(b"keyward='"))?;
    let path = line.strip_prefix(b"keyward='")?.strip_suffix(b"'\n")?.replace("'\\''", "'");
    let path = PathBuf::from(OsString::from_vec(path));
    (script(&path) == hook).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_changes_the_one_line_that_names_the_binary() {
        let path = Path::new("/opt/it's/keyward");
        let installed = String::from_utf8(script(path)).unwrap();
        let changed: Vec<_> = installed.lines().zip(SCRIPT.lines()).filter(|(new, old)| new != old).collect();
        assert_eq!(changed, [("keyward='/opt/it'\\''s/keyward'", "keyward=keyward")]);
        assert_eq!(binary_of(installed.as_bytes()).as_deref(), Some(path));
    }

    #[test]
    fn a_hook_that_somebody_changed_or_wrote_is_not_ours() {
        let changed = [&script(Path::new("/bin/keyward"))[..], b"./lint.sh\n"].concat();
        assert_eq!(binary_of(&changed), None);
        assert_eq!(binary_of(b"#!/bin/sh\n# keyward hook is run below\nkeyward hook run pre-commit\n"), None);
    }
}
