//! Findings and a summary in the form that somebody wants: for people ([`human`], [`concise`], [`html`]), for programs
//! ([`json`]) or for the forges and services that show them ([`issue`] holds what those have in common).
//!
//! Reports print what they are given and decide nothing. In none of them a secret is whole, unless `--show-secrets`
//! asks for it; file names and lines of a scanned repository are hostile text and cannot steer a terminal
//! ([`crate::sanitize`]).

pub mod closing;
pub mod concise;
pub mod config;
mod each;
pub mod explanation;
pub mod github;
pub mod gitlab_codequality;
pub mod gitlab_secrets;
pub mod html;
pub mod human;
pub mod issue;
pub mod json;
pub mod junit;
pub mod link;
pub mod progress;
pub mod provenance;
pub mod rdjson;
pub mod refusal;
pub mod rules;
pub mod sarif;

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
        Format::Html => html::page(outcome, settings, out),
        Format::Json => json::document(outcome, settings, out),
        Format::Jsonl => json::lines(outcome, settings, out),
        Format::Concise => concise::lines(outcome, settings, out),
        Format::Sarif => sarif::log(outcome, settings, out),
        Format::GitlabSecrets => gitlab_secrets::document(outcome, out),
        Format::GitlabCodequality => gitlab_codequality::document(outcome, settings, out),
        Format::Junit => junit::document(outcome, settings, out),
        Format::Github => github::commands(outcome, out),
        Format::Rdjson => rdjson::document(outcome, settings, out),
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
