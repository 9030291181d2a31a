//! What AWS says of a key, and what it is told to do with one: the only part of keyward that leaves the machine.
//!
//! [`client`] is its only door to the network. Two kinds of credentials go through it and are kept apart by type: the
//! *leaked* [`Pair`], which stands alone, and the [`responder`], whom the usual chain of AWS finds. [`fault`] tells the
//! answers of AWS from what proxies, time-outs and other servers say, so that nothing is called dead that was merely
//! not asked. Nothing here knows where keys come from or how a verdict is printed.

pub mod client;
pub mod endpoint;
pub mod evidence;
pub mod facts;
pub mod fault;
pub mod iam;
pub mod identity;
pub mod journal;
pub mod moment;
pub mod partition;
pub mod policy;
mod reading;
pub mod responder;
pub mod seen;
pub mod switch;
pub mod triage;
pub mod verify;

use crate::credential::{KeyId, Secret};

/// A leaked key with what is needed to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its ID.
    pub key_id: KeyId,
    /// Its secret, or what is taken for it.
    pub secret: Secret,
    /// Its session token, if it is temporary.
    pub token: Option<Secret>,
}
