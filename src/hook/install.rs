//! `keyward hook install`, `uninstall` and `status`.
//!
//! Rules that others broke: git says where hooks lie, nobody guesses; a folder that serves other repositories too
//! is not touched; an existing hook is kept, runs first, and is given back; a file is written beside its place and
//! renamed over it, so that nothing is ever written through a link.

use super::{binary_of, script};
use crate::error::{Error, ExitStatus, Result};
use crate::git;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The hook that is installed.
const NAME: &str = "pre-commit";

/// Where the hook that was there before is kept; the script looks for it under this name.
const KEPT: &str = "pre-commit.before-keyward";

/// What stands at the hook's place.
enum Present {
    Nothing,
    /// keyward's script, and the binary that it calls.
    Ours(PathBuf),
    /// Somebody else's hook, or a link.
    Other,
}

/// The folder of the hooks, once it is certain that it is this repository's own.
struct Place {
    folder: PathBuf,
}

impl Place {
    /// The place of the working directory's repository, or why it has none of its own.
    ///
    /// # Errors
    /// Outside a repository.
    fn find() -> Result<std::result::Result<Self, Error>> {
        let folder = git::hooks_folder()?;
        if let Some(setting) = git::hooks_path()? {
            if setting.value.is_empty() {
                return Ok(Err(Error::new("core.hooksPath is empty, so git runs no hooks at all")
                    .hint("git config --unset core.hooksPath, where it is set")));
            }
            if !matches!(setting.scope.as_str(), "local" | "worktree") {
                return Ok(Err(Error::new(format!(
                    "core.hooksPath is set outside this repository ({} configuration: '{}')",
                    setting.scope, setting.value
                ))
                .because("git runs the hooks of that folder, which serves other repositories too")
                .hint("call `keyward hook run pre-commit` from the pre-commit hook there")));
            }
        }
        if Self::is_own(&folder)? {
            return Ok(Ok(Self { folder }));
        }
        Ok(Err(Error::new(format!("the hooks folder {} lies outside this repository", shown(&folder)))
            .because("core.hooksPath, or a link, leads there")
            .hint("call `keyward hook run pre-commit` from the pre-commit hook there")))
    }

    /// Does the folder, or the deepest folder above it that exists, lie in this repository, links resolved?
    fn is_own(folder: &Path) -> Result<bool> {
        let real = folder.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
        let own = git::own_folders()?;
        let mut own = own.iter().filter_map(|folder| fs::canonicalize(folder).ok());
        Ok(real.is_some_and(|real| own.any(|own| real.starts_with(own))))
    }

    /// The place, for those who are to change it.
    fn of_this_repository() -> Result<Self> {
        Self::find()?
    }

    fn hook(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn kept(&self) -> PathBuf {
        self.folder.join(KEPT)
    }

    fn present(&self) -> Result<Present> {
        let path = self.hook();
        match fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Present::Nothing)
            }
            Ok(metadata) if metadata.is_file() => {
                let content = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
                Ok(binary_of(&content).map_or(Present::Other, Present::Ours))
            }
            Ok(_) => Ok(Present::Other),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Writes the script beside its place and renames it over.
    fn write(&self, script: &[u8]) -> Result<()> {
        let path = self.hook();
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::Builder::new().prefix(".keyward-").tempfile_in(&self.folder)?;
            file.write_all(script)?;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| Error::new(format!("could not write {}", shown(&path))).because(error))
    }

    fn rename(from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to)
            .map_err(|error| Error::new(format!("could not rename {} to {}", shown(from), shown(to))).because(error))
    }
}

/// Puts the hook in; `keyward` is the binary that it shall call. Returns what to tell.
///
/// # Errors
/// Where git runs hooks from a folder that is not this repository's own, and where files cannot be written.
pub fn install(keyward: &Path) -> Result<String> {
    let place = Place::of_this_repository()?;
    match place.present()? {
        Present::Nothing => place.write(&script(keyward)).map(|()| format!("installed {}", shown(&place.hook()))),
        Present::Ours(_) => place.write(&script(keyward)).map(|()| format!("up to date: {}", shown(&place.hook()))),
        Present::Other => chain(&place, keyward),
    }
}

