//! `keyward config import`: what people have accepted for other scanners, as a config of keyward's own.
//!
//! What names values or lines is carried over by what it accepts today, so that is looked for here and now: in the files,
//! and for fingerprints with a commit in the history.

use crate::allow::{Check, Day, Entry, file};
use crate::config::file::NAME;
use crate::config::{Acceptance, Extent, History, Policy, ScanSettings, Target};
use crate::error::{Error, Result};
use crate::peers::convert::{Accepted, Conversion, Source, convert, is_portable};
use crate::peers::{Peer, read_as};
use crate::rules::Confidence;
use crate::scan::{self, Census};
use crate::source::ignored::WorkTree;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the files of other scanners, or those at the top of the work tree, and converts them.
///
/// # Errors
/// Where there are none, where one cannot be read, and where what they accept cannot be looked for.
pub fn import(files: &[PathBuf]) -> Result<Conversion> {
    let top = top()?;
    let sources = if files.is_empty() { at_top(&top)? } else { named(files, &top)? };
    let entries: Vec<Entry> = sources.iter().flat_map(|source| &source.reading.entries).cloned().collect();
    let accepted = accepted_today(&top, entries)?;
    Ok(convert(&sources, &accepted, Day::today(), files.is_empty()))
}

/// Writes what was converted to the top of the work tree; returns the path.
///
/// # Errors
/// Where there is a config already.
pub fn write(conversion: &Conversion) -> Result<PathBuf> {
    let path = top()?.join(NAME);
    if path.symlink_metadata().is_ok() {
        return Err(Error::new(format!("there is a {NAME} already"))
            .hint("keyward config import --stdout shows what to add to it"));
    }
    file::replace(&path, conversion.text.as_bytes())?;
    Ok(path)
}

fn top() -> Result<PathBuf> {
    let here = std::env::current_dir().map_err(|error| Error::new("there is no working directory").because(error))?;
    Ok(WorkTree::around(&here).unwrap_or(here))
}

fn at_top(top: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for peer in Peer::ALL {
        sources.extend(source(peer, &top.join(peer.name()), top)?);
    }
    if sources.is_empty() {
        let names: Vec<&str> = Peer::ALL.into_iter().map(Peer::name).collect();
        return Err(Error::new("there is nothing to import")
            .because(format!("the top of the work tree has none of {}", names.join(", ")))
            .hint("keyward config import FILE reads another file"));
    }
    Ok(sources)
}

fn named(files: &[PathBuf], top: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let peer = Peer::likely(&name).ok_or_else(|| {
            Error::new(format!("'{}' is no file of a scanner that is known", path.display()))
                .hint("names end in .toml, gitleaksignore, .baseline or secretsignore")
        })?;
        let missing = || Error::new(format!("could not read '{}'", path.display())).because("there is no such file");
        sources.push(source(peer, path, top)?.ok_or_else(missing)?);
    }
    Ok(sources)
}

fn source(peer: Peer, path: &Path, top: &Path) -> Result<Option<Source>> {
    let Some(content) = file::read(path)? else { return Ok(None) };
    let name = path.strip_prefix(top).unwrap_or(path).display().to_string();
    let files = |path: &str| scan::peers::plain(top, path);
    Ok(Some(Source { reading: read_as(peer, &name, &content, &files), name }))
}

/// What those entries accept today that cannot be written as they are.
fn accepted_today(top: &Path, entries: Vec<Entry>) -> Result<Vec<Accepted>> {
    let by_place = |entry: Entry| Entry { reason: entry.place.clone(), ..entry };
    let entries: Vec<Entry> = entries.into_iter().filter(|entry| !is_portable(entry)).map(by_place).collect();
    let is_of_history = |entry: &Entry| entry.checks.iter().any(|check| matches!(check, Check::Commits(_)));
    let (of_history, of_files): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_of_history);
    let mut accepted = found(Target::Tree(vec![top.to_path_buf()], Extent::WhatGitTakes), of_files)?;
    let history = History { folder: Some(top.to_path_buf()), ..History::default() };
    accepted.extend(found(Target::History(history), of_history)?);
    Ok(accepted)
}

/// What of `target` these entries accept, each by the first of them.
fn found(target: Target, entries: Vec<Entry>) -> Result<Vec<Accepted>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let policy = Policy { allow: entries, other_scanners: Acceptance::Ignored, ..Policy::default() };
    let settings = ScanSettings {
        target,
        policy: Arc::new(policy),
        markers: Acceptance::Ignored,
        baseline: Acceptance::Ignored,
        min_confidence: Confidence::Low,
        ..ScanSettings::default()
    };
    let outcome = scan::run(&settings, &mut io::empty(), &Census::default())?;
    let accepted = outcome.findings.into_iter().filter_map(|finding| {
        Some(Accepted { place: finding.reason?, fingerprint: finding.fingerprint.as_str().to_owned() })
    });
    Ok(accepted.collect())
}
