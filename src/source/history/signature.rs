//! Who signed a commit or a tag, and when.

use crate::finding::Provenance;
use crate::git::Oid;
use bstr::ByteSlice;

/// Who signed the commit or tag with this content, when, and its first line.
#[must_use]
pub fn signed(name: &Oid, content: &[u8], role: &[u8]) -> Provenance {
    let mut headers = content.lines().take_while(|line| !line.is_empty());
    let signature = headers.find_map(|line| line.strip_prefix(role)).and_then(Signature::parse);
    let message = content.find(b"\n\n").map(|end| &content[end + 2..]);
    Provenance {
        commit: Some(name.to_string()),
        author: signature.map(|signature| signature.who.to_str_lossy().into_owned()),
        date: signature.map(|signature| signature.date()),
        title: message.and_then(|message| Some(message.lines().next()?.to_str_lossy().into_owned())),
        reach: None,
    }
}

/// Who made a commit or tag, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'s> {
    /// `Name <mail>`.
    pub who: &'s [u8],
    /// Seconds since 1970.
    pub time: i64,
    /// Minutes east of Greenwich.
    zone: i64,
}

impl<'s> Signature<'s> {
    /// Parses `Name <mail> SECONDS ZONE`.
    #[must_use]
    pub fn parse(text: &'s [u8]) -> Option<Self> {
        let (who, rest) = text.rsplit_once_str(b"> ")?;
        let (time, zone) = rest.to_str().ok()?.split_once(' ')?;
        // In 32 bits, so that no arithmetic on it overflows.
        let zone = i64::from(zone.parse::<i32>().ok()?);
        Some(Self { who: &text[..=who.len()], time: time.parse().ok()?, zone: zone / 100 * 60 + zone % 100 })
    }

    /// When, as RFC 3339 writes it, in the zone of whoever signed.
    #[must_use]
    pub fn date(&self) -> String {
        let local = self.time.saturating_add(self.zone * 60);
        let (year, month, day) = civil(local.div_euclid(86_400));
        let second = local.rem_euclid(86_400);
        let sign = if self.zone < 0 { '-' } else { '+' };
        let zone = self.zone.abs();
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60,
            zone / 60,
            zone % 60
        )
    }
}

/// Year, month and day of a day that is counted from 1970. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`: eras of 400 years, and years that start in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_parsed_and_dated_in_its_own_zone() {
        let dated = |text: &str| Signature::parse(text.as_bytes()).map(|signature| signature.date());
        assert_eq!(dated("A B <a@b> 0 +0000").as_deref(), Some("1970-01-01T00:00:00+00:00"));
        assert_eq!(dated("A > B <a@b> 1710115199 -0130").as_deref(), Some("2024-03-10T22:29:59-01:30"));
        assert_eq!(dated("A <a@b> 1709164800 +0530").as_deref(), Some("2024-02-29T05:30:00+05:30"));
        assert_eq!(dated("A <a@b> -1 +0000").as_deref(), Some("1969-12-31T23:59:59+00:00"));
        assert_eq!(dated("A <a@b> now"), None);
        assert_eq!(dated("A <a@b> 9223372036854775807 +9999").map(|date| date.len() > 20), Some(true));
        assert_eq!(dated("A <a@b> 0 +2147483647").map(|date| date.len() > 20), Some(true));
        assert_eq!(dated("A <a@b> 0 +9223372036854775807"), None);
    }
}
