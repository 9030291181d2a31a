//! What triage found, as people and programs get it.

use super::lines::{hanging, wrapped};
use super::triage::reason;
use crate::aws::endpoint::Endpoint;
use crate::aws::facts::{Facts, Grant, NoOwner, Owner, Password, Way};
use crate::aws::iam::Status;
use crate::aws::moment::Moment;
use crate::aws::policy::Power;
use crate::aws::responder::LastUse;
use crate::aws::seen::{Before, Seen};
use crate::aws::triage::{Assessment, ROTATE_AFTER_DAYS, Step};
use crate::config::respond::VerdictFormat;
use crate::credential::{Account, KeyId};
use crate::error::Result;
use crate::sanitize::sanitize;
use crate::{Streams, said};
use serde_json::{Value, json};
use std::io::{self, Write};

/// A key that was looked into.
pub(super) enum Triaged {
    /// Its owner is known.
    Known { facts: Box<Facts>, seen: Option<Seen>, assessment: Assessment },
    /// Its owner could not be read.
    Unknown {
        key: KeyId,
        /// The account of who asked.
        asked_in: Account,
        why: NoOwner,
        steps: Vec<Step>,
    },
}

/// Writes what was found to standard output.
///
/// # Errors
/// What writing reports.
pub(super) fn write(
    all: &[Triaged],
    endpoint: &Endpoint,
    now: Moment,
    format: VerdictFormat,
    streams: &mut Streams<'_>,
) -> Result<()> {
    let mut out = io::BufWriter::new(&mut *streams.out);
    let mut write = || -> io::Result<()> {
        match format {
            VerdictFormat::Human => {
                for (at, one) in all.iter().enumerate() {
                    if at > 0 {
                        writeln!(out)?;
                    }
                    human(one, endpoint, now, &mut out)?;
                }
            }
            VerdictFormat::Jsonl => {
                for one in all {
                    serde_json::to_writer(&mut out, &object(one, endpoint, now))?;
                    writeln!(out)?;
                }
            }
            VerdictFormat::Json => {
                let all: Vec<_> = all.iter().map(|one| object(one, endpoint, now)).collect();
                serde_json::to_writer_pretty(&mut out, &json!({ "schema": 1, "triage": all }))?;
                writeln!(out)?;
            }
        }
        out.flush()
    };
    said(write())
}

fn human(one: &Triaged, endpoint: &Endpoint, now: Moment, out: &mut dyn Write) -> io::Result<()> {
    let (head, lines, steps) = match one {
        Triaged::Known { facts, seen, assessment } => {
            let word = assessment.urgency.name().to_uppercase();
            let head = format!("{}  {}, account {}", facts.key_id, owner(facts), facts.account);
            let mut lines = vec![assessment.reason.clone()];
            lines.extend(known(facts, seen.as_ref(), now));
            (format!("{head:<72}{word:>8}"), lines, &assessment.steps)
        }
        Triaged::Unknown { key, asked_in, why, steps } => {
            (format!("{:<72}{:>8}", key.as_str(), "UNKNOWN"), vec![reason(why, &asked_in.to_string())], steps)
        }
    };
    writeln!(out, "{}", sanitize(&head))?;
    for line in lines {
        writeln!(out, "{}", wrapped("  ", &sanitize(&line)))?;
    }
    if endpoint.url().is_some() {
        writeln!(out, "  ({endpoint})")?;
    }
    writeln!(out, "Next:")?;
    for (number, step) in steps.iter().enumerate() {
        writeln!(out, "{}", hanging(&format!("  {}. ", number + 1), 5, &sanitize(&step.text)))?;
        if let Some(command) = &step.command {
            writeln!(out, "       {}", sanitize(command))?;
        }
    }
    Ok(())
}

fn owner(facts: &Facts) -> String {
    match &facts.owner {
        Owner::User(name) => format!("user {name}"),
        Owner::Root => "the root user".to_owned(),
    }
}

