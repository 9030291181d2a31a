//! `keyward triage` and `keyward deactivate`: their arguments.

use super::respond::{LeakedArgs, ReachArgs, VerdictFormatArg, accepted, again, key, leaked, not_in_a_hook, reach};
use crate::config::Command;
use crate::config::respond::{Consent, Deactivate, Hand, KeySource, Rehearsal, Suspects, Triage, Turn};
use crate::credential::KeyId;
use crate::error::{Error, Result};
use clap::Args;
use std::time::Duration;

/// The one that clap would make is too wide.
pub(super) const TRIAGE_USAGE: &str = "\
keyward triage [OPTIONS] KEY...
       keyward triage [OPTIONS] --scan PATH...
       keyward triage [OPTIONS] --history [REPO]
       keyward triage [OPTIONS] --report FILE";

/// For `--help`.
pub(super) const TRIAGE: &str = "\
Examples:
  keyward triage AKIARZPUZDIKEXAMPLE2 --profile security
  keyward triage --scan deploy/ --format json

Reads through IAM, as you: whose the key is, when and for what it was used,
what its user may do, and what goes on once it is off. The leaked key itself is
not used. What you may not read is listed as not known.

Exit status: 0 done, 2 the owner of a key could not be read, or not everything
was examined";

/// For `--help`.
pub(super) const DEACTIVATE: &str = "\
Examples:
  keyward deactivate AKIARZPUZDIKEXAMPLE2 --profile security
  keyward deactivate AKIARZPUZDIKEXAMPLE2 --dry-run      shows, changes nothing
  keyward deactivate AKIARZPUZDIKEXAMPLE2 --undo         on again
  keyward deactivate AKIARZPUZDIKEXAMPLE2 --with-leaked-key --scan deploy/

Shows what will happen, asks, sets the key inactive, reads that back twice, and
keeps a record of it. Inactive can be undone; deleting is left to you.

Exit status: 0 the new state was read back (or --dry-run), 1 refused or not
confirmed: nothing was changed, 2 outcome unknown: check";

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).multiple(true).args(["key", "scan", "history", "report"]))]
pub(super) struct TriageArgs {
    /// The IDs of keys
    #[arg(value_name = "KEY", conflicts_with_all = ["scan", "history", "report"])]
    key: Vec<String>,

    #[command(flatten)]
    leaked: LeakedArgs,

    /// Answer in this form
    #[arg(short, long, value_enum, value_name = "FORM", default_value = "human")]
    format: VerdictFormatArg,

    #[command(flatten)]
    reach: ReachArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(super) struct DeactivateArgs {
    /// The ID of the key
    #[arg(value_name = "KEY", required = true)]
    key: Vec<String>,

    /// Switch on again what keyward has switched off
    #[arg(long, conflicts_with_all = ["with_leaked_key", "scan", "history", "report"])]
    undo: bool,

    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Say yes in advance
    #[arg(short, long)]
    yes: bool,

    /// Switch the key off with itself, where nobody else can: a key of root. Its
    /// secret is typed, piped in, or found by --scan, --history or --report
    #[arg(long)]
    with_leaked_key: bool,

    #[command(flatten)]
    leaked: LeakedArgs,

    /// Wait so long for the new state to be read back
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u16).range(1..=300))]
    wait: u16,

    #[command(flatten)]
    reach: ReachArgs,
}

/// What is asked of `keyward triage`.
///
/// # Errors
/// Where a hook asks, or an argument is no key ID.
pub(super) fn triage(arguments: &TriageArgs) -> Result<Command> {
    not_in_a_hook("triage")?;
    let keys = match leaked(&arguments.leaked) {
        Some(source) => Suspects::Leaked(source, accepted(&arguments.leaked)),
        None => Suspects::Named(distinct(&arguments.key)?),
    };
    Ok(Command::Triage(Triage {
        access: reach(&arguments.reach, Consent::Asked),
        keys,
        format: arguments.format.into(),
        again: again(&arguments.reach),
    }))
}

/// What is asked of `keyward deactivate`.
///
/// # Errors
/// Where a hook asks, or the argument is no key ID.
pub(super) fn deactivate(arguments: &DeactivateArgs) -> Result<Command> {
    not_in_a_hook("deactivate")?;
    let key = key(&arguments.key)?;
    let hand = match (arguments.with_leaked_key, leaked(&arguments.leaked)) {
        (true, source) => Hand::LeakedKey(source.unwrap_or(KeySource::Typed(key))),
        (false, None) => Hand::Responder,
        (false, Some(_)) => {
            return Err(Error::new("a place where the key leaked is of no use here")
                .because("the key is switched off with your own credentials, and its secret is not needed")
                .hint("leave it out, or add --with-leaked-key"));
        }
    };
    let consent = if arguments.yes { Consent::Given } else { Consent::Asked };
    Ok(Command::Deactivate(Box::new(Deactivate {
        access: reach(&arguments.reach, consent),
        key,
        turn: if arguments.undo { Turn::OnAgain } else { Turn::Off },
        hand,
        rehearsal: if arguments.dry_run { Rehearsal::Dry } else { Rehearsal::Real },
        patience: Duration::from_secs(arguments.wait.into()),
        again: again(&arguments.reach),
    })))
}

/// The key IDs that were typed, each once.
fn distinct(typed: &[String]) -> Result<Vec<KeyId>> {
    let mut keys = Vec::new();
    for typed in typed {
        let key = key(std::slice::from_ref(typed))?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}
