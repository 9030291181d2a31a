//! Is a key live? STS answers, by `GetCallerIdentity`, which needs no permission and cannot be denied to a live key.
//!
//! There are three verdicts, and only an answer of AWS about the key itself makes one of the first two. Whatever is not
//! known is unknown, with the reason: a key that is called dead by mistake is one that nobody switches off.

use super::Pair;
use super::client::{ATTEMPTS, Client};
use super::fault::{Fault, Meaning, Refusal};
use super::identity::{Arn, Identity};
use crate::config::respond::Partition;
use crate::credential::KeyId;
use aws_types::request_id::RequestId;
use std::fmt;
use std::time::Duration;

/// How many secrets are tried for one key: more are a guess, and each is a refused request in somebody's logs.
pub const SECRETS_TRIED: usize = 5;

/// How long to wait before a refused signature is sent once more: STS is known to refuse a right one that comes right
/// after a wrong one. Source: trufflehog's `access_keys/accesskey.go`.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// A key to ask about.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// With what is most likely its secret.
    pub pair: Pair,
    /// With what else may be.
    pub others: Vec<Pair>,
    /// The partition to ask first.
    pub partition: Partition,
    /// And where else, as long as the key is known nowhere.
    pub elsewhere: Vec<Partition>,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It works, and this is who it is.
    Live(Identity),
    /// It does not work.
    Dead(Death),
    /// Nobody knows.
    Unknown(Doubt),
}

/// Why a key is dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Death {
    /// AWS knows no active key of this ID in any of these partitions.
    NotKnown(Vec<Partition>),
}

/// Why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The key is live, and none of so many secrets is its secret.
    WrongSecret(usize),
    /// This machine's clock and AWS's differ too much.
    Clock,
    /// A temporary key with a token that is not its own, or of another partition than these.
    TokenOrPartition(Vec<Partition>),
    /// Temporary credentials that are over.
    Expired,
    /// AWS takes no more questions for now.
    Throttled,
    /// AWS has trouble of its own: this status.
    Unavailable(u16),
    /// Something answered in AWS's place.
    NotAws {
        /// The status of HTTP.
        status: u16,
        /// What it sent.
        what: &'static str,
    },
    /// No answer in time.
    TimedOut(Duration),
    /// No way to AWS.
    Unreachable(String),
    /// AWS refused for a reason that says nothing of the key.
    Refused {
        /// `AccessDenied` and the like.
        code: String,
        /// The sentence beside it.
        message: String,
    },
}

/// A verdict with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// The error that AWS answered with last, if it did.
    pub code: Option<String>,
    /// What the service calls the request that decided.
    pub request_id: Option<String>,
    /// The partition that was asked last.
    pub partition: Partition,
}

impl Doubt {
    /// In one word, for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongSecret(_) => "wrong-secret",
            Self::Clock => "clock",
            Self::TokenOrPartition(_) => "token-or-partition",
            Self::Expired => "expired",
            Self::Throttled => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::NotAws { .. } => "not-aws",
            Self::TimedOut(_) => "timed-out",
            Self::Unreachable(_) => "unreachable",
            Self::Refused { .. } => "refused",
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotKnown(partitions) => {
                write!(f, "not valid in {}: deleted, inactive or of another partition", names(partitions))
            }
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongSecret(1) => f.write_str("the key ID is live, and the secret is not its secret"),
            Self::WrongSecret(count) => write!(f, "the key ID is live, and none of {count} secrets is its secret"),
            Self::Clock => f.write_str("this machine's clock and AWS's differ too much: set the clock, and ask again"),
            Self::TokenOrPartition(partitions) => {
                write!(f, "not valid in {}: over, not its token, or of another partition", names(partitions))
            }
            Self::Expired => f.write_str("expired: temporary credentials, and they are over"),
            Self::Throttled => write!(f, "AWS takes no more questions for now (asked {ATTEMPTS} times): ask later"),
            Self::Unavailable(status) => {
                write!(f, "AWS has trouble of its own ({status}, asked {ATTEMPTS} times): ask later")
            }
            Self::NotAws { status, what } => write!(f, "something else answered in AWS's place: {status}, {what}"),
            Self::TimedOut(after) => {
                write!(f, "no answer within {} s (asked {ATTEMPTS} times)", after.as_secs_f32())
            }
            Self::Unreachable(why) => write!(f, "AWS was not reached: {why}"),
            Self::Refused { code, message } => write!(f, "refused, which says nothing of the key: {code}: {message}"),
        }
    }
}

