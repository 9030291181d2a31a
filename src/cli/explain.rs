//! `keyward explain`: its arguments.

use super::config::ConfigArgs;
use crate::config::{Command, Explained};
use clap::Args;

/// For `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  keyward explain 0123456789ab
  keyward explain v1:0123456789ab --staged
  keyward explain 0123456789ab --history

Exit status: 0 it was found and explained, 2 it was not, or not all was examined";

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// As reports give it, or the first of its digits
    fingerprint: String,

    /// Look for it in what the next commit would contain instead
    #[arg(long)]
    staged: bool,

    /// Look for it in all that the repository has ever held instead
    #[arg(long, conflicts_with = "staged")]
    history: bool,

    #[command(flatten)]
    config: ConfigArgs,
}

/// What is asked of `keyward explain`.
pub(super) fn understand(arguments: ExplainArgs) -> Command {
    let part = match (arguments.staged, arguments.history) {
        (true, _) => Explained::Staged,
        (_, true) => Explained::History,
        _ => Explained::Files,
    };
    Command::Explain { config: arguments.config.choice(), fingerprint: arguments.fingerprint, part }
}
