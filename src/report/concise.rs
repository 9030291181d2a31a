//! A finding a line, as compilers write them: for editors, `grep` and problem matchers.

use super::human::path_of;
use super::issue::details;
use super::rules::severity;
use crate::config::ScanSettings;
use crate::scan::Outcome;
use bstr::ByteSlice;
use std::io::{self, Write};

/// Writes `path:line:col: severity rule KEYID message` for each finding that counts, in the order of paths; `-` where
/// no key ID is known.
///
/// # Errors
/// What writing reports.
pub fn lines(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    for finding in outcome.standing() {
        let (path, at) = (finding.origin.path.as_bstr(), finding.locations[0].span.start);
        let id = finding.key_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        write!(out, "{}:{}:{}: ", path_of(path), at.line, at.column)?;
        write!(out, "{} {} {id} ", severity(finding.severity), finding.rule.id())?;
        writeln!(out, "{}{}", finding.rule.title(), details(finding, settings.secrets))?;
    }
    Ok(())
}
