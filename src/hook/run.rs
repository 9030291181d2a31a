//! `keyward hook run`: what git hands a hook, turned into the settings of an ordinary scan.

use super::pushed;
use crate::archive::Limits;
use crate::config::{Asked, Authority, Event, Guard, History, Manager, Message, ScanSettings, Staged, Target};
use crate::error::{Error, Result};
use crate::git::settings;
use bstr::ByteSlice;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

/// The time in which a server's hook must have its answer; GitHub Enterprise Server gives all of them five seconds.
const TIME_BUDGET: Duration = Duration::from_secs(5);

/// The setting that changes it, in seconds.
const TIME_BUDGET_SETTING: &str = "keyward.timeBudget";

/// What the hook is to examine; nothing if git asks it to let something through that brings nothing.
///
/// # Errors
/// Where git, or a hook manager, hands over something that no hook of this name gets.
pub fn scan_settings(guard: &Guard, input: &mut dyn Read) -> Result<Option<ScanSettings>> {
    let event = guard.event;
    let target = match event {
        Event::PreCommit | Event::PreMergeCommit => Some(before_commit(guard)),
        Event::CommitMsg => Some(message(guard)?),
        Event::PrePush => pushed::sent(guard, input)?.map(Target::History),
        Event::PreReceive | Event::Update => pushed::received(guard, input)?.map(Target::History),
    };
    let Some(target) = target else { return Ok(None) };
    // Over a range that somebody names, a hook manager runs hooks at no event of git's.
    let is_event = event != Event::PreCommit || matches!(target, Target::Staged(_));
    Ok(Some(ScanSettings {
        authority: authority(event, &target),
        target,
        config: guard.config.clone(),
        asked: if is_event { Asked::ByHook { event, below_top: guard.below_top } } else { Asked::Directly },
        time_budget: if event.is_of_a_server() { Some(time_budget()?) } else { None },
        archives: Limits::OF_A_HOOK,
        ..ScanSettings::default()
    }))
}

/// On a server, nobody accepts what the same push brings.
fn authority(event: Event, target: &Target) -> Authority {
    match target {
        Target::History(history) if event.is_of_a_server() => Authority::Received(history.had.clone()),
        _ => Authority::Examined,
    }
}

fn before_commit(guard: &Guard) -> Target {
    if let Some(Manager { range: Some((from, to)), .. }) = &guard.manager {
        let ranges = vec![format!("{from}..{to}")];
        return Target::History(History { ranges, ..History::default() });
    }
    let files = guard.arguments.iter().map(PathBuf::from).collect();
    Target::Staged(Staged { files, merged: guard.merged.clone() })
}

fn message(guard: &Guard) -> Result<Target> {
    let [file] = &guard.arguments[..] else {
        return Err(wrong_arguments(guard, "the file that holds the message"));
    };
    Ok(Target::Message(Message { file: file.into(), edited: guard.edited }))
}

/// What a hook's arguments should have been.
pub(super) fn wrong_arguments(guard: &Guard, expected: &str) -> Error {
    let name = guard.event.name();
    Error::new(format!("the {name} hook got {} arguments", guard.arguments.len()))
        .because(format!("git hands it {expected}"))
        .hint(format!("in a script of your own: keyward hook run {name} \"$@\""))
}

fn time_budget() -> Result<Duration> {
    let all = settings(&format!("^{}$", TIME_BUDGET_SETTING.to_lowercase()))?;
    let Some((_, value)) = all.last() else { return Ok(TIME_BUDGET) };
    let seconds = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|&seconds| seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Error::new(format!("{TIME_BUDGET_SETTING} is '{}'", value.as_bstr()))
            .because("it must be a number of seconds")
            .hint(format!("git config {TIME_BUDGET_SETTING} 5"))
    })
}
