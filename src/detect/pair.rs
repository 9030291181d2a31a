//! Joins key IDs and secrets of one text into credentials.
//!
//! No label says which secret belongs to which ID; nearness does. Nearly always the ID stands first, but a file
//! that writes all its secrets first must not be joined crosswise: both orders are tried, and the one that joins
//! more, and closer, is taken.

use super::key_id::Use;
use super::label::Label;
use super::{Candidate, Value};
use crate::credential::{Fingerprint, KeyId, Secret};
use crate::rules::{Confidence, Rule, Severity};
use std::collections::HashMap;

/// Bytes between an ID and a secret that no label announces (`--output text` puts a date and tabs between them).
const UNLABELLED_BYTES: usize = 512;

/// Lines between them.
const UNLABELLED_LINES: u64 = 8;

/// How much farther away a partner counts that stands on the unexpected side.
const WRONG_SIDE: usize = 4;

/// IDs on either side of a secret that come into question as its partner.
const NEIGHBOURS: usize = 2;

/// A credential as one text shows it: a pair, or one part alone, at each of its places.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The key ID.
    pub id: Option<Candidate>,
    /// The secret.
    pub secret: Option<Candidate>,
    /// More places of the same values.
    pub again: Vec<Candidate>,
}

impl Credential {
    /// What kind it is.
    #[must_use]
    pub fn rule(&self) -> Rule {
        match (&self.id, &self.secret) {
            (Some(_), Some(_)) => Rule::AccessKey,
            (None, Some(_)) => Rule::SecretAccessKey,
            (_, None) => Rule::AccessKeyId,
        }
    }

    /// Is it real? A lone secret is as sure as its label.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        match (&self.id, self.secret.as_ref().map(|secret| &secret.value)) {
            (Some(_), _) => Confidence::High,
            (None, Some(Value::Secret(_, Label::Secret))) => Confidence::Medium,
            (None, _) => Confidence::Low,
        }
    }

    /// What can it do?
    #[must_use]
    pub fn severity(&self) -> Severity {
        match (&self.id, &self.secret) {
            (Some(_), Some(_)) if self.key_id().is_some_and(|id| id.is_temporary()) => Severity::High,
            (Some(_), Some(_)) => Severity::Critical,
            (None, _) => Severity::High,
            (Some(id), None) => match id.value {
                Value::KeyId(_, Use::Request) => Severity::Low,
                _ => Severity::Medium,
            },
        }
    }

    /// The key ID's value.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        match self.id.as_ref()?.value {
            Value::KeyId(id, _) => Some(id),
            Value::Secret(..) => None,
        }
    }

    /// The secret's value.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match &self.secret.as_ref()?.value {
            Value::Secret(secret, _) => Some(secret),
            Value::KeyId(..) => None,
        }
    }

    /// The values it consists of.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        [&self.secret, &self.id].into_iter().flatten().map(|part| part.value.expose())
    }

    /// All its places, the secret's first.
    pub fn places(&self) -> impl Iterator<Item = &Candidate> {
        self.secret.iter().chain(&self.id).chain(&self.again)
    }

    /// Its name in reports.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.values().next().unwrap_or_default())
    }
}

/// The credentials that `candidates` make up, in the order of their first places.
#[must_use]
pub fn join(mut candidates: Vec<Candidate>) -> Vec<Credential> {
    candidates.sort_by_key(|candidate| candidate.at);
    let (ids, secrets): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| matches!(candidate.value, Value::KeyId(..)));
    let pairs = best_pairs(&ids, &secrets);
    let mut credentials = assemble(ids, secrets, &pairs);
    credentials.sort_by_key(|credential| credential.places().map(|place| place.at).min());
    fold_repeats(credentials)
}

/// Indices of an ID and a secret, and the bytes between them.
type Pair = (usize, usize, usize);

fn best_pairs(ids: &[Candidate], secrets: &[Candidate]) -> Vec<Pair> {
    let id_first = greedy_pairs(ids, secrets, |id, secret| id.at < secret.at);
    let secret_first = greedy_pairs(ids, secrets, |id, secret| id.at > secret.at);
    let total = |pairs: &[Pair]| pairs.iter().map(|&(.., gap)| gap).sum::<usize>();
    let secret_first_is_better =
        secret_first.len().cmp(&id_first.len()).then_with(|| total(&id_first).cmp(&total(&secret_first))).is_gt();
    if secret_first_is_better { secret_first } else { id_first }
}

