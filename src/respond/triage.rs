//! `keyward triage`: whose the keys are, what they may do, how urgent it is, what to do next.

use super::gather;
use super::triaged::{self, Triaged};
use crate::Streams;
use crate::aws::client::{Act, Client};
use crate::aws::facts::NoOwner;
use crate::aws::iam::Iam;
use crate::aws::journal::Journal;
use crate::aws::moment::Moment;
use crate::aws::responder::Found;
use crate::aws::seen::Seen;
use crate::aws::triage::{assess, without_owner};
use crate::config::respond::{Suspects, Triage};
use crate::credential::KeyId;
use crate::error::{Error, ExitStatus, Result};
use std::path::Path;

/// Looks into the keys that `triage` speaks of, with the responder's credentials, and says what it found.
///
/// # Errors
/// Where keys cannot be gathered, or there is no responder.
pub fn triage(triage: &Triage, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let (keys, is_complete) = keys(&triage.keys, streams)?;
    let client = Client::open(&triage.access, Act::Triage)?;
    let responder = match client.responder(&triage.access, &keys)? {
        Found::Somebody(responder) => responder,
        Found::Nobody(why) => return Err(nobody(&why)),
        Found::TheLeaked(key) => return Err(the_leaked(&key)),
    };
    let iam = client.iam(&responder);
    let now = Moment::now();
    let mut looked_into = Vec::new();
    for key in keys {
        looked_into.push(look_into(&iam, key, now, triage)?);
    }
    triaged::write(&looked_into, client.iam_endpoint(), now, triage.format, streams)?;
    let all_known = looked_into.iter().all(|one| matches!(one, Triaged::Known { .. }));
    Ok(if all_known && is_complete { ExitStatus::Clean } else { ExitStatus::Error })
}

/// The keys, and whether all was examined where they may be.
fn keys(suspects: &Suspects, streams: &mut Streams<'_>) -> Result<(Vec<KeyId>, bool)> {
    let leaked = match suspects {
        Suspects::Named(keys) => return Ok((keys.clone(), true)),
        Suspects::Leaked(source, accepted) => gather::gather(source, *accepted, streams)?,
    };
    let keys: Vec<_> = leaked.leaks.iter().map(|leak| leak.key_id).collect();
    if keys.is_empty() {
        return Err(Error::new("there is no key to look into")
            .because(if leaked.accepted > 0 {
                "those that are there are accepted; --accepted takes them, too"
            } else {
                "no key ID was found there"
            })
            .hint("or name one: keyward triage KEYID"));
    }
    Ok((keys, leaked.is_complete))
}

fn look_into(iam: &Iam<'_>, key: KeyId, now: Moment, triage: &Triage) -> Result<Triaged> {
    let (owner, last_use) = match iam.owner(&key) {
        Ok(owner) => owner,
        Err(why) => {
            let steps = without_owner(&why, key.as_str(), now, &triage.again);
            let asked_in = iam.identity.arn.account();
            return Ok(Triaged::Unknown { key, asked_in, why, steps });
        }
    };
    let facts = iam.facts(&key, owner, Ok(last_use));
    let seen = seen(triage.access.evidence.as_deref(), &key, facts.last_use.as_ref())?;
    let assessment = assess(&facts, seen.as_ref(), now, &triage.again);
    Ok(Triaged::Known { facts: Box::new(facts), seen, assessment })
}

/// The last use with keyward's own calls told apart, if it is known.
///
/// # Errors
/// Where the journal is there and cannot be read.
pub(super) fn seen(
    evidence: Option<&Path>,
    key: &KeyId,
    last_use: Option<&crate::aws::responder::LastUse>,
) -> Result<Option<Seen>> {
    let Some(last_use) = last_use else { return Ok(None) };
    let entries = Journal::entries_in(evidence, key)?;
    Ok(Some(Seen::of(last_use, &entries)))
}

pub(super) fn nobody(why: &str) -> Error {
    Error::new("there are no credentials to ask IAM with")
        .because(why)
        .hint("--profile NAME, or sign in: aws sso login")
}

fn the_leaked(key: &KeyId) -> Error {
    Error::new(format!("your own credentials are those of the leaked key {key}"))
        .because("asking with it would overwrite when it was last used")
        .hint("--profile NAME, of somebody else in its account")
}

/// Why an owner is not known, as a sentence.
pub(super) fn reason(why: &NoOwner, asked_in: &str) -> String {
    match why {
        NoOwner::Temporary => "temporary: IAM keeps no list of these, and they cannot be switched off".to_owned(),
        NoOwner::OtherAccount(account) => {
            format!("it belongs to account {account}, and your credentials to account {asked_in}")
        }
        NoOwner::NotThere => format!("account {asked_in} knows no such key: deleted, or another account's"),
        NoOwner::NotKnown(unknown) => format!("whose it is could not be read ({unknown})"),
    }
}
