//! The command line: the only place that knows flag names and the environment.

mod act;
mod archives;
mod baseline;
mod ci;
mod config;
mod explain;
mod hook;
mod papers;
mod reports;
mod respond;

use crate::archive::Limits;
use crate::config::{
    Command, Extent, Format, History, Hits, Known, RulesAction, ScanSettings, Staged, Target, Tips, Unreachable,
};
use crate::error::{Error, Result};
use crate::rules::{Confidence, Severity};
use archives::ArchiveArgs;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use reports::{ReportArgs, outputs, settings};
use std::ffi::OsString;
use std::path::PathBuf;

/// A variable of the environment; an empty one is none.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The same as text.
fn text_variable(name: &str) -> Option<String> {
    variable(name).map(|value| value.to_string_lossy().into_owned())
}

/// What was asked for, understood.
#[derive(Debug)]
pub struct Invocation {
    /// What to do.
    pub command: Command,
    /// Whether to use colour.
    pub color: anstream::ColorChoice,
}

/// Keep AWS credentials out of git
#[derive(Debug, Parser)]
#[command(name = "keyward", version, max_term_width = 80, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Verb,

    /// Use colour
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    color: Color,
}

const EXAMPLES: &str = "\
Examples:
  keyward scan                      look at the files of this folder
  keyward scan --staged             look at what the next commit would contain
  keyward scan --history            look at all that was ever committed
  keyward scan --history --since origin/main
  keyward ci                        look at what a pull request or a push brings
  keyward hook install              refuse commits that would leak a key

Exit status: 0 nothing found, 1 found; 2 an error, or nothing found and not
everything was examined";

const SCAN_EXAMPLES: &str = "\
Examples:
  keyward scan                             this folder
  keyward scan src .env                    these files and folders
  git show v1.2 | keyward scan -           standard input
  keyward scan --staged                    what the next commit would contain
  keyward scan --history                   all that this repository has ever held
  keyward scan --history --since origin/main
  keyward scan --history --range v1..v2 --range v3..v4
  keyward scan --format human --format jsonl --output keyward.jsonl";

