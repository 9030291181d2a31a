//! keyward keeps AWS credentials out of git.
//!
//! The way of a byte: a [`source`] delivers texts; [`examine`] moves a bounded window over each; the [`prefilter`]
//! says where a closer look is worth it; [`detect`] judges what stands there and joins key IDs with their secrets;
//! [`scan`] does so on all cores and returns [`finding`]s and a summary; [`report`] prints them. `ARCHITECTURE.md`
//! has the map.
//!
//! The library prints nothing by itself: [`run`] writes to the streams it is given.

pub mod accept;
pub mod allow;
pub mod archive;
#[cfg(feature = "aws")]
pub mod aws;
pub mod ci;
pub mod cli;
pub mod config;
pub mod credential;
pub mod detect;
pub mod error;
pub mod examine;
pub mod finding;
pub mod git;
pub mod halves;
pub mod hook;
pub mod import;
pub mod pattern;
pub mod peers;
pub mod prefilter;
pub mod report;
#[cfg(feature = "aws")]
pub mod respond;
pub mod rulebook;
pub mod rules;
pub mod sanitize;
pub mod scan;
pub mod source;
pub mod sqlite;
pub mod strings;
pub mod survey;
pub mod text;

use config::problem::Grade;
use config::{
    Asked, Command, ConfigAction, ConfigChoice, Destination, Explained, HookAction, Output, RulesAction, ScanSettings,
    Target,
};
use error::{Error, ExitStatus, Result};
use scan::{Census, Outcome};
use std::fs::Permissions;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use survey::{Look, Part, Place};

/// The streams of a run.
pub struct Streams<'s> {
    /// Standard input.
    pub input: &'s mut (dyn Read + Send),
    /// Where findings go.
    pub out: &'s mut dyn Write,
    /// Where everything else goes.
    pub err: &'s mut dyn Write,
    /// Is somebody watching standard error?
    pub watched: bool,
    /// Is somebody there to answer: are standard input and standard error a terminal?
    pub attended: bool,
}

/// Does what `command` asks for.
///
/// # Errors
/// What kept it from being done; what merely could not be examined is in the report and the status.
pub fn run(command: &Command, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    match command {
        Command::Scan(settings) => scan(settings, streams),
        Command::Ci(ci) => {
            let ci::Plan { heading, settings } = ci::plan(ci)?;
            if !settings.quiet {
                said(writeln!(streams.err, "keyward: {}", sanitize::sanitize(&heading)))?;
            }
            scan(&settings, streams)
        }
        Command::Guard(guard) => {
            if let Some(settings) = hook::run::scan_settings(guard, streams.input)? {
                scan(&settings, streams)
            } else {
                said(report::refusal::nothing_pushed(streams.err)).map(|()| ExitStatus::Clean)
            }
        }
        Command::Hook(action) => hook(action, streams),
        Command::Baseline { action, config } => accept::run(action, config, streams.out).map(|()| ExitStatus::Clean),
        Command::Verify(settings) => verify(settings, streams),
        Command::Triage(settings) => triage(settings, streams),
        Command::Deactivate(settings) => deactivate(settings, streams),
        Command::Rules(action, config) => rules(action, config, streams),
        Command::Config(action) => config(action, streams),
        Command::Explain { fingerprint, part, config } => explain(fingerprint, *part, config, streams),
        Command::Print(text) => said(streams.out.write_all(text)).map(|()| ExitStatus::Clean),
    }
}

fn scan(settings: &ScanSettings, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let started = Instant::now();
    let settings = &scan::policy::settle(settings)?;
    let census = Arc::new(Census::default());
    if matches!(settings.target, Target::History(_)) {
        end_early_on_interrupt(&census)?;
    }
    let input = &mut *streams.input;
    let mut work = || match settings.time_budget {
        Some(budget) => scan::budget::run_within(budget, settings, &census),
        None => scan::run(settings, input, &census),
    };
    let outcome =
        if streams.watched && !settings.quiet { report::progress::watch(&census, &mut work) } else { work() }?;
    let status = outcome.status(settings);
    if let (Asked::ByHook { event, .. }, ExitStatus::Findings) = (settings.asked, status) {
        said(report::refusal::headline(event, &outcome, settings, streams.err))?;
    }
    for output in &settings.outputs {
        // What a hook says belongs together, and `git push --porcelain` is read by programs.
        let out = if settings.asked == Asked::Directly { &mut *streams.out } else { &mut *streams.err };
        write_report(output, &outcome, settings, out)?;
    }
    if let Some(file) = &settings.step_summary {
        add_summary(file, &outcome)?;
    }
    said(report::human::dismissals(&outcome.dismissed, streams.err))?;
    said(report::closing::write(&outcome, settings, started.elapsed(), streams.err))?;
    Ok(status)
}