/// Keeps the hook that is there, which ours runs first, and puts ours in its place.
fn chain(place: &Place, keyward: &Path) -> Result<String> {
    let hook = place.hook();
    if fs::symlink_metadata(place.kept()).is_ok() {
        return Err(Error::new(format!("both {} and {} are there", shown(&hook), shown(&place.kept())))
            .because("another tool wrote its hook over keyward's, or somebody changed keyward's")
            .hint("remove one of them, then run keyward hook install again"));
    }
    if goes_by_its_name(&hook) {
        return Err(Error::new(format!("{} looks at its own name, so it cannot be kept under another", shown(&hook)))
            .hint("add this line to it: keyward hook run pre-commit || exit"));
    }
    Place::rename(&hook, &place.kept())?;
    if let Err(error) = place.write(&script(keyward)) {
        // Nobody shall be left without the hook that worked before.
        Place::rename(&place.kept(), &hook)?;
        return Err(error);
    }
    Ok(format!("installed {}; the hook that was there runs first, as {KEPT}", shown(&hook)))
}

/// Some hooks serve several events and tell by their name which one it is.
fn goes_by_its_name(hook: &Path) -> bool {
    let script = fs::read(hook).unwrap_or_default();
    [&b"basename"[..], b"${0##"].iter().any(|word| memchr::memmem::find(&script, word).is_some())
}

/// Takes the hook out and gives back what was there before. Returns what to tell.
///
/// # Errors
/// Where another tool's hook stands there, and where files cannot be renamed.
pub fn uninstall() -> Result<String> {
    let place = Place::of_this_repository()?;
    let is_kept = fs::symlink_metadata(place.kept()).is_ok();
    match place.present()? {
        Present::Nothing if is_kept => {
            Place::rename(&place.kept(), &place.hook())?;
            Ok(format!("keyward's hook was gone; {} is what it was before", shown(&place.hook())))
        }
        Present::Nothing => Ok("no pre-commit hook is installed".to_owned()),
        Present::Other => {
            Err(Error::new(format!("{} is not keyward's", shown(&place.hook()))).hint("it was left alone"))
        }
        Present::Ours(_) if is_kept => {
            Place::rename(&place.kept(), &place.hook())?;
            Ok(format!("took keyward's hook out; {} is what it was before", shown(&place.hook())))
        }
        Present::Ours(_) => {
            fs::remove_file(place.hook())
                .map_err(|error| Error::new(format!("could not remove {}", shown(&place.hook()))).because(error))?;
            Ok(format!("removed {}", shown(&place.hook())))
        }
    }
}

/// Tells whether commits are guarded; [`ExitStatus::Clean`] only if they are.
///
/// # Errors
/// Outside a repository, and where the hook cannot be read.
pub fn status() -> Result<(String, ExitStatus)> {
    let place = match Place::find()? {
        Ok(place) => place,
        Err(error) => return Ok((format!("pre-commit: not guarded: {error}"), ExitStatus::Findings)),
    };
    let path = place.hook();
    let Present::Ours(binary) = place.present()? else {
        return Ok(("pre-commit: not guarded\n  hint: keyward hook install".to_owned(), ExitStatus::Findings));
    };
    let executable = fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
    let problem = if !executable {
        Some("git ignores the hook, because it is not executable".to_owned())
    } else if binary.is_file() {
        None
    } else {
        Some(format!("the hook calls {}, which is gone, and guards only if PATH has another", shown(&binary)))
    };
    Ok(match problem {
        Some(problem) => {
            (format!("pre-commit: not guarded: {problem}\n  hint: keyward hook install"), ExitStatus::Findings)
        }
        None => (format!("pre-commit: guarded by {}", shown(&path)), ExitStatus::Clean),
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("could not read {}", shown(path))).because(error)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
