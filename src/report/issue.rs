//! What the reports for forges and services have in common: a finding as an issue, with a name of its own that
//! survives moved lines, a message in one line, and the path that the forge knows.
//!
//! All of them have limits, so the gravest comes first.

use crate::config::Secrets;
use crate::credential::{Account, KeyId};
use crate::detect::Span;
use crate::finding::{Finding, Inside, Location, Suppression, short_name};
use crate::rules::{Rule, Severity};
use crate::sanitize::sanitize;
use crate::scan::Outcome;
use crate::source::Gap;
use crate::text::Position;
use bstr::{BStr, ByteSlice};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

/// A finding for a forge.
pub(super) struct Issue<'f> {
    pub(super) finding: &'f Finding,
    /// That of the file, from the top of the repository.
    pub(super) path: Cow<'f, BStr>,
    /// The path inside of it, where it is an archive.
    pub(super) inner: Option<&'f BStr>,
    /// Which of those with the same credential at the same path; from 1.
    pub(super) nth: u64,
}

/// All findings, the gravest first and those last that do not count.
pub(super) fn all(outcome: &Outcome) -> Vec<Issue<'_>> {
    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    findings.sort_by_key(|finding| {
        (finding.suppressed_by.is_some(), Reverse(finding.severity), Reverse(finding.confidence))
    });
    let mut seen: HashMap<u128, u64> = HashMap::with_capacity(findings.len());
    let mut issues: Vec<Issue<'_>> = findings.into_iter().map(|finding| Issue::of(finding, outcome)).collect();
    for issue in &mut issues {
        let count = seen.entry(issue.name()).or_default();
        *count += 1;
        issue.nth = *count;
    }
    issues
}

/// Those that count, the gravest first.
pub(super) fn standing(outcome: &Outcome) -> Vec<Issue<'_>> {
    let mut issues = all(outcome);
    issues.retain(|issue| issue.finding.suppressed_by.is_none());
    issues
}

impl<'f> Issue<'f> {
    fn of(finding: &'f Finding, outcome: &Outcome) -> Self {
        let (file, inner) = Inside::split(finding.origin.inside, finding.origin.path.as_bstr());
        Self { finding, path: outcome.top.path(file), inner, nth: 1 }
    }

    /// Names the credential at this path: 128 bits of SHA-256. Moved lines do not change it, and no two issues of a
    /// report share it.
    pub(super) fn name(&self) -> u128 {
        let mut hash = Sha256::new().chain_update("keyward issue v1\0");
        hash.update(self.finding.fingerprint.as_str());
        hash.update([0]);
        hash.update(self.path.as_bytes());
        if let Some(inner) = self.inner {
            hash.update([b'!']);
            hash.update(inner);
        }
        if self.nth > 1 {
            hash.update([0]);
            hash.update(self.nth.to_be_bytes());
        }
        hash.finalize().iter().take(16).fold(0, |bits, &byte| bits << 8 | u128::from(byte))
    }

    /// The path as text; exact where it is UTF-8.
    pub(super) fn path(&self) -> Cow<'_, str> {
        self.path.to_str_lossy()
    }

    /// What was found, in one line that steers no terminal.
    pub(super) fn message(&self, secrets: Secrets) -> String {
        let id = self.finding.key_id.map(|id| format!(" {id}")).unwrap_or_default();
        let inner = self.inner.map(|inner| {
            let at = self.finding.locations[0].span.start;
            format!(", in {}:{}:{}", sanitize(&inner.to_str_lossy()), at.line, at.column)
        });
        let inner = inner.unwrap_or_default();
        format!("{}{id}{inner}{}", self.finding.rule.title(), details(self.finding, secrets))
    }

    /// Where in the file it stands; at its start, where the file is an archive: no forge shows lines of that.
    pub(super) fn span(&self) -> Span {
        place_in_file(&self.finding.locations[0])
    }

    /// What to do about it.
    pub(super) fn remedy(&self) -> String {
        remedy(Some(self.finding.rule), self.finding.key_id)
    }

    /// Why it does not count, if so.
    pub(super) fn why_suppressed(&self) -> Option<String> {
        why_suppressed(self.finding)
    }
}

/// Why a finding does not count, in a few words, and then in those of whoever accepted it.
pub(super) fn why_suppressed(finding: &Finding) -> Option<String> {
    let why: Cow<'_, str> = match finding.suppressed_by? {
        Suppression::AlreadyThere => "not new: the changed files held it before".into(),
        Suppression::AlreadyPushed => "not new: a remote has it already".into(),
        Suppression::Marker => "accepted by a marker in the file".into(),
        Suppression::Baseline => "accepted in .keyward-baseline".into(),
        Suppression::Config => "accepted by the config".into(),
        Suppression::Peer(file) => format!("accepted in {file}").into(),
    };
    let reason = finding.reason.as_ref().map(|reason| format!(": {reason}"));
    Some(format!("{why}{}", sanitize(&reason.unwrap_or_default())))
}

/// Where a place stands in its file; at the start of an archive.
pub(super) fn place_in_file(place: &Location) -> Span {
    let first = Position { line: 1, column: 1, byte_column: 1 };
    if place.packed.is_some() {
        Span { start: first, end: Position { column: 2, byte_column: 2, ..first } }
    } else {
        place.span
    }
}

/// What is known of a finding besides its rule and its key ID, to be put behind these.
pub(super) fn details(finding: &Finding, secrets: Secrets) -> String {
    let account = finding.account.map(|account| format!(", account {account}"));
    let canary = finding.account.and_then(Account::canary).map(|owner| format!(" (a canary of {owner})"));
    let secret = finding.secret.as_ref().map(|secret| format!(", secret {}", secrets.brief(secret)));
    let inside = finding.locations[0].inside.iter().map(|encoding| format!(", in {}", encoding.name()));
    let commit = finding.provenance.as_ref().and_then(|provenance| provenance.commit.as_deref());
    let brought = commit.map(|commit| format!(", brought by commit {}", short_name(commit)));
    let details: String = account.into_iter().chain(canary).chain(secret).chain(inside).chain(brought).collect();
    sanitize(&details).into_owned()
}

/// What to do about a finding of `rule`; nothing stands for one of the config's.
pub(super) fn remedy(rule: Option<Rule>, id: Option<KeyId>) -> String {
    let id = id.map_or_else(|| "KEYID".to_owned(), |id| id.to_string());
    let first = match rule {
        Some(Rule::AccessKey | Rule::AccessKeyId | Rule::SecretAccessKey) => format!(
            "Switch it off first, for whoever has a copy of the repository has it: \
             aws iam update-access-key --status Inactive --access-key-id {id} --user-name USER."
        ),
        _ => "Revoke it first, for whoever has a copy of the repository has it.".to_owned(),
    };
    let then = match rule {
        None | Some(Rule::S3CompatibleSecretKey | Rule::Own(_)) => "Then give what used it another.",
        _ => "Then look in CloudTrail for what it did, and give what used it a role or a profile.",
    };
    format!("{first} {then} Rewriting history comes last. If it is no secret, add `keyward:allow REASON` to its line.")
}

/// How loudly a forge speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Worth knowing.
    Note,
    /// To be looked at.
    Warning,
    /// To be dealt with.
    Error,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low => Self::Note,
        }
    }
}

/// What was not examined, in one line.
pub(super) fn gap(gap: &Gap) -> String {
    let hint = gap.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    sanitize(&format!("not examined: {}: {}{hint}", gap.what, gap.why)).into_owned()
}
