//! `keyward baseline`: its arguments.

use super::config;
use crate::allow::Day;
use crate::allow::baseline::Terms;
use crate::config::{BaselineAction, Command};
use clap::Subcommand;

/// For `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  keyward baseline create --reason 'here before keyward'
  keyward baseline add 0123456789ab --reason 'key of the sandbox, holds nothing'
  keyward baseline add 0123456789ab --until 2027-02-28 --reason 'rotation: OPS-12'
  keyward baseline update
  keyward baseline show

What is accepted stands in .keyward-baseline at the top of the work tree, by
salted hashes, and goes with the next commit.";

/// Why all was accepted, if nobody says it.
const THERE_BEFORE: &str = "there when the baseline was made";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Accept all that a scan of the files finds today
    Create {
        /// Why
        #[arg(long, value_name = "TEXT", default_value = THERE_BEFORE, hide_default_value = true, value_parser = reason)]
        reason: String,

        /// Until the end of this day only
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        until: Option<Day>,

        /// And all that the repository has ever held
        #[arg(long)]
        history: bool,
    },
    /// Accept one finding
    Add {
        /// As reports give it, or the first of its digits
        fingerprint: String,

        /// Why
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,

        /// Until the end of this day only
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
        until: Option<Day>,

        /// Look for it in all that the repository has ever held, too
        #[arg(long)]
        history: bool,
    },
    /// Remove the lines that accept what is gone: from the files, the index and the history
    Update {
        /// Remove what only the history holds, too
        #[arg(long)]
        forget_history: bool,
    },
    /// Explain each line, and tell what of it is still there
    Show,
}

/// What is asked of `keyward baseline`.
pub(super) fn understand(verb: Verb) -> Command {
    let terms = |reason, until| Terms { accepted: Day::today(), until, reason };
    let action = match verb {
        Verb::Create { reason, until, history } => BaselineAction::Create { terms: terms(reason, until), history },
        Verb::Add { fingerprint, reason, until, history } => {
            BaselineAction::Add { fingerprint, terms: terms(reason, until), history }
        }
        Verb::Update { forget_history } => BaselineAction::Update { history: !forget_history },
        Verb::Show => BaselineAction::Show,
    };
    Command::Baseline { action, config: config::found() }
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).filter(|day| *day >= Day::today()).ok_or_else(|| "a day to come, as 2027-02-28".to_owned())
}

/// A reason says something.
fn reason(text: &str) -> Result<String, String> {
    let says = text.chars().any(char::is_alphanumeric);
    says.then(|| text.to_owned()).ok_or_else(|| "whoever reviews it wants to know".to_owned())
}
