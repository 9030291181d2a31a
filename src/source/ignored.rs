//! What git would not take: the ignore rules of a repository, and the index that overrides them.
//!
//! A file is spared only if it is untracked *and* git's own rules ignore it: `.gitignore` from the top of the work
//! tree down, and `info/exclude`. Rules of other tools (`.ignore`, `.rgignore`), of the user and of folders above
//! the repository are not read, because they can hide what git would commit.

use crate::error::Error;
use crate::git::Tracked;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A repository whose work tree is walked.
#[derive(Debug)]
pub struct WorkTree {
    top: PathBuf,
    /// Read only when a rule matches something; most checkouts hold nothing that is ignored.
    tracked: OnceLock<Result<Tracked, Error>>,
}

impl WorkTree {
    /// The work tree whose top is `top`, an absolute path.
    #[must_use]
    pub fn new(top: PathBuf) -> Self {
        Self { top, tracked: OnceLock::new() }
    }

    /// The top of the work tree that `folder`, an absolute path, lies in.
    #[must_use]
    pub fn around(folder: &Path) -> Option<PathBuf> {
        folder.ancestors().find(|folder| Self::is_top(folder)).map(Path::to_path_buf)
    }

    /// Does a repository start here: a `.git` folder that is one, or a `.git` file that points to one?
    #[must_use]
    pub fn is_top(folder: &Path) -> bool {
        let git = folder.join(".git");
        std::fs::symlink_metadata(git.join("HEAD")).is_ok() || git.is_file()
    }

    /// Its top.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Is this file, by its path from the top, in the index? Where git cannot tell, everything counts as tracked,
    /// so that nothing is spared.
    fn holds(&self, path: &[u8]) -> bool {
        self.tracked().is_none_or(|tracked| tracked.holds(path))
    }

    fn reaches_into(&self, folder: &[u8]) -> bool {
        self.tracked().is_none_or(|tracked| tracked.reaches_into(folder))
    }

    fn tracked(&self) -> Option<&Tracked> {
        self.tracked.get_or_init(|| Tracked::list(&self.top)).as_ref().ok()
    }

    /// Why the index could not be read, if it was needed and could not.
    #[must_use]
    pub fn trouble(&self) -> Option<&Error> {
        self.tracked.get()?.as_ref().err()
    }

    /// The rules of `info/exclude`. For a linked work tree or a submodule they lie elsewhere and are not read:
    /// nothing more is spared for it.
    fn exclude(&self) -> Option<Rules> {
        Rules::read(&self.top.join(".git/info/exclude"), Path::new(""))
    }
}

/// The ignore rules of one file, and those of the folders above it.
#[derive(Debug)]
pub struct Rules {
    own: Gitignore,
    above: Option<Arc<Self>>,
}

impl Rules {
    /// The rules in `file`, which hold below `folder` (from the top); nothing if it is no plain file. A line that
    /// is no pattern is passed over, as git does: less is spared then.
    fn read(file: &Path, folder: &Path) -> Option<Self> {
        let plain = std::fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file());
        if !plain {
            return None;
        }
        let mut builder = GitignoreBuilder::new(folder);
        let _ = builder.add(file);
        Some(Self { own: builder.build().ok()?, above: None })
    }

    /// The innermost rule that speaks of the path decides.
    fn ignore(&self, path: &Path, is_folder: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            let verdict = here.own.matched(path, is_folder);
            if !verdict.is_none() {
                return verdict.is_ignore();
            }
            rules = here.above.as_deref();
        }
        false
    }
}

/// What git thinks of a folder that is walked.
#[derive(Debug, Clone)]
pub struct Standing {
    work_tree: Arc<WorkTree>,
    /// Path from the top of the work tree; empty at the top.
    path: PathBuf,
    rules: Option<Arc<Rules>>,
    /// Is the folder itself ignored, so that only its tracked files count?
    ignored: bool,
}

impl Standing {
    /// At the top of a work tree.
    #[must_use]
    pub fn at_top(work_tree: Arc<WorkTree>) -> Self {
        let rules = work_tree.exclude().map(Arc::new);
        Self { work_tree, path: PathBuf::new(), rules, ignored: false }
    }

    /// In `folder`, named by its path from the top, with the rules of all folders above it. A folder that somebody
    /// asks for by name is not ignored.
    #[must_use]
    pub fn within(work_tree: Arc<WorkTree>, folder: &Path) -> Self {
        folder
            .iter()
            .fold(Self::at_top(work_tree), |above, name| Self { ignored: false, ..above.with_rules().enter(name) })
    }

    /// Is this the top of its work tree?
    #[must_use]
    pub fn is_at_top(&self) -> bool {
        self.path.as_os_str().is_empty()
    }

    /// The same folder, with the rules of its own `.gitignore`.
    #[must_use]
    pub fn with_rules(self) -> Self {
        let file = self.work_tree.top.join(&self.path).join(".gitignore");
        match Rules::read(&file, &self.path) {
            Some(rules) => {
                let rules = Rules { above: self.rules, ..rules };
                Self { rules: Some(Arc::new(rules)), ..self }
            }
            None => self,
        }
    }

    /// The folder `name` in this one.
    fn enter(&self, name: &OsStr) -> Self {
        let path = self.path.join(name);
        Self { ignored: self.ignored || self.ignores(&path, true), path, ..self.clone() }
    }

    /// The folder `name` in this one, if there is anything in it that git takes.
    #[must_use]
    pub fn enter_unless_spared(&self, name: &OsStr) -> Option<Self> {
        let inner = self.enter(name);
        (!inner.ignored || self.work_tree.reaches_into(inner.path.as_os_str().as_bytes())).then_some(inner)
    }

    /// Is the file `name` in this folder untracked and ignored?
    #[must_use]
    pub fn spares(&self, name: &OsStr) -> bool {
        // Nothing can match: the common case costs nothing.
        if self.rules.is_none() && !self.ignored {
            return false;
        }
        let path = self.path.join(name);
        (self.ignored || self.ignores(&path, false)) && !self.work_tree.holds(path.as_os_str().as_bytes())
    }

    fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        self.rules.as_ref().is_some_and(|rules| rules.ignore(path, is_folder))
    }
}
