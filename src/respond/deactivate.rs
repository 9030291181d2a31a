//! `keyward deactivate`: a key off, or what keyward switched off on again, with a plan before and a record behind.
//!
//! Everything up to the order itself may fail, and then nothing has changed: that is exit status 1. From the order on
//! there is a record on disk, and what is not known is said to be unknown: exit status 2, never 1.

use super::gather::{self, Leak};
use super::plan::{self, Plan};
use super::triage::{nobody, reason, seen};
use super::{consent, suspect};
use crate::aws::Pair;
use crate::aws::client::{Act, Client};
use crate::aws::evidence::{self, Action, Evidence, Outcome, Record};
use crate::aws::facts::{NoOwner, Owner};
use crate::aws::iam::{Iam, Known, Status};
use crate::aws::identity::{Identity, Principal};
use crate::aws::journal::{self, Journal};
use crate::aws::moment::Moment;
use crate::aws::responder::{Found, LastUse};
use crate::aws::switch::{Order, Settled, Taken};
use crate::aws::verify::{SECRETS_TRIED, Suspect, Verdict};
use crate::config::respond::{Accepted, Consent, Deactivate, Hand, Rehearsal, Turn};
use crate::error::{Error, ExitStatus, Result};
use crate::sanitize::sanitize;
use crate::{Streams, said};
use std::time::Duration;

/// Switches the key that `wish` names, if it may, and says so.
///
/// # Errors
/// Where what is to be said cannot be written. What keeps the key from being switched is said, and is exit status 1.
pub fn deactivate(wish: &Deactivate, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    let client = match Client::open(&wish.access, Act::Deactivate) {
        Ok(client) => client,
        Err(error) => return refused(&error, streams),
    };
    let ready = match prepare(wish, &client, streams) {
        Ok(Ready::Already(status)) => {
            said(writeln!(streams.out, "{}: {status} already; nothing was changed", wish.key))?;
            return Ok(ExitStatus::Clean);
        }
        Ok(Ready::ToGo(ready)) => ready,
        Err(error) => return refused(&error, streams),
    };
    if wish.rehearsal == Rehearsal::Dry {
        said(plan::rehearse(&ready.plan, wish, &client, streams.out))?;
        return Ok(ExitStatus::Clean);
    }
    said(plan::show(&ready.plan, &client, streams.err))?;
    let begun = confirm(wish, streams).and_then(|()| {
        let folder = evidence::folder(wish.access.evidence.as_deref())?;
        Evidence::begin(&folder, record(&ready, &client))
    });
    match begun {
        Ok(evidence) => carry_out(wish, &ready, evidence, streams),
        Err(error) => refused(&error, streams),
    }
}

fn refused(error: &Error, streams: &mut Streams<'_>) -> Result<ExitStatus> {
    said(writeln!(streams.err, "keyward: {error}\nnothing was changed"))?;
    Ok(ExitStatus::Findings)
}

enum Ready<'c> {
    /// The key is that already.
    Already(Status),
    /// It can be done.
    ToGo(Box<ToGo<'c>>),
}

struct ToGo<'c> {
    hand: Switcher<'c>,
    plan: Plan,
}

/// Who switches the key.
struct Switcher<'c> {
    iam: Iam<'c>,
    client: &'c Client,
    /// The leaked pair, if it is that.
    itself: Option<Suspect>,
}

