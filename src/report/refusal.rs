//! What a hook says: what git was kept from doing, and the way out. Of what is clean, nothing is said.

use super::closing::{affected, bytes, files, findings, key_id};
use super::human::path_of;
use crate::config::{Event, ScanSettings, Target, Tips};
use crate::error::ExitStatus;
use crate::finding::short_name;
use crate::sanitize::shell_word;
use crate::scan::{Outcome, Scope};
use bstr::{BStr, BString, ByteSlice};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes what is refused, before the findings.
///
/// # Errors
/// What writing reports.
pub fn headline(event: Event, outcome: &Outcome, settings: &ScanSettings, err: &mut dyn Write) -> io::Result<()> {
    let what = match (event, outcome.summary.scope) {
        _ if is_all_local(settings) => {
            "something that is not pushed yet holds an AWS credential\n  \
             (what is pushed was not told, so all local branches and tags were examined)"
        }
        (_, Scope::FilesOfTheIndex) => "these files hold an AWS credential",
        (Event::PreCommit, _) => "this commit would leak an AWS credential",
        (Event::PreMergeCommit, _) => "this merge would bring an AWS credential",
        (Event::CommitMsg, _) => "the message of this commit holds an AWS credential",
        (Event::PrePush, _) => "this push would leak an AWS credential",
        (Event::PreReceive | Event::Update, _) => "this push holds an AWS credential, so it is refused",
    };
    writeln!(err, "keyward: {what}\n")
}

fn is_all_local(settings: &ScanSettings) -> bool {
    matches!(&settings.target, Target::History(scope) if scope.tips == Tips::AllLocal)
}

/// Writes that a push brings nothing.
///
/// # Errors
/// What writing reports.
pub fn nothing_pushed(err: &mut dyn Write) -> io::Result<()> {
    writeln!(err, "keyward: nothing to examine: the push brings no objects")
}

/// Writes the way out of a refusal, behind the findings.
///
/// # Errors
/// What writing reports.
pub fn write(
    event: Event,
    below_top: bool,
    outcome: &Outcome,
    settings: &ScanSettings,
    err: &mut dyn Write,
) -> io::Result<()> {
    match outcome.status(settings) {
        ExitStatus::Clean if outcome.standing().next().is_none() => clean(outcome, err),
        ExitStatus::Clean => writeln!(err, "{} The {} goes on.", count(outcome, settings), subject(event)),
        ExitStatus::Findings => {
            advice(event, below_top, outcome, settings, err)?;
            writeln!(err, "\n{}{}", count(outcome, settings), end(event, outcome))
        }
        ExitStatus::Error => writeln!(err, "Not everything was examined, so the {}", verdict(event)),
    }
}

/// Nothing that was looked at holds anything: only that nothing was looked at is worth a word.
fn clean(outcome: &Outcome, err: &mut dyn Write) -> io::Result<()> {
    let summary = &outcome.summary;
    if summary.files + summary.blobs + summary.commits + summary.other_objects + summary.submodules == 0 {
        writeln!(err, "keyward: nothing to examine")?;
    }
    Ok(())
}

fn subject(event: Event) -> &'static str {
    match event {
        Event::PreCommit | Event::CommitMsg => "commit",
        Event::PreMergeCommit => "merge",
        Event::PrePush | Event::PreReceive | Event::Update => "push",
    }
}

fn verdict(event: Event) -> String {
    let what = if event.is_of_a_server() { "refused" } else { "not made" };
    format!("{} was {what}.", subject(event))
}

fn end(event: Event, outcome: &Outcome) -> String {
    match outcome.summary.scope {
        Scope::AsAsked => format!(" The {}", verdict(event)),
        Scope::FilesOfTheIndex => String::new(),
    }
}

/// The way out: how to take it out, how to accept it, what to do if it is too late. Within 80 columns, if the paths are
/// not too long.
fn advice(
    event: Event,
    below_top: bool,
    outcome: &Outcome,
    settings: &ScanSettings,
    err: &mut dyn Write,
) -> io::Result<()> {
    point("Take it out:", &take_it_out(event, below_top, outcome, settings), err)?;
    point("Not a secret?", &accept(event, outcome), err)?;
    let (question, answer) = if event.is_of_a_server() {
        ("On its way here", "it left your machine, so switch it off:")
    } else {
        ("Already pushed?", "It is public, so switch it off first:")
    };
    let id = format!("--access-key-id {} --user-name USER", key_id(outcome));
    point(question, &[answer, "aws iam update-access-key --status Inactive", &id], err)
}

