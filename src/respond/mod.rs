//! What keyward does about a leaked key: the part of [`crate::run`] that brings a scan, AWS and people together.
//!
//! `aws` knows nothing of findings, and a scan nothing of `aws`; here, and nowhere else, what one found is handed to the
//! other. Nothing is sent before it is said what would be, and nothing to an account of strangers before somebody has
//! said yes.

mod consent;
mod deactivate;
mod gather;
mod lines;
mod noted;
mod plan;
mod recall;
mod triage;
mod triaged;
mod typed;
mod verdicts;

pub use deactivate::deactivate;
pub use triage::triage;

use crate::Streams;
use crate::aws::client::{Act, Client};
use crate::aws::journal::Journal;
use crate::aws::responder::{Found, LastUse};
use crate::aws::verify::{Suspect, Verdict};
use crate::config::ScanSettings;
use crate::config::respond::{Access, Canaries, KeySource, Partition, Verify};
use crate::credential::Account;
use crate::error::{ExitStatus, Result};
use crate::scan;
use consent::Consents;
use gather::{Gathered, Leak};
use std::collections::BTreeSet;
use verdicts::{Asked, Kept, Line, NotAsked};

/// Asks whether the keys are live that `verify` speaks of, and says so.
///
/// # Errors
/// Where keys cannot be gathered, or AWS cannot be asked as it was wished.
pub fn verify(verify: &Verify, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let gathered = gather::gather(&verify.keys, verify.accepted, streams)?;
    let (to_ask, mut lines) = sort(gathered.leaks.clone(), verify.canaries);
    if !to_ask.is_empty() {
        let own = own_accounts(verify)?;
        lines.extend(ask(verify, &own, to_ask, streams)?);
    }
    lines.sort_by_key(|line| line.key_id);
    verdicts::write(&lines, verify, streams)?;
    verdicts::conclude(&lines, &gathered, verify, streams)?;
    Ok(status(&lines, &gathered))
}

/// The accounts that the config calls the user's own.
fn own_accounts(verify: &Verify) -> Result<BTreeSet<Account>> {
    let settings = match &verify.keys {
        KeySource::Scan(settings) => (**settings).clone(),
        KeySource::Report(_) | KeySource::Typed(_) => {
            ScanSettings { config: verify.config.clone(), ..ScanSettings::default() }
        }
    };
    Ok(scan::policy::settle(&settings)?.policy.accounts.clone())
}

/// What is to be asked about, and what is not, with the reason.
fn sort(leaks: Vec<Leak>, canaries: Canaries) -> (Vec<Leak>, Vec<Line>) {
    let (mut to_ask, mut lines) = (Vec::new(), Vec::new());
    for leak in leaks {
        let canary = leak.key_id.account().and_then(Account::canary);
        let why = match canary {
            Some(seller) if canaries == Canaries::LeftAlone => Some(NotAsked::Canary(seller)),
            _ if !leak.still_there => Some(NotAsked::Moved),
            _ if leak.secrets.is_empty() => Some(NotAsked::NoSecret),
            _ if leak.key_id.is_temporary() && leak.tokens.is_empty() => Some(NotAsked::NoToken),
            _ => None,
        };
        match why {
            Some(why) => lines.push(Line::not_asked(&leak, why)),
            None => to_ask.push(leak),
        }
    }
    (to_ask, lines)
}

fn ask(verify: &Verify, own: &BTreeSet<Account>, leaks: Vec<Leak>, streams: &mut Streams<'_>) -> Result<Vec<Line>> {
    let journal = Journal::open(verify.access.evidence.as_deref())?;
    let client = Client::open(&verify.access, Act::Verify)?;
    let keys: Vec<_> = leaks.iter().map(|leak| leak.key_id).collect();
    let found = client.responder(&verify.access, &keys)?;
    let consents = Consents::get(&leaks, own, verify, &client, &found, streams)?;
    let mut lines = Vec::new();
    for leak in leaks {
        if let Some(why) = consents.refusal(&leak) {
            lines.push(Line::not_asked(&leak, why));
            continue;
        }
        let Some(suspect) = suspect(&leak, &verify.access, &client) else {
            lines.push(Line::not_asked(&leak, NotAsked::NoSecret));
            continue;
        };
        let before = before(&client, &found, &leak);
        let responder = found.somebody().map(|somebody| somebody.identity.arn.as_str());
        journal.keep(&leak.key_id, responder, before.clone())?;
        let answer = client.verify(&suspect);
        lines.push(Line {
            key_id: leak.key_id,
            asked: Asked::Yes(answer, client.sts_endpoint().clone()),
            before: Kept::from(before),
            places: leak.places,
        });
    }
    Ok(lines)
}

/// When the key was last used, before it is asked about; or why that is not known.
fn before(client: &Client, found: &Found, leak: &Leak) -> std::result::Result<LastUse, String> {
    let responder = match found {
        Found::Somebody(responder) => responder,
        Found::Nobody(why) => return Err(why.clone()),
        Found::TheLeaked(key) => return Err(format!("your own key is {key}")),
    };
    let own = responder.identity.arn.account();
    match leak.key_id.account() {
        Some(account) if account != own => Err(format!("account {account} is not the responder's ({own})")),
        _ => client.iam(responder).last_use(&leak.key_id).map_err(|unknown| unknown.to_string()),
    }
}

/// The key with what may belong to it, and where to ask; nothing for one that has no secret.
fn suspect(leak: &Leak, access: &Access, client: &Client) -> Option<Suspect> {
    let chosen = [&access.partitions, &leak.partitions].into_iter().find(|partitions| !partitions.is_empty());
    let mut partitions = distinct(chosen.map_or(&[], Vec::as_slice)).into_iter();
    let mut pairs = leak.pairs().into_iter();
    Some(Suspect {
        pair: pairs.next()?,
        others: pairs.collect(),
        partition: partitions.next().unwrap_or_else(|| client.home_partition()),
        elsewhere: partitions.collect(),
    })
}

fn distinct(partitions: &[Partition]) -> Vec<Partition> {
    let mut seen = Vec::new();
    for partition in partitions {
        if !seen.contains(partition) {
            seen.push(*partition);
        }
    }
    seen
}

fn status(lines: &[Line], gathered: &Gathered) -> ExitStatus {
    let is_live = |line: &Line| matches!(line.verdict(), Some(Verdict::Live(_)));
    let is_dead = |line: &Line| matches!(line.verdict(), Some(Verdict::Dead(_)));
    if lines.iter().any(is_live) {
        ExitStatus::Findings
    } else if lines.iter().all(is_dead) && gathered.is_complete {
        ExitStatus::Clean
    } else {
        ExitStatus::Error
    }
}
