//! Verdicts as people and programs get them: exactly one line a key on standard output, everything else beside it.

use super::gather::{Gathered, Leak};
use super::lines::wrapped;
use crate::aws::endpoint::Endpoint;
use crate::aws::fault::explanation;
use crate::aws::identity::Principal;
use crate::aws::responder::LastUse;
use crate::aws::verify::{Answer, Verdict};
use crate::config::respond::{VerdictFormat, Verify};
use crate::credential::{Account, KeyId};
use crate::error::Result;
use crate::sanitize::sanitize;
use crate::{Streams, said};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// What is said of one key.
pub(super) struct Line {
    pub(super) key_id: KeyId,
    pub(super) asked: Asked,
    pub(super) before: Kept,
    pub(super) places: Vec<String>,
}

/// Was AWS asked?
pub(super) enum Asked {
    /// It answered so, or somebody in its place did, at this endpoint.
    Yes(Answer, Endpoint),
    /// No.
    No(NotAsked),
}

/// Why a key was not asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAsked {
    /// It is bait, laid out by this seller.
    Canary(&'static str),
    /// There is no secret with it.
    NoSecret,
    /// It is temporary, and there is no token with it.
    NoToken,
    /// It is not known to be one's own, and nobody is there to be asked.
    Stranger,
    /// Somebody said no.
    Refused,
    /// It does not stand any more where the report says.
    Moved,
}

/// What is known of the use of a key before it was asked about.
pub(super) enum Kept {
    /// What IAM said.
    Read(LastUse),
    /// Nothing, for this reason.
    NotRead(String),
    /// It was not asked about, so nothing was overwritten.
    Untouched,
}

impl From<std::result::Result<LastUse, String>> for Kept {
    fn from(before: std::result::Result<LastUse, String>) -> Self {
        before.map_or_else(Self::NotRead, Self::Read)
    }
}

impl NotAsked {
    fn name(self) -> &'static str {
        match self {
            Self::Canary(_) => "canary",
            Self::NoSecret => "no-secret",
            Self::NoToken => "no-token",
            Self::Stranger => "stranger",
            Self::Refused => "refused-by-you",
            Self::Moved => "moved",
        }
    }

    fn text(self, account: Option<Account>) -> String {
        let owner = account.map_or_else(|| "its account".to_owned(), |account| format!("account {account}"));
        match self {
            Self::Canary(seller) => {
                format!("not asked: bait of {seller}, and using it raises an alarm (--canaries asks)")
            }
            Self::NoSecret => "not asked: no secret was found with it".to_owned(),
            Self::NoToken => "not asked: temporary, and no session token was found with it".to_owned(),
            Self::Stranger => format!("not asked: {owner} is not known to be yours (--yes asks)"),
            Self::Refused => format!("not asked, as you wished: {owner} is not known to be yours"),
            Self::Moved => "not asked: moved or gone: scan again".to_owned(),
        }
    }
}

impl Line {
    pub(super) fn not_asked(leak: &Leak, why: NotAsked) -> Self {
        Self { key_id: leak.key_id, asked: Asked::No(why), before: Kept::Untouched, places: leak.places.clone() }
    }

    /// What AWS says, if it was asked.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        match &self.asked {
            Asked::Yes(answer, _) => Some(&answer.verdict),
            Asked::No(_) => None,
        }
    }

    fn word(&self) -> &'static str {
        match self.verdict() {
            Some(Verdict::Live(_)) => "LIVE",
            Some(Verdict::Dead(_)) => "DEAD",
            Some(Verdict::Unknown(_)) | None => "UNKNOWN",
        }
    }

    /// Who, or why.
    fn text(&self) -> String {
        let (text, endpoint) = match &self.asked {
            Asked::No(why) => return why.text(self.key_id.account()),
            Asked::Yes(answer, endpoint) => (verdict_text(&answer.verdict), endpoint),
        };
        if endpoint.url().is_some() { format!("{text} ({endpoint})") } else { text }
    }
}

fn verdict_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Live(identity) if identity.arn.principal() == Principal::Root => {
            format!("{}, the root user: no policy limits it", identity.arn)
        }
        Verdict::Live(identity) => identity.arn.to_string(),
        Verdict::Dead(why) => why.to_string(),
        Verdict::Unknown(why) => why.to_string(),
    }
}

#[derive(Serialize)]
struct VerdictObject<'l> {
    schema: u32,
    r#type: &'static str,
    key_id: &'l str,
    account: Option<String>,
    verdict: &'static str,
    reason: Option<&'static str>,
    text: String,
    arn: Option<&'l str>,
    user_id: Option<&'l str>,
    partition: Option<&'static str>,
    endpoint: Option<&'l str>,
    code: Option<&'l str>,
    request_id: Option<&'l str>,
    last_used_before: Option<&'l LastUse>,
    last_use_not_read: Option<&'l str>,
    places: &'l [String],
}