/// The facts, a line each.
fn known(facts: &Facts, seen: Option<&Seen>, now: Moment) -> Vec<String> {
    let mut lines = vec![seen.map_or_else(|| "last use not known".to_owned(), |seen| last_use(seen, now))];
    lines.extend(facts.key.as_ref().and_then(|key| key.created).map(|created| age(created, now)));
    lines.extend(powers(facts));
    lines.extend(other_policies(facts));
    lines.extend(facts.boundary.as_ref().map(|arn| format!("bounded by {arn}, which is not weighed here")));
    if facts.user().is_some() && !facts.gaps.iter().any(|gap| gap.what == "attached policies") {
        lines.push(match facts.quarantine() {
            Some(grant) => format!("quarantined by AWS: {} is attached", grant.policy),
            None => "not quarantined by AWS".to_owned(),
        });
    }
    lines.extend(other_keys(facts, now));
    lines.extend(ways_in(facts));
    for gap in &facts.gaps {
        lines.push(format!("not known: {} ({})", gap.what, gap.why));
    }
    lines
}

fn last_use(seen: &Seen, now: Moment) -> String {
    match seen {
        Seen::Never => "never used".to_owned(),
        Seen::Used(used) => format!("last used {}", use_of(used, now)),
        Seen::OwnCall { at, before } => {
            let own = format!("last used {} for sts: keyward's own call, most likely;", at.day());
            match before {
                Before::Never => format!("{own} never used before"),
                Before::Used(used) => format!("{own} before that {}", use_of(used, now)),
                Before::NotRead(why) => format!("{own} what was before is not known ({why})"),
            }
        }
    }
}

/// `2026-11-21 (2 days ago) for s3 in eu-west-1`.
pub(super) fn use_of(used: &LastUse, now: Moment) -> String {
    let at = used.at.as_deref().and_then(Moment::parse);
    let day =
        at.map_or_else(|| "at a time that is not known".to_owned(), |at| format!("{} ({})", at.day(), at.ago(now)));
    let service = used.service.as_ref().map(|service| format!(" for {service}")).unwrap_or_default();
    let region = used.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    format!("{day}{service}{region}")
}

fn age(created: Moment, now: Moment) -> String {
    let days = now.days_since(created);
    let old = if days > ROTATE_AFTER_DAYS {
        format!(": older than {ROTATE_AFTER_DAYS} days, after which a key is to be replaced")
    } else {
        String::new()
    };
    format!("created {}, {}{old}", created.day(), created.ago(now))
}

fn powers(facts: &Facts) -> Vec<String> {
    if facts.owner == Owner::Root {
        return vec!["may do everything: it is root's".to_owned()];
    }
    let mut powers: Vec<_> = facts.powers().collect();
    powers.sort_by_key(|(power, _)| *power);
    powers.into_iter().map(|(power, grant)| format!("may {power}: {} ({})", grant.policy, way(grant))).collect()
}

fn way(grant: &Grant) -> String {
    match (&grant.way, &grant.group) {
        (Way::Attached(_), None) => "attached to the user".to_owned(),
        (Way::Attached(_), Some(group)) => format!("attached to group {group}"),
        (Way::Inline, None) => "inline".to_owned(),
        (Way::Inline, Some(group)) => format!("inline in group {group}"),
    }
}

fn other_policies(facts: &Facts) -> Option<String> {
    let is_narrow = |grant: &&Grant| grant.powers.as_ref().is_none_or(Vec::is_empty);
    let quarantine = facts.quarantine();
    let narrow = facts.grants.iter().filter(is_narrow).filter(|grant| Some(*grant) != quarantine);
    let narrow: Vec<_> = narrow.map(|grant| format!("{} ({})", grant.policy, way(grant))).collect();
    if narrow.is_empty() {
        let nothing = facts.grants.is_empty() && facts.knows_all_grants && facts.user().is_some();
        return nothing.then(|| "may do nothing: the user has no policies".to_owned());
    }
    Some(format!("other policies: {}", narrow.join(", ")))
}

fn other_keys(facts: &Facts, now: Moment) -> Vec<String> {
    let others = facts.others.iter().flatten();
    let line = |other: &crate::aws::facts::OtherKey| {
        let used =
            other.last_use.as_ref().map_or_else(|| "last use not known".to_owned(), |used| used_or_never(used, now));
        let (id, status) = (&other.key.key_id, other.key.status);
        match status {
            Status::Inactive => format!("the user has another key {id}: {status}, {used}"),
            Status::Active | Status::Other => {
                format!("the user has another key {id}: {status}, {used}: deactivating this one does not stop it")
            }
        }
    };
    others.map(line).collect()
}

