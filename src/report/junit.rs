//! `JUnit`'s report, in the form that Jenkins reads (`junit-10.xsd`): a failed test for each finding. Jenkins takes a
//! report without a test for a mistake, so a clean scan is a test that passes; what was not examined is an error.

use super::issue::{self, Issue};
use super::rules::severity;
use crate::config::{ScanSettings, Secrets};
use crate::sanitize::sanitize;
use crate::scan::Outcome;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io::{self, Write};
use std::time::Duration;

/// Writes one suite.
///
/// # Errors
/// What writing reports.
pub fn document(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    let issues = issue::all(outcome);
    let incomplete = &outcome.summary.incomplete;
    let failures = issues.iter().filter(|issue| fails(issue, settings)).count();
    let is_clean = failures + incomplete.len() == 0;
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = [
        ("name", "keyward".to_owned()),
        ("tests", (issues.len() + incomplete.len() + usize::from(is_clean)).to_string()),
        ("failures", failures.to_string()),
        ("errors", incomplete.len().to_string()),
        ("time", seconds(outcome)),
    ];
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    xml.create_element("testsuites").with_attributes(counts()).write_inner_content(|xml| {
        xml.create_element("testsuite").with_attributes(counts()).write_inner_content(|xml| {
            if is_clean {
                let test = [("classname", "keyward"), ("name", "no AWS credentials")];
                xml.create_element("testcase").with_attributes(test).write_empty()?;
            }
            for gap in incomplete {
                let (message, text) = (issue::gap(gap), issue::gap(gap));
                let verdict = Verdict { element: "error", kind: "incomplete", message, text };
                test(xml, &gap.what, "was examined", &verdict)?;
            }
            issues.iter().try_for_each(|issue| test_of(xml, issue, settings))
        })?;
        Ok(())
    })?;
    writeln!(out)
}

/// What a test says that does not pass.
struct Verdict {
    element: &'static str,
    kind: &'static str,
    message: String,
    text: String,
}

/// Does the finding fail the scan, as far as `--fail-on` says so?
fn fails(issue: &Issue<'_>, settings: &ScanSettings) -> bool {
    issue.finding.suppressed_by.is_none() && issue.finding.severity >= settings.fail_on
}

fn test_of<W: Write>(xml: &mut Writer<W>, issue: &Issue<'_>, settings: &ScanSettings) -> io::Result<()> {
    let finding = issue.finding;
    let at = issue.span().start;
    let name = format!("{}:{}  {}", at.line, at.column, issue.message(Secrets::Redacted));
    let message = format!("{}: {}", severity(finding.severity), issue.message(settings.secrets));
    let (element, message) = match issue.why_suppressed() {
        _ if fails(issue, settings) => ("failure", message),
        Some(why) => ("skipped", why),
        None => ("skipped", format!("too mild to fail the scan: {message}")),
    };
    let text = format!("{}:{}:{}: {message}\n{}", sanitize(&issue.path()), at.line, at.column, issue.remedy());
    test(xml, &issue.path(), &name, &Verdict { element, kind: finding.rule.id(), message, text })
}

fn test<W: Write>(xml: &mut Writer<W>, class: &str, name: &str, verdict: &Verdict) -> io::Result<()> {
    let (class, name, message) = (plain(class), plain(name), plain(&verdict.message));
    let text = verdict.text.lines().map(plain).collect::<Vec<_>>().join("\n");
    let place = [("classname", class.as_str()), ("name", &name)];
    xml.create_element("testcase").with_attributes(place).write_inner_content(|xml| {
        let says = [("type", verdict.kind), ("message", &message)];
        xml.create_element(verdict.element).with_attributes(says).write_text_content(BytesText::new(&text))?;
        Ok(())
    })?;
    Ok(())
}

/// Characters that XML 1.0 has; what has none there is written as an escape.
fn plain(text: &str) -> String {
    sanitize(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn seconds(outcome: &Outcome) -> String {
    let [began, ended] = outcome.time;
    let took = ended.duration_since(began).unwrap_or(Duration::ZERO);
    format!("{}.{:03}", took.as_secs(), took.subsec_millis())
}
