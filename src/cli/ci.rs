//! `keyward ci`: its arguments, and what a CI says in the environment.

use super::archives::ArchiveArgs;
use super::reports::{ReportArgs, outputs, settings};
use super::text_variable;
use crate::archive::Limits;
use crate::ci;
use crate::config::{Ci, Command, History, ScanSettings, Target, Variables};
use crate::error::Result;
use clap::{ArgMatches, Args};

/// For `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  keyward ci                               what GitHub, GitLab or Jenkins say
  keyward ci --base origin/main            what HEAD has and origin/main has not
  keyward ci --format jsonl --output keyward.jsonl

KEYWARD_BASE and KEYWARD_HEAD do as --base and --head. Where nothing is known,
everything is looked at. A clone that lacks a part of it is refused.";

#[derive(Debug, Args)]
pub(super) struct CiArgs {
    /// Whatever the CI says, leave out what this commit has
    #[arg(long, value_name = "REF")]
    base: Option<String>,

    /// Whatever the CI says, look at what this commit has
    #[arg(long, value_name = "REF")]
    head: Option<String>,

    #[command(flatten)]
    report: ReportArgs,

    #[command(flatten)]
    archives: ArchiveArgs,
}

/// What is asked of `keyward ci`.
///
/// # Errors
/// Those of the reports.
pub(super) fn understand(arguments: &CiArgs, matches: Option<&ArgMatches>) -> Result<Command> {
    let mut variables: Variables = ci::variables().filter_map(|name| Some((name, text_variable(name)?))).collect();
    let typed = [(ci::BASE, &arguments.base), (ci::HEAD, &arguments.head)];
    variables.extend(typed.into_iter().filter_map(|(name, typed)| Some((name, typed.clone()?))));
    let asked = arguments.report.asks_for_reports();
    let mut reports = if asked { outputs(&arguments.report, matches)? } else { Vec::new() };
    // Who reads the log of the run is shown what was found, whichever files are written.
    if reports.iter().all(|report| report.file.is_some()) {
        reports.splice(0..0, ci::reports(&variables));
    }
    // What is examined is not known before the clone is looked at.
    let archives = arguments.archives.over(Limits::OF_A_CI);
    let scan = ScanSettings { archives, ..settings(&arguments.report, Target::History(History::default()), reports) };
    Ok(Command::Ci(Ci { variables, scan }))
}
