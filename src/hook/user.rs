//! Hooks for all repositories of a user.
//!
//! From 2.54 on, git takes them from the user's configuration. An older one has one folder of hooks at a time
//! (`core.hooksPath`), and then no longer looks into repositories: in a folder of our own, every hook that git knows
//! therefore runs the one of the repository.

use super::install::taken_out;
use super::place::{Place, is_there, no_folder};
use super::{Answer, Done, configured, files, script};
use crate::config::Event;
use crate::error::{Error, ExitStatus, Result};
use crate::git::{self, Scope, Version};
use std::fs;
use std::path::{Path, PathBuf};

/// The setting that leads git to a folder of hooks.
const HOOKS_PATH: &str = "core.hooksPath";

/// All hooks that git looks for in the folder (githooks(5)), but for those whose being there changes what git does:
/// push-to-checkout and proc-receive.
const ALL: [&str; 25] = [
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "reference-transaction",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "post-index-change",
    "p4-changelist",
    "p4-prepare-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
];

/// Puts hooks in for all repositories of the user; `folder` is where they lie if they must be files.
///
/// # Errors
/// Where the user's `core.hooksPath` leads nowhere that would do, and where files cannot be written.
pub(super) fn install(keyward: &Path, events: &[Event], folder: &Path) -> Result<Answer> {
    let events = if events.is_empty() { &Event::OF_A_WORK_TREE } else { events };
    let mut lines = Vec::new();
    if Version::of_git()?.runs_configured_hooks() {
        lines.extend(configured::install(Scope::Global, events, keyward)?.lines("installed in"));
        for done in take_files_out(folder)? {
            lines.extend(done.lines("no longer needed, so taken out of"));
        }
        let off = configured::switched_off(Scope::Global, events)?;
        if !off.is_empty() {
            lines.extend(off);
            return Ok(Answer { lines, outcome: Ok(ExitStatus::Findings) });
        }
    } else {
        let done = match users_folder()? {
            Some(theirs) if is_ours(&theirs, folder) => in_our_folder(keyward, events, &theirs)?,
            Some(theirs) => files::install(&Place::at(theirs), events, keyward)?,
            None => led_to_our_folder(keyward, events, folder)?,
        };
        lines.extend(done.lines("installed in"));
    }
    Ok(Answer { lines, outcome: Ok(ExitStatus::Clean) })
}

/// Takes them out again, however they were put in.
///
/// # Errors
/// Where files cannot be renamed, and where git's configuration cannot be written.
pub(super) fn uninstall(folder: &Path) -> Result<Answer> {
    let mut all = vec![configured::uninstall(Scope::Global)?];
    all.extend(take_files_out(folder)?);
    Ok(taken_out(all))
}

/// Where the user's configuration leads git for hooks.
///
/// # Errors
/// Where hooks cannot be put there.
fn users_folder() -> Result<Option<PathBuf>> {
    let paths = git::hooks_paths()?;
    let Some(path) = paths.iter().rfind(|path| path.scope == "global") else {
        return match paths.iter().rfind(|path| path.scope == "system") {
            None => Ok(None),
            Some(path) => Err(Error::new(format!("core.hooksPath is '{}' for the whole machine", path.value))
                .because("a setting of yours would hide the hooks there")
                .hint("call keyward from the hooks there: keyward hook run NAME \"$@\" || exit")),
        };
    };
    if let Some((why, hint)) = no_folder(path) {
        return Err(Error::new(why).hint(hint));
    }
    if !Path::new(&path.value).is_absolute() {
        return Err(Error::new(format!("core.hooksPath is '{}' in your own configuration", path.value))
            .because("that is another folder in each repository")
            .hint("keyward hook install in each of them, or git config --global --unset core.hooksPath"));
    }
    Ok(Some(PathBuf::from(&path.value)))
}

/// Is it a folder that keyward made? That it may be gone, or that keyward would make another one today
/// (`XDG_CONFIG_HOME`), is no matter.
fn is_ours(folder: &Path, today: &Path) -> bool {
    folder == today || ALL.iter().any(|name| files::is_pass_through(&folder.join(name)))
}

/// Fills our folder, and leads git there.
fn led_to_our_folder(keyward: &Path, events: &[Event], folder: &Path) -> Result<Done> {
    let mut done = in_our_folder(keyward, events, folder)?;
    git::set(Scope::Global, HOOKS_PATH, folder)?;
    done.notes.push(format!("{HOOKS_PATH} leads git there; the hooks of each repository are run from there"));
    done.notes.push("while it is set, pre-commit, prek and lefthook refuse to install theirs".to_owned());
    Ok(done)
}

fn in_our_folder(keyward: &Path, events: &[Event], folder: &Path) -> Result<Done> {
    let place = Place::at(folder.to_owned());
    for path in ALL.map(|name| folder.join(name)) {
        if !is_there(&path) {
            place.write(&path, script::pass_through())?;
        }
    }
    files::install(&place, events, keyward)
}

/// Takes files of ours out of our folder, and out of that to which the user leads git.
fn take_files_out(folder: &Path) -> Result<Vec<Done>> {
    let theirs = git::hooks_paths()?.into_iter().rfind(|path| path.scope == "global");
    let theirs = theirs.map(|path| PathBuf::from(path.value)).filter(|path| path.is_absolute());
    let mut all = Vec::new();
    match &theirs {
        Some(theirs) if is_ours(theirs, folder) => all.push(empty_our_folder(theirs, true)?),
        Some(theirs) => all.push(files::uninstall(&Place::at(theirs.clone()))?),
        None => {}
    }
    if folder.is_dir() && theirs.as_deref() != Some(folder) {
        all.push(empty_our_folder(folder, false)?);
    }
    Ok(all)
}

fn empty_our_folder(folder: &Path, is_led_there: bool) -> Result<Done> {
    let mut done = files::uninstall(&Place::at(folder.to_owned()))?;
    let ours = ALL.map(|name| folder.join(name)).into_iter().filter(|path| files::is_pass_through(path));
    let ours: Vec<PathBuf> = ours.collect();
    let names = fs::read_dir(folder).map_or(0, Iterator::count);
    if is_led_there && names == ours.len() {
        // First of all, so that no hook of a repository is hidden for a moment.
        git::unset(Scope::Global, HOOKS_PATH)?;
        done.notes.push(format!("{HOOKS_PATH} is unset again"));
    } else if is_led_there {
        done.notes.push(format!("{HOOKS_PATH} still leads there, because it has hooks that are not keyward's"));
        return Ok(done);
    }
    for path in ours {
        super::place::remove(&path)?;
    }
    // The folder, and the one above it, have no other purpose; what else is there keeps them.
    for folder in folder.ancestors().take(2) {
        let _ = fs::remove_dir(folder);
    }
    Ok(done)
}