/// A fault in words, where no key is judged.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(Refusal { code, message, .. }) => write!(f, "{code}: {message}"),
            Self::Foreign { status, what } => write!(f, "something else answered in AWS's place: {status}, {what}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Unreachable(why) => write!(f, "not reached: {why}"),
            Self::NotSent(why) => f.write_str(why),
        }
    }
}

fn names(partitions: &[Partition]) -> String {
    partitions.iter().map(|partition| partition.name()).collect::<Vec<_>>().join(" or ")
}

impl Client {
    /// Asks STS who the key is.
    #[must_use]
    pub fn verify(&self, suspect: &Suspect) -> Answer {
        let mut answer = self.verify_in(suspect.partition, suspect);
        let mut asked = vec![suspect.partition];
        for &partition in &suspect.elsewhere {
            if !is_known_nowhere(&answer) {
                return answer;
            }
            answer = self.verify_in(partition, suspect);
            asked.push(partition);
        }
        match &mut answer.verdict {
            Verdict::Dead(Death::NotKnown(partitions)) | Verdict::Unknown(Doubt::TokenOrPartition(partitions)) => {
                *partitions = asked;
            }
            Verdict::Live(_) | Verdict::Unknown(_) => {}
        }
        answer
    }

    /// The same in one partition: one secret after the other, until AWS knows more than that it is wrong.
    fn verify_in(&self, partition: Partition, suspect: &Suspect) -> Answer {
        let mut answer = self.ask_twice(partition, &suspect.pair);
        for (tried, other) in (1..SECRETS_TRIED).zip(&suspect.others) {
            if !is_of_this_pair_alone(&answer) {
                return answer;
            }
            answer = self.ask_twice(partition, other);
            if let Verdict::Unknown(Doubt::WrongSecret(count)) = &mut answer.verdict {
                *count = tried + 1;
            }
        }
        answer
    }

    /// Asks, and once more if the secret is said to be wrong.
    fn ask_twice(&self, partition: Partition, pair: &Pair) -> Answer {
        let answer = self.ask(partition, pair);
        if !matches!(answer.verdict, Verdict::Unknown(Doubt::WrongSecret(_))) {
            return answer;
        }
        std::thread::sleep(SECOND_LOOK);
        self.ask(partition, pair)
    }

    fn ask(&self, partition: Partition, pair: &Pair) -> Answer {
        let sts = self.sts_of_the_leaked(pair, partition);
        let answer = self.wait(sts.get_caller_identity().send());
        match answer {
            Ok(answer) => {
                let request_id = answer.request_id().map(str::to_owned);
                let verdict = match answer.arn().and_then(Arn::parse) {
                    Some(arn) => Verdict::Live(Identity { arn, user_id: answer.user_id }),
                    None => Verdict::Unknown(Doubt::NotAws { status: 200, what: "an answer without an ARN" }),
                };
                Answer { verdict, code: None, request_id, partition }
            }
            Err(error) => {
                let fault = Fault::of(&error);
                let (code, request_id) = match &fault {
                    Fault::Refused(refusal) => (Some(refusal.code.clone()), refusal.request_id.clone()),
                    _ => (None, None),
                };
                Answer { verdict: self.judge(fault, &pair.key_id, partition), code, request_id, partition }
            }
        }
    }

