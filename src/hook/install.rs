//! `keyward hook install`, `uninstall` and `status`.
//!
//! Rules that others broke: git says where hooks lie, nobody guesses; a folder that serves other repositories too
//! is not touched; an existing hook is kept, runs first, and is given back; a file is written beside its place and
//! renamed over it, so that nothing is ever written through a link.

use super::{is_ours, script};
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
    /// keyward's script.
    Ours(Vec<u8>),
    /// Somebody else's hook, or a link.
    Other,
}

/// The folder of the hooks, once it is certain that it is this repository's own.
struct Place {
    folder: PathBuf,
}

impl Place {
    /// The place of the working directory's repository.
    fn find() -> Result<Self> {
        let folder = git::hooks_folder()?;
        if let Some(setting) = git::hooks_path()?
            && !matches!(setting.scope.as_str(), "local" | "worktree")
        {
            return Err(Error::new(format!(
                "core.hooksPath is set outside this repository ({} configuration: '{}')",
                setting.scope, setting.value
            ))
            .because("git runs the hooks of that folder, which serves other repositories too")
            .hint("call `keyward hook run pre-commit` from the pre-commit hook there"));
        }
        Ok(Self { folder })
    }

    fn hook(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn kept(&self) -> PathBuf {
        self.folder.join(KEPT)
    }

    /// Makes the folder if it is missing, and checks that no link leads out of the repository.
    fn prepare(&self) -> Result<()> {
        let trouble =
            |error: std::io::Error| Error::new(format!("no hooks folder at {}", shown(&self.folder))).because(error);
        fs::create_dir_all(&self.folder).map_err(trouble)?;
        let real = fs::canonicalize(&self.folder).map_err(trouble)?;
        let own = git::own_folders()?;
        let is_own = own.iter().filter_map(|folder| fs::canonicalize(folder).ok()).any(|own| real.starts_with(own));
        if is_own {
            return Ok(());
        }
        Err(Error::new(format!("the hooks folder {} lies outside this repository", shown(&self.folder)))
            .because(format!("it is {}", shown(&real)))
            .hint("call `keyward hook run pre-commit` from the pre-commit hook there"))
    }

    fn present(&self) -> Result<Present> {
        let path = self.hook();
        match fs::symlink_metadata(&path) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(Present::Nothing)
            }
            Ok(metadata) if metadata.is_file() => {
                let content = fs::read(&path).map_err(|error| unreadable(&path, error))?;
                Ok(if is_ours(&content) { Present::Ours(content) } else { Present::Other })
            }
            Ok(_) => Ok(Present::Other),
            Err(error) => Err(unreadable(&path, error)),
        }
    }

    /// Writes the script beside its place and renames it over.
    fn write(&self, script: &str) -> Result<()> {
        let path = self.hook();
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".keyward-").tempfile_in(&self.folder)?;
            file.write_all(script.as_bytes())?;
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
    let place = Place::find()?;
    place.prepare()?;
    let said = match place.present()? {
        Present::Nothing => format!("installed {}", shown(&place.hook())),
        Present::Ours(_) => format!("up to date: {}", shown(&place.hook())),
        Present::Other => {
            if fs::symlink_metadata(place.kept()).is_ok() {
                return Err(Error::new(format!(
                    "both {} and {} are there",
                    shown(&place.hook()),
                    shown(&place.kept())
                ))
                .because("another tool wrote its hook over keyward's")
                .hint("remove one of them, then run keyward hook install again"));
            }
            Place::rename(&place.hook(), &place.kept())?;
            format!("installed {}; the hook that was there runs first, as {KEPT}", shown(&place.hook()))
        }
    };
    if let Err(error) = place.write(&script(keyward)) {
        // Nobody shall be left without the hook that worked before.
        if said.ends_with(KEPT) {
            Place::rename(&place.kept(), &place.hook())?;
        }
        return Err(error);
    }
    Ok(said)
}

/// Takes the hook out and gives back what was there before. Returns what to tell.
///
/// # Errors
/// Where another tool's hook stands there, and where files cannot be renamed.
pub fn uninstall() -> Result<String> {
    let place = Place::find()?;
    match place.present()? {
        Present::Nothing => Ok("no pre-commit hook is installed".to_owned()),
        Present::Other => {
            Err(Error::new(format!("{} is not keyward's", shown(&place.hook()))).hint("it was left alone"))
        }
        Present::Ours(_) if fs::symlink_metadata(place.kept()).is_ok() => {
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
    let place = match Place::find() {
        Ok(place) => place,
        Err(error) => return Ok((format!("pre-commit: not guarded: {error}"), ExitStatus::Findings)),
    };
    let Present::Ours(content) = place.present()? else {
        return Ok(("pre-commit: not guarded\n  hint: keyward hook install".to_owned(), ExitStatus::Findings));
    };
    let path = place.hook();
    let executable = fs::metadata(&path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
    let problem = if executable {
        missing_binary(&content).map(|binary| format!("the binary that it calls is gone: {binary}"))
    } else {
        Some("git ignores the hook, because it is not executable".to_owned())
    };
    Ok(match problem {
        Some(problem) => {
            (format!("pre-commit: not guarded: {problem}\n  hint: keyward hook install"), ExitStatus::Findings)
        }
        None => (format!("pre-commit: guarded by {}", shown(&path)), ExitStatus::Clean),
    })
}

/// The path in the script's line `keyward='...'`, if no file is there.
fn missing_binary(script: &[u8]) -> Option<String> {
    let script = String::from_utf8_lossy(script);
    let named = script.lines().find_map(|line| line.strip_prefix("keyward='")?.strip_suffix('\''))?;
    let path = named.replace("'\\''", "'");
    (!Path::new(&path).is_file()).then_some(path)
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(format!("could not read {}", shown(path))).because(error)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
