//! The git hooks: putting them in and out without hurting what is there.
//!
//! The scripts lie in `hooks/` and are carried by the binary, so that what is reviewed is what is installed, save
//! the one line that names the binary. They only find keyward and call it: `keyward hook run` is an ordinary scan.

pub mod install;

use std::path::Path;

/// The script for pre-commit.
const SCRIPT: &str = include_str!("../../hooks/pre-commit");

/// What every version of the script holds, and no other hook.
const MARK: &str = "# keyward hook ";

/// The line in which the script names the binary.
const BINARY: &str = "keyward=keyward\n";

/// The script that calls `keyward`, an absolute path.
#[must_use]
pub fn script(keyward: &Path) -> String {
    let path = keyward.to_string_lossy().replace('\'', "'\\''");
    SCRIPT.replacen(BINARY, &format!("keyward='{path}'\n"), 1)
}

/// Did keyward write this hook?
#[must_use]
pub fn is_ours(script: &[u8]) -> bool {
    memchr::memmem::find(script, MARK.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_changes_the_one_line_that_names_the_binary() {
        let installed = script(Path::new("/opt/it's/keyward"));
        let changed: Vec<_> = installed.lines().zip(SCRIPT.lines()).filter(|(new, old)| new != old).collect();
        assert_eq!(changed, [("keyward='/opt/it'\\''s/keyward'", "keyward=keyward")]);
        assert!(is_ours(installed.as_bytes()));
    }
}