/// How to accept what was found.
fn accept(event: Event, outcome: &Outcome) -> Vec<String> {
    let fingerprint = fingerprint(outcome);
    let lines = match event {
        // No scan of files finds it there.
        Event::CommitMsg => vec!["Add `keyward:allow REASON` to its line of the message"],
        Event::PrePush => vec![
            "Add `keyward:allow REASON` to its line, and commit that; or:",
            "keyward baseline add FINGERPRINT --history --reason TEXT",
            "git add :/.keyward-baseline, and commit that",
        ],
        Event::PreCommit | Event::PreMergeCommit => vec![
            "Add `keyward:allow REASON` to its line, and git add; or:",
            "keyward baseline add FINGERPRINT --reason TEXT",
            "git add :/.keyward-baseline",
        ],
        Event::PreReceive | Event::Update => {
            vec!["What the push itself accepts does not count here:", "ask whoever keeps this repository"]
        }
    };
    lines.into_iter().map(|line| line.replace("FINGERPRINT", &fingerprint)).collect()
}

/// That of the only credential.
fn fingerprint(outcome: &Outcome) -> String {
    let all: BTreeSet<&str> = outcome.standing().map(|finding| finding.fingerprint.short()).collect();
    let only = all.first().filter(|_| all.len() == 1);
    only.map_or_else(|| "FINGERPRINT".to_owned(), |only| (*only).to_owned())
}

/// Writes a line of advice, and below it what belongs to it.
fn point(label: &str, lines: &[impl AsRef<str>], err: &mut dyn Write) -> io::Result<()> {
    lines.iter().enumerate().try_for_each(|(at, line)| {
        let label = if at == 0 { label } else { "" };
        writeln!(err, "  {label:<15} {}", line.as_ref())
    })
}

fn take_it_out(event: Event, below_top: bool, outcome: &Outcome, settings: &ScanSettings) -> Vec<String> {
    let path = path(outcome, below_top);
    match (event, &settings.target) {
        (Event::CommitMsg, Target::Message(message)) => {
            let file = quoted(message.file.to_string_lossy().as_bytes().as_bstr());
            // With --verbose, because the file may hold the changes of a `commit -v`, which git else takes for text.
            vec!["Open the message again:".to_owned(), format!("git commit --verbose --edit --file={file}")]
        }
        (Event::PreMergeCommit, _) => vec![
            "The commits that are merged hold it, and no remote has them:".to_owned(),
            "git merge --abort, rewrite them (git rebase -i), merge again".to_owned(),
        ],
        (Event::PrePush | Event::PreReceive | Event::Update, _) => vec![
            "Rewrite the commit that brought it, then push again:".to_owned(),
            format!("git rebase -i {}, change `pick` to `edit`", base(outcome)),
        ],
        _ if outcome.summary.scope == Scope::FilesOfTheIndex => vec![
            format!("edit it out of {path}, and read the key from the"),
            "environment, a profile (aws sso login) or a role instead".to_owned(),
        ],
        _ => vec![
            format!("edit it out and git add {path}, or leave the file out of the"),
            format!("commit: git reset -- {path}; then read the key from the"),
            "environment, a profile (aws sso login) or a role instead".to_owned(),
        ],
    }
}

/// The commit from which a rebase can change the one that brought the first finding.
fn base(outcome: &Outcome) -> String {
    let commit = outcome.standing().find_map(|finding| finding.provenance.as_ref()?.commit.as_deref());
    commit.map_or_else(|| "COMMIT^".to_owned(), |commit| format!("{}^", short_name(commit)))
}

/// The only path that holds something, as a shell takes it.
fn path(outcome: &Outcome, below_top: bool) -> String {
    let paths: BTreeSet<&BStr> = outcome.standing().map(|finding| finding.origin.artifact()).collect();
    match paths.first() {
        // From the top, wherever the reader stands.
        Some(path) if paths.len() == 1 && below_top => quoted(BString::from(format!(":/{}", path_of(path))).as_ref()),
        Some(path) if paths.len() == 1 => quoted(path),
        _ => "FILE".to_owned(),
    }
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &BStr) -> String {
    shell_word(&path_of(path)).into_owned()
}

fn count(outcome: &Outcome, settings: &ScanSettings) -> String {
    let summary = &outcome.summary;
    let found = findings(outcome.standing().count());
    let places = match settings.target {
        Target::History(_) => String::new(),
        Target::Message(_) => return format!("{found} in the message."),
        Target::Tree(..) | Target::Staged(_) | Target::Stdin => format!("{} of ", affected(outcome)),
    };
    format!("{found} in {places}{} ({}).", files(summary, settings), bytes(summary.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_quote_is_one_word_for_a_shell() {
        assert_eq!(quoted("a b's.env".into()), "'a b'\\''s.env'");
        assert_eq!(quoted("deploy/prod.env".into()), "deploy/prod.env");
    }
}
