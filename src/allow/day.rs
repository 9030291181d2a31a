//! Dates on which something ends: days, without times, because people write days.

use std::fmt;
use std::time::SystemTime;

/// A day of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    date: u8,
}

impl Day {
    /// The day of these numbers; nothing where the calendar has none.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u8::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, date: day })
    }

    /// The day that `text` names as ISO 8601 does, `2027-01-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let mut numbers = text.split('-').map(|number| number.parse::<u16>().ok());
        let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let narrow = |number: u16| u8::try_from(number).ok();
        is_form.then(|| Self::new(year, narrow(month)?, narrow(day)?)).flatten()
    }

    /// Today. Nothing has expired for a clock that is out of all bounds.
    #[must_use]
    pub fn today() -> Self {
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        now.get(..10).and_then(Self::parse).unwrap_or(Self { year: 0, month: 1, date: 1 })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written_and_only_if_they_exist() {
        for text in ["2027-01-31", "2028-02-29"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for text in ["2027-02-29", "2027-13-01", "2027-1-1", "31.01.2027", "2027-01-31T00", "+027-01-31", "2027-01--1"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert!(Day::parse("2027-01-31") < Day::parse("2027-02-01"));
        assert!(Day::today() > Day::new(2024, 1, 1).unwrap());
    }
}
