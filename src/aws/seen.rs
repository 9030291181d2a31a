//! Who used a key last: keyward itself, when it asked whether the key is live, or somebody else.
//!
//! IAM keeps one last use. Keyward's own call overwrites it, so the journal tells it apart: it was for STS, at the time
//! that a line of the journal has. A call of somebody else's to STS in these minutes looks the same, so it is said as
//! what it most likely is.

use super::journal::Entry;
use super::moment::Moment;
use super::responder::LastUse;

/// IAM rounds the time of a use down, by a minute at most.
const EARLIER_S: i64 = 90;

/// An entry is written before the call, and a call may be made again and again.
const LATER_S: i64 = 300;

/// The last use of a key, with keyward's own call told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It was never used.
    Never,
    /// Somebody used it.
    Used(LastUse),
    /// Keyward's own call, most likely, and what was before.
    OwnCall {
        /// When.
        at: Moment,
        /// What was before.
        before: Before,
    },
}

/// What was before keyward's own call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Never,
    /// This.
    Used(LastUse),
    /// Nobody read it, for this reason.
    NotRead(String),
}

impl Seen {
    /// What `last_use` is, as far as the journal's `entries` of the key tell, the oldest first.
    #[must_use]
    pub fn of(last_use: &LastUse, entries: &[Entry]) -> Self {
        let Some(text) = &last_use.at else { return Self::Never };
        let Some(at) = Moment::parse(text) else { return Self::Used(last_use.clone()) };
        let own = entries.iter().rposition(|entry| is_own(last_use, at, entry));
        let Some(entry) = own else { return Self::Used(last_use.clone()) };
        let before = match &entries[entry].before {
            None => Before::NotRead(entries[entry].not_read.clone().unwrap_or_default()),
            Some(before) => match Self::of(before, &entries[..entry]) {
                Self::Never => Before::Never,
                Self::Used(used) => Before::Used(used),
                Self::OwnCall { before, .. } => before,
            },
        };
        Self::OwnCall { at, before }
    }

    /// The last use by somebody else than keyward, if there was one and it is known.
    #[must_use]
    pub fn by_others(&self) -> Option<&LastUse> {
        match self {
            Self::Used(used) | Self::OwnCall { before: Before::Used(used), .. } => Some(used),
            Self::Never | Self::OwnCall { .. } => None,
        }
    }
}

fn is_own(last_use: &LastUse, at: Moment, entry: &Entry) -> bool {
    let Some(asked) = Moment::parse(&entry.at) else { return false };
    last_use.service.as_deref() == Some("sts") && (-EARLIER_S..=LATER_S).contains(&at.seconds_after(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(at: &str, service: &str) -> LastUse {
        LastUse { at: Some(at.to_owned()), service: Some(service.to_owned()), ..LastUse::default() }
    }

    fn entry(at: &str, before: Option<LastUse>) -> Entry {
        Entry {
            schema: 1,
            at: at.to_owned(),
            key_id: String::new(),
            responder: None,
            not_read: before.is_none().then(|| "no responder".to_owned()),
            before,
        }
    }

    const MINUTE: &str = "2026-11-23T10:00:00Z";

    #[test]
    fn a_call_of_keywards_own_is_told_apart_from_what_was_before() {
        let theirs = used("2026-11-21T08:00:00Z", "s3");
        let entries = [entry("2026-11-23T10:00:40Z", Some(theirs.clone()))];
        let Seen::OwnCall { before, .. } = Seen::of(&used(MINUTE, "sts"), &entries) else { panic!() };
        assert_eq!(before, Before::Used(theirs));
        // Asked twice, the first time is behind the second.
        let theirs = used("2026-11-21T08:00:00Z", "s3");
        let twice = [
            entry("2026-11-23T09:00:00Z", Some(theirs.clone())),
            entry("2026-11-23T10:00:10Z", Some(used("2026-11-23T09:00:00Z", "sts"))),
        ];
        assert_eq!(Seen::of(&used(MINUTE, "sts"), &twice).by_others(), Some(&theirs));
    }

    #[test]
    fn what_was_not_read_before_is_not_known() {
        let seen = Seen::of(&used(MINUTE, "sts"), &[entry(MINUTE, None)]);
        let Seen::OwnCall { before, .. } = &seen else { panic!() };
        assert_eq!((before, seen.by_others()), (&Before::NotRead("no responder".to_owned()), None));
    }

    #[test]
    fn another_service_or_another_time_is_somebody_else() {
        let entries = [entry(MINUTE, None)];
        for other in [used(MINUTE, "s3"), used("2026-11-23T10:06:00Z", "sts"), used("2026-11-23T09:58:00Z", "sts")] {
            assert_eq!(Seen::of(&other, &entries), Seen::Used(other.clone()));
        }
        assert_eq!(Seen::of(&LastUse::default(), &entries), Seen::Never);
    }
}
