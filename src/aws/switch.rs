//! Switching a key off, or on again, and reading back what it is then.
//!
//! Two questions are kept apart: was the order taken, and does IAM say so? An order whose answer never came may have
//! been taken, so it is never called refused; and IAM is a distributed system that tells old news for some seconds, so
//! a new state counts only once two readings in a row agree.

use super::client::ATTEMPTS;
use super::evidence::Call;
use super::fault::{Fault, Meaning};
use super::iam::{Iam, Known, Listed, Status, Unknown};
use crate::credential::KeyId;
use aws_sdk_iam::types::StatusType;
use aws_smithy_types::retry::RetryConfig;
use aws_types::request_id::RequestId;
use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Readings in a row that must agree.
pub const READINGS: usize = 2;

/// The first pause between two readings; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// What a key is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The key.
    pub key_id: KeyId,
    /// Whose; nothing where root switches its own.
    pub user: Option<String>,
    /// What it is to be: active or inactive.
    pub to: Status,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// IAM took it.
    Yes,
    /// IAM refused it each time, so nothing has changed.
    Refused(Unknown),
    /// It may have been taken.
    Perhaps(Unknown),
}

/// What a key is said to be once it was given an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// What it was to be, twice in a row.
    AsOrdered,
    /// AWS refuses the key, twice in a row: where the key switched itself off, it cannot read more.
    KeyRefused,
    /// Something else until the end.
    Still(Status),
    /// Not in the list of its owner's keys any more.
    Gone,
    /// It could not be read.
    Unreadable(Unknown),
}

impl Order {
    /// The parameters of the call, as people read them.
    #[must_use]
    pub fn parameters(&self) -> Vec<String> {
        let user = self.user.iter().map(|user| format!("UserName={user}"));
        let rest = [format!("AccessKeyId={}", self.key_id), format!("Status={}", self.status().as_str())];
        user.chain(rest).collect()
    }

    fn status(&self) -> StatusType {
        match self.to {
            Status::Active => StatusType::Active,
            Status::Inactive | Status::Other => StatusType::Inactive,
        }
    }
}

