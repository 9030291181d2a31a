//! Findings and a summary in the form that somebody wants: for people ([`human`]) or for programs ([`json`]).
//!
//! Reports print what they are given and decide nothing. In none of them a secret is whole, unless `--show-secrets`
//! asks for it; file names and lines of a scanned repository are hostile text and cannot steer a terminal
//! ([`crate::sanitize`]).

pub mod closing;
pub mod human;
pub mod json;
pub mod link;
pub mod progress;
pub mod provenance;
pub mod refusal;
pub mod rules;

use crate::config::{Format, ScanSettings, Secrets};
use crate::credential::Secret;
use crate::scan::Outcome;
use std::io::{self, Write};

/// Writes the findings of `outcome` in `format`.
///
/// # Errors
/// What writing reports.
pub fn write(format: Format, outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::findings(outcome, settings, out),
        Format::Json => json::document(outcome, settings, out),
        Format::Jsonl => json::lines(outcome, settings, out),
    }
}

impl Secrets {
    /// A secret, as reports for programs give it.
    #[must_use]
    pub fn brief(self, secret: &Secret) -> String {
        match self {
            Self::Redacted => secret.redacted(),
            Self::Shown => secret.expose().to_owned(),
        }
    }

    /// A secret, as long as it is.
    #[must_use]
    pub fn in_place(self, secret: &Secret) -> String {
        match self {
            Self::Redacted => crate::credential::starred(secret.expose()),
            Self::Shown => secret.expose().to_owned(),
        }
    }
}
