//! Keys that a report names: their values are read again from where it says they stand, so that a report never needs
//! to hold a secret. What does not stand there any more, with the same fingerprint, is not guessed.

use super::gather::{Gathered, Leak, add, partitions_named_in};
use super::noted::{Noted, Text};
use crate::config::respond::{Accepted, Partition};
use crate::config::{ConfigChoice, Extent, ScanSettings, Target};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::git::{Kind, Reader, Store};
use crate::report::closing;
use crate::rules::Confidence;
use crate::scan::{self, Census, Outcome};
use crate::{Streams, said};
use bstr::ByteSlice;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The keys of the report in `file`; `-` is standard input.
///
/// # Errors
/// Where it is no report of keyward's, or speaks of a repository's objects and there is no repository.
pub(super) fn recall(file: &Path, wanted: Accepted, streams: &mut Streams<'_>) -> Result<Gathered> {
    let (notes, is_complete) = Noted::all(file, streams.input)?;
    if !is_complete {
        said(writeln!(streams.err, "keyward: incomplete: the scan that made the report did not examine everything"))?;
    }
    let counts = |noted: &&Noted| !noted.accepted || wanted == Accepted::Asked;
    let (standing, left_alone): (Vec<_>, Vec<_>) = notes.iter().partition(counts);
    let accepted = left_alone.iter().filter(|noted| noted.key_id.is_some()).count();
    let others = standing.iter().filter(|noted| noted.is_of_another_kind).count();
    let mut gathered = Gathered { others, accepted, is_complete, ..Gathered::default() };
    let found = files(&standing, &mut gathered, streams)?;
    let mut objects = Objects::default();
    let mut leaks = BTreeMap::new();
    for noted in standing {
        let Some(key_id) = noted.key_id else { continue };
        let leak = leaks.entry(key_id).or_insert_with(|| Leak::new(key_id));
        leak.places.push(noted.place());
        match &noted.text {
            Text::Files(_) => found.read_again(noted, leak),
            Text::Object(name) => objects.get(name)?.read_again(noted, leak),
            Text::Nowhere => {}
        }
    }
    gathered.leaks = leaks.into_values().collect();
    Ok(gathered)
}

/// The files that a report names, looked at once more, all at once.
fn files(notes: &[&Noted], gathered: &mut Gathered, streams: &mut Streams<'_>) -> Result<Looked> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for noted in notes.iter().filter(|noted| noted.key_id.is_some()) {
        let Text::Files(files) = &noted.text else { continue };
        let there = files.iter().map(|path| PathBuf::from(OsStr::from_bytes(path))).filter(|path| path.is_file());
        paths.extend(there);
    }
    paths.sort();
    paths.dedup();
    if paths.is_empty() {
        return Ok(Looked::default());
    }
    let outcome = scan::run(&settings(Target::Tree(paths, Extent::Everything)), &mut io::empty(), &Census::default())?;
    said(closing::gaps(&outcome.summary, streams.err))?;
    gathered.is_complete &= outcome.summary.incomplete.is_empty();
    Ok(Looked { outcome: Some(outcome), partitions: None })
}

fn settings(target: Target) -> ScanSettings {
    ScanSettings { target, config: ConfigChoice::BuiltIn, min_confidence: Confidence::Low, ..ScanSettings::default() }
}

/// A text that was looked at once more.
#[derive(Default)]
struct Looked {
    /// What stands in it; nothing if it is not there.
    outcome: Option<Outcome>,
    /// The partitions that it speaks of, where that is known.
    partitions: Option<Vec<Partition>>,
}

impl Looked {
    /// Gives `leak` what stands at the noted place, if that is still the same.
    fn read_again(&self, noted: &Noted, leak: &mut Leak) {
        let findings = self.outcome.iter().flat_map(|outcome| &outcome.findings);
        let Some(finding) = findings.clone().find(|finding| is_noted(finding, noted)) else { return };
        add(&mut leak.secrets, finding.secret.as_ref());
        add(&mut leak.tokens, finding.token.as_ref());
        for lone in findings.filter(|lone| lone.key_id.is_none() && lone.origin == finding.origin) {
            add(&mut leak.secrets, lone.secret.as_ref());
            add(&mut leak.tokens, lone.token.as_ref());
        }
        leak.still_there = true;
        let here = || partitions_named_in(finding.origin.path.as_bstr());
        for partition in self.partitions.clone().unwrap_or_else(here) {
            if !leak.partitions.contains(&partition) {
                leak.partitions.push(partition);
            }
        }
    }
}

/// Is it the noted credential, at the noted place?
fn is_noted(finding: &Finding, noted: &Noted) -> bool {
    let is_there = |location: &crate::finding::Location| {
        (location.span.start.line, location.span.start.column) == (noted.line, noted.column)
            && match &noted.text {
                Text::Files(_) => location.path == noted.path,
                Text::Object(_) | Text::Nowhere => true,
            }
    };
    finding.fingerprint.as_str() == noted.fingerprint
        && finding.key_id.is_none_or(|key_id| Some(key_id) == noted.key_id)
        && finding.locations.iter().any(is_there)
}

/// Objects of the working directory's repository, looked at once more.
#[derive(Default)]
struct Objects {
    reader: Option<(Store, Reader)>,
    looked: BTreeMap<String, Looked>,
}

impl Objects {
    fn get(&mut self, name: &str) -> Result<&Looked> {
        if !self.looked.contains_key(name) {
            let looked = self.look(name)?;
            self.looked.insert(name.to_owned(), looked);
        }
        Ok(&self.looked[name])
    }

    fn look(&mut self, name: &str) -> Result<Looked> {
        if self.reader.is_none() {
            let store = Store::find(None).map_err(|error| {
                Error::new("the report speaks of a repository's objects")
                    .because(error)
                    .hint("run it in the repository that was scanned")
            })?;
            let reader = store.reader();
            self.reader = Some((store, reader));
        }
        let Some((store, reader)) = &mut self.reader else { return Ok(Looked::default()) };
        let Ok(id) = store.object(name) else { return Ok(Looked::default()) };
        let read = reader.with_object(&id, |kind, _, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).map(|_| (kind, bytes))
        });
        let Ok((kind, bytes)) = read else { return Ok(Looked::default()) };
        let text = shown(kind, &bytes);
        let partitions = Some(Partition::named_in(&text.to_str_lossy()));
        let outcome = scan::run(&settings(Target::Stdin), &mut &text[..], &Census::default())?;
        Ok(Looked { outcome: Some(outcome), partitions })
    }
}

/// What reports count lines in: of commits and tags the message, without what stands before it.
fn shown(kind: Kind, bytes: &[u8]) -> &[u8] {
    match kind {
        Kind::Blob | Kind::Tree => bytes,
        Kind::Commit | Kind::Tag => bytes.split_once_str("\n\n").map_or(bytes, |(_, message)| message),
    }
}
