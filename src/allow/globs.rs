//! Paths as `.gitignore` writes them.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Patterns of paths from the top of a work tree; the last one that matches decides.
#[derive(Clone)]
pub struct Globs {
    lines: Vec<String>,
    matcher: Gitignore,
}

impl Globs {
    /// Reads the lines of a file.
    ///
    /// # Errors
    /// The number of the line that cannot be read, and why.
    pub fn new<'l>(lines: impl IntoIterator<Item = &'l str>) -> Result<Self, (usize, String)> {
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        let mut builder = GitignoreBuilder::new("");
        for (at, line) in lines.iter().enumerate() {
            builder.add_line(None, line).map_err(|error| (at + 1, error.to_string()))?;
        }
        let matcher = builder.build().map_err(|error| (1, error.to_string()))?;
        Ok(Self { lines, matcher })
    }

    /// Does it match nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.matcher.is_empty()
    }

    /// The same as regular expressions, one of which matches.
    ///
    /// # Errors
    /// Why that cannot be said so.
    pub fn expressions(&self) -> Result<Vec<String>, String> {
        let said = self.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !line.starts_with('#'));
        said.map(expression).collect()
    }

    /// Does it match the file at `path`, or a folder around it?
    #[must_use]
    pub fn is_match(&self, path: &[u8]) -> bool {
        let path = Path::new(OsStr::from_bytes(path));
        // The matcher panics at a path that does not lie below its root.
        path.is_relative() && self.matcher.matched_path_or_any_parents(path, false).is_ignore()
    }
}

/// What a pattern matches, as a regular expression.
fn expression(pattern: &str) -> Result<String, String> {
    if pattern.starts_with('!') {
        return Err(format!("'{pattern}' takes back what another pattern says"));
    }
    let folder = pattern.ends_with('/');
    let bare = pattern.trim_end_matches('/');
    // A slash within it ties a pattern to the top.
    let start = if bare.contains('/') { "^" } else { "(^|/)" };
    let mut text = start.to_owned();
    let mut letters = bare.trim_start_matches('/').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                text.push_str(if letters.next_if_eq(&'/').is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            '[' => return Err(format!("'{pattern}' has a class of characters")),
            '\\' => text.extend(letters.next().map(|next| regex_syntax::escape(&next.to_string()))),
            _ => text.push_str(&regex_syntax::escape(&letter.to_string())),
        }
    }
    Ok(text + if folder { "/" } else { "(/|$)" })
}

impl fmt::Debug for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.lines).finish()
    }
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

impl Eq for Globs {}
