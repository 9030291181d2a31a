//! What git would not take: the ignore rules of a repository, and the index that overrides them.
//!
//! A file is spared only if it is untracked *and* git's own rules ignore it: `.gitignore` from the top of the work
//! tree down, and `info/exclude`. Rules of other tools (`.ignore`, `.rgignore`), of the user and of folders above
//! the repository are not read, because they can hide what git would commit.

use crate::error::Error;
use crate::git::Tracked;
use bstr::BString;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A repository whose work tree is walked.
#[derive(Debug)]
pub struct WorkTree {
    top: PathBuf,
    /// Read only when a rule matches something; most checkouts hold nothing that is ignored.
    tracked: OnceLock<Result<Tracked, Error>>,
    /// Why git could not be asked.
    refusal: OnceLock<Error>,
}

impl WorkTree {
    /// The work tree whose top is `top`, an absolute path.
    #[must_use]
    pub fn new(top: PathBuf) -> Self {
        Self { top, tracked: OnceLock::new(), refusal: OnceLock::new() }
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
        is_git_folder(&git) || points_to_git_folder(&git, folder)
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

    /// Those of `paths`, from the top, that git ignores. Where git cannot tell, none are, so that nothing is spared.
    #[must_use]
    pub fn confirm(&self, paths: &[&[u8]]) -> HashSet<BString> {
        crate::git::ignored(&self.top, paths).unwrap_or_else(|error| {
            // Only the first refusal is kept: the others will say the same.
            let _ = self.refusal.set(error);
            HashSet::new()
        })
    }

    /// Why git could not tell what is tracked or ignored, if it was asked and could not.
    #[must_use]
    pub fn trouble(&self) -> Option<&Error> {
        self.tracked.get().and_then(|tracked| tracked.as_ref().err()).or_else(|| self.refusal.get())
    }

    /// The rules of `info/exclude`. For a linked work tree or a submodule they lie elsewhere and are not read:
    /// nothing more is spared for it.
    fn exclude(&self) -> Option<Rules> {
        Rules::read(&self.top.join(".git/info/exclude"), Path::new(""))
    }
}

/// Is this what git takes for a repository (`is_git_directory` in its sources)? A folder that merely bears the name
/// is not, and holds files like any other.
#[must_use]
pub fn is_git_folder(folder: &Path) -> bool {
    let exists = |name: &str| std::fs::symlink_metadata(folder.join(name)).is_ok();
    exists("HEAD") && exists("objects") && exists("refs")
}

/// The `.git` file of a linked work tree or a submodule: `gitdir: PATH`.
fn points_to_git_folder(file: &Path, folder: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(file) else { return false };
    let target = text.strip_prefix("gitdir: ").map(|path| folder.join(path.trim_end_matches(['\n', '\r'])));
    target.is_some_and(|target| std::fs::symlink_metadata(target.join("HEAD")).is_ok())
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

/// A folder that is met on the way.
#[derive(Debug)]
pub enum Entered {
    /// It holds something that git takes.
    Taken(Standing),
    /// It is ignored as we read the rules, and nothing in it is tracked.
    MaySpare(Standing),
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

    /// The folder `name` in this one.
    #[must_use]
    pub fn enter_folder(&self, name: &OsStr) -> Entered {
        let inner = self.enter(name);
        let may_spare = inner.ignored && !self.work_tree.reaches_into(inner.path());
        if may_spare { Entered::MaySpare(inner) } else { Entered::Taken(inner) }
    }

    /// The folder's path from the top.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }

    /// The path of the file `name` in this folder, from the top.
    #[must_use]
    pub fn path_of(&self, name: &OsStr) -> Vec<u8> {
        self.path.join(name).into_os_string().into_vec()
    }

    /// The work tree that it lies in.
    #[must_use]
    pub fn work_tree(&self) -> &Arc<WorkTree> {
        &self.work_tree
    }

    /// The same folder, of which git says that it is not ignored.
    #[must_use]
    pub fn accepted(self) -> Self {
        Self { ignored: false, ..self }
    }

    /// May the file `name` in this folder be spared: is it ignored as we read the rules? That it is not tracked,
    /// git says when it is asked; only in an ignored folder, which is entered for its tracked files, the index is
    /// at hand anyway.
    #[must_use]
    pub fn may_spare(&self, name: &OsStr) -> bool {
        match (&self.rules, self.ignored) {
            // Nothing can match: the common case costs nothing.
            (None, false) => false,
            (_, false) => self.ignores(&self.path.join(name), false),
            (_, true) => !self.work_tree.holds(&self.path_of(name)),
        }
    }

    fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        self.rules.as_ref().is_some_and(|rules| rules.ignore(path, is_folder))
    }
}
