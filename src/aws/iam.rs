//! Somebody who asks IAM, and tells it what to do: a responder, or the leaked key itself where nothing else can.

use super::Pair;
use super::client::Client;
use super::fault::Fault;
use super::identity::Identity;
use super::moment::Moment;
use super::responder::Responder;
use crate::config::respond::Partition;
use aws_sdk_iam::types::AccessKeyMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use std::fmt;

/// What is known, or why it is not.
pub type Known<T> = std::result::Result<T, Unknown>;

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The call that should have told: `ListUserPolicies`.
    pub call: &'static str,
    /// What became of it.
    pub fault: Fault,
}

impl Unknown {
    pub(super) fn of<E>(call: &'static str, error: &SdkError<E, HttpResponse>) -> Self {
        Self { call, fault: Fault::of(error) }
    }

    /// Did IAM say that there is no such thing?
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(&self.fault, Fault::Refused(refusal) if refusal.code == "NoSuchEntity")
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Fault::Refused(refusal) => write!(f, "{} on iam:{}", refusal.code, self.call),
            fault => write!(f, "{fault}, on iam:{}", self.call),
        }
    }
}

/// Somebody with IAM before them.
#[derive(Debug)]
pub struct Iam<'c> {
    /// Who.
    pub identity: Identity,
    /// The ID of their key.
    pub key_id: String,
    pub(super) client: &'c Client,
    pub(super) sdk: aws_sdk_iam::Client,
}

/// Is a key on?
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Status {
    /// It works.
    Active,
    /// It was switched off.
    Inactive,
    /// Something that keyward does not know, such as `Expired`.
    Other,
}

/// A key in the list of its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its ID.
    pub key_id: String,
    /// Is it on?
    pub status: Status,
    /// When it was made.
    pub created: Option<Moment>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Other => "of a status that keyward does not know",
        })
    }
}

impl Listed {
    pub(super) fn of(key: &AccessKeyMetadata) -> Self {
        let status = match key.status().map(aws_sdk_iam::types::StatusType::as_str) {
            Some("Active") => Status::Active,
            Some("Inactive") => Status::Inactive,
            _ => Status::Other,
        };
        let key_id = key.access_key_id().unwrap_or_default().to_owned();
        Self { key_id, status, created: key.create_date().map(Moment::of) }
    }
}

impl Client {
    /// IAM, before a responder.
    #[must_use]
    pub fn iam<'c>(&'c self, responder: &Responder) -> Iam<'c> {
        Iam {
            identity: responder.identity.clone(),
            key_id: responder.key_id.clone(),
            client: self,
            sdk: self.iam_of(&responder.credentials),
        }
    }

    /// IAM, before the leaked key itself.
    #[must_use]
    pub fn iam_before_the_leaked<'c>(&'c self, pair: &Pair, identity: Identity, partition: Partition) -> Iam<'c> {
        let key_id = pair.key_id.to_string();
        Iam { identity, key_id, client: self, sdk: self.iam_of_the_leaked(pair, partition) }
    }
}

impl Iam<'_> {
    /// The keys of `user`, or of who asks.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn keys(&self, user: Option<&str>) -> Known<Vec<Listed>> {
        let asked = self.sdk.list_access_keys().set_user_name(user.map(str::to_owned));
        let keys = self.client.wait(asked.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>());
        let keys = keys.map_err(|error| Unknown::of("ListAccessKeys", &error))?;
        Ok(keys.iter().map(Listed::of).collect())
    }
}
