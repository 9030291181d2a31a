//! What keyward reports: the rules by name, and the two scales on which a finding is judged.
//!
//! *Confidence* asks "is it real?", *severity* "what can it do?". They are never mixed.

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
}

impl Rule {
    /// The name in reports.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::AccessKey => "aws-access-key",
            Self::AccessKeyId => "aws-access-key-id",
            Self::SecretAccessKey => "aws-secret-access-key",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AccessKey => "AWS access key",
            Self::AccessKeyId => "AWS access key ID",
            Self::SecretAccessKey => "AWS secret access key",
        }
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
