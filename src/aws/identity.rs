//! Who a key is: the ARN that AWS answers with, taken apart.
//!
//! Forms, from the service's documentation: `arn:P:iam::A:user/path/name`, `arn:P:iam::A:root`,
//! `arn:P:sts::A:assumed-role/role/session`, `arn:P:sts::A:federated-user/name`.

use crate::credential::Account;
use std::fmt;

/// An ARN of somebody who may ask, with its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    text: String,
    account: Account,
}

impl Arn {
    /// The ARN in `text`; nothing unless it has the form of one of IAM's or STS's, with an account.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, account, resource) = (parts.next()?, Account::parse(parts.next()?)?, parts.next()?);
        let is_clean = text.chars().all(|letter| letter.is_ascii_graphic());
        (arn == "arn" && partition.starts_with("aws") && matches!(service, "iam" | "sts") && is_clean)
            .then_some(())
            .filter(|()| !resource.is_empty())
            .map(|()| Self { text: text.to_owned(), account })
    }

    /// The ARN that a sentence like `User: arn:aws:iam::... is not authorized to perform: ...` names.
    #[must_use]
    pub fn in_denial(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once("User: ")?;
        let (arn, rest) = rest.split_once(' ')?;
        rest.starts_with("is not authorized").then(|| Self::parse(arn)).flatten()
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account
    }

    /// The partition that it names: `aws` and the like.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.text.split(':').nth(1).unwrap_or_default()
    }

    /// What kind of somebody it is.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        let resource = self.text.splitn(6, ':').nth(5).unwrap_or_default();
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        match kind {
            "root" => Principal::Root,
            "user" => Principal::User(rest.rsplit('/').next().unwrap_or(rest)),
            "assumed-role" => Principal::Role(rest.split('/').next().unwrap_or(rest)),
            "federated-user" => Principal::Federated(rest),
            _ => Principal::Other(resource),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What kind of somebody an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// The account's root user, whom no policy binds.
    Root,
    /// A user of IAM, by the name that IAM's calls take.
    User(&'a str),
    /// A session of this role.
    Role(&'a str),
    /// A session that `GetFederationToken` made, by its name.
    Federated(&'a str),
    /// Something else.
    Other(&'a str),
}

/// What STS answers when it is asked who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub arn: Arn,
    /// The unique ID: `AIDA...` of a user, the account's number for root; nothing where only an ARN was named.
    pub user_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_whose_it_is_and_what_kind_of_somebody() {
        let principals = [
            ("arn:aws:iam::123456789012:root", Principal::Root),
            ("arn:aws-cn:iam::123456789012:user/ci/uploader", Principal::User("uploader")),
            ("arn:aws:sts::123456789012:assumed-role/deploy/session", Principal::Role("deploy")),
            ("arn:aws:sts::123456789012:federated-user/bob", Principal::Federated("bob")),
        ];
        for (text, principal) in principals {
            let arn = Arn::parse(text).unwrap();
            assert_eq!((arn.principal(), arn.account().to_string()), (principal, "123456789012".to_owned()));
        }
    }

    #[test]
    fn what_is_no_arn_of_somebody_is_none() {
        for text in [
            "",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::12:root",
            "arn:aws:iam::123456789012:",
            "arn:x:iam::123456789012:root",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
        assert_eq!(Arn::parse("arn:aws:iam::123456789012:user/\u{1b}[2J"), None);
    }

    #[test]
    fn a_denial_names_its_user_only_in_the_words_of_aws() {
        let denial = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:GetCallerIdentity";
        assert_eq!(Arn::in_denial(denial).unwrap().as_str(), "arn:aws:iam::123456789012:user/ci");
        assert_eq!(Arn::in_denial("arn:aws:iam::123456789012:user/ci was blocked by the proxy"), None);
        assert_eq!(Arn::in_denial("User: guest is not authorized"), None);
    }
}