fn object(line: &Line) -> VerdictObject<'_> {
    let (answer, endpoint, not_asked) = match &line.asked {
        Asked::Yes(answer, endpoint) => (Some(answer), endpoint.url(), None),
        Asked::No(why) => (None, None, Some(why.name())),
    };
    let identity = match line.verdict() {
        Some(Verdict::Live(identity)) => Some(identity),
        _ => None,
    };
    let reason = match line.verdict() {
        Some(Verdict::Unknown(doubt)) => Some(doubt.name()),
        Some(Verdict::Dead(_)) => Some("not-known"),
        Some(Verdict::Live(_)) => None,
        None => not_asked,
    };
    let (last_used_before, last_use_not_read) = match &line.before {
        Kept::Read(used) => (Some(used), None),
        Kept::NotRead(why) => (None, Some(why.as_str())),
        Kept::Untouched => (None, None),
    };
    VerdictObject {
        schema: 1,
        r#type: "verdict",
        key_id: line.key_id.as_str(),
        account: line.key_id.account().map(|account| account.to_string()),
        verdict: line.word(),
        reason,
        text: line.text(),
        arn: identity.map(|identity| identity.arn.as_str()),
        user_id: identity.and_then(|identity| identity.user_id.as_deref()),
        partition: answer.map(|answer| answer.partition.name()),
        endpoint,
        code: answer.and_then(|answer| answer.code.as_deref()),
        request_id: answer.and_then(|answer| answer.request_id.as_deref()),
        last_used_before,
        last_use_not_read,
        places: &line.places,
    }
}

/// Writes the verdicts to standard output.
///
/// # Errors
/// What writing reports.
pub(super) fn write(lines: &[Line], verify: &Verify, streams: &mut Streams<'_>) -> Result<()> {
    let mut out = io::BufWriter::new(&mut *streams.out);
    let mut write = || -> io::Result<()> {
        match verify.format {
            VerdictFormat::Human => {
                for line in lines {
                    writeln!(out, "{}  {:<7}  {}", line.key_id, line.word(), sanitize(&line.text()))?;
                }
            }
            VerdictFormat::Jsonl => {
                for line in lines {
                    serde_json::to_writer(&mut out, &object(line))?;
                    writeln!(out)?;
                }
            }
            VerdictFormat::Json => {
                let verdicts: Vec<_> = lines.iter().map(object).collect();
                serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "schema": 1, "verdicts": verdicts }))?;
                writeln!(out)?;
            }
        }
        out.flush()
    };
    said(write())
}

/// Says beside the verdicts what was kept, what the errors mean, and what was not asked about.
///
/// # Errors
/// What writing reports.
pub(super) fn conclude(lines: &[Line], gathered: &Gathered, verify: &Verify, streams: &mut Streams<'_>) -> Result<()> {
    if verify.quiet {
        return Ok(());
    }
    let err = &mut *streams.err;
    for line in lines {
        if let Some(said_before) = last_use(line) {
            said(writeln!(err, "{}", sanitize(&said_before)))?;
        }
    }
    let codes: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| match &line.asked {
            Asked::Yes(answer, _) => answer.code.as_deref(),
            Asked::No(_) => None,
        })
        .collect();
    for (code, text) in codes.into_iter().filter_map(|code| Some((code, explanation(code)?))) {
        said(writeln!(err, "{}", wrapped("", &format!("{code}: {text}"))))?;
    }
    if gathered.accepted > 0 {
        let count = gathered.accepted;
        said(writeln!(err, "keyward: {count} accepted by somebody, not asked about (--accepted asks)"))?;
    }
    if gathered.others > 0 {
        let count = gathered.others;
        said(writeln!(err, "keyward: {count} of a kind that STS does not know (keyward scan shows them)"))?;
    }
    said(writeln!(err, "{}", tally(lines)))
}

fn last_use(line: &Line) -> Option<String> {
    let key = &line.key_id;
    Some(match &line.before {
        Kept::Untouched => return None,
        Kept::NotRead(why) => format!("{key}: last use not read: {why}"),
        Kept::Read(LastUse { at: None, .. }) => format!("{key}: never used before"),
        Kept::Read(LastUse { at: Some(at), service, region, .. }) => {
            let service = service.as_ref().map(|service| format!(" for {service}")).unwrap_or_default();
            let region = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
            format!("{key}: last used before {at}{service}{region}")
        }
    })
}

fn tally(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "no keys to ask about".to_owned();
    }
    let count = |word: &str| lines.iter().filter(|line| line.word() == word).count();
    format!("{} live, {} dead, {} unknown", count("LIVE"), count("DEAD"), count("UNKNOWN"))
}