#[cfg(feature = "aws")]
fn verify(settings: &config::respond::Verify, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    respond::verify(settings, streams)
}

#[cfg(feature = "aws")]
fn triage(settings: &config::respond::Triage, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    respond::triage(settings, streams)
}

#[cfg(feature = "aws")]
fn deactivate(settings: &config::respond::Deactivate, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    respond::deactivate(settings, streams)
}

#[cfg(not(feature = "aws"))]
fn triage(_: &config::respond::Triage, _: &mut Streams<'_>) -> Result<ExitStatus> {
    Err(without_aws("triage"))
}

#[cfg(not(feature = "aws"))]
fn deactivate(_: &config::respond::Deactivate, _: &mut Streams<'_>) -> Result<ExitStatus> {
    Err(without_aws("deactivate"))
}

#[cfg(not(feature = "aws"))]
fn verify(_: &config::respond::Verify, _: &mut Streams<'_>) -> Result<ExitStatus> {
    Err(without_aws("verify"))
}

/// What a build that cannot reach AWS says of a command that would have to.
#[cfg(not(feature = "aws"))]
fn without_aws(command: &str) -> Error {
    Error::new(format!("keyward {command} is not in this build"))
        .because("it was built without the feature aws, and cannot reach AWS")
        .hint("cargo install keyward, without --no-default-features, brings it")
}

/// The first Ctrl-C ends the scan of a history early, and what was covered is said; a second one ends the process.
fn end_early_on_interrupt(census: &Census) -> Result<()> {
    use signal_hook::{consts::SIGINT, flag};
    let failed = |error| Error::new("could not listen for Ctrl-C").because(error);
    flag::register_conditional_default(SIGINT, Arc::clone(&census.stop)).map_err(failed)?;
    flag::register(SIGINT, Arc::clone(&census.stop)).map(|_| ()).map_err(failed)
}

fn write_report(output: &Output, outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> Result<()> {
    let Some(file) = &output.file else {
        let mut out = io::BufWriter::new(out);
        return said(report::write(output.format, outcome, settings, &mut out).and_then(|()| out.flush()));
    };
    let write = || -> io::Result<()> {
        // A pipe, a device or a link is written to; only a plain file is replaced.
        let there = std::fs::symlink_metadata(file).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let mut plain =
                anstream::StripStream::new(std::fs::OpenOptions::new().write(true).truncate(true).open(file)?);
            return report::write(output.format, outcome, settings, &mut plain);
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let readable = there.map_or_else(|| Permissions::from_mode(0o666), |there| there.permissions());
        let mut beside = tempfile::Builder::new().prefix(".keyward-").permissions(readable).tempfile_in(folder)?;
        let mut plain = io::BufWriter::new(anstream::StripStream::new(beside.as_file_mut()));
        report::write(output.format, outcome, settings, &mut plain)?;
        plain.flush()?;
        drop(plain);
        beside.persist(file)?;
        Ok(())
    };
    write().map_err(|error| Error::new(format!("could not write '{}'", file.display())).because(error))
}

/// Adds to a file that other steps of the workflow write to, too.
fn add_summary(file: &Path, outcome: &Outcome) -> Result<()> {
    let write = || -> io::Result<()> {
        let mut out = io::BufWriter::new(std::fs::OpenOptions::new().append(true).create(true).open(file)?);
        report::github::summary(outcome, &mut out)?;
        out.flush()
    };
    write().map_err(|error| Error::new(format!("could not add to '{}'", file.display())).because(error))
}

/// A reader who has seen enough and closed the pipe is no error; the status stands.
fn said(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new("could not write the report").because(error))
        }
        _ => Ok(()),
    }
}

fn hook(action: &HookAction, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let answer = match action {
        HookAction::Install { keyward, events, scope } => hook::install::install(keyward, events, scope)?,
        HookAction::Uninstall { scope } => hook::install::uninstall(scope)?,
        HookAction::Status => hook::status::status()?,
    };
    for line in &answer.lines {
        said(writeln!(streams.out, "{}", sanitize::sanitize_lines(line)))?;
    }
    answer.outcome
}

