//! Joins key IDs, secrets and session tokens of one text into credentials.
//!
//! No label says which secret belongs to which ID; nearness does. Nearly always the ID stands first, but a file
//! that writes all its secrets first must not be joined crosswise: both orders are tried, and the one that joins
//! more, and closer, is taken. A placeholder takes part like a real value, so that nobody's secret is joined to the
//! ID of the next profile.

use super::found::Credential;
use super::key_id::Use;
use super::{Candidate, DismissedKind, Value};
use crate::credential::KeyId;
use crate::prefilter::Token;
use crate::rules::{OwnRule, Rule};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Bytes between an ID and a secret that no label announces (`--output text` puts a date and tabs between them).
const UNLABELLED_BYTES: usize = 512;

/// Lines between them.
const UNLABELLED_LINES: u64 = 8;

/// Lines between an ID and a secret that is labelled: a screenful or four of settings.
const LABELLED_LINES: u64 = 200;

/// Bytes between them, for texts without lines.
const LABELLED_BYTES: usize = 16 * 1024;

/// How much farther away a partner counts that stands on the unexpected side.
const WRONG_SIDE: usize = 4;

/// IDs on either side of a secret that come into question as its partner.
const NEIGHBOURS: usize = 2;

/// A dismissed value that takes part in joining.
#[derive(Debug, Clone, Copy)]
pub(super) struct Barrier {
    pub(super) at: usize,
    pub(super) line: u64,
    pub(super) kind: DismissedKind,
}

/// A value that may be joined; nothing stands for one that was dismissed.
#[derive(Debug)]
struct Node {
    at: usize,
    line: u64,
    is_labelled: bool,
    signs_request: bool,
    candidate: Option<Candidate>,
}

impl From<Candidate> for Node {
    fn from(candidate: Candidate) -> Self {
        Self {
            at: candidate.at,
            line: candidate.span.start.line,
            is_labelled: matches!(candidate.value, Value::Secret(_, label) if label.is_secret()),
            signs_request: matches!(candidate.value, Value::KeyId(_, Use::Request)),
            candidate: Some(candidate),
        }
    }
}

impl From<Barrier> for Node {
    fn from(Barrier { at, line, .. }: Barrier) -> Self {
        Self { at, line, is_labelled: false, signs_request: false, candidate: None }
    }
}

/// The credentials that `candidates` make up, in the order of their first places.
#[must_use]
pub(super) fn join(candidates: Vec<Candidate>, barriers: Vec<Barrier>) -> Vec<Credential> {
    let (mut ids, mut secrets, mut tokens) = (Vec::<Node>::new(), Vec::<Node>::new(), Vec::new());
    let mut own = Vec::new();
    for candidate in candidates {
        match candidate.value {
            Value::KeyId(..) => ids.push(candidate.into()),
            Value::Secret(..) => secrets.push(candidate.into()),
            Value::Token(..) => tokens.push(candidate),
            Value::Own(rule, _) => own.push((rule, candidate)),
        }
    }
    for barrier in barriers {
        match barrier.kind {
            DismissedKind::KeyId => ids.push(barrier.into()),
            DismissedKind::Secret => secrets.push(barrier.into()),
        }
    }
    ids.sort_by_key(|id| id.at);
    secrets.sort_by_key(|secret| secret.at);
    let pairs = best_pairs(&ids, &secrets);
    let mut credentials = assemble(ids, secrets, &pairs);
    add_tokens(&mut credentials, tokens);
    credentials.sort_by_key(|credential| credential.places().map(|place| place.at).min());
    let mut credentials = fold_repeats(credentials);
    add_own(&mut credentials, own);
    credentials
}

/// Adds what own rules found: for each rule a value is one credential, and what is a part of another one already is
/// not named a second time.
fn add_own(credentials: &mut Vec<Credential>, own: Vec<(OwnRule, Candidate)>) {
    let known: HashSet<String> = credentials
        .iter()
        .flat_map(|credential| {
            let key_id = credential.key_id().map(|id| id.as_str().to_owned());
            credential.values().map(str::to_owned).chain(key_id).collect::<Vec<_>>()
        })
        .collect();
    let mut owner: HashMap<(OwnRule, String), usize> = HashMap::new();
    for (rule, candidate) in own {
        let value = candidate.value.expose().to_owned();
        if known.contains(&value) {
            continue;
        }
        match owner.entry((rule, value)) {
            Entry::Occupied(place) => credentials[*place.get()].again.push(candidate),
            Entry::Vacant(place) => {
                place.insert(credentials.len());
                credentials.push(Credential::of_token(candidate));
            }
        }
    }
}

