//! `keyward verify` and what else acts on a leaked key: their arguments, and where the environment lets things lie.

use super::config::ConfigArgs;
use super::{text_variable, variable};
use crate::config::respond::{
    Accepted, Access, Again, Canaries, Consent, KeySource, Partition, Responder, VerdictFormat, Verify,
};
use crate::config::{Command, Extent, History, ScanSettings, Target, Tips, Typed};
use crate::credential::KeyId;
use crate::error::{Error, Result};
use crate::rules::Confidence;
use crate::sanitize::shell_word;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// For `--help`.
pub(super) const VERIFY: &str = "\
Examples:
  keyward verify --scan deploy/            the keys in these files
  keyward verify --history                 all that this repository ever held
  keyward verify --report keyward.jsonl    those of a report, read again
  keyward verify AKIARZPUZDIKEXAMPLE2      its secret is typed, or piped in

A line a key: KEYID  LIVE|DEAD|UNKNOWN  who or why. Asking overwrites when the
key was last used: with credentials of your own that is read first, and kept.

Exit status: 0 no key is live, 1 a key is live, 2 some unknown, none live";

/// The ways to say which keys.
pub(super) const VERIFY_USAGE: &str = "\
keyward verify [OPTIONS] --scan <PATH>...
       keyward verify [OPTIONS] --history [<REPO>]
       keyward verify [OPTIONS] --report <FILE>
       keyward verify [OPTIONS] <KEY>";

/// How AWS is reached, and as whom.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    #[command(flatten)]
    reach: ReachArgs,

    /// Ask in this partition, whatever the files speak of; may be repeated
    #[arg(long, value_enum, value_name = "PARTITION")]
    partition: Vec<PartitionArg>,

    /// Do without credentials of your own
    #[arg(long, conflicts_with = "profile")]
    no_responder: bool,

    /// Say yes to every question
    #[arg(short, long)]
    yes: bool,
}

/// The same for what cannot do without credentials of one's own.
#[derive(Debug, Args)]
pub(super) struct ReachArgs {
    /// Use this profile's credentials as your own, whatever the environment says
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// Ask in this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Keep what must be remembered in this folder
    #[arg(long, value_name = "FOLDER")]
    evidence: Option<PathBuf>,

    /// Wait so long for an answer, each time
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = clap::value_parser!(u16).range(1..=300))]
    timeout: u16,
}

/// Where keys have leaked.
#[derive(Debug, Args)]
pub(super) struct LeakedArgs {
    /// The keys in these files and folders; `-` is standard input
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with_all = ["history", "report"])]
    scan: Vec<PathBuf>,

    /// The keys in all that a repository has ever held
    #[arg(long, value_name = "REPO", num_args = 0..=1, default_missing_value = ".", conflicts_with = "report")]
    history: Option<PathBuf>,

    /// The keys of a report (jsonl or json), read again from where it says
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Look at untracked files that git's ignore rules spare, too
    #[arg(long, requires = "scan")]
    no_ignore: bool,

    /// Take keys that a marker, the config or a baseline accepts, too
    #[arg(long)]
    accepted: bool,

    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["key", "scan", "history", "report"]))]
pub(super) struct VerifyArgs {
    /// The ID of a key; its secret comes over standard input, or is typed
    #[arg(value_name = "KEY", conflicts_with_all = ["scan", "history", "report"])]
    key: Vec<String>,

    #[command(flatten)]
    leaked: LeakedArgs,

    /// Ask about keys that are bait, too: it raises an alarm
    #[arg(long)]
    canaries: bool,

    /// Answer in this form
    #[arg(short, long, value_enum, value_name = "FORM", default_value = "human")]
    format: VerdictFormatArg,