pub(super) fn used_or_never(used: &LastUse, now: Moment) -> String {
    if used.at.is_some() { format!("used {}", use_of(used, now)) } else { "never used".to_owned() }
}

fn ways_in(facts: &Facts) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(Password::Since(since)) = facts.password {
        let mfa = match facts.mfa {
            Some(0) => ", without MFA",
            Some(_) => ", with MFA",
            None => "",
        };
        lines.push(format!("console password since {}{mfa}", since.day()));
    }
    for credential in facts.service_credentials.iter().flatten() {
        let status = if credential.is_active { "active" } else { "inactive" };
        lines.push(format!("credential for {}: {}, {status}", credential.service, credential.id));
    }
    if let Some(count @ 1..) = facts.signers {
        lines.push(format!("{count} active signing certificates or SSH keys"));
    }
    lines
}

fn object(one: &Triaged, endpoint: &Endpoint, now: Moment) -> Value {
    match one {
        Triaged::Known { facts, seen, assessment } => known_object(facts, seen.as_ref(), assessment, endpoint, now),
        Triaged::Unknown { key, asked_in, why, steps } => json!({
            "schema": 1,
            "type": "triage",
            "key_id": key.as_str(),
            "account": key.account().map(|account| account.to_string()),
            "endpoint": endpoint.url(),
            "owner": null,
            "why": reason(why, &asked_in.to_string()),
            "steps": step_objects(steps),
        }),
    }
}

fn known_object(
    facts: &Facts,
    seen: Option<&Seen>,
    assessment: &Assessment,
    endpoint: &Endpoint,
    now: Moment,
) -> Value {
    let created = facts.key.as_ref().and_then(|key| key.created);
    let own_call = match seen {
        Some(Seen::OwnCall { at, .. }) => Some(at),
        _ => None,
    };
    let password = match facts.password {
        None => json!(null),
        Some(Password::None) => json!({ "exists": false }),
        Some(Password::Since(since)) => json!({ "exists": true, "since": since }),
    };
    json!({
        "schema": 1,
        "type": "triage",
        "key_id": facts.key_id.as_str(),
        "account": facts.account.to_string(),
        "endpoint": endpoint.url(),
        "owner": match &facts.owner {
            Owner::User(name) => json!({ "kind": "user", "name": name }),
            Owner::Root => json!({ "kind": "root", "name": null }),
        },
        "urgency": assessment.urgency.name(),
        "reason": assessment.reason,
        "status": facts.status().map(|status| status.to_string()),
        "created": created,
        "age_days": created.map(|created| now.days_since(created)),
        "last_use": facts.last_use,
        "last_use_is_keywards_own": own_call.is_some(),
        "last_use_by_others": seen.and_then(Seen::by_others),
        "other_keys": facts.others.as_ref().map(|others| others.iter().map(|other| json!({
            "key_id": other.key.key_id,
            "status": other.key.status.to_string(),
            "created": other.key.created,
            "last_use": other.last_use,
        })).collect::<Vec<_>>()),
        "policies": facts.grants.iter().map(|grant| json!({
            "name": grant.policy,
            "arn": match &grant.way { Way::Attached(arn) => Some(arn), Way::Inline => None },
            "inline": grant.way == Way::Inline,
            "group": grant.group,
            "may": grant.powers.as_ref().map(|powers| powers.iter().map(Power::to_string).collect::<Vec<_>>()),
        })).collect::<Vec<_>>(),
        "policies_complete": facts.knows_all_grants,
        "boundary": facts.boundary,
        "quarantine": facts.quarantine().map(|grant| &grant.policy),
        "console_password": password,
        "mfa_devices": facts.mfa,
        "service_credentials": facts.service_credentials.as_ref().map(|all| all.iter().map(|one| json!({
            "id": one.id,
            "service": one.service,
            "active": one.is_active,
        })).collect::<Vec<_>>()),
        "certificates_and_ssh_keys": facts.signers,
        "not_known": facts.gaps.iter().map(|gap| json!({ "what": gap.what, "why": gap.why })).collect::<Vec<_>>(),
        "steps": step_objects(&assessment.steps),
    })
}

fn step_objects(steps: &[Step]) -> Vec<Value> {
    steps.iter().map(|step| json!({ "text": step.text, "command": step.command })).collect()
}