const RULES_EXAMPLES: &str = "\
Examples:
  keyward rules list
  keyward rules show aws-access-key
  keyward rules test";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Look for AWS credentials
    #[command(after_help = SCAN_EXAMPLES, after_long_help = format!("{SCAN_EXAMPLES}\n\n{}", archives::DEFAULTS))]
    Scan(ScanArgs),
    /// Look at what this run of a CI is about: a pull request, a push, or everything
    #[command(after_help = ci::EXAMPLES)]
    Ci(ci::CiArgs),
    /// Guard this repository: commits, merges, messages and pushes
    #[command(subcommand, after_help = hook::EXAMPLES)]
    Hook(hook::Verb),
    /// Tell what the config says, and what is wrong with it
    #[command(subcommand, after_help = config::EXAMPLES)]
    Config(config::Verb),
    /// Accept what is found, and look after what was accepted
    #[command(subcommand, after_help = baseline::EXAMPLES)]
    Baseline(baseline::Verb),
    /// Ask AWS whether leaked keys are live, and whose they are
    #[command(after_help = respond::VERIFY, override_usage = respond::VERIFY_USAGE)]
    Verify(respond::VerifyArgs),
    /// Tell whose leaked keys are, what they may do, and what to do next
    #[command(after_help = act::TRIAGE, override_usage = act::TRIAGE_USAGE)]
    Triage(act::TriageArgs),
    /// Switch a leaked key off through IAM, or on again
    #[command(after_help = act::DEACTIVATE)]
    Deactivate(act::DeactivateArgs),
    /// Tell all about a finding: where it is, why it is believed, what to do
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::ExplainArgs),
    /// Tell what is looked for, and try it
    #[command(subcommand, after_help = RULES_EXAMPLES)]
    Rules(RulesVerb),
    /// Print what makes a shell complete the command line
    #[command(after_help = papers::COMPLETIONS)]
    Completions {
        /// The shell
        shell: papers::Shell,
    },
    /// Print the manual page
    #[command(after_help = papers::MAN)]
    Man {
        /// Of this command; nested ones with a hyphen
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
struct ScanArgs {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    paths: Vec<PathBuf>,

    /// Look at what the next commit would contain instead
    #[arg(long, conflicts_with_all = ["paths", "no_ignore"])]
    staged: bool,

    /// Look at all that a repository has ever held instead; PATH is its folder
    #[arg(long, conflicts_with_all = ["staged", "no_ignore"])]
    history: bool,

    /// Of the history, only what B has and A has not; may be repeated
    #[arg(long, value_name = "A..B", requires = "history", allow_hyphen_values = false)]
    range: Vec<String>,

    /// Of the history, only what HEAD has and this commit has not
    #[arg(long, value_name = "REF", requires = "history")]
    since: Option<String>,

    /// Of the history, nothing that this commit has; may be repeated
    #[arg(long, value_name = "REF", requires = "history")]
    not: Vec<String>,

    /// Of the history, only what refs reach
    #[arg(long, requires = "history")]
    reachable: bool,

    /// Compare inherited hits with those of whole objects
    #[arg(long, requires = "history", hide = true)]
    check: bool,

    /// Look at untracked files that git's ignore rules spare, too
    #[arg(long)]
    no_ignore: bool,

    #[command(flatten)]
    report: ReportArgs,

    #[command(flatten)]
    archives: ArchiveArgs,
}

#[derive(Debug, Subcommand)]
enum RulesVerb {
    /// List all rules with their severity and confidence
    List(config::ConfigArgs),
    /// Tell what a rule finds, how, and where the format is documented
    Show {
        /// The rule's name, as `keyward rules list` gives it
        rule: String,

        #[command(flatten)]
        config: config::ConfigArgs,
    },
    /// Try each rule on its examples and near misses
    Test(config::ConfigArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    Human,
    Html,
    Json,
    Jsonl,
    Concise,
    Sarif,
    GitlabSecrets,
    GitlabCodequality,
    Junit,
    Github,
    Rdjson,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ConfidenceArg {
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

/// Understands `arguments`, the program's name first.
///
/// # Errors
/// clap's own, which also carry `--help` and `--version`: print them with their `exit` status.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> std::result::Result<Result<Invocation>, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    let color = match cli.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    let command = match cli.command {
        Verb::Scan(arguments) => scan(&arguments, matches.subcommand_matches("scan")).map(Command::Scan),
        Verb::Ci(arguments) => ci::understand(&arguments, matches.subcommand_matches("ci")),
        Verb::Hook(verb) => hook::understand(verb),
        Verb::Config(verb) => Ok(config::understand(&verb)),
        Verb::Baseline(verb) => Ok(baseline::understand(verb)),
        Verb::Verify(arguments) => respond::verify(&arguments),
        Verb::Triage(arguments) => act::triage(&arguments),
        Verb::Deactivate(arguments) => act::deactivate(&arguments),
        Verb::Explain(arguments) => Ok(explain::understand(arguments)),
        Verb::Rules(verb) => Ok(rules(&verb)),
        Verb::Completions { shell } => Ok(Command::Print(papers::completions(Cli::command(), shell))),
        Verb::Man { command } => papers::man(Cli::command(), command.as_deref()).map(Command::Print),
    };
    Ok(command.map(|command| Invocation { command, color }))
}

fn scan(arguments: &ScanArgs, matches: Option<&ArgMatches>) -> Result<ScanSettings> {
    let outputs = outputs(&arguments.report, matches)?;
    let target = if arguments.history { history(arguments)? } else { target(arguments)? };
    let archives = arguments.archives.over(Limits::OF_A_SCAN);
    Ok(ScanSettings { archives, ..settings(&arguments.report, target, outputs) })
}

fn history(arguments: &ScanArgs) -> Result<Target> {
    let [folder] = &arguments.paths[..] else {
        return Err(Error::new("--history takes one repository at a time").hint("run keyward once for each"));
    };
    let since = arguments.since.iter().map(|name| format!("{name}..HEAD"));
    Ok(Target::History(History {
        // The working directory's repository is the one that the environment names.
        folder: Some(folder.clone()).filter(|folder| folder.as_os_str() != "."),
        ranges: arguments.range.iter().cloned().chain(since).collect(),
        tips: Tips::Named,
        not: arguments.not.clone(),
        had: Vec::new(),
        known: Known::Nothing,
        unreachable: if arguments.reachable { Unreachable::LeftOut } else { Unreachable::Reported },
        hits: if arguments.check { Hits::Checked } else { Hits::Inherited },
    }))
}

fn target(arguments: &ScanArgs) -> Result<Target> {
    let extent = if arguments.no_ignore { Extent::Everything } else { Extent::WhatGitTakes };
    let paths = arguments.paths.clone();
    let stdin = paths.iter().any(|path| path.as_os_str() == "-");
    match (arguments.staged, stdin, paths.len()) {
        (true, ..) => Ok(Target::Staged(Staged::default())),
        (false, true, 1) => Ok(Target::Stdin),
        (false, true, _) => {
            Err(Error::new("standard input (`-`) cannot be combined with other paths")
                .hint("a file of that name is ./-"))
        }
        (false, false, _) => Ok(Target::Tree(paths, extent)),
    }
}

fn rules(verb: &RulesVerb) -> Command {
    match verb {
        RulesVerb::List(config) => Command::Rules(RulesAction::List, config.choice()),
        RulesVerb::Test(config) => Command::Rules(RulesAction::Test, config.choice()),
        RulesVerb::Show { rule, config } => Command::Rules(RulesAction::Show(rule.clone()), config.choice()),
    }
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Human => Self::Human,
            FormatArg::Html => Self::Html,
            FormatArg::Json => Self::Json,
            FormatArg::Jsonl => Self::Jsonl,
            FormatArg::Concise => Self::Concise,
            FormatArg::Sarif => Self::Sarif,
            FormatArg::GitlabSecrets => Self::GitlabSecrets,
            FormatArg::GitlabCodequality => Self::GitlabCodequality,
            FormatArg::Junit => Self::Junit,
            FormatArg::Github => Self::Github,
            FormatArg::Rdjson => Self::Rdjson,
        }
    }
}

impl From<ConfidenceArg> for Confidence {
    fn from(level: ConfidenceArg) -> Self {
        match level {
            ConfidenceArg::Low => Self::Low,
            ConfidenceArg::Medium => Self::Medium,
            ConfidenceArg::High => Self::High,
        }
    }
}

impl From<SeverityArg> for Severity {
    fn from(level: SeverityArg) -> Self {
        match level {
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}