    /// Print verdicts and errors only
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    access: AccessArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PartitionArg {
    Aws,
    AwsCn,
    AwsUsGov,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum VerdictFormatArg {
    Human,
    Json,
    Jsonl,
}

impl From<PartitionArg> for Partition {
    fn from(partition: PartitionArg) -> Self {
        match partition {
            PartitionArg::Aws => Self::Aws,
            PartitionArg::AwsCn => Self::China,
            PartitionArg::AwsUsGov => Self::UsGov,
        }
    }
}

impl From<VerdictFormatArg> for VerdictFormat {
    fn from(format: VerdictFormatArg) -> Self {
        match format {
            VerdictFormatArg::Human => Self::Human,
            VerdictFormatArg::Json => Self::Json,
            VerdictFormatArg::Jsonl => Self::Jsonl,
        }
    }
}

/// What is asked of `keyward verify`.
///
/// # Errors
/// Where a hook asks, or the argument is no key ID.
pub(super) fn verify(arguments: &VerifyArgs) -> Result<Command> {
    not_in_a_hook("verify")?;
    Ok(Command::Verify(Verify {
        access: access(&arguments.access),
        keys: source(arguments)?,
        config: arguments.leaked.config.choice(),
        accepted: accepted(&arguments.leaked),
        canaries: if arguments.canaries { Canaries::Asked } else { Canaries::LeftAlone },
        format: arguments.format.into(),
        quiet: arguments.quiet,
    }))
}

/// How AWS is reached.
fn access(arguments: &AccessArgs) -> Access {
    let consent = if arguments.yes { Consent::Given } else { Consent::Asked };
    let partitions = arguments.partition.iter().map(|&partition| partition.into()).collect();
    let reached = reach(&arguments.reach, consent);
    let responder = if arguments.no_responder { Responder::Nobody } else { reached.responder };
    Access { responder, partitions, ..reached }
}

/// The same for what cannot do without credentials of one's own.
pub(super) fn reach(arguments: &ReachArgs, consent: Consent) -> Access {
    Access {
        responder: arguments.profile.clone().map_or(Responder::Chain, Responder::Profile),
        region: arguments.region.clone(),
        partitions: Vec::new(),
        consent,
        evidence: arguments.evidence.clone().or_else(state_folder),
        timeout: Duration::from_secs(arguments.timeout.into()),
        authorities: variable("AWS_CA_BUNDLE").map(PathBuf::from),
    }
}

/// The flags that reach AWS the same way once more.
pub(super) fn again(arguments: &ReachArgs) -> Again {
    let flag = |flag: &str, value: Option<&str>| {
        value.map(|value| format!(" {flag} {}", shell_word(value))).unwrap_or_default()
    };
    let profile = flag("--profile", arguments.profile.as_deref());
    let aws = profile + &flag("--region", arguments.region.as_deref());
    let folder = arguments.evidence.as_ref().map(|folder| folder.to_string_lossy());
    Again { keyward: format!("{aws}{}", flag("--evidence", folder.as_deref())), aws }
}

/// What acts on a key is for people who have decided to: a hook sees other people's files, and runs unasked. git tells
/// all that it runs where its own programs are; hook managers say who they are.
pub(super) fn not_in_a_hook(command: &str) -> Result<()> {
    let signs = ["GIT_EXEC_PATH", "GIT_QUARANTINE_PATH", "PRE_COMMIT", "LEFTHOOK_QUIET", "HUSKY_GIT_PARAMS"];
    let Some(sign) = signs.into_iter().find(|sign| variable(sign).is_some()) else { return Ok(()) };
    Err(Error::new(format!("keyward {command} does nothing inside a hook"))
        .because(format!("git or a hook manager runs it ({sign} is set)"))
        .hint(format!("run keyward {command} from a prompt or a pipeline of your own")))
}

fn source(arguments: &VerifyArgs) -> Result<KeySource> {
    match leaked(&arguments.leaked) {
        Some(source) => Ok(source),
        None => key(&arguments.key).map(KeySource::Typed),
    }
}

/// Where keys leaked, if that is told.
pub(super) fn leaked(arguments: &LeakedArgs) -> Option<KeySource> {
    if let Some(report) = &arguments.report {
        return Some(KeySource::Report(report.clone()));
    }
    if let Some(folder) = &arguments.history {
        let folder = Some(folder.clone()).filter(|folder| folder.as_os_str() != ".");
        let history = History { folder, tips: Tips::Named, ..History::default() };
        return Some(scan(arguments, Target::History(history)));
    }
    if let [path] = &arguments.scan[..]
        && path.as_os_str() == "-"
    {
        return Some(scan(arguments, Target::Stdin));
    }
    if arguments.scan.is_empty() {
        return None;
    }
    let extent = if arguments.no_ignore { Extent::Everything } else { Extent::WhatGitTakes };
    Some(scan(arguments, Target::Tree(arguments.scan.clone(), extent)))
}

/// A scan whose findings are acted on, however sure they are.
fn scan(arguments: &LeakedArgs, target: Target) -> KeySource {
    let typed = Typed { min_confidence: Some(Confidence::Low), fail_on: None };
    let config = arguments.config.choice();
    let settings = ScanSettings { target, config, typed, min_confidence: Confidence::Low, ..ScanSettings::default() };
    KeySource::Scan(Box::new(settings))
}

pub(super) fn accepted(arguments: &LeakedArgs) -> Accepted {
    if arguments.accepted { Accepted::Asked } else { Accepted::LeftAlone }
}

/// The key ID that was typed. What is none is not repeated: it may be a secret.
pub(super) fn key(typed: &[String]) -> Result<KeyId> {
    let [text] = typed else {
        return Err(Error::new("there is more than one argument")
            .because("a secret is never an argument: the shell remembers it, and everybody can list it")
            .hint("give the key ID alone; the secret is asked for, or read from standard input"));
    };
    KeyId::parse(text.as_bytes()).ok_or_else(|| {
        Error::new("the argument is no access key ID")
            .because("a key ID has 20 characters: AKIA or ASIA, and sixteen of A-Z and 2-7")
            .hint("give the key ID; the secret is asked for, or read from standard input")
    })
}

/// Where keyward keeps what it must remember. Source: XDG Base Directory Specification.
fn state_folder() -> Option<PathBuf> {
    let state = text_variable("XDG_STATE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state.or_else(home).map(|folder| folder.join("keyward"))
}
