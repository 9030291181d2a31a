//! Hooks in git's configuration, which git runs from 2.54 on.
//!
//! They run in addition to all others and wherever `core.hooksPath` leads, so that nothing has to be kept, and no hook
//! manager is in the way. Each event has a name of its own, because git does not tell the command which one it is.

use super::{Done, script};
use crate::config::Event;
use crate::error::Result;
use crate::git::{self, Scope, Setting};
use bstr::ByteSlice;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `NAME` in `hook.NAME.command`; never an event's own name, which git refuses.
pub(super) fn name(event: Event) -> String {
    format!("keyward-{}", event.name())
}

/// Puts hooks in; `keyward` is the binary that they shall call.
///
/// # Errors
/// Where git cannot read or write its configuration.
pub(super) fn install(scope: Scope, events: &[Event], keyward: &Path) -> Result<Done> {
    let mut done = Done::at(whose(scope.name()));
    for &event in events {
        let command = script::command(event, keyward, scope);
        let there = (values(scope, event, "command")?, values(scope, event, "event")?);
        if there == (vec![command.clone()], vec![event.name().into()]) {
            done.up_to_date.push(event);
            continue;
        }
        // In this order: git refuses an event without a command.
        git::set(scope, &key(event, "command"), OsStr::from_bytes(&command))?;
        git::set(scope, &key(event, "event"), event.name())?;
        done.changed.push(event);
    }
    Ok(done)
}

/// Takes them all out; `hook.NAME.enabled`, which keyward never writes, stays.
///
/// # Errors
/// Where git cannot write its configuration.
pub(super) fn uninstall(scope: Scope) -> Result<Done> {
    let mut done = Done::at(whose(scope.name()));
    for event in Event::ALL {
        let had_event = git::unset(scope, &key(event, "event"))?;
        if git::unset(scope, &key(event, "command"))? || had_event {
            done.changed.push(event);
        }
    }
    Ok(done)
}

/// What is switched off in the files of this scope, and how to switch it on.
pub(super) fn switched_off(scope: Scope, events: &[Event]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for &event in events {
        let is_off = |value: &Vec<u8>| ["false", "no", "off", "0", ""].iter().any(|off| value == off.as_bytes());
        if values(scope, event, "enabled")?.last().is_some_and(is_off) {
            let key = key(event, "enabled");
            lines.push(format!("{}: not guarded: {key} is false", event.name()));
            lines.push(format!("  hint: git config --{} --unset-all {key}", scope.name()));
        }
    }
    Ok(lines)
}

/// The configuration of a scope, as git names it, in words.
pub(super) fn whose(scope: &str) -> &'static str {
    match scope {
        "system" => "the configuration of this machine",
        "global" => "your own configuration",
        "worktree" => "the configuration of this work tree",
        "command" => "the configuration of this one command",
        _ => "this repository's configuration",
    }
}

fn key(event: Event, key: &str) -> String {
    format!("hook.{}.{key}", name(event))
}

/// The values that the files of one scope give.
fn values(scope: Scope, event: Event, key: &str) -> Result<Vec<Vec<u8>>> {
    let settings = git::scoped_settings(&format!("^hook\\.{}\\.{key}$", name(event)))?;
    let of_scope = settings.into_iter().filter(|setting: &Setting| setting.scope == scope.name());
    Ok(of_scope.map(|setting| setting.value.as_bytes().to_vec()).collect())
}
