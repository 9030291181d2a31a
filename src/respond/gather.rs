//! Which keys it is about, with all that may belong to them, from wherever they come.

use super::{recall, typed};
use crate::aws::Pair;
use crate::config::respond::{Accepted, KeySource, Partition};
use crate::config::{ScanSettings, Target};
use crate::credential::{KeyId, Secret};
use crate::error::Result;
use crate::finding::{Finding, SourceKind};
use crate::report::closing;
use crate::scan::{self, Census, Outcome};
use crate::{Streams, said};
use bstr::{BStr, BString, ByteSlice};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;

/// Bytes of a file that are looked through for names of regions.
const HINT_BYTES: u64 = 1 << 20;

/// A key that has leaked, with what may belong to it.
#[derive(Debug, Clone)]
pub(super) struct Leak {
    pub(super) key_id: KeyId,
    /// What may be its secret, the likeliest first.
    pub(super) secrets: Vec<Secret>,
    /// What may be its session token.
    pub(super) tokens: Vec<Secret>,
    /// The partitions that the text around it speaks of.
    pub(super) partitions: Vec<Partition>,
    /// Where it stands: `path:line:column`.
    pub(super) places: Vec<String>,
    /// Was it seen now, rather than only told of by a report?
    pub(super) still_there: bool,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The keys, in the order of their IDs, each once.
    pub(super) leaks: Vec<Leak>,
    /// Credentials of which STS knows nothing.
    pub(super) others: usize,
    /// Keys that somebody has accepted.
    pub(super) accepted: usize,
    /// Was all examined that was to be?
    pub(super) is_complete: bool,
}

impl Leak {
    pub(super) fn new(key_id: KeyId) -> Self {
        Self {
            key_id,
            secrets: Vec::new(),
            tokens: Vec::new(),
            partitions: Vec::new(),
            places: Vec::new(),
            still_there: false,
        }
    }

    /// The key with each of its secrets, and of those that are temporary with each of its tokens.
    pub(super) fn pairs(&self) -> Vec<Pair> {
        let with = |secret: &Secret, token: Option<&Secret>| Pair {
            key_id: self.key_id,
            secret: secret.clone(),
            token: token.cloned(),
        };
        if !self.key_id.is_temporary() {
            return self.secrets.iter().map(|secret| with(secret, None)).collect();
        }
        let tokens = self.tokens.iter();
        tokens.flat_map(|token| self.secrets.iter().map(move |secret| with(secret, Some(token)))).collect()
    }
}

/// The keys that `source` speaks of.
///
/// # Errors
/// Where nothing can be examined, a report cannot be read, or no secret comes.
pub(super) fn gather(source: &KeySource, accepted: Accepted, streams: &mut Streams<'_>) -> Result<Gathered> {
    match source {
        KeySource::Scan(settings) => {
            let settings = scan::policy::settle(settings)?;
            let outcome = scan::run(&settings, streams.input, &Census::default())?;
            said(closing::gaps(&outcome.summary, streams.err))?;
            Ok(from_outcome(&outcome, &settings, accepted))
        }
        KeySource::Report(file) => recall::recall(file, accepted, streams),
        KeySource::Typed(key) => {
            Ok(Gathered { leaks: vec![typed::leak(*key, streams)?], is_complete: true, ..Gathered::default() })
        }
    }
}

fn from_outcome(outcome: &Outcome, settings: &ScanSettings, accepted: Accepted) -> Gathered {
    let counts = |finding: &&Finding| finding.suppressed_by.is_none() || accepted == Accepted::Asked;
    let (findings, left_alone): (Vec<_>, Vec<_>) = outcome.findings.iter().partition(counts);
    let mut gathered = Gathered {
        leaks: leaks(&findings),
        others: findings.iter().filter(|finding| is_of_another_kind(finding)).count(),
        accepted: left_alone.iter().filter(|finding| finding.key_id.is_some()).count(),
        is_complete: outcome.summary.incomplete.is_empty(),
    };
    if matches!(settings.target, Target::Tree(..)) {
        for (leak, path) in gathered.leaks.iter_mut().zip(paths(&findings)) {
            leak.partitions = partitions_named_in(path.as_bstr());
        }
    }
    gathered
}

/// A Bedrock key, say; what a lone secret may belong to is found with its key.
fn is_of_another_kind(finding: &Finding) -> bool {
    finding.key_id.is_none() && finding.secret.is_none()
}

/// The keys of `findings`, each once, with the secrets that stand in the same texts behind its own.
pub(super) fn leaks(findings: &[&Finding]) -> Vec<Leak> {
    let mut leaks = BTreeMap::<KeyId, Leak>::new();
    for finding in findings {
        let Some(key_id) = finding.key_id else { continue };
        let leak = leaks.entry(key_id).or_insert_with(|| Leak::new(key_id));
        add(&mut leak.secrets, finding.secret.as_ref());
        add(&mut leak.tokens, finding.token.as_ref());
        leak.places.push(place(finding));
        leak.still_there = true;
    }
    for leak in leaks.values_mut() {
        let holds = |finding: &&&Finding| finding.key_id == Some(leak.key_id);
        let texts: Vec<_> = findings.iter().filter(holds).map(|finding| &finding.origin).collect();
        let beside = findings.iter().filter(|finding| finding.key_id.is_none() && texts.contains(&&finding.origin));
        for finding in beside {
            add(&mut leak.secrets, finding.secret.as_ref());
            add(&mut leak.tokens, finding.token.as_ref());
        }
    }
    leaks.into_values().collect()
}

/// The text that each key stands in, in the order of their IDs.
fn paths(findings: &[&Finding]) -> impl Iterator<Item = BString> {
    let mut paths = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.origin.source == SourceKind::Tree) {
        if let Some(key_id) = finding.key_id {
            paths.entry(key_id).or_insert_with(|| finding.origin.path.clone());
        }
    }
    paths.into_values()
}

pub(super) fn add(values: &mut Vec<Secret>, value: Option<&Secret>) {
    if let Some(value) = value.filter(|value| !values.contains(value)) {
        values.push(value.clone());
    }
}

fn place(finding: &Finding) -> String {
    let first = &finding.locations[0];
    format!("{}:{}:{}", first.path, first.span.start.line, first.span.start.column)
}

/// The partitions that a file speaks of; a file that cannot be read any more speaks of none.
pub(super) fn partitions_named_in(path: &BStr) -> Vec<Partition> {
    let mut text = Vec::new();
    let read =
        File::open(OsStr::from_bytes(path.as_bytes())).and_then(|file| file.take(HINT_BYTES).read_to_end(&mut text));
    if read.is_err() { Vec::new() } else { Partition::named_in(&text.to_str_lossy()) }
}
