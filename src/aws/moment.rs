//! A point in time, as AWS tells it and as people count from it.

use serde::{Serialize, Serializer};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY_S: u64 = 24 * 60 * 60;

/// A point in time, to the second, since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// Now, as this machine's clock has it.
    #[must_use]
    pub fn now() -> Self {
        Self(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// The moment that RFC 3339 writes so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time = humantime::parse_rfc3339(text).ok()?;
        time.duration_since(UNIX_EPOCH).ok().map(|since| Self(since.as_secs()))
    }

    /// The moment that the SDK tells; what lies before 1970 is 1970.
    #[must_use]
    pub fn of(time: &aws_smithy_types::DateTime) -> Self {
        Self(u64::try_from(time.secs()).unwrap_or_default())
    }

    /// Whole days from `earlier` to this; zero if it is not earlier.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / DAY_S
    }

    /// How far apart the two are.
    #[must_use]
    pub fn seconds_after(self, earlier: Self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX) - i64::try_from(earlier.0).unwrap_or(i64::MAX)
    }

    /// The day alone: `2026-11-21`.
    #[must_use]
    pub fn day(self) -> String {
        self.to_string()[..10].to_owned()
    }

    /// How long ago it was: `today`, `yesterday`, `12 days ago`.
    #[must_use]
    pub fn ago(self, now: Self) -> String {
        match now.days_since(self) {
            0 => "today".to_owned(),
            1 => "yesterday".to_owned(),
            days => format!("{days} days ago"),
        }
    }
}

/// As RFC 3339 writes it.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Later than the year 9999 cannot be written.
        let seconds = self.0.min(253_402_300_799);
        write!(f, "{}", humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds)))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_whole_and_never_backwards() {
        let [early, late] = ["2024-03-11T10:00:00Z", "2026-11-23T09:59:59Z"].map(|text| Moment::parse(text).unwrap());
        assert_eq!((late.days_since(early), early.days_since(late)), (986, 0));
        assert_eq!(
            (early.day(), early.ago(late), late.ago(late)),
            ("2024-03-11".into(), "986 days ago".into(), "today".into())
        );
    }

    #[test]
    fn what_the_sdk_writes_is_read_and_the_end_of_time_can_be_written() {
        assert_eq!(Moment::parse("2026-11-21T10:00:00Z").unwrap().to_string(), "2026-11-21T10:00:00Z");
        assert_eq!(Moment(u64::MAX).day(), "9999-12-31");
        assert_eq!(Moment::parse("yesterday"), None);
    }
}