impl Iam<'_> {
    /// Gives the order, up to three times; each time is noted in `calls`.
    pub fn give(&self, order: &Order, calls: &mut Vec<Call>) -> Taken {
        let mut may_have_been_taken = false;
        let mut attempt = 1;
        loop {
            let unknown = match self.give_once(order, calls) {
                Ok(()) => return Taken::Yes,
                Err(unknown) => unknown,
            };
            let is_final = match Answer::of(&unknown.fault) {
                Answer::No => true,
                Answer::NotNow => false,
                Answer::None => {
                    may_have_been_taken = true;
                    false
                }
            };
            if is_final || attempt == ATTEMPTS {
                return if may_have_been_taken { Taken::Perhaps(unknown) } else { Taken::Refused(unknown) };
            }
            sleep(FIRST_PAUSE * attempt);
            attempt += 1;
        }
    }

    fn give_once(&self, order: &Order, calls: &mut Vec<Call>) -> Result<(), Unknown> {
        let call = self.sdk.update_access_key().access_key_id(order.key_id.as_str()).status(order.status());
        let call = call.set_user_name(order.user.clone());
        // Each attempt is known, so none is made behind our back.
        let alone = aws_sdk_iam::Config::builder().retry_config(RetryConfig::disabled());
        let answer = self.client.wait(call.customize().config_override(alone).send());
        let noted = |request_id, answer| Call::now("iam:UpdateAccessKey", order.parameters(), request_id, answer);
        match answer {
            Ok(answer) => {
                calls.push(noted(answer.request_id().map(str::to_owned), "taken".to_owned()));
                Ok(())
            }
            Err(error) => {
                let unknown = Unknown::of("UpdateAccessKey", &error);
                let request_id = match &unknown.fault {
                    Fault::Refused(refusal) => refusal.request_id.clone(),
                    _ => None,
                };
                calls.push(noted(request_id, unknown.fault.to_string()));
                Err(unknown)
            }
        }
    }

    /// Reads until the key is twice in a row what it was ordered to be, or `patience` is over; each reading is noted in
    /// `calls`. `is_refused` is asked where the key is its own responder and may not read: does AWS refuse it?
    pub fn read_back(
        &self,
        order: &Order,
        patience: Duration,
        is_refused: &dyn Fn() -> bool,
        calls: &mut Vec<Call>,
    ) -> Settled {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut agreeing = 0;
        loop {
            let seen = self.read_once(order, is_refused, calls);
            agreeing = if seen.is_so() { agreeing + 1 } else { 0 };
            // A first reading that agrees is worth the wait for a second one.
            if agreeing == READINGS || (agreeing == 0 && begun.elapsed() + pause > patience) {
                return seen;
            }
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn read_once(&self, order: &Order, is_refused: &dyn Fn() -> bool, calls: &mut Vec<Call>) -> Settled {
        let (read, request_id) = match self.keys_of(order.user.as_deref()) {
            Ok((keys, request_id)) => (Ok(keys), request_id),
            Err(unknown) => (Err(unknown), None),
        };
        let is_own = self.key_id == order.key_id.as_str() && order.to == Status::Inactive;
        let seen = match read {
            Ok(keys) => match keys.iter().find(|key| key.key_id == order.key_id.as_str()) {
                Some(key) if key.status == order.to => Settled::AsOrdered,
                Some(key) => Settled::Still(key.status),
                None => Settled::Gone,
            },
            Err(unknown) if is_own => match &unknown.fault {
                Fault::Refused(refusal) if refusal.meaning() == Meaning::NoSuchKey => Settled::KeyRefused,
                Fault::Refused(refusal) if refusal.meaning() == Meaning::Denied && is_refused() => Settled::KeyRefused,
                _ => Settled::Unreadable(unknown),
            },
            Err(unknown) => Settled::Unreadable(unknown),
        };
        let parameters = order.user.iter().map(|user| format!("UserName={user}")).collect();
        calls.push(Call::now("iam:ListAccessKeys", parameters, request_id, seen.to_string()));
        seen
    }

    /// The keys of `user`, or of who asks, by one call, with what IAM calls it. A user has two keys at most.
    fn keys_of(&self, user: Option<&str>) -> Known<(Vec<Listed>, Option<String>)> {
        let call = self.sdk.list_access_keys().set_user_name(user.map(str::to_owned));
        let answer = self.client.wait(call.send()).map_err(|error| Unknown::of("ListAccessKeys", &error))?;
        let keys = answer.access_key_metadata().iter().map(Listed::of).collect();
        Ok((keys, answer.request_id().map(str::to_owned)))
    }
}

impl Settled {
    fn is_so(&self) -> bool {
        matches!(self, Self::AsOrdered | Self::KeyRefused)
    }
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsOrdered => f.write_str("as ordered"),
            Self::KeyRefused => f.write_str("AWS refuses the key"),
            Self::Still(status) => write!(f, "still {status}"),
            Self::Gone => f.write_str("not in the list any more"),
            Self::Unreadable(unknown) => unknown.fmt(f),
        }
    }
}

/// What an error says of an order.
enum Answer {
    /// It was refused.
    No,
    /// It was refused for now.
    NotNow,
    /// It says nothing: the order may have been taken.
    None,
}

impl Answer {
    fn of(fault: &Fault) -> Self {
        match fault {
            Fault::NotSent(_) => Self::No,
            Fault::Refused(refusal) => match refusal.meaning() {
                Meaning::Throttled => Self::NotNow,
                Meaning::Unavailable => Self::None,
                _ => Self::No,
            },
            Fault::Foreign { .. } | Fault::TimedOut | Fault::Unreachable(_) => Self::None,
        }
    }
}
