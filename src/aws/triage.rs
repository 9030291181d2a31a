//! From what is known of a key to how urgent it is and what to do next: no calls, no clock, no printing.
//!
//! The order of the steps is that of `keyward deactivate`: off first, as a responder, because the policy with which AWS
//! quarantines a user forbids the user to switch its own key off; then what the key has made, then what it may do.

use super::facts::{Facts, Grant, NoOwner, Owner, Password, Way};
use super::iam::{Listed, Status};
use super::moment::Moment;
use super::policy::Power;
use super::seen::Seen;
use crate::config::respond::Again;
use crate::sanitize::shell_word;
use std::fmt;

/// Days after which a key is to be replaced, as AWS and the guides have it.
pub const ROTATE_AFTER_DAYS: u64 = 90;

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It is off, and nothing is known that it left behind.
    Low,
    /// It does harm within limits, or may have left something behind.
    High,
    /// Whoever holds it may do more than its work, or nobody knows what they may do.
    Urgent,
}

/// How urgent, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// How urgent.
    pub urgency: Urgency,
    /// Why.
    pub reason: String,
    /// What to do, in this order.
    pub steps: Vec<Step>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What, and why there.
    pub text: String,
    /// What to type, if it is a command.
    pub command: Option<String>,
}

impl Urgency {
    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl fmt::Display for Urgency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Step {
    fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    fn run(text: impl Into<String>, command: impl Into<String>) -> Self {
        Self { text: text.into(), command: Some(command.into()) }
    }
}

/// What the facts come to.
#[must_use]
pub fn assess(facts: &Facts, seen: Option<&Seen>, now: Moment, again: &Again) -> Assessment {
    let (urgency, reason) = urgency(facts, seen);
    Assessment { urgency, reason, steps: steps(facts, seen, now, again) }
}

fn urgency(facts: &Facts, seen: Option<&Seen>) -> (Urgency, String) {
    let status = match facts.status() {
        Some(Status::Inactive) => return of_an_inactive(facts, seen),
        Some(status) => status.to_string(),
        None => "active, as far as is known".to_owned(),
    };
    if facts.owner == Owner::Root {
        return (Urgency::Urgent, format!("{status}, and root's: no policy of the account limits it"));
    }
    if let Some(quarantine) = facts.quarantine() {
        return (
            Urgency::Urgent,
            format!("{status}, and AWS has seen it in public ({} is attached)", quarantine.policy),
        );
    }
    let mut grave: Vec<_> = facts.powers().map(|(power, _)| power).filter(|power| power.is_grave()).collect();
    grave.sort();
    if let Some(power) = grave.first() {
        return (Urgency::Urgent, format!("{status}, and may {power}"));
    }
    if !facts.knows_all_grants {
        return (Urgency::Urgent, format!("{status}, and what it may do is not wholly known"));
    }
    (Urgency::High, format!("{status}, and what it may do has limits"))
}

fn of_an_inactive(facts: &Facts, seen: Option<&Seen>) -> (Urgency, String) {
    if seen != Some(&Seen::Never) && (facts.makes_identities() || !facts.knows_all_grants) {
        let reason = "inactive, but it was used, and may have made keys and users that are not";
        return (Urgency::High, reason.to_owned());
    }
    (Urgency::Low, "inactive: it is off".to_owned())
}

fn steps(facts: &Facts, seen: Option<&Seen>, now: Moment, again: &Again) -> Vec<Step> {
    let mut steps = Vec::new();
    let is_off = facts.status() == Some(Status::Inactive);
    match &facts.owner {
        Owner::Root => steps.extend(of_root(facts, is_off)),
        Owner::User(user) => {
            if !is_off {
                let command = format!("keyward deactivate {}{}", facts.key_id, again.keyward);
                let first = match facts.quarantine() {
                    Some(_) => "switch it off, as you: its own user is quarantined, and may not",
                    None => "switch it off; what still uses it will stop",
                };
                steps.push(Step::run(first, command));
            }
            steps.extend(other_keys(facts, again));
            if seen != Some(&Seen::Never) {
                steps.push(end_sessions("user", user, now, again));
            }
        }
    }
    steps.push(look_in_cloudtrail(facts, again));
    if let Owner::User(user) = &facts.owner {
        steps.extend(other_ways_in(facts, user, again));
        steps.extend(quarantine(facts, user, again));
        steps.extend(fewer_rights(facts));
        let command = format!(
            "aws iam delete-access-key --user-name {} --access-key-id {}{}",
            shell_word(user),
            facts.key_id,
            again.aws
        );
        steps.push(Step::run("once nothing misses it, delete it; give what used it a role or a profile", command));
    }
    steps
}

fn of_root(facts: &Facts, is_off: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if !is_off {
        let command = format!("keyward deactivate {} --with-leaked-key --scan PATH", facts.key_id);
        steps.push(Step::run("switch it off with itself: nobody but root can", command));
    }
    steps.push(Step::say(
        "sign in as root: delete the key, change the password, look at the MFA devices; root needs no key at all",
    ));
    steps
}

fn other_keys(facts: &Facts, again: &Again) -> Vec<Step> {
    let active = facts.others.iter().flatten().filter(|other| other.key.status != Status::Inactive);
    let step = |other: &Listed| {
        let text = "the user's other key does the same: switch it off, too, unless you know who holds it";
        Step::run(text, format!("keyward deactivate {}{}", other.key_id, again.keyward))
    };
    active.map(|other| step(&other.key)).collect()
}

/// Sessions outlive the key that began them; the console revokes a role's in the same way.
fn end_sessions(kind: &str, name: &str, now: Moment, again: &Again) -> Step {
    let text = "end the sessions that it has begun: they outlive it by up to 36 hours";
    Step::run(text, revoke(kind, &shell_word(name), &now.to_string(), again))
}

fn revoke(kind: &str, name: &str, before: &str, again: &Again) -> String {
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{before}"}}}}}}]}}"#
    );
    format!(
        "aws iam put-{kind}-policy --{kind}-name {name} --policy-name AWSRevokeOlderSessions --policy-document '{document}'{}",
        again.aws
    )
}

