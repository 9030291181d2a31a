//! What IAM tells of a key's owner: read with a responder's credentials, never with the leaked key unless it must.
//!
//! Each call may be refused, and the rest still stands: what could not be read is a gap with its reason, never an empty
//! list that looks like good news.

use super::fault::Fault;
use super::iam::{Iam, Known, Listed, Status, Unknown};
use super::moment::Moment;
use super::policy::{self, Power};
use super::responder::LastUse;
use crate::credential::{Account, KeyId};

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A user of IAM.
    User(String),
    /// The root user of the account.
    Root,
}

/// Why the owner of a key could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoOwner {
    /// It is temporary: IAM keeps no list of these.
    Temporary,
    /// It belongs to this account, and who asks to another.
    OtherAccount(Account),
    /// IAM knows no such key in the account of who asks: deleted, or another account's.
    NotThere,
    /// The call failed.
    NotKnown(Unknown),
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What: `inline policies`.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// What is known of a key and its owner. What is `None` is not known, and stands among the gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The key.
    pub key_id: KeyId,
    /// Its account.
    pub account: Account,
    /// The partition of the account, as ARNs name it.
    pub partition: String,
    /// Whose it is.
    pub owner: Owner,
    /// When and for what it was last used.
    pub last_use: Option<LastUse>,
    /// The key in the list of its owner's.
    pub key: Option<Listed>,
    /// The owner's other keys.
    pub others: Option<Vec<OtherKey>>,
    /// What the owner may do, by policy.
    pub grants: Vec<Grant>,
    /// Is this list of policies whole, and was each of them read?
    pub knows_all_grants: bool,
    /// The policy that bounds what the owner may do, if there is one.
    pub boundary: Option<String>,
    /// The console password.
    pub password: Option<Password>,
    /// How many devices for a second factor.
    pub mfa: Option<usize>,
    /// Credentials for single services.
    pub service_credentials: Option<Vec<ServiceCredential>>,
    /// Active certificates and SSH keys.
    pub signers: Option<usize>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Another key of the same owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherKey {
    /// As IAM lists it.
    pub key: Listed,
    /// When and for what it was last used.
    pub last_use: Option<LastUse>,
}

/// Does the owner have a password for the console?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    /// No.
    None,
    /// Since then.
    Since(Moment),
}

/// A credential for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCredential {
    /// Its ID, with which it is switched off.
    pub id: String,
    /// `codecommit.amazonaws.com` and the like.
    pub service: String,
    /// Is it on?
    pub is_active: bool,
}

/// A policy, and how the owner came by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub policy: String,
    /// How.
    pub way: Way,
    /// Through this group.
    pub group: Option<String>,
    /// What it lets the owner do that is wide; nothing where it could not be read.
    pub powers: Option<Vec<Power>>,
}

/// How a policy is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A policy of its own, attached.
    Attached(String),
    /// Written into the user or group.
    Inline,
}

impl Facts {
    /// The policy with which AWS quarantines users, if it is attached.
    #[must_use]
    pub fn quarantine(&self) -> Option<&Grant> {
        self.grants.iter().find(|grant| policy::is_quarantine(&grant.policy))
    }

    /// The name that IAM's calls take; nothing for root.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.owner {
            Owner::User(name) => Some(name),
            Owner::Root => None,
        }
    }

    /// Is the key on? `None` where that could not be read.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.key.as_ref().map(|key| key.status)
    }

    /// The powers of all policies, each with the policy.
    pub fn powers(&self) -> impl Iterator<Item = (&Power, &Grant)> {
        self.grants.iter().flat_map(|grant| grant.powers.iter().flatten().map(move |power| (power, grant)))
    }

    /// May the owner make keys, users and passwords, as far as is known?
    #[must_use]
    pub fn makes_identities(&self) -> bool {
        self.owner == Owner::Root || self.powers().any(|(power, _)| power.makes_identities())
    }
}

impl Iam<'_> {
    /// Whose `key` is, and its last use.
    ///
    /// # Errors
    /// Why that could not be read.
    pub fn owner(&self, key: &KeyId) -> std::result::Result<(Owner, LastUse), NoOwner> {
        if key.is_temporary() {
            return Err(NoOwner::Temporary);
        }
        match key.account() {
            Some(account) if account != self.identity.arn.account() => return Err(NoOwner::OtherAccount(account)),
            _ => {}
        }
        let last_use = self.last_use(key).map_err(|unknown| match &unknown.fault {
            _ if unknown.is_absence() => NoOwner::NotThere,
            Fault::Refused(refusal)
                if refusal.code == "AccessDenied" && !refusal.message.contains("not authorized") =>
            {
                NoOwner::NotThere
            }
            _ => NoOwner::NotKnown(unknown),
        })?;
        let owner = match &last_use.user {
            Some(name) if name != "<root_account>" => Owner::User(name.clone()),
            _ => Owner::Root,
        };
        Ok((owner, last_use))
    }

    /// All that IAM tells of `key`, whose owner is known.
    #[must_use]
    pub fn facts(&self, key: &KeyId, owner: Owner, last_use: Known<LastUse>) -> Facts {
        let mut reading = Reading { iam: self, gaps: Vec::new() };
        let last_use = reading.note("the last use", last_use);
        let facts = match &owner {
            Owner::User(name) => reading.of_user(name, key),
            Owner::Root => reading.of_root(key),
        };
        Facts { owner, last_use, gaps: reading.gaps, ..facts }
    }
}

