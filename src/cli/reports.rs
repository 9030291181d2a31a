//! What a scan reports, and when it fails: the same flags wherever something is examined.

use super::config::ConfigArgs;
use super::{ConfidenceArg, FormatArg, SeverityArg, variable};
use crate::archive::Limits;
use crate::config::{Acceptance, Asked, Authority, Format, Links, Output, ScanSettings, Secrets, Target, Typed};
use crate::error::{Error, Result};
use clap::{ArgMatches, Args};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    config: ConfigArgs,

    /// Let no marker in a file accept anything
    #[arg(long)]
    no_markers: bool,

    /// Let the baseline accept nothing
    #[arg(long)]
    no_baseline: bool,

    /// Let config, baseline and markers count only as this commit has them
    #[arg(long, value_name = "REV")]
    config_from: Option<String>,

    /// Report in this form; may be repeated, each with its --output
    #[arg(short, long, value_enum, value_name = "FORM")]
    format: Vec<FormatArg>,

    /// Write the report before it to a file
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,

    /// Report findings from this confidence on
    ///
    /// Medium, unless the config says otherwise
    #[arg(long, value_enum, value_name = "LEVEL")]
    min_confidence: Option<ConfidenceArg>,

    /// Fail on findings from this severity on
    ///
    /// Medium, unless the config says otherwise
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<SeverityArg>,

    /// Do not fail on findings, only on errors
    #[arg(long)]
    exit_zero: bool,

    /// Print secrets whole
    #[arg(long)]
    show_secrets: bool,

    /// Say of everything that was dismissed why
    #[arg(long)]
    explain: bool,

    /// Print findings and errors only
    #[arg(short, long)]
    quiet: bool,

    /// Use so many threads
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl ReportArgs {
    /// Does somebody say which reports there shall be?
    pub(super) fn asks_for_reports(&self) -> bool {
        !self.format.is_empty() || !self.output.is_empty()
    }
}

/// The settings of a scan of `target`.
pub(super) fn settings(arguments: &ReportArgs, target: Target, outputs: Vec<Output>) -> ScanSettings {
    let typed =
        Typed { min_confidence: arguments.min_confidence.map(Into::into), fail_on: arguments.fail_on.map(Into::into) };
    let default = ScanSettings::default();
    ScanSettings {
        config: arguments.config.choice(),
        typed,
        target,
        asked: Asked::Directly,
        step_summary: step_summary(&outputs),
        outputs,
        min_confidence: typed.min_confidence.unwrap_or(default.min_confidence),
        fail_on: typed.fail_on.unwrap_or(default.fail_on),
        findings_fail: !arguments.exit_zero,
        markers: unless(arguments.no_markers),
        baseline: unless(arguments.no_baseline),
        authority: arguments.config_from.clone().map_or(Authority::Examined, Authority::Revision),
        secrets: if arguments.show_secrets { Secrets::Shown } else { Secrets::Redacted },
        explain: arguments.explain,
        quiet: arguments.quiet,
        threads: arguments.threads.map(usize::from),
        time_budget: None,
        archives: Limits::OF_A_SCAN,
        links: if supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout) { Links::Shown } else { Links::None },
        ..default
    }
}

fn unless(ignored: bool) -> Acceptance {
    if ignored { Acceptance::Ignored } else { Acceptance::Counts }
}

/// Where a GitHub workflow takes a summary, if a report is for one.
fn step_summary(outputs: &[Output]) -> Option<PathBuf> {
    let file = variable("GITHUB_STEP_SUMMARY")?;
    outputs.iter().any(|output| output.format == Format::Github).then(|| file.into())
}

/// The reports: each `--output` belongs to the last `--format` before it; a report without one goes to standard
/// output.
pub(super) fn outputs(arguments: &ReportArgs, matches: Option<&ArgMatches>) -> Result<Vec<Output>> {
    let indices = |name| matches.and_then(|matches| matches.indices_of(name)).into_iter().flatten().collect::<Vec<_>>();
    let (format_at, output_at) = (indices("format"), indices("output"));
    let mut outputs: Vec<Output> =
        arguments.format.iter().map(|&format| Output { format: format.into(), file: None }).collect();
    if outputs.is_empty() {
        outputs.push(Output::default());
    }
    for (file, at) in arguments.output.iter().zip(output_at) {
        let owner = format_at.iter().rposition(|&format| format < at).unwrap_or(0);
        if file.as_os_str() == "-" {
            continue;
        }
        if outputs[owner].file.replace(file.clone()).is_some() {
            return Err(Error::new(format!("--output '{}' has no --format of its own", file.display()))
                .hint("put each --output behind the --format that it belongs to"));
        }
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Error::new("two reports would both go to standard output").hint("give one of them an --output"));
    }
    Ok(outputs)
}
