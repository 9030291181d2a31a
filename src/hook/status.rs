//! `keyward hook status`: a line for each door.

use super::Answer;
use super::doors::{Door, Guard, Survey};
use crate::config::Event;
use crate::error::{ExitStatus, Result};
use crate::git;

/// The doors at which a server is pushed to; what passes one, passes the other.
const OF_A_SERVER: [Event; 2] = [Event::PreReceive, Event::Update];

/// Tells which doors are guarded; [`ExitStatus::Clean`] only if all are.
///
/// # Errors
/// Outside a repository, and where a hook cannot be read.
pub fn status() -> Result<Answer> {
    let survey = Survey::of_this_repository()?;
    let events = if git::is_bare()? { &OF_A_SERVER[..] } else { &Event::OF_A_WORK_TREE };
    let doors = events.iter().map(|&event| survey.door(event)).collect::<Result<Vec<_>>>()?;
    Ok(describe(&doors))
}

/// A line for each door, then what to do.
pub(super) fn describe(doors: &[Door]) -> Answer {
    let guarded_of_a_server =
        doors.iter().find(|door| door.event.is_of_a_server() && !door.guards.is_empty()).map(|door| door.event);
    let (mut lines, mut hints, mut status) = (Vec::new(), Vec::new(), ExitStatus::Clean);
    for door in doors {
        let name = door.event.name();
        let other = guarded_of_a_server.filter(|_| door.event.is_of_a_server());
        lines.push(match (&door.guards[..], other) {
            ([], Some(other)) => format!("{name}: not needed, because {} guards all that is pushed", other.name()),
            ([], None) => {
                status = ExitStatus::Findings;
                let hint = door.problems.first().map_or(door.hint, |problem| &problem.hint);
                hints.push(hint.to_owned());
                let why = door.problems.first().map(|problem| format!(": {}", problem.why)).unwrap_or_default();
                format!("{name}: not guarded{why}")
            }
            ([guard], _) => format!("{name}: guarded by {}", guard.words()),
            ([guard, again, ..], _) => {
                if matches!((guard, again), (Guard::Entry(_), Guard::File(_))) {
                    hints.push(format!("{} leaves one of the two", door.hint_for_files));
                }
                format!("{name}: guarded by {}, and by {}", guard.words(), again.words())
            }
        });
    }
    for hint in hints.into_iter().map(|hint| format!("  hint: {hint}")) {
        if !lines.contains(&hint) {
            lines.push(hint);
        }
    }
    Answer { lines, outcome: Ok(status) }
}