/// Calls, and what of them failed.
struct Reading<'i, 'c> {
    iam: &'i Iam<'c>,
    gaps: Vec<Gap>,
}

impl Reading<'_, '_> {
    /// What is known; what is not becomes a gap.
    fn note<T>(&mut self, what: impl Into<String>, known: Known<T>) -> Option<T> {
        known.map_err(|unknown| self.gaps.push(Gap { what: what.into(), why: unknown.to_string() })).ok()
    }

    fn of_user(&mut self, name: &str, key: &KeyId) -> Facts {
        let (own, others) = self.keys(Some(name), key);
        let (grants, knows_all_grants) = self.grants(name);
        let boundary = self.iam.boundary(name);
        let password = self.iam.password(name);
        let mfa = self.iam.mfa_devices(name);
        let service_credentials = self.iam.service_credentials(name);
        let signers = self.iam.signers(name);
        Facts {
            key: own,
            others,
            grants,
            knows_all_grants,
            boundary: self.note("the permissions boundary", boundary).flatten(),
            password: self.note("the console password", password),
            mfa: self.note("MFA devices", mfa),
            service_credentials: self.note("service-specific credentials", service_credentials),
            signers: self.note("certificates and SSH keys", signers),
            ..self.empty(*key)
        }
    }

    /// Of root, IAM tells little: its keys only to itself.
    fn of_root(&mut self, key: &KeyId) -> Facts {
        let is_itself = self.iam.key_id == key.as_str();
        let (own, others) = if is_itself {
            self.keys(None, key)
        } else {
            let why = "only root itself can list its keys".to_owned();
            self.gaps.push(Gap { what: "whether the key is active".to_owned(), why });
            (None, None)
        };
        Facts { key: own, others, ..self.empty(*key) }
    }

    fn keys(&mut self, user: Option<&str>, key: &KeyId) -> (Option<Listed>, Option<Vec<OtherKey>>) {
        let listed = self.iam.keys(user);
        let Some(listed) = self.note("whether the key is active, and other keys", listed) else { return (None, None) };
        let (own, others): (Vec<_>, Vec<_>) = listed.into_iter().partition(|listed| listed.key_id == key.as_str());
        if own.is_empty() {
            let why = "it is not in the list of its owner's keys (just deleted?)".to_owned();
            self.gaps.push(Gap { what: "whether the key is active".to_owned(), why });
        }
        let others = others.into_iter().map(|other| {
            let last_use = KeyId::parse(other.key_id.as_bytes()).and_then(|id| {
                let last_use = self.iam.last_use(&id);
                self.note(format!("the last use of {id}"), last_use)
            });
            OtherKey { key: other, last_use }
        });
        (own.into_iter().next(), Some(others.collect()))
    }

    /// All policies of a user, and whether that is all.
    fn grants(&mut self, user: &str) -> (Vec<Grant>, bool) {
        let before = self.gaps.len();
        let attached = self.iam.attached_to_user(user);
        let mut grants = self.note("attached policies", attached).unwrap_or_default();
        let inline = self.iam.inline_of_user(user);
        grants.extend(self.note("inline policies", inline).unwrap_or_default());
        let groups = self.iam.groups(user);
        for group in self.note("groups", groups).unwrap_or_default() {
            let attached = self.iam.attached_to_group(&group);
            grants.extend(self.note(format!("policies attached to group {group}"), attached).unwrap_or_default());
            let inline = self.iam.inline_of_group(&group);
            grants.extend(self.note(format!("inline policies of group {group}"), inline).unwrap_or_default());
        }
        for grant in &mut grants {
            let what = format!("what policy {} allows", grant.policy);
            match self.iam.powers(user, grant) {
                Ok(None) => {
                    self.gaps.push(Gap { what, why: "its document is not one that keyward can read".to_owned() });
                }
                known => grant.powers = self.note(what, known).flatten(),
            }
        }
        let knows_all = self.gaps.len() == before;
        (grants, knows_all)
    }

    /// Nothing is known yet.
    fn empty(&self, key_id: KeyId) -> Facts {
        let arn = &self.iam.identity.arn;
        Facts {
            key_id,
            account: arn.account(),
            partition: arn.partition().to_owned(),
            owner: Owner::Root,
            last_use: None,
            key: None,
            others: None,
            grants: Vec::new(),
            knows_all_grants: true,
            boundary: None,
            password: None,
            mfa: None,
            service_credentials: None,
            signers: None,
            gaps: Vec::new(),
        }
    }
}
