//! `keyward hook`: its arguments, and what git and hook managers say in the environment.

use super::{text_variable, variable};
use crate::config::{Command, Event, Guard, HookAction, HookScope, Manager};
use crate::error::{Error, Result};
use clap::{Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// For `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  keyward hook install
  keyward hook install --global
  keyward hook install --hooks pre-receive     on a server
  keyward hook status
  keyward hook run pre-push \"$@\"             in a script of your own";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Guard this repository: commits, merges, messages and pushes
    Install {
        /// Guard all repositories of this user
        #[arg(long)]
        global: bool,

        /// Guard these instead; pre-receive and update are for a server
        #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',', num_args = 1..)]
        hooks: Vec<EventArg>,
    },
    /// Take the hooks out, and give back what was there before
    Uninstall {
        /// Those for all repositories of this user
        #[arg(long)]
        global: bool,
    },
    /// Tell which doors are guarded; exit 0 only if all are
    Status,
    /// Do what a hook does; git gives the arguments
    #[command(disable_help_flag = true)]
    Run {
        /// The hook
        #[arg(value_enum)]
        hook: EventArg,

        /// What git, or a hook manager, hands over
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum EventArg {
    PreCommit,
    PreMergeCommit,
    CommitMsg,
    PrePush,
    PreReceive,
    Update,
}

impl From<EventArg> for Event {
    fn from(event: EventArg) -> Self {
        match event {
            EventArg::PreCommit => Self::PreCommit,
            EventArg::PreMergeCommit => Self::PreMergeCommit,
            EventArg::CommitMsg => Self::CommitMsg,
            EventArg::PrePush => Self::PrePush,
            EventArg::PreReceive => Self::PreReceive,
            EventArg::Update => Self::Update,
        }
    }
}

/// What is asked of `keyward hook`.
///
/// # Errors
/// Where keyward cannot tell where it lies itself.
pub(super) fn understand(verb: Verb) -> Result<Command> {
    Ok(match verb {
        Verb::Install { global, hooks } => {
            let keyward = std::env::current_exe()
                .map_err(|error| Error::new("could not tell where keyward itself is").because(error))?;
            let events = hooks.into_iter().map(Event::from).collect();
            Command::Hook(HookAction::Install { keyward, events, scope: scope(global)? })
        }
        Verb::Uninstall { global } => Command::Hook(HookAction::Uninstall { scope: scope(global)? }),
        Verb::Status => Command::Hook(HookAction::Status),
        Verb::Run { hook, arguments } => Command::Guard(Guard {
            event: hook.into(),
            arguments,
            // Git says so.
            below_top: variable("GIT_PREFIX").is_some(),
            merged: merged(),
            // Where nobody is to see the message, git sets an editor that does nothing.
            edited: text_variable("GIT_EDITOR").is_none_or(|editor| editor != ":"),
            config: super::config::found(),
            manager: manager(),
        }),
    })
}

fn scope(global: bool) -> Result<HookScope> {
    if !global {
        return Ok(HookScope::Repository);
    }
    // git replaces the file, whatever it is; as root even a device.
    if let Some(file) = variable("GIT_CONFIG_GLOBAL").map(PathBuf::from).filter(|file| file.exists() && !file.is_file())
    {
        return Err(Error::new(format!("GIT_CONFIG_GLOBAL is '{}', which is no file", file.display()))
            .because("git keeps the user's configuration there")
            .hint("unset GIT_CONFIG_GLOBAL, or name a file"));
    }
    let folder = super::config::folder().ok_or_else(|| Error::new("HOME is not set"))?;
    Ok(HookScope::User(folder.join("hooks")))
}

/// The commits that `git merge` is about to merge: it tells them in the names of variables.
fn merged() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| name.strip_prefix("GITHEAD_").map(str::to_owned)).collect()
}

/// What the pre-commit framework says, or prek, if it is one of them that calls.
fn manager() -> Option<Manager> {
    variable("PRE_COMMIT")?;
    Some(Manager {
        range: text_variable("PRE_COMMIT_FROM_REF").zip(text_variable("PRE_COMMIT_TO_REF")),
        remote: text_variable("PRE_COMMIT_REMOTE_NAME"),
    })
}