    fn judge(&self, fault: Fault, key: &KeyId, partition: Partition) -> Verdict {
        let doubt = match fault {
            Fault::Refused(refusal) => return judge_refusal(refusal, key, partition),
            Fault::Foreign { status: 429, .. } => Doubt::Throttled,
            Fault::Foreign { status, what } => Doubt::NotAws { status, what },
            Fault::TimedOut => Doubt::TimedOut(self.timeout()),
            Fault::Unreachable(why) | Fault::NotSent(why) => Doubt::Unreachable(why),
        };
        Verdict::Unknown(doubt)
    }
}

fn is_known_nowhere(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::Dead(_) | Verdict::Unknown(Doubt::TokenOrPartition(_)))
}

/// May another secret, or another token, be answered otherwise?
fn is_of_this_pair_alone(answer: &Answer) -> bool {
    matches!(answer.verdict, Verdict::Unknown(Doubt::WrongSecret(_) | Doubt::TokenOrPartition(_)))
}

fn judge_refusal(refusal: Refusal, key: &KeyId, partition: Partition) -> Verdict {
    let doubt = match refusal.meaning() {
        Meaning::NoSuchKey if key.is_temporary() => Doubt::TokenOrPartition(vec![partition]),
        Meaning::NoSuchKey => return Verdict::Dead(Death::NotKnown(vec![partition])),
        Meaning::WrongSecret => Doubt::WrongSecret(1),
        Meaning::Clock => Doubt::Clock,
        Meaning::Expired => Doubt::Expired,
        Meaning::Throttled => Doubt::Throttled,
        Meaning::Unavailable => Doubt::Unavailable(refusal.status),
        Meaning::Denied => match named_owner(&refusal, key) {
            Some(arn) => return Verdict::Live(Identity { arn, user_id: None }),
            None => Doubt::Refused { code: refusal.code, message: refusal.message },
        },
        Meaning::Other => Doubt::Refused { code: refusal.code, message: refusal.message },
    };
    Verdict::Unknown(doubt)
}

/// Whom a denial names, unless the key says that it belongs to another account.
fn named_owner(refusal: &Refusal, key: &KeyId) -> Option<Arn> {
    let arn = Arn::in_denial(&refusal.message)?;
    key.account().is_none_or(|account| account == arn.account()).then_some(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: &str, message: &str, key: &str) -> Verdict {
        let refusal = Refusal { status: 403, code: code.to_owned(), message: message.to_owned(), request_id: None };
        judge_refusal(refusal, &KeyId::parse(key.as_bytes()).unwrap(), Partition::Aws)
    }

    const KEY: &str = "AKIARZPUZDIKEXAMPLE2";
    const TEMPORARY: &str = "ASIARZPUZDIKEXAMPLE2";

    #[test]
    fn only_an_unknown_id_of_a_long_term_key_is_dead() {
        for code in ["InvalidClientTokenId", "InvalidAccessKeyId"] {
            assert_eq!(judged(code, "", KEY), Verdict::Dead(Death::NotKnown(vec![Partition::Aws])));
            let temporary = Doubt::TokenOrPartition(vec![Partition::Aws]);
            assert_eq!(judged(code, "", TEMPORARY), Verdict::Unknown(temporary));
        }
        for code in ["SignatureDoesNotMatch", "ExpiredToken", "Throttling", "AccessDenied", "OptInRequired", "Weird"] {
            assert!(matches!(judged(code, "", KEY), Verdict::Unknown(_)), "{code}");
        }
    }

    #[test]
    fn a_denial_is_live_only_if_it_names_somebody_of_the_keys_account() {
        let said = |arn: &str| format!("User: {arn} is not authorized to perform: sts:GetCallerIdentity");
        let owner = "arn:aws:iam::123456789012:user/ci";
        let arn = Arn::parse(owner).unwrap();
        let live = Verdict::Live(Identity { arn, user_id: None });
        assert_eq!(judged("AccessDenied", &said(owner), KEY), live);
        for message in [said("arn:aws:iam::210987654321:user/ci"), said("guest"), "Access Denied".to_owned()] {
            assert!(matches!(judged("AccessDenied", &message, KEY), Verdict::Unknown(_)), "{message}");
        }
    }
}