fn config(action: &ConfigAction, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    match action {
        ConfigAction::Check(choice) => return check_config(choice, streams),
        ConfigAction::Import { files, into } => return import_config(files, *into, streams),
        ConfigAction::Show(choice) => {
            let (policy, from) = scan::policy::shown_here(choice)?;
            said(report::config::show(&policy, from, streams.out))?;
        }
        ConfigAction::Init => {
            let file = scan::policy::init()?;
            said(writeln!(streams.out, "wrote {}", sanitize::sanitize(&file)))?;
        }
        ConfigAction::Schema => said(write!(streams.out, "{}", config::file::SCHEMA))?,
    }
    Ok(ExitStatus::Clean)
}

/// Makes a config of what was accepted for other scanners.
fn import_config(files: &[PathBuf], into: Destination, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let conversion = import::import(files)?;
    let left_out = conversion.omitted.len();
    if left_out > 0 {
        said(writeln!(streams.err, "not carried over:"))?;
    }
    for line in &conversion.omitted {
        said(writeln!(streams.err, "  {}", sanitize::sanitize(line)))?;
    }
    match into {
        Destination::Output => said(streams.out.write_all(conversion.text.as_bytes()))?,
        Destination::File => {
            let path = import::write(&conversion)?;
            let name = path.file_name().unwrap_or_default().display();
            let (entries, rules) = (conversion.entries, conversion.rules);
            said(writeln!(
                streams.out,
                "wrote {name}: {entries} entries, {rules} rules; not carried over: {left_out}"
            ))?;
        }
    }
    Ok(ExitStatus::Clean)
}

/// Tells all that is wrong with the config that counts here.
fn check_config(choice: &ConfigChoice, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let Some(chosen) = scan::policy::choose(choice, &ScanSettings::default().target)? else {
        return said(writeln!(streams.out, "no config: what is built in counts")).map(|()| ExitStatus::Clean);
    };
    let read = scan::policy::open(&chosen)?;
    let warnings = read.told(Grade::Warning);
    if !warnings.is_empty() {
        said(writeln!(streams.err, "{}", sanitize::sanitize_lines(&warnings)))?;
    }
    said(report::config::sound(&read.policy()?, streams.out)).map(|()| ExitStatus::Clean)
}

/// Tells all about the credential with this fingerprint.
fn explain(fingerprint: &str, part: Explained, config: &ConfigChoice, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let place = Place::anywhere(config);
    let (part, hint) = match part {
        Explained::Files => (Part::AllFiles, "--staged and --history look for it elsewhere"),
        Explained::Staged => (Part::Index, "keyward explain FINGERPRINT looks at the files, --history at the history"),
        Explained::History => {
            (Part::WholeHistory, "keyward explain FINGERPRINT looks at the files, --staged at the index")
        }
    };
    let survey = place.look(&[part], Look::AtCounted)?;
    for gap in &survey.gaps {
        said(writeln!(
            streams.err,
            "keyward: incomplete: {}: {}",
            sanitize::sanitize(&gap.what),
            sanitize::sanitize_lines(&gap.why)
        ))?;
    }
    let found = survey::named(fingerprint, &survey.found, hint)?;
    let findings: Vec<_> = found.into_iter().map(|(_, finding)| finding).collect();
    said(report::explanation::write(&findings, &place.settings(part, Look::AtReported)?, streams.out))?;
    Ok(if survey.gaps.is_empty() { ExitStatus::Clean } else { ExitStatus::Error })
}

fn rules(action: &RulesAction, config: &ConfigChoice, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let policy = &scan::policy::of_here(config)?;
    match action {
        RulesAction::List => said(report::rules::list(policy, streams.out)).map(|()| ExitStatus::Clean),
        RulesAction::Show(rule) => {
            let Some(facts) = policy.facts().find(|facts| facts.id == rule) else {
                return Err(Error::new(format!("there is no rule '{rule}'")).hint("keyward rules list names them"));
            };
            said(report::rules::show(facts, policy, streams.out)).map(|()| ExitStatus::Clean)
        }
        RulesAction::Test => {
            let outcomes = rulebook::test();
            said(report::rules::test(&outcomes, policy, streams.out))?;
            let holds = outcomes.iter().all(|outcome| outcome.holds);
            Ok(if holds { ExitStatus::Clean } else { ExitStatus::Findings })
        }
    }
}
