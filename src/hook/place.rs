//! A folder of hooks, and what stands in it.
//!
//! Rules that others broke: git says where hooks lie, nobody guesses; a folder that serves other repositories too is
//! not touched; a file is written beside its place and renamed over it, so that nothing is ever written through a
//! link. What is installed there, and in which order, is [`files`](super::files)' business.

use super::script;
use crate::config::Event;
use crate::error::{Error, Result};
use crate::git::{self, HooksPath};
use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What stands at a hook's place.
pub(super) enum Present {
    /// Nothing at all.
    Nothing,
    /// A script of keyward's, and the binary that it calls.
    Ours {
        /// The binary.
        binary: PathBuf,
        /// The script.
        script: Vec<u8>,
    },
    /// Somebody else's hook, or a link: what git would run.
    Other(Vec<u8>),
}

/// A folder of hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    /// A folder that its owner named.
    pub(super) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The place that git names, if it is the working directory's repository's own.
    ///
    /// # Errors
    /// Where it is not, with the reason, and outside a repository.
    pub(super) fn of_this_repository() -> Result<Self> {
        let (folder, paths) = (git::hooks_folder()?, git::hooks_paths()?);
        if let Some(path) = paths.last() {
            if let Some((why, hint)) = no_folder(path) {
                return Err(Error::new(why).hint(hint));
            }
            if leads_elsewhere(path) {
                return Err(foreign(path, &folder));
            }
        }
        if is_own(&folder)? {
            return Ok(Self { folder });
        }
        Err(Error::new(format!("the hooks folder {} lies outside this repository", folder.display()))
            .because("core.hooksPath, or a link, leads there")
            .hint("call keyward from the hooks there: keyward hook run NAME \"$@\" || exit"))
    }

    /// The place that git would name if `core.hooksPath` were not set, if it is the repository's own.
    ///
    /// # Errors
    /// Outside a repository.
    pub(super) fn without_hooks_path() -> Result<Option<Self>> {
        let folder = git::common_folder()?.join("hooks");
        Ok(is_own(&folder)?.then_some(Self { folder }))
    }

    /// Its path.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where git looks for the hook.
    pub(super) fn hook(&self, event: Event) -> PathBuf {
        self.folder.join(event.name())
    }

    /// Where the hook is kept that was there before; the script looks for it under this name.
    pub(super) fn kept(&self, event: Event) -> PathBuf {
        self.folder.join(kept_name(event))
    }

    /// Where hook managers move a hook that is there before them: the pre-commit framework and prek, which run it
    /// then, and lefthook, which does not.
    pub(super) fn moved(&self, event: Event) -> [PathBuf; 2] {
        ["legacy", "old"].map(|end| self.folder.join(format!("{}.{end}", event.name())))
    }

    /// What stands at the hook's place.
    pub(super) fn present(&self, event: Event) -> Result<Present> {
        present(&self.hook(event), event)
    }

    /// The place to which a hook manager has moved our script, if it has.
    pub(super) fn moved_ours(&self, event: Event) -> Result<Option<PathBuf>> {
        for path in self.moved(event) {
            if matches!(present(&path, event)?, Present::Ours { .. }) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Writes a script beside its place and renames it over.
    pub(super) fn write(&self, path: &Path, script: &[u8]) -> Result<()> {
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::Builder::new().prefix(".keyward-").tempfile_in(&self.folder)?;
            file.write_all(script)?;
            file.as_file().set_permissions(Permissions::from_mode(0o755))?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|error| Error::new(format!("could not write {}", path.display())).because(error))
    }
}

/// The name under which a hook is kept.
pub(super) fn kept_name(event: Event) -> String {
    format!("{}.before-keyward", event.name())
}

/// What stands at a path where a hook of this event may be.
pub(super) fn present(path: &Path, event: Event) -> Result<Present> {
    let unreadable = |error| Error::new(format!("could not read {}", path.display())).because(error);
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Present::Nothing),
        Err(error) => Err(unreadable(error)),
        Ok(metadata) if metadata.is_file() => {
            let script = fs::read(path).map_err(unreadable)?;
            Ok(match script::binary_of(event, &script) {
                Some(binary) => Present::Ours { binary, script },
                None => Present::Other(script),
            })
        }
        Ok(_) => Ok(Present::Other(content(path).unwrap_or_default())),
    }
}

/// What a file holds, links followed; nothing where there is none. A pipe would never end.
pub(super) fn content(path: &Path) -> Option<Vec<u8>> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    fs::read(path).ok()
}

/// Does anything stand there, if only a link that leads nowhere?
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Would git run it?
pub(super) fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Renames a hook, which stays what it is.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .map_err(|error| Error::new(format!("could not rename {} to {}", from.display(), to.display())).because(error))
}

/// Removes a hook.
pub(super) fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(|error| Error::new(format!("could not remove {}", path.display())).because(error))
}

/// Why git runs no hooks from files with this setting, and what to do; nothing where it does.
pub(super) fn no_folder(path: &HooksPath) -> Option<(String, String)> {
    let said = match path.value.as_str() {
        "" => "empty",
        "/dev/null" => "/dev/null",
        _ => return None,
    };
    Some((
        format!("core.hooksPath is {said}, so git runs no hooks from files"),
        format!("git config --{} --unset core.hooksPath", path.scope),
    ))
}

/// Is it one folder for several repositories? A relative path is another one in each.
pub(super) fn leads_elsewhere(path: &HooksPath) -> bool {
    !matches!(path.scope.as_str(), "local" | "worktree") && Path::new(&path.value).is_absolute()
}

/// Why the folder that a setting outside the repository names is left alone.
fn foreign(path: &HooksPath, folder: &Path) -> Error {
    let error = Error::new(format!(
        "core.hooksPath is set outside this repository ({} configuration: '{}')",
        path.scope, path.value
    ))
    .because("git runs the hooks of that folder, which serves other repositories too");
    if path.scope == "global" {
        error.hint("with --global, keyward hook install and uninstall work there")
    } else {
        error.hint(format!("call keyward from the hooks in {}: keyward hook run NAME \"$@\" || exit", folder.display()))
    }
}

/// Does the folder, or the deepest folder above it that exists, lie in this repository, links resolved?
fn is_own(folder: &Path) -> Result<bool> {
    let real = folder.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
    let own = [Some(git::common_folder()?), git::top_folder()].into_iter().flatten();
    let mut own = own.filter_map(|folder| fs::canonicalize(folder).ok());
    Ok(real.is_some_and(|real| own.any(|own| real.starts_with(own))))
}