/// The nearest are joined first; what stands on the `expected` side counts as nearer.
fn greedy_pairs(
    ids: &[Candidate],
    secrets: &[Candidate],
    expected: impl Fn(&Candidate, &Candidate) -> bool,
) -> Vec<Pair> {
    let mut edges = Vec::new();
    for (secret_index, secret) in secrets.iter().enumerate() {
        let behind = ids.partition_point(|id| id.at < secret.at);
        let near = behind.saturating_sub(NEIGHBOURS)..ids.len().min(behind + NEIGHBOURS);
        for (id_index, id) in near.clone().zip(&ids[near]) {
            let gap = gap(id, secret);
            if belong(id, secret, gap) {
                let weight = if expected(id, secret) { gap } else { gap * WRONG_SIDE };
                edges.push((weight, secret_index, id_index, gap));
            }
        }
    }
    edges.sort_unstable();
    let (mut id_taken, mut secret_taken) = (vec![false; ids.len()], vec![false; secrets.len()]);
    let mut pairs = Vec::new();
    for (_, secret, id, gap) in edges {
        if !id_taken[id] && !secret_taken[secret] {
            (id_taken[id], secret_taken[secret]) = (true, true);
            pairs.push((id, secret, gap));
        }
    }
    pairs
}

/// Bytes from one value's start to the other's.
fn gap(id: &Candidate, secret: &Candidate) -> usize {
    id.at.abs_diff(secret.at)
}

/// Can these two be one credential? A labelled secret belongs to the nearest ID wherever that stands; a bare one
/// must be near, and an ID that signs a request has no secret beside it.
fn belong(id: &Candidate, secret: &Candidate, gap: usize) -> bool {
    match (&id.value, &secret.value) {
        (_, Value::Secret(_, Label::Secret)) => true,
        (Value::KeyId(_, Use::Request), _) => false,
        _ => gap <= UNLABELLED_BYTES && lines_between(id, secret) <= UNLABELLED_LINES,
    }
}

fn lines_between(id: &Candidate, secret: &Candidate) -> u64 {
    id.span.start.line.abs_diff(secret.span.start.line)
}

fn assemble(ids: Vec<Candidate>, secrets: Vec<Candidate>, pairs: &[Pair]) -> Vec<Credential> {
    let mut secrets: Vec<Option<Candidate>> = secrets.into_iter().map(Some).collect();
    let partner: HashMap<usize, usize> = pairs.iter().map(|&(id, secret, _)| (id, secret)).collect();
    let mut credentials = Vec::new();
    for (index, id) in ids.into_iter().enumerate() {
        let secret = partner.get(&index).and_then(|&secret| secrets[secret].take());
        credentials.push(Credential { id: Some(id), secret, again: Vec::new() });
    }
    let alone = secrets.into_iter().flatten();
    credentials.extend(alone.map(|secret| Credential { id: None, secret: Some(secret), again: Vec::new() }));
    credentials
}

/// Takes what repeats a part of a pair, or an earlier lone part, into that credential: one credential is one finding.
fn fold_repeats(credentials: Vec<Credential>) -> Vec<Credential> {
    let (pairs, alone): (Vec<_>, Vec<_>) =
        credentials.into_iter().partition(|credential| credential.rule() == Rule::AccessKey);
    let mut owner: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Credential> = Vec::new();
    for credential in pairs.into_iter().chain(alone) {
        // A pair is the same only as a whole: two secrets beside one ID are two findings.
        let known = credential
            .values()
            .next()
            .and_then(|value| owner.get(value).copied())
            .filter(|&index| credential.rule() != Rule::AccessKey || kept[index].key_id() == credential.key_id());
        if let Some(index) = known {
            kept[index].again.extend(credential.places().cloned());
            continue;
        }
        for value in credential.values() {
            owner.entry(value.to_owned()).or_insert(kept.len());
        }
        kept.push(credential);
    }
    kept
}
