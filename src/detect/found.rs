//! A credential as one text shows it, and what follows from its parts: rule, severity, confidence.

use super::key_id::Use;
use super::label::Label;
use super::marker::Marked;
use super::token::TokenValue;
use super::{Candidate, Value};
use crate::credential::{Account, Fingerprint, KeyId, Secret};
use crate::rules::{Confidence, OwnRule, Rule, Severity};
use std::cmp::Reverse;

/// A credential as one text shows it: a pair, or one part alone, at each of its places.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The key ID.
    pub id: Option<Candidate>,
    /// The secret.
    pub secret: Option<Candidate>,
    /// The session token of a temporary pair, or a token of another kind alone.
    pub token: Option<Candidate>,
    /// More places of the same values.
    pub again: Vec<Candidate>,
}

impl Credential {
    /// A key ID alone.
    pub(super) fn of_key_id(id: Candidate) -> Self {
        Self { id: Some(id), secret: None, token: None, again: Vec::new() }
    }

    /// A secret alone.
    pub(super) fn of_secret(secret: Candidate) -> Self {
        Self { id: None, secret: Some(secret), token: None, again: Vec::new() }
    }

    /// A token alone.
    pub(super) fn of_token(token: Candidate) -> Self {
        Self { id: None, secret: None, token: Some(token), again: Vec::new() }
    }

    /// Takes over the places of the same values. The place that says most of a lone value comes first.
    pub(super) fn absorb(&mut self, mut other: Self) {
        let same_kind = self.rule() == other.rule();
        if same_kind && (other.confidence(), other.severity()) > (self.confidence(), self.severity()) {
            std::mem::swap(&mut self.id, &mut other.id);
            std::mem::swap(&mut self.secret, &mut other.secret);
            std::mem::swap(&mut self.token, &mut other.token);
        }
        self.again.extend(other.secret.into_iter().chain(other.id).chain(other.token).chain(other.again));
    }

    /// The rule of the config that found it, if it was one.
    fn own_rule(&self) -> Option<OwnRule> {
        match self.token.as_ref()?.value {
            Value::Own(rule, _) => Some(rule),
            Value::KeyId(..) | Value::Secret(..) | Value::Token(_) => None,
        }
    }

    /// What kind it is.
    #[must_use]
    pub fn rule(&self) -> Rule {
        if let Some(rule) = self.own_rule() {
            return Rule::Own(rule);
        }
        match (&self.id, &self.secret, self.token_value()) {
            (Some(_), Some(_), _) => Rule::AccessKey,
            (None, Some(Candidate { value: Value::Secret(_, Label::SecretOfStore), .. }), _) => {
                Rule::S3CompatibleSecretKey
            }
            (None, Some(_), _) => Rule::SecretAccessKey,
            (None, None, Some(token)) => Rule::of(token.kind),
            (_, None, _) => Rule::AccessKeyId,
        }
    }

    /// Is it real? A lone secret is as sure as its label.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        if let Some(rule) = self.own_rule() {
            return rule.facts().confidence;
        }
        match (&self.id, self.secret.as_ref().map(|secret| &secret.value), self.token_value()) {
            (Some(_), ..) => Confidence::High,
            (None, Some(Value::Secret(_, label)), _) if label.is_secret() => Confidence::Medium,
            (None, None, Some(token)) if token.sure => self.rule().facts().confidence,
            (None, ..) => Confidence::Low,
        }
    }

    /// What can it do?
    #[must_use]
    pub fn severity(&self) -> Severity {
        match (&self.id, &self.secret) {
            (Some(_), Some(_)) if self.key_id().is_some_and(|id| id.is_temporary()) => Severity::High,
            (Some(_), Some(_)) => Severity::Critical,
            (Some(Candidate { value: Value::KeyId(_, Use::Request), .. }), None) => Severity::Low,
            _ => self.rule().facts().severity,
        }
    }

    /// Is it a secret and its text nothing else?
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.secret.as_ref().is_some_and(|secret| matches!(secret.value, Value::Secret(_, Label::Alone)))
    }

    /// The token's value.
    #[must_use]
    pub fn token_value(&self) -> Option<&TokenValue> {
        match &self.token.as_ref()?.value {
            Value::Token(token) => Some(token),
            Value::KeyId(..) | Value::Secret(..) | Value::Own(..) => None,
        }
    }

    /// The key ID's value.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        match self.id.as_ref().map(|id| &id.value) {
            Some(Value::KeyId(id, _)) => Some(*id),
            _ => self.token_value()?.key_id,
        }
    }

    /// The account, as far as a part of it tells.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        let named = self.token_value().and_then(|token| token.account);
        named.or_else(|| self.key_id()?.account())
    }

    /// The value that is to be kept secret: the secret, or the token where that is all there is.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match self.secret.as_ref().map(|secret| &secret.value) {
            Some(Value::Secret(secret, _)) => Some(secret),
            _ if self.id.is_some() => None,
            _ if self.own_rule().is_some() => match &self.token.as_ref()?.value {
                Value::Own(_, secret) => Some(secret),
                Value::KeyId(..) | Value::Secret(..) | Value::Token(_) => None,
            },
            _ => self.token_value().map(|token| &token.secret),
        }
    }

    /// The values it consists of.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        [&self.secret, &self.id, &self.token].into_iter().flatten().map(|part| part.value.expose())
    }

    /// All its places, the secret's first.
    pub fn places(&self) -> impl Iterator<Item = &Candidate> {
        self.secret.iter().chain(&self.id).chain(&self.token).chain(&self.again)
    }

    /// The same, to say better where they are.
    pub fn places_mut(&mut self) -> impl Iterator<Item = &mut Candidate> {
        self.secret.iter_mut().chain(&mut self.id).chain(&mut self.token).chain(&mut self.again)
    }

    /// The marker that is about it: beside a place of its secret, or of what there is instead. Of a pair, one beside
    /// the key ID is not.
    #[must_use]
    pub fn marked(&self) -> Option<Marked> {
        let part = std::mem::discriminant(&self.places().next()?.value);
        let places = self.places().filter(|place| std::mem::discriminant(&place.value) == part);
        places.filter_map(|place| place.marked).max_by_key(|marked| (marked.marker, Reverse(marked.line)))
    }

    /// Its name in reports.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let value = self.values().next().unwrap_or_default();
        match self.own_rule() {
            // Two rules may find the same value, and are two findings.
            Some(rule) => Fingerprint::of(&format!("{}\0{value}", rule.facts().id)),
            None => Fingerprint::of(value),
        }
    }
}
