//! `keyward hook install` and `uninstall`: which way hooks are put in, here and now.

use super::doors::{Guard, Survey};
use super::place::Place;
use super::{Answer, Done, configured, files, status, user};
use crate::config::{Event, HookScope};
use crate::error::{Error, ExitStatus, Result};
use crate::git::{self, Scope};
use std::path::Path;

/// Puts hooks in; `keyward` is the binary that they shall call.
///
/// # Errors
/// Where nothing could be installed, or not all.
pub fn install(keyward: &Path, events: &[Event], scope: &HookScope) -> Result<Answer> {
    match scope {
        HookScope::Repository => in_this_repository(keyward, events),
        HookScope::User(folder) => user::install(keyward, events, folder),
    }
}

/// Takes all hooks of ours out, however they were put in, and gives back what was there before.
///
/// # Errors
/// Where files cannot be renamed, and where git's configuration cannot be written.
pub fn uninstall(scope: &HookScope) -> Result<Answer> {
    match scope {
        HookScope::Repository => from_this_repository(),
        HookScope::User(folder) => user::uninstall(folder),
    }
}

fn in_this_repository(keyward: &Path, events: &[Event]) -> Result<Answer> {
    let survey = Survey::of_this_repository()?;
    let mut lines = Vec::new();
    let events = match events {
        [] if git::is_bare()? => {
            lines.push("nobody commits in a bare repository, so what it receives is guarded: pre-receive".to_owned());
            &[Event::PreReceive]
        }
        [] => &Event::OF_A_WORK_TREE[..],
        named => named,
    };
    if survey.git.runs_configured_hooks() {
        lines.extend(configured::install(Scope::Local, events, keyward)?.lines("installed in"));
        if let Ok(place) = Place::of_this_repository() {
            let done = files::uninstall(&place)?;
            lines.extend(done.lines("no longer needed, so taken out of"));
        }
    } else {
        match as_files(&survey, keyward, events)? {
            (told, None) => lines.extend(told),
            (told, Some(error)) => {
                lines.extend(told);
                return Ok(Answer { lines, outcome: Err(error) });
            }
        }
    }
    check(events, lines)
}

/// Installs files of hooks, or says why not.
fn as_files(survey: &Survey, keyward: &Path, events: &[Event]) -> Result<(Vec<String>, Option<Error>)> {
    let (mut lines, mut open) = (Vec::new(), Vec::new());
    let place = Place::of_this_repository();
    for &event in events {
        match survey.door(event)?.guards.first() {
            None => open.push(event),
            // It may be an older one, or call another binary.
            Some(Guard::File(_)) if place.is_ok() => open.push(event),
            Some(guard) => lines.push(format!("{}: guarded already by {}", event.name(), guard.words())),
        }
    }
    if open.is_empty() {
        return Ok((lines, None));
    }
    if let Some((told, error)) = survey.managers.iter().find_map(|manager| manager.refusal(&open)) {
        lines.push(told);
        return Ok((lines, Some(error)));
    }
    let done = files::install(&place?, &open, keyward)?;
    lines.extend(done.lines("installed in"));
    if !done.changed.is_empty() {
        lines.extend(survey.managers.iter().find_map(|manager| manager.alternative(&open)));
    }
    Ok((lines, None))
}

/// Says which of the doors are not guarded for all that.
fn check(events: &[Event], mut lines: Vec<String>) -> Result<Answer> {
    let survey = Survey::of_this_repository()?;
    let doors = events.iter().map(|&event| survey.door(event)).collect::<Result<Vec<_>>>()?;
    let open: Vec<_> = doors.into_iter().filter(|door| door.guards.is_empty()).collect();
    let told = status::describe(&open);
    lines.extend(told.lines);
    Ok(Answer { lines, outcome: told.outcome })
}

fn from_this_repository() -> Result<Answer> {
    // The folder that git would use without core.hooksPath may have hooks of ours, too.
    let default = Place::without_hooks_path()?;
    let place = Place::of_this_repository();
    let mut all = vec![configured::uninstall(Scope::Local)?];
    for place in place.iter().chain(&default) {
        all.push(files::uninstall(place)?);
    }
    match place {
        Err(error) if all.iter().all(Done::is_nothing) => Err(error),
        _ => Ok(taken_out(all)),
    }
}

/// What was taken out where.
pub(super) fn taken_out(all: Vec<Done>) -> Answer {
    let mut lines: Vec<String> = all.iter().flat_map(|done| done.lines("taken out of")).collect();
    let problem = all.into_iter().find_map(|done| done.problem);
    if lines.is_empty() && problem.is_none() {
        lines.push("no hook of keyward's is installed".to_owned());
    }
    Answer { lines, outcome: problem.map_or(Ok(ExitStatus::Clean), Err) }
}