fn prepare<'c>(wish: &Deactivate, client: &'c Client, streams: &mut Streams<'_>) -> Result<Ready<'c>> {
    let key = wish.key;
    if key.is_temporary() {
        return Err(cannot(wish, &NoOwner::Temporary, ""));
    }
    let hand = match &wish.hand {
        Hand::Responder => responder(wish, client)?,
        Hand::LeakedKey(source) => itself(&gather_one(wish, source, streams)?, wish, client)?,
    };
    let (owner, last_use) = owner(wish, &hand)?;
    let facts = hand.iam.facts(&key, owner, last_use);
    let to = match wish.turn {
        Turn::Off => Status::Inactive,
        Turn::OnAgain => Status::Active,
    };
    let order = Order { key_id: key, user: facts.user().map(str::to_owned), to };
    // IAM tells old news: here, too, two readings must agree.
    let twice = || hand.iam.read_back(&order, Duration::ZERO, &|| false, &mut Vec::new()) == Settled::AsOrdered;
    if facts.status() == Some(to) && twice() {
        return Ok(Ready::Already(to));
    }
    let proof = match wish.turn {
        Turn::Off => None,
        Turn::OnAgain => Some(proof(wish, &hand, facts.user(), client)?),
    };
    let seen = seen(wish.access.evidence.as_deref(), &key, facts.last_use.as_ref())?;
    let responder = hand.iam.identity.arn.to_string();
    let plan = Plan { order, is_itself: hand.itself.is_some(), responder, facts, seen, proof, now: Moment::now() };
    Ok(Ready::ToGo(Box::new(ToGo { hand, plan })))
}

fn responder<'c>(wish: &Deactivate, client: &'c Client) -> Result<Switcher<'c>> {
    match client.responder(&wish.access, &[wish.key])? {
        Found::Somebody(responder) => Ok(Switcher { iam: client.iam(&responder), client, itself: None }),
        Found::Nobody(why) => Err(nobody(&why)),
        Found::TheLeaked(key) => Err(Error::new(format!("your own credentials are those of the leaked key {key}"))
            .because("whoever holds it may be watching, and once it is off, you can neither read back nor undo it")
            .hint("--profile NAME, of somebody else in its account; or, if there is nobody, --with-leaked-key")),
    }
}

/// The leaked pair from where the user says it is.
fn gather_one(
    wish: &Deactivate,
    source: &crate::config::respond::KeySource,
    streams: &mut Streams<'_>,
) -> Result<Leak> {
    let gathered = gather::gather(source, Accepted::Asked, streams)?;
    let leak = gathered.leaks.into_iter().find(|leak| leak.key_id == wish.key);
    let leak = leak.filter(|leak| leak.still_there && !leak.secrets.is_empty());
    leak.ok_or_else(|| {
        Error::new(format!("the secret of {} was not found there", wish.key))
            .hint("look where it leaked, or leave out --scan and --report, and type it or pipe it in")
    })
}

/// The key as its own responder, once STS knows which of the secrets is its own.
fn itself<'c>(leak: &Leak, wish: &Deactivate, client: &'c Client) -> Result<Switcher<'c>> {
    if let Some(seller) = leak.key_id.account().and_then(crate::credential::Account::canary) {
        return Err(Error::new(format!("{} is bait", leak.key_id))
            .because(format!("its account is one of {seller}, and using it raises an alarm")));
    }
    let journal = Journal::open(wish.access.evidence.as_deref())?;
    journal.keep(&leak.key_id, None, Err("the leaked key itself was used".to_owned()))?;
    let Some(whole) = suspect(leak, &wish.access, client) else {
        return Err(Error::new(format!("there is no secret of {}", leak.key_id)));
    };
    let mut last = None;
    for pair in [&whole.pair].into_iter().chain(&whole.others).take(SECRETS_TRIED) {
        let one = Suspect { pair: pair.clone(), others: Vec::new(), ..whole.clone() };
        let answer = client.verify(&one);
        match answer.verdict {
            Verdict::Live(identity) => {
                let one = Suspect { partition: answer.partition, elsewhere: Vec::new(), ..one };
                return Ok(switcher(client, &pair.clone(), identity, one));
            }
            Verdict::Dead(why) => last = Some(why.to_string()),
            Verdict::Unknown(why) => last = Some(why.to_string()),
        }
    }
    let error = Error::new(format!("{} does not work as its own responder", leak.key_id));
    Err(error.because(last.unwrap_or_default()).hint("--profile NAME, of somebody else in its account"))
}

fn switcher<'c>(client: &'c Client, pair: &Pair, identity: Identity, one: Suspect) -> Switcher<'c> {
    Switcher { iam: client.iam_before_the_leaked(pair, identity, one.partition), client, itself: Some(one) }
}

