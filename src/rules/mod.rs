//! What keyward reports: the rules with their facts, and the two scales on which a finding is judged.
//!
//! *Confidence* asks "is it real?", *severity* "what can it do?". They are never mixed.

pub mod facts;
mod own;

pub use own::OwnRule;

use crate::prefilter::Token;
use facts::{FACTS, Facts};
use serde::Serialize;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A key ID and its secret.
    AccessKey,
    /// A key ID alone.
    AccessKeyId,
    /// A secret alone.
    SecretAccessKey,
    /// A secret alone, of another store that speaks S3.
    S3CompatibleSecretKey,
    /// A session token alone.
    SessionToken,
    /// A Bedrock key.
    BedrockApiKey,
    /// An SMTP password of SES.
    SesSmtpPassword,
    /// Service-specific credentials, for `CodeCommit` or Keyspaces.
    ServiceCredentials,
    /// A token of `aws sso login`.
    SsoToken,
    /// Docker's authorisation for ECR.
    EcrAuthorization,
    /// A private key that AWS made.
    PrivateKey,
    /// A marketplace token.
    MwsToken,
    /// An `AppSync` key.
    AppSyncApiKey,
    /// What a rule of the config finds.
    Own(OwnRule),
}

impl Rule {
    /// The rule for a token of `kind`.
    #[must_use]
    pub fn of(kind: Token) -> Self {
        match kind {
            Token::Session => Self::SessionToken,
            Token::Bedrock | Token::BedrockShort => Self::BedrockApiKey,
            Token::EcrAuthorization => Self::EcrAuthorization,
            Token::Mws => Self::MwsToken,
            Token::AppSync => Self::AppSyncApiKey,
            Token::CodeCommit | Token::ServiceUser => Self::ServiceCredentials,
            Token::Sso => Self::SsoToken,
            Token::PrivateKey => Self::PrivateKey,
            Token::SmtpPassword => Self::SesSmtpPassword,
        }
    }

    /// The name in reports.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.facts().title
    }

    /// What is known of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        // Every rule has its entry: the type of the table says how many there are, and a test that none is there
        // twice.
        match self {
            Self::Own(own) => own.facts(),
            built_in => FACTS.iter().find(|facts| facts.rule == Some(built_in)).unwrap_or(&FACTS[0]),
        }
    }

    /// The rule of this name, of those that are built in.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        FACTS.iter().find(|facts| facts.id == id)?.rule
    }
}

/// Is it real?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Forty bare random characters.
    Low,
    /// A labelled secret.
    Medium,
    /// A pair; a well-formed key ID wherever it stands.
    High,
}

/// What can it do?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It names a key, where such names belong: in a URL or a header.
    Low,
    /// It names a key.
    Medium,
    /// It is a secret without its ID, or a temporary pair, which expires.
    High,
    /// It opens an account until somebody switches it off.
    Critical,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_facts_of_its_own_and_is_found_by_its_name() {
        let rules: HashSet<_> = FACTS.iter().map(|facts| facts.rule).collect();
        assert_eq!(rules.len(), FACTS.len());
        for facts in &FACTS {
            assert_eq!(facts.rule.map(|rule| rule.facts().id), Some(facts.id));
            assert_eq!(Rule::named(facts.id), facts.rule);
        }
    }
}
