//! Paths from the top of the repository: so forges want them, wherever keyward was started and whatever was typed.

use crate::config::Target;
use crate::source::ignored::WorkTree;
use bstr::BStr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where the files and folders lie that were typed: from the top of their repository, else from the working
/// directory, else as an absolute path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Top(HashMap<PathBuf, PathBuf>);

impl Top {
    /// Those of a target; all other sources have their paths from the top already.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        let Target::Tree(typed, _) = target else { return Self::default() };
        let here = std::env::current_dir().ok();
        Self(typed.iter().map(|typed| (typed.clone(), inside(typed, here.as_deref()))).collect())
    }

    /// `path`, as the scan has it, from the top.
    #[must_use]
    pub fn path<'p>(&self, path: &'p BStr) -> Cow<'p, BStr> {
        let typed = Path::new(OsStr::from_bytes(path));
        let under = typed.ancestors().find_map(|root| Some((self.0.get(root)?, typed.strip_prefix(root).ok()?)));
        // The walk leaves out the dot of `.`.
        let Some((inside, rest)) = under.or_else(|| Some((self.0.get(Path::new("."))?, typed))) else {
            return Cow::Borrowed(path);
        };
        // Joining nothing would leave a slash behind.
        let whole = if rest.as_os_str().is_empty() { inside.clone() } else { inside.join(rest) };
        Cow::Owned(whole.as_os_str().as_bytes().into())
    }
}

fn inside(typed: &Path, here: Option<&Path>) -> PathBuf {
    let Ok(absolute) = typed.canonicalize() else { return typed.to_path_buf() };
    let top = WorkTree::around(&absolute);
    let from = |top: &Path| absolute.strip_prefix(top).map(Path::to_path_buf).ok();
    top.as_deref().and_then(from).or_else(|| from(here?)).unwrap_or(absolute)
}
