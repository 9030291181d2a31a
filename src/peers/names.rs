//! Which of keyward's rules a rule of another scanner is about.
//!
//! Sources: gitleaks 8.30 and betterleaks 1.7, their built-in configs; detect-secrets 1.5, `plugins/`; all read
//! 2026-11-24. A rule that is not named here finds nothing of AWS.

use super::Peer;
use crate::allow::Finder;
use crate::pattern::Pattern;

/// What finds the secrets of AWS in gitleaks: a name that holds one of its words, a sign, the value. (`generic-api-key`)
const GENERIC: &str = r#"(?i)(?:access|auth|api|credential|creds|key|passw(?:or)?d|secret|token)[ \t\w.-]{0,20}[\s'"]{0,3}(?:=|>|:|\|\||,)[=>:]{0,2}[`'"\s=]{0,5}[\w.=+/-]{10,150}"#;

/// The rules of keyward that are about a value which `generic-api-key` finds, if a name stands before it.
const SECRETS: [&str; 8] = [
    "aws-access-key",
    "aws-secret-access-key",
    "s3-compatible-secret-key",
    "aws-session-token",
    "aws-ses-smtp-password",
    "aws-service-credentials",
    "aws-sso-token",
    "aws-ecr-authorization",
];

/// The rules of gitleaks and betterleaks that find something of AWS, each with keyward's.
const RULES: [(&str, &[&str]); 7] = [
    ("aws-access-token", &["aws-access-key-id"]),
    ("aws-secret-access-key", &["aws-access-key", "aws-secret-access-key"]),
    ("aws-amazon-bedrock-api-key-long-lived", &["aws-bedrock-api-key"]),
    ("aws-amazon-bedrock-api-key-short-lived", &["aws-bedrock-api-key"]),
    ("amazon-mws-auth-token", &["aws-mws-token"]),
    ("private-key", &["aws-private-key"]),
    ("generic-api-key", &SECRETS),
];

/// The names of the rules that a built-in config brings and that find something of AWS.
pub(super) fn built_in(peer: Peer) -> impl Iterator<Item = &'static str> {
    let is_brought = move |name: &&str| match *name {
        "aws-secret-access-key" => peer == Peer::Betterleaks,
        "amazon-mws-auth-token" => false,
        _ => true,
    };
    RULES.into_iter().map(|(name, _)| name).filter(is_brought)
}

/// What the rule of this name finds; nothing if it is none that is about AWS.
pub(super) fn finder(peer: Peer, name: &str) -> Option<Finder> {
    let rules: &[&str] = match (peer, name) {
        // It reports an ID only together with its secret.
        (Peer::Betterleaks, "aws-access-token") => &["aws-access-key", "aws-access-key-id"],
        _ => RULES.into_iter().find(|(known, _)| *known == name)?.1,
    };
    let pattern = (name == "generic-api-key").then(|| Pattern::new(GENERIC).ok()).flatten();
    Some(Finder { rules: rules.iter().map(|&rule| rule.to_owned()).collect(), pattern, path: None })
}
