//! Hooks as files: putting them into a folder and taking them out, without hurting what is there.
//!
//! An existing hook is kept, runs first, and is given back. All steps are planned before the first one is done, so
//! that a hook which cannot be kept leaves everything as it was.

use super::place::{self, Place, Present, is_executable, is_there, kept_name};
use super::{Done, managers, script};
use crate::config::Event;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// What is to be done for one hook.
enum Step {
    /// The hook is what this version installs.
    Nothing,
    /// Write it there, where nothing or an older one of ours is.
    Write(PathBuf),
    /// Keep the hook that is there, and write ours in its place.
    Chain,
}

/// Puts hooks in; `keyward` is the binary that they shall call.
///
/// # Errors
/// Where a hook is there that cannot be kept, and where files cannot be written.
pub(super) fn install(place: &Place, events: &[Event], keyward: &Path) -> Result<Done> {
    let steps = events.iter().map(|&event| Ok((event, plan(place, event, keyward)?)));
    let mut done = Done::at(place.folder().display());
    for (event, step) in steps.collect::<Result<Vec<_>>>()? {
        let script = script::guard(event, keyward);
        match step {
            Step::Nothing => done.up_to_date.push(event),
            Step::Write(path) => {
                place.write(&path, &script)?;
                done.changed.push(event);
            }
            Step::Chain => {
                chain(place, event, &script)?;
                done.notes.extend(kept_note(place, event));
                done.changed.push(event);
            }
        }
    }
    Ok(done)
}

fn plan(place: &Place, event: Event, keyward: &Path) -> Result<Step> {
    let hook = place.hook(event);
    let ours_at = |path: PathBuf| match place::present(&path, event)? {
        Present::Ours { script, .. } if script == script::guard(event, keyward) && is_executable(&path) => {
            Ok(Step::Nothing)
        }
        _ => Ok(Step::Write(path)),
    };
    let there = match place.present(event)? {
        Present::Nothing => return Ok(Step::Write(hook)),
        Present::Ours { .. } => return ours_at(hook),
        Present::Other(there) => there,
    };
    // A link to ours, which kept under another name would find itself.
    if script::binary_of(event, &there).is_some() {
        return Ok(Step::Nothing);
    }
    if let (Some(moved), true) = (place.moved_ours(event)?, managers::framework_of(&there).is_some()) {
        return ours_at(moved);
    }
    let kept = place.kept(event);
    if is_there(&kept) {
        return Err(Error::new(format!("both {} and {} are there", hook.display(), kept.display()))
            .because("another tool wrote its hook over keyward's, or somebody changed keyward's")
            .hint("remove one of them, then run keyward hook install again"));
    }
    if goes_by_its_name(&there) && there != script::pass_through() {
        return Err(Error::new(format!(
            "{} looks at its own name, so it cannot be kept under another",
            hook.display()
        ))
        .hint(format!("add this line to it: keyward hook run {} \"$@\" || exit", event.name())));
    }
    Ok(Step::Chain)
}

/// What becomes of the hook that was there.
fn kept_note(place: &Place, event: Event) -> Option<String> {
    let (path, name, kept) = (place.kept(event), event.name(), kept_name(event));
    if is_pass_through(&path) {
        return None;
    }
    Some(if is_executable(&path) {
        format!("{name}: the hook that was there runs first, as {kept}")
    } else {
        format!("{name}: the hook that was there is kept as {kept}; it does not run, because it is not executable")
    })
}

/// Some hooks serve several events and tell by their name which one it is.
fn goes_by_its_name(hook: &[u8]) -> bool {
    [&b"basename"[..], b"${0##"].iter().any(|word| memchr::memmem::find(hook, word).is_some())
}

/// Is it the script of ours that runs what a repository has of its own?
pub(super) fn is_pass_through(path: &Path) -> bool {
    place::content(path).is_some_and(|script| script == script::pass_through())
}

/// Keeps the hook that is there, which ours runs first, and puts ours in its place.
fn chain(place: &Place, event: Event, script: &[u8]) -> Result<()> {
    let (hook, kept) = (place.hook(event), place.kept(event));
    place::rename(&hook, &kept)?;
    if let Err(error) = place.write(&hook, script) {
        // Nobody shall be left without the hook that worked before.
        place::rename(&kept, &hook)?;
        return Err(error);
    }
    Ok(())
}

/// Takes all hooks of ours out and gives back what was there before.
///
/// # Errors
/// Where files cannot be renamed or removed. A hook that somebody changed is left alone, and [`Done::problem`] says so.
pub(super) fn uninstall(place: &Place) -> Result<Done> {
    let mut done = Done::at(place.folder().display());
    for event in Event::ALL {
        let kept = Some(place.kept(event)).filter(|kept| is_there(kept));
        match (place.present(event)?, kept) {
            (Present::Nothing, None) => {}
            (Present::Nothing, Some(kept)) => {
                place::rename(&kept, &place.hook(event))?;
                done.notes.push(format!("{}: keyward's hook was gone; what was before it is back", event.name()));
            }
            (Present::Ours { .. }, None) => {
                place::remove(&place.hook(event))?;
                done.changed.push(event);
            }
            (Present::Ours { .. }, Some(kept)) => {
                if !is_pass_through(&kept) {
                    done.notes.push(format!("{}: the hook that was there before is back", event.name()));
                }
                place::rename(&kept, &place.hook(event))?;
                done.changed.push(event);
            }
            (Present::Other(there), kept) => beside_another(place, event, &there, kept, &mut done)?,
        }
    }
    Ok(done)
}

/// Takes ours out where a hook manager has moved it, and gives back there what it kept.
fn beside_another(place: &Place, event: Event, there: &[u8], kept: Option<PathBuf>, done: &mut Done) -> Result<()> {
    let hook = place.hook(event);
    match (place.moved_ours(event)?, kept) {
        (Some(moved), Some(kept)) => {
            place::remove(&moved)?;
            // An older hook of that manager: the one that is there does the same.
            if place::content(&kept).is_some_and(|kept| managers::framework_of(&kept).is_some()) {
                place::remove(&kept)?;
            } else {
                place::rename(&kept, &moved)?;
            }
            done.changed.push(event);
        }
        (Some(moved), None) => {
            place::remove(&moved)?;
            done.changed.push(event);
        }
        (None, Some(kept)) => done.problem(
            Error::new(format!("both {} and {} are there", hook.display(), kept.display()))
                .because("the first is not keyward's, the second was kept by keyward")
                .hint("rename the second one to the first, or remove it"),
        ),
        (None, None) if script::is_marked(there) && there != script::pass_through() => done.problem(
            Error::new(format!("{} is not what keyward installed: somebody changed it", hook.display()))
                .hint("it was left alone"),
        ),
        (None, None) => {}
    }
    Ok(())
}