/// Whose the key is. The leaked key is whoever STS says; for others IAM tells.
fn owner(wish: &Deactivate, hand: &Switcher<'_>) -> Result<(Owner, Known<LastUse>)> {
    if hand.itself.is_some() {
        let last_use = hand.iam.last_use(&wish.key);
        return match hand.iam.identity.arn.principal() {
            Principal::User(name) => Ok((Owner::User(name.to_owned()), last_use)),
            Principal::Root => Ok((Owner::Root, last_use)),
            Principal::Role(_) | Principal::Federated(_) | Principal::Other(_) => {
                Err(cannot(wish, &NoOwner::Temporary, ""))
            }
        };
    }
    let asked_in = hand.iam.identity.arn.account().to_string();
    match hand.iam.owner(&wish.key) {
        Ok((Owner::Root, _)) => Err(Error::new(format!("{} is a key of the root user", wish.key))
            .because("only root's own credentials can switch it, and yours are not")
            .hint(format!("keyward deactivate {} --with-leaked-key --scan PATH, or sign in as root", wish.key))),
        Ok((owner, last_use)) => Ok((owner, Ok(last_use))),
        Err(why) => Err(cannot(wish, &why, &asked_in)),
    }
}

fn cannot(wish: &Deactivate, why: &NoOwner, asked_in: &str) -> Error {
    let error = Error::new(format!("{} cannot be switched", wish.key)).because(reason(why, asked_in));
    error.hint(match why {
        NoOwner::OtherAccount(account) => format!("--profile NAME, with credentials of account {account}"),
        _ => format!("keyward triage {} says what can be done instead", wish.key),
    })
}

/// The record that says that keyward switched the key off, and that nobody has undone it.
fn proof(wish: &Deactivate, hand: &Switcher<'_>, user: Option<&str>, client: &Client) -> Result<Evidence> {
    let folder = evidence::folder(wish.access.evidence.as_deref())?;
    let here = |evidence: &Evidence| {
        let record = &evidence.record;
        record.endpoint.as_deref() == client.iam_endpoint().url()
            && record.account == hand.iam.identity.arn.account().to_string()
            && record.user.as_deref() == user
    };
    let mut records = Evidence::of_key(&folder, &wish.key)?.into_iter().filter(here);
    let last = records.rfind(|evidence| evidence.record.outcome != Outcome::Refused);
    // An order that was never given, or that did not hold, proves nothing.
    let is_proof = |evidence: &Evidence| {
        let record = &evidence.record;
        record.action == Action::Deactivate
            && record.before == Some(Status::Active)
            && record.after != Some(Status::Active)
            && !record.calls.is_empty()
    };
    last.filter(is_proof).ok_or_else(|| {
        Error::new(format!("keyward has not switched {} off", wish.key))
            .because(format!("there is no record of it in '{}'", folder.display()))
            .hint("--evidence FOLDER, if it lies elsewhere; keyward undoes only what it did itself")
    })
}

/// A yes, in advance or typed.
fn confirm(wish: &Deactivate, streams: &mut Streams<'_>) -> Result<()> {
    if wish.access.consent == Consent::Given {
        return Ok(());
    }
    if !streams.attended {
        return Err(Error::new("nobody is there to say yes")
            .because("standard input and standard error are not both a terminal")
            .hint("--yes says it in advance"));
    }
    let last_four = &wish.key.as_str()[wish.key.as_str().len() - 4..];
    said(write!(streams.err, "Type the last four characters of the key ID to go on: "))?;
    said(streams.err.flush())?;
    let typed = consent::line(streams.input).map_err(|error| Error::new("could not read the answer").because(error))?;
    if typed.trim().eq_ignore_ascii_case(last_four) {
        return Ok(());
    }
    Err(Error::new("not confirmed").because("what was typed is not the end of the key ID"))
}

