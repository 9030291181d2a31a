//! What keyward is asked to do about a key that has leaked: how AWS is reached, and as whom.
//!
//! These are wishes only. Who the responder turns out to be, and what AWS says, is for `aws` to find out.

use super::{ConfigChoice, ScanSettings};
use crate::credential::KeyId;
use std::path::PathBuf;
use std::time::Duration;

/// How AWS is reached, and as whom; the same for all that acts on a leaked key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Whose credentials read and change things. The leaked pair never falls back to them.
    pub responder: Responder,
    /// The region that is asked; nothing means what the responder's environment and profile say, or the partition's own.
    pub region: Option<String>,
    /// The partitions to ask, in this order; none means those that the text around a key speaks of, or `aws`.
    pub partitions: Vec<Partition>,
    /// Whether people are asked before something happens.
    pub consent: Consent,
    /// The folder for what must be remembered: what was read before a key was asked about, and what was changed.
    /// Nothing where neither the user nor the environment names one.
    pub evidence: Option<PathBuf>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// A file of certificates to trust beside those of the system.
    pub authorities: Option<PathBuf>,
}

/// The flags that reach AWS the same way once more, for the commands that people are told to type; each starts with a
/// blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// For keyward.
    pub keyward: String,
    /// For the command line of AWS.
    pub aws: String,
}

/// Whose credentials are used for everything that is not asked with the leaked pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Responder {
    /// What the tools of AWS would use here: environment, default profile, container, machine.
    Chain,
    /// This profile, whatever the environment says.
    Profile(String),
    /// Nobody's.
    Nobody,
}

/// Whether people are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They are asked.
    Asked,
    /// They have said yes in advance.
    Given,
}

/// A part of AWS that shares no accounts and no keys with the others. A key ID does not tell which it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// The commercial regions.
    Aws,
    /// China.
    China,
    /// The US government's.
    UsGov,
}

/// What `keyward verify` is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// How AWS is reached.
    pub access: Access,
    /// Where the keys come from.
    pub keys: KeySource,
    /// Which config says what accounts are the user's own.
    pub config: ConfigChoice,
    /// What becomes of keys that somebody has accepted.
    pub accepted: Accepted,
    /// What becomes of bait.
    pub canaries: Canaries,
    /// The form of the answer.
    pub format: VerdictFormat,
    /// Verdicts and errors only.
    pub quiet: bool,
}

/// Where keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// What a scan finds.
    Scan(Box<ScanSettings>),
    /// What a report says was found; the values are read again from where it says. `-` is standard input.
    Report(PathBuf),
    /// This one; its secret comes over standard input, or is typed.
    Typed(KeyId),
}

/// What becomes of keys that a marker, the config or a baseline accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// They are left alone, and counted.
    LeftAlone,
    /// They are asked about like any other.
    Asked,
}

/// What becomes of keys that are bait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canaries {
    /// They are left alone: using one raises an alarm.
    LeftAlone,
    /// They are asked about like any other.
    Asked,
}

/// What `keyward triage` is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// How AWS is reached.
    pub access: Access,
    /// Which keys it is about.
    pub keys: Suspects,
    /// The form of the answer.
    pub format: VerdictFormat,
    /// For the commands that are named.
    pub again: Again,
}

/// Which keys to look into; their secrets are not needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspects {
    /// These.
    Named(Vec<KeyId>),
    /// Those that leaked there.
    Leaked(KeySource, Accepted),
}

/// What `keyward deactivate` is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivate {
    /// How AWS is reached.
    pub access: Access,
    /// The key.
    pub key: KeyId,
    /// Off, or on again.
    pub turn: Turn,
    /// Whose credentials switch it.
    pub hand: Hand,
    /// Whether anything is changed.
    pub rehearsal: Rehearsal,
    /// How long to wait for the new state to be read back.
    pub patience: Duration,
    /// For the commands that are named.
    pub again: Again,
}

/// Off, or on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is set inactive.
    Off,
    /// What keyward has set inactive is set active again.
    OnAgain,
}

/// Whose credentials switch a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hand {
    /// The responder's.
    Responder,
    /// Its own; the secret comes from here.
    LeakedKey(KeySource),
}

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehearsal {
    /// It is shown what would be done.
    Dry,
    /// It is done.
    Real,
}

/// The form of verdicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VerdictFormat {
    /// A line a key.
    #[default]
    Human,
    /// One document.
    Json,
    /// An object a line.
    Jsonl,
}