fn look_in_cloudtrail(facts: &Facts, again: &Again) -> Step {
    let text = if facts.makes_identities() {
        "look for what it did in each region, for keys and users that it made first (CreateAccessKey, CreateUser, \
         CreateLoginProfile, CreateRole)"
    } else {
        "look for what it did, in each region"
    };
    let attribute = format!("AttributeKey=AccessKeyId,AttributeValue={}", facts.key_id);
    Step::run(text, format!("aws cloudtrail lookup-events --lookup-attributes {attribute}{}", again.aws))
}

fn other_ways_in(facts: &Facts, user: &str, again: &Again) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(Password::Since(since)) = facts.password {
        let text = format!("the user has a console password since {}: take it away if nobody needs it", since.day());
        steps.push(Step::run(
            text,
            format!("aws iam delete-login-profile --user-name {}{}", shell_word(user), again.aws),
        ));
    }
    for credential in facts.service_credentials.iter().flatten().filter(|credential| credential.is_active) {
        let text = format!("the user has a credential for {}, which goes on working", credential.service);
        let command = format!(
            "aws iam update-service-specific-credential --user-name {} --service-specific-credential-id {} \
             --status Inactive{}",
            shell_word(user),
            shell_word(&credential.id),
            again.aws
        );
        steps.push(Step::run(text, command));
    }
    if facts.signers.is_some_and(|count| count > 0) {
        steps.push(Step::say("look at the user's signing certificates and SSH keys: they go on working"));
    }
    steps
}

/// The trap of the order: quarantined first, the user cannot switch its own key off any more.
fn quarantine(facts: &Facts, user: &str, again: &Again) -> Option<Step> {
    if let Some(Grant { policy, way: Way::Attached(arn), group: None, .. }) = facts.quarantine() {
        let command = format!(
            "aws iam detach-user-policy --user-name {} --policy-arn {}{}",
            shell_word(user),
            shell_word(arn),
            again.aws
        );
        return Some(Step::run(format!("{policy} can go once the key is replaced"), command));
    }
    let is_grave = facts.powers().any(|(power, _)| power.is_grave());
    is_grave.then(|| {
        Step::run(
            "if the user must be stopped as a whole, quarantine it, but only after the first step: the policy denies \
             it to switch its own keys off",
            format!(
                "aws iam attach-user-policy --user-name {} --policy-arn \
                 arn:{}:iam::aws:policy/AWSCompromisedKeyQuarantineV3{}",
                shell_word(user),
                facts.partition,
                again.aws
            ),
        )
    })
}

fn fewer_rights(facts: &Facts) -> Vec<Step> {
    let grave = |grant: &&Grant| grant.powers.iter().flatten().any(Power::is_grave);
    let step = |grant: &Grant| {
        let whom = grant.group.as_ref().map_or_else(|| "the user".to_owned(), |group| format!("group {group}"));
        Step::say(format!("take {} from {whom}; give the user what its work needs", grant.policy))
    };
    facts.grants.iter().filter(grave).map(step).collect()
}

/// What can be done about a key whose owner could not be read.
#[must_use]
pub fn without_owner(why: &NoOwner, key: &str, now: Moment, again: &Again) -> Vec<Step> {
    match why {
        NoOwner::Temporary => of_temporary(now, again),
        NoOwner::OtherAccount(account) => vec![
            Step::run(
                format!("ask with credentials of account {account}"),
                format!("keyward triage {key} --profile NAME"),
            ),
            Step::say("if the account is not yours, tell whoever owns it, or AWS (trustandsafety@support.aws.com)"),
        ],
        NoOwner::NotThere => vec![
            Step::run("ask whether it is live at all", format!("keyward verify {key}{}", again.keyward)),
            Step::say("if it is, it belongs to another account: ask with credentials of that one"),
        ],
        NoOwner::NotKnown(unknown) => vec![Step::run(
            format!("ask again as somebody who may call iam:{}", unknown.call),
            format!("keyward triage {key} --profile NAME"),
        )],
    }
}

/// Temporary keys cannot be switched off; what they may do can be denied to all that were made before now.
fn of_temporary(now: Moment, again: &Again) -> Vec<Step> {
    vec![
        Step::run("find out the role or user behind it; its token must be there, too", "keyward verify --scan PATH"),
        Step::run(
            "if it is a role's: deny everything to all of the role's sessions that are older than now",
            revoke("role", "ROLE", &now.to_string(), again),
        ),
        Step::run(
            "if it is a user's (GetSessionToken, GetFederationToken): the same for the user, and switch off the key \
             that made it",
            revoke("user", "USER", &now.to_string(), again),
        ),
        Step::say(
            "if the role is one of Identity Center (AWSReservedSSO_...), it cannot be edited: end the user's sessions \
             there, and change the permission set or a policy of the organisation",
        ),
        Step::say("to see that it works, try another call than GetCallerIdentity, which is still answered"),
    ]
}
