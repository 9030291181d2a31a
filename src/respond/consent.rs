//! What is about to be asked, said by account, and a yes for keys that are not known to be one's own: using a stranger's
//! key is not ours to decide.

use super::gather::Leak;
use super::verdicts::NotAsked;
use crate::aws::client::Client;
use crate::aws::endpoint::Endpoint;
use crate::aws::responder::Found;
use crate::config::respond::{Consent, Verify};
use crate::credential::Account;
use crate::error::{Error, Result};
use crate::{Streams, said};

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read};

/// The owners of keys: an account, or nobody that a key ID of the older scheme tells.
type Owner = Option<Account>;

/// Whose keys may be asked about.
pub(super) struct Consents {
    refused: BTreeSet<Owner>,
    somebody_was_asked: bool,
}

impl Consents {
    /// Says what is about to be asked, and whom, and asks for each owner who is not known to be one's own.
    ///
    /// # Errors
    /// Where an answer cannot be read.
    pub(super) fn get(
        leaks: &[Leak],
        own: &BTreeSet<Account>,
        verify: &Verify,
        client: &Client,
        found: &Found,
        streams: &mut Streams<'_>,
    ) -> Result<Self> {
        let owners = by_owner(leaks);
        let is_given = verify.access.consent == Consent::Given;
        if !verify.quiet || streams.attended && !is_given {
            list(&owners, own, client.sts_endpoint(), found, streams)?;
        }
        let mut refused = BTreeSet::new();
        for (owner, keys) in owners {
            if is_given || relation(owner, own, found) != Relation::Stranger {
                continue;
            }
            if !streams.attended || !yes(owner, keys, streams)? {
                refused.insert(owner);
            }
        }
        Ok(Self { refused, somebody_was_asked: streams.attended })
    }

    /// Why a key is not to be asked about, if it is not.
    pub(super) fn refusal(&self, leak: &Leak) -> Option<NotAsked> {
        let is_refused = self.refused.contains(&leak.key_id.account());
        is_refused.then_some(if self.somebody_was_asked { NotAsked::Refused } else { NotAsked::Stranger })
    }
}

fn list(
    owners: &BTreeMap<Owner, usize>,
    own: &BTreeSet<Account>,
    endpoint: &Endpoint,
    found: &Found,
    streams: &mut Streams<'_>,
) -> Result<()> {
    let whom = endpoint.url().map_or_else(|| "STS".to_owned(), |url| format!("{url}, not AWS,"));
    said(writeln!(streams.err, "keyward: about to ask {whom} about {}", counted(owners.values().sum())))?;
    for (owner, keys) in owners {
        let relation = match relation(*owner, own, found) {
            Relation::Responder => "yours, as your credentials say",
            Relation::Configured => "yours, as the config says",
            Relation::Stranger => "not known to be yours",
        };
        said(writeln!(streams.err, "  {:<22}  {:<8}  {relation}", named(*owner), counted(*keys)))?;
    }
    said(match found {
        Found::Somebody(somebody) => writeln!(streams.err, "  last use: read first, as {}", somebody.identity.arn),
        Found::Nobody(why) => writeln!(streams.err, "  last use: not read, lost by asking: {why}"),
        Found::TheLeaked(key) => {
            writeln!(streams.err, "  last use: not read, lost by asking: your own key is {key}")
        }
    })
}

#[derive(PartialEq, Eq)]
enum Relation {
    Responder,
    Configured,
    Stranger,
}

fn relation(owner: Owner, own: &BTreeSet<Account>, found: &Found) -> Relation {
    let Some(account) = owner else { return Relation::Stranger };
    if found.somebody().is_some_and(|somebody| somebody.identity.arn.account() == account) {
        Relation::Responder
    } else if own.contains(&account) {
        Relation::Configured
    } else {
        Relation::Stranger
    }
}

fn by_owner(leaks: &[Leak]) -> BTreeMap<Owner, usize> {
    let mut owners = BTreeMap::new();
    for leak in leaks {
        *owners.entry(leak.key_id.account()).or_default() += 1;
    }
    owners
}

fn named(owner: Owner) -> String {
    owner.map_or_else(|| "account not known".to_owned(), |account| format!("account {account}"))
}

fn counted(keys: usize) -> String {
    format!("{keys} key{}", if keys == 1 { "" } else { "s" })
}

fn yes(owner: Owner, keys: usize, streams: &mut Streams<'_>) -> Result<bool> {
    let whose = owner.map_or_else(|| "an account that is not known".to_owned(), |account| format!("account {account}"));
    said(write!(streams.err, "A stranger's key is not yours to use. Ask about {} of {whose}? [y/N] ", counted(keys)))?;
    said(streams.err.flush())?;
    let answer = line(streams.input).map_err(|error| Error::new("could not read the answer").because(error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// A line of what somebody types, and no byte of the next.
pub(super) fn line(input: &mut (dyn Read + Send)) -> io::Result<String> {
    let mut line = String::new();
    BufReader::with_capacity(1, input).take(1024).read_line(&mut line)?;
    Ok(line)
}
