//! Who answers for the account: the person or the pipeline whose own credentials read and change things in it.
//!
//! Verifying a key overwrites when and for what it was last used, so a responder reads that first. Without one the
//! evidence is lost, and people are told.

use super::client::Client;
use super::fault::Fault;
use super::identity::{Arn, Identity};
use crate::config::respond::{self, Access};
use crate::credential::KeyId;
use crate::error::{Error, Result};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use serde::{Deserialize, Serialize};

/// Somebody whose credentials were found, and whom STS knows.
#[derive(Debug)]
pub struct Responder {
    /// Who.
    pub identity: Identity,
    /// The ID of their key.
    pub key_id: String,
    /// Their credentials, as they were when they were found.
    pub(super) credentials: SharedCredentialsProvider,
}

/// What became of the search for a responder.
#[derive(Debug)]
pub enum Found {
    /// There is one.
    Somebody(Box<Responder>),
    /// There is none, for this reason.
    Nobody(String),
    /// Their key is one of those that leaked; asking with it would overwrite what is to be read.
    TheLeaked(KeyId),
}

impl Found {
    /// The responder, if there is one.
    #[must_use]
    pub fn somebody(&self) -> Option<&Responder> {
        match self {
            Self::Somebody(responder) => Some(responder),
            Self::Nobody(_) | Self::TheLeaked(_) => None,
        }
    }
}

/// When and for what a key was last used, as IAM has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// The user that the key belongs to; nothing for root.
    pub user: Option<String>,
    /// When, as RFC 3339 writes it; nothing for a key that was never used.
    pub at: Option<String>,
    /// For which service.
    pub service: Option<String>,
    /// In which region.
    pub region: Option<String>,
}

impl Client {
    /// The responder that `access` asks for, known to STS.
    ///
    /// # Errors
    /// Where somebody named credentials that cannot be used: going on without them would lose the evidence.
    pub fn responder(&self, access: &Access, leaked: &[KeyId]) -> Result<Found> {
        let Some(provider) = self.provider(&access.responder) else {
            return Ok(Found::Nobody("--no-responder".to_owned()));
        };
        let credentials = match self.wait(provider.provide_credentials()) {
            Ok(credentials) => credentials,
            Err(CredentialsError::CredentialsNotLoaded(_)) if access.responder == respond::Responder::Chain => {
                return Ok(Found::Nobody("no credentials of your own".to_owned()));
            }
            Err(error) => return Err(unusable(access).because(innermost(&error))),
        };
        let key_id = credentials.access_key_id().to_owned();
        if let Some(key) = leaked.iter().find(|key| key.as_str() == key_id) {
            return Ok(Found::TheLeaked(*key));
        }
        let credentials = SharedCredentialsProvider::new(credentials);
        let identity = self.who_is(&credentials).map_err(|fault| unusable(access).because(fault))?;
        Ok(Found::Somebody(Box::new(Responder { identity, key_id, credentials })))
    }

    fn who_is(&self, credentials: &SharedCredentialsProvider) -> std::result::Result<Identity, Fault> {
        let answer = self.wait(self.sts_of(credentials).get_caller_identity().send());
        let answer = answer.map_err(|error| Fault::of(&error))?;
        let arn = answer.arn().and_then(Arn::parse);
        let arn = arn.ok_or(Fault::Foreign { status: 200, what: "an answer without an ARN" })?;
        Ok(Identity { arn, user_id: answer.user_id })
    }
}

fn unusable(access: &Access) -> Error {
    let what = match &access.responder {
        respond::Responder::Profile(name) => format!("could not use the credentials of profile '{name}'"),
        respond::Responder::Chain | respond::Responder::Nobody => "could not use your own credentials".to_owned(),
    };
    Error::new(what).hint("sign in again, or go without evidence: --no-responder")
}

/// The innermost cause: what stands around it says only that no credentials came.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