/// Indices of an ID and a secret, and the bytes between them.
type Pair = (usize, usize, usize);

fn best_pairs(ids: &[Node], secrets: &[Node]) -> Vec<Pair> {
    let id_first = greedy_pairs(ids, secrets, |id, secret| id.at < secret.at);
    let secret_first = greedy_pairs(ids, secrets, |id, secret| id.at > secret.at);
    let total = |pairs: &[Pair]| pairs.iter().map(|&(.., gap)| gap).sum::<usize>();
    let secret_first_is_better =
        secret_first.len().cmp(&id_first.len()).then_with(|| total(&id_first).cmp(&total(&secret_first))).is_gt();
    if secret_first_is_better { secret_first } else { id_first }
}

/// The nearest are joined first; what stands on the `expected` side counts as nearer.
fn greedy_pairs(ids: &[Node], secrets: &[Node], expected: impl Fn(&Node, &Node) -> bool) -> Vec<Pair> {
    let mut edges = Vec::new();
    for (secret_index, secret) in secrets.iter().enumerate() {
        let behind = ids.partition_point(|id| id.at < secret.at);
        let near = behind.saturating_sub(NEIGHBOURS)..ids.len().min(behind + NEIGHBOURS);
        for (id_index, id) in near.clone().zip(&ids[near]) {
            if belong(id, secret) {
                let gap = id.at.abs_diff(secret.at);
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

/// Can these two be one credential? A labelled secret belongs to an ID of the same page; a bare one must be near, and
/// an ID that signs a request has no secret beside it.
fn belong(id: &Node, secret: &Node) -> bool {
    let (bytes, lines) = (id.at.abs_diff(secret.at), id.line.abs_diff(secret.line));
    if secret.is_labelled {
        bytes <= LABELLED_BYTES && lines <= LABELLED_LINES
    } else {
        !id.signs_request && bytes <= UNLABELLED_BYTES && lines <= UNLABELLED_LINES
    }
}

fn assemble(ids: Vec<Node>, mut secrets: Vec<Node>, pairs: &[Pair]) -> Vec<Credential> {
    let partner: HashMap<usize, usize> = pairs.iter().map(|&(id, secret, _)| (id, secret)).collect();
    let mut credentials = Vec::new();
    for (index, id) in ids.into_iter().enumerate() {
        // The partner of a placeholder stays alone.
        let Some(id) = id.candidate else { continue };
        let secret = partner.get(&index).and_then(|&secret| secrets[secret].candidate.take());
        credentials.push(Credential { secret, ..Credential::of_key_id(id) });
    }
    let alone = secrets.into_iter().filter_map(|secret| secret.candidate);
    credentials.extend(alone.map(Credential::of_secret));
    credentials
}

/// Gives each session token to the nearest temporary key that has none yet; what is left stands alone.
fn add_tokens(credentials: &mut Vec<Credential>, tokens: Vec<Candidate>) {
    let is_temporary = |credential: &Credential| credential.key_id().is_some_and(|id| id.is_temporary());
    let place = |(index, credential): (usize, &Credential)| {
        credential.id.as_ref().filter(|_| is_temporary(credential)).map(|id| (id.at, index))
    };
    let mut takers: Vec<(usize, usize)> = credentials.iter().enumerate().filter_map(place).collect();
    takers.sort_unstable();
    let mut alone = Vec::new();
    for token in tokens {
        let is_session = matches!(&token.value, Value::Token(value) if value.kind == Token::Session);
        let behind = takers.partition_point(|&(at, _)| at < token.at);
        let near = behind.saturating_sub(NEIGHBOURS)..takers.len().min(behind + NEIGHBOURS);
        let free = takers[near].iter().filter(|&&(_, index)| is_session && credentials[index].token.is_none());
        match free.min_by_key(|&&(at, _)| at.abs_diff(token.at)) {
            Some(&(_, index)) => credentials[index].token = Some(token),
            None => alone.push(Credential::of_token(token)),
        }
    }
    credentials.extend(alone);
}

/// Takes what repeats a part of a pair, or an earlier lone part, into that credential: one credential is one finding.
fn fold_repeats(credentials: Vec<Credential>) -> Vec<Credential> {
    let (pairs, alone): (Vec<_>, Vec<_>) = credentials
        .into_iter()
        .partition(|credential| credential.rule() == Rule::AccessKey || credential.token.is_some());
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
            kept[index].absorb(credential);
            continue;
        }
        let key_id = credential.key_id();
        for value in credential.values().chain(key_id.as_ref().map(KeyId::as_str)) {
            owner.entry(value.to_owned()).or_insert(kept.len());
        }
        kept.push(credential);
    }
    kept
}
