//! The calls that tell of a user, one after the other, each whole: every page of it.

use super::facts::{Grant, Password, ServiceCredential, Way};
use super::fault::Fault;
use super::iam::{Iam, Known, Unknown};
use super::moment::Moment;
use super::policy::{self, Power};
use super::responder::LastUse;
use crate::credential::KeyId;
use aws_sdk_iam::types::{AttachedPolicy, StatusType};
use aws_smithy_types::date_time::Format;

/// Pages of a list that does not page itself; more means that somebody else answers than AWS.
const PAGES: usize = 100;

/// What all pages of a call hold, or why not.
macro_rules! all {
    ($iam:expr, $name:literal, $call:expr) => {
        $iam.client
            .wait($call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>())
            .map_err(|error| Unknown::of($name, &error))
    };
}

/// What one call answers, or why not.
macro_rules! one {
    ($iam:expr, $name:literal, $call:expr) => {
        $iam.client.wait($call.send()).map_err(|error| Unknown::of($name, &error))
    };
}

impl Iam<'_> {
    /// When and for what the key was last used, and whose it is.
    ///
    /// # Errors
    /// Where IAM refuses, or is not reached. It refuses for keys of other accounts, and for keys that are gone.
    pub fn last_use(&self, key: &KeyId) -> Known<LastUse> {
        let call = self.sdk.get_access_key_last_used().access_key_id(key.as_str());
        let answer = one!(self, "GetAccessKeyLastUsed", call)?;
        let used = answer.access_key_last_used();
        // IAM writes this for what it does not know.
        let known = |text: &str| (text != "N/A").then(|| text.to_owned());
        Ok(LastUse {
            user: answer.user_name().map(str::to_owned),
            at: used.and_then(|used| used.last_used_date()?.fmt(Format::DateTime).ok()),
            service: used.and_then(|used| known(used.service_name())),
            region: used.and_then(|used| known(used.region())),
        })
    }

    pub(super) fn attached_to_user(&self, user: &str) -> Known<Vec<Grant>> {
        let policies = all!(self, "ListAttachedUserPolicies", self.sdk.list_attached_user_policies().user_name(user))?;
        Ok(attached(&policies, None))
    }

    pub(super) fn attached_to_group(&self, group: &str) -> Known<Vec<Grant>> {
        let call = self.sdk.list_attached_group_policies().group_name(group);
        let policies = all!(self, "ListAttachedGroupPolicies", call)?;
        Ok(attached(&policies, Some(group)))
    }

    pub(super) fn inline_of_user(&self, user: &str) -> Known<Vec<Grant>> {
        let names = all!(self, "ListUserPolicies", self.sdk.list_user_policies().user_name(user))?;
        Ok(names.into_iter().map(|policy| Grant { policy, way: Way::Inline, group: None, powers: None }).collect())
    }

    pub(super) fn inline_of_group(&self, group: &str) -> Known<Vec<Grant>> {
        let names = all!(self, "ListGroupPolicies", self.sdk.list_group_policies().group_name(group))?;
        let of = |policy| Grant { policy, way: Way::Inline, group: Some(group.to_owned()), powers: None };
        Ok(names.into_iter().map(of).collect())
    }

    pub(super) fn groups(&self, user: &str) -> Known<Vec<String>> {
        let groups = all!(self, "ListGroupsForUser", self.sdk.list_groups_for_user().user_name(user))?;
        Ok(groups.iter().map(|group| group.group_name().to_owned()).collect())
    }

    /// What a policy allows; nothing where its document is not understood.
    pub(super) fn powers(&self, user: &str, grant: &Grant) -> Known<Option<Vec<Power>>> {
        let document = match (&grant.way, &grant.group) {
            (Way::Attached(arn), _) => match policy::of_aws(arn) {
                Some(powers) => return Ok(Some(powers)),
                None => self.document(arn)?,
            },
            (Way::Inline, None) => {
                let call = self.sdk.get_user_policy().user_name(user).policy_name(&grant.policy);
                one!(self, "GetUserPolicy", call)?.policy_document
            }
            (Way::Inline, Some(group)) => {
                let call = self.sdk.get_group_policy().group_name(group).policy_name(&grant.policy);
                one!(self, "GetGroupPolicy", call)?.policy_document
            }
        };
        Ok(policy::powers(&document))
    }

    /// The document of a policy in the version that counts.
    fn document(&self, arn: &str) -> Known<String> {
        let policy = one!(self, "GetPolicy", self.sdk.get_policy().policy_arn(arn))?;
        let version = policy.policy().and_then(|policy| policy.default_version_id()).unwrap_or("v1");
        let call = self.sdk.get_policy_version().policy_arn(arn).version_id(version);
        let answer = one!(self, "GetPolicyVersion", call)?;
        Ok(answer.policy_version().and_then(|version| version.document()).unwrap_or_default().to_owned())
    }

    pub(super) fn boundary(&self, user: &str) -> Known<Option<String>> {
        let answer = one!(self, "GetUser", self.sdk.get_user().user_name(user))?;
        let boundary = answer.user().and_then(|user| user.permissions_boundary()?.permissions_boundary_arn());
        Ok(boundary.map(str::to_owned))
    }

    pub(super) fn password(&self, user: &str) -> Known<Password> {
        match one!(self, "GetLoginProfile", self.sdk.get_login_profile().user_name(user)) {
            Ok(answer) => {
                let since = answer.login_profile().map(|profile| Moment::of(profile.create_date()));
                Ok(since.map_or(Password::None, Password::Since))
            }
            Err(unknown) if unknown.is_absence() => Ok(Password::None),
            Err(unknown) => Err(unknown),
        }
    }

    pub(super) fn mfa_devices(&self, user: &str) -> Known<usize> {
        all!(self, "ListMFADevices", self.sdk.list_mfa_devices().user_name(user)).map(|devices| devices.len())
    }

    pub(super) fn service_credentials(&self, user: &str) -> Known<Vec<ServiceCredential>> {
        let (mut found, mut marker) = (Vec::new(), None);
        for _ in 0..PAGES {
            let call = self.sdk.list_service_specific_credentials().user_name(user).set_marker(marker);
            let answer = one!(self, "ListServiceSpecificCredentials", call)?;
            found.extend(answer.service_specific_credentials().iter().map(|credential| ServiceCredential {
                id: credential.service_specific_credential_id().to_owned(),
                service: credential.service_name().to_owned(),
                is_active: *credential.status() == StatusType::Active,
            }));
            marker = answer.marker().map(str::to_owned).filter(|_| answer.is_truncated());
            if marker.is_none() {
                return Ok(found);
            }
        }
        let fault = Fault::Foreign { status: 200, what: "a list without an end" };
        Err(Unknown { call: "ListServiceSpecificCredentials", fault })
    }

    /// How many active certificates and SSH keys there are.
    pub(super) fn signers(&self, user: &str) -> Known<usize> {
        let certificates = all!(self, "ListSigningCertificates", self.sdk.list_signing_certificates().user_name(user))?;
        let keys = all!(self, "ListSSHPublicKeys", self.sdk.list_ssh_public_keys().user_name(user))?;
        let certificates = certificates.iter().filter(|one| *one.status() == StatusType::Active).count();
        Ok(certificates + keys.iter().filter(|one| *one.status() == StatusType::Active).count())
    }
}

fn attached(policies: &[AttachedPolicy], group: Option<&str>) -> Vec<Grant> {
    let of = |policy: &AttachedPolicy| Grant {
        policy: policy.policy_name().unwrap_or_default().to_owned(),
        way: Way::Attached(policy.policy_arn().unwrap_or_default().to_owned()),
        group: group.map(str::to_owned),
        powers: None,
    };
    policies.iter().map(of).collect()
}