/// The intent, as it is kept before the order is given.
fn record(ready: &ToGo<'_>, client: &Client) -> Record {
    let Plan { order, facts, responder, .. } = &ready.plan;
    Record {
        schema: 1,
        keyward: env!("CARGO_PKG_VERSION").to_owned(),
        action: if order.to == Status::Inactive { Action::Deactivate } else { Action::Reactivate },
        key_id: order.key_id.to_string(),
        account: facts.account.to_string(),
        user: order.user.clone(),
        responder: responder.clone(),
        responder_key_id: ready.hand.iam.key_id.clone(),
        endpoint: client.iam_endpoint().url().map(str::to_owned),
        begun_at: journal::now(),
        ended_at: None,
        last_use: facts.last_use.clone(),
        before: facts.status().or(ready.plan.is_itself.then_some(Status::Active)),
        after: None,
        outcome: Outcome::Begun,
        why: None,
        calls: Vec::new(),
    }
}

/// Gives the order, reads back, completes the record, and says how it ended.
fn carry_out(
    wish: &Deactivate,
    ready: &ToGo<'_>,
    mut evidence: Evidence,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus> {
    let order = &ready.plan.order;
    let taken = ready.hand.iam.give(order, &mut evidence.record.calls);
    if let Taken::Refused(unknown) = &taken {
        evidence.record.outcome = Outcome::Refused;
        evidence.record.after = evidence.record.before;
        let why = unknown.fault.to_string();
        let error = Error::new(format!("{} was not switched", wish.key)).because(&why);
        let error = if ready.plan.is_itself && ready.plan.facts.quarantine().is_some() {
            error.hint("the policy with which AWS quarantined the user forbids it: --profile NAME, of somebody else")
        } else {
            error.hint("it takes somebody who may call iam:UpdateAccessKey")
        };
        finish(&mut evidence, Some(why), streams)?;
        return refused(&error, streams);
    }
    // What is known by now is on disk, should the rest be cut short; a failure to keep it shows at the end.
    let _ = evidence.keep();
    let refuses = || {
        ready.hand.itself.as_ref().is_some_and(|one| matches!(ready.hand.client.verify(one).verdict, Verdict::Dead(_)))
    };
    let settled = ready.hand.iam.read_back(order, wish.patience, &refuses, &mut evidence.record.calls);
    evidence.record.after = match &settled {
        Settled::AsOrdered | Settled::KeyRefused => Some(order.to),
        Settled::Still(status) => Some(*status),
        Settled::Gone | Settled::Unreadable(_) => None,
    };
    if matches!(settled, Settled::AsOrdered | Settled::KeyRefused) {
        evidence.record.outcome = Outcome::Done;
        let kept = finish(&mut evidence, None, streams)?;
        said(plan::done(&ready.plan, &settled, ready.hand.client, &evidence, &wish.again, streams.out))?;
        return Ok(if kept { ExitStatus::Clean } else { ExitStatus::Error });
    }
    evidence.record.outcome = Outcome::Unknown;
    let why = unknown_because(&taken, &settled);
    finish(&mut evidence, Some(why.clone()), streams)?;
    said(plan::unknown(&ready.plan, &why, &evidence, &wish.again, streams.err))?;
    Ok(ExitStatus::Error)
}

fn unknown_because(taken: &Taken, settled: &Settled) -> String {
    match taken {
        Taken::Yes => format!("IAM took the order, and then: {settled}"),
        Taken::Perhaps(unknown) | Taken::Refused(unknown) => {
            format!("the order may have been taken ({unknown}), and then: {settled}")
        }
    }
}

/// Completes the record; whether it could be is said, for the key is switched all the same.
fn finish(evidence: &mut Evidence, why: Option<String>, streams: &mut Streams<'_>) -> Result<bool> {
    evidence.record.why = why;
    evidence.record.ended_at = Some(journal::now());
    match evidence.keep() {
        Ok(()) => Ok(true),
        Err(error) => said(writeln!(streams.err, "keyward: {}", sanitize(&error.to_string()))).map(|()| false),
    }
}
