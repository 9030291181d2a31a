//! What `keyward rules` prints.

use crate::rulebook::{Outcome, examples};
use crate::rules::facts::FACTS;
use crate::rules::{Confidence, Rule, Severity};
use std::io::{self, Write};

/// Writes a line for each rule.
///
/// # Errors
/// What writing reports.
pub fn list(out: &mut dyn Write) -> io::Result<()> {
    for facts in &FACTS {
        writeln!(
            out,
            "{:<28} {:<9} {:<7} {}",
            facts.id,
            severity(facts.severity),
            confidence(facts.confidence),
            facts.title
        )?;
    }
    Ok(())
}

/// Writes all that is known of a rule, and how its examples look.
///
/// # Errors
/// What writing reports.
pub fn show(rule: Rule, out: &mut dyn Write) -> io::Result<()> {
    let facts = rule.facts();
    writeln!(out, "{}: {}", facts.id, facts.title)?;
    writeln!(out, "  what        {}", facts.what)?;
    writeln!(out, "  how         {}", facts.how)?;
    writeln!(out, "  severity    {}", severity(facts.severity))?;
    writeln!(out, "  confidence  {}", confidence(facts.confidence))?;
    writeln!(out, "  documented  {}", facts.source)?;
    for example in examples().iter().filter(|example| example.rule == rule) {
        writeln!(out, "  {:<11} {}", if example.found { "finds" } else { "leaves" }, example.shows)?;
    }
    Ok(())
}

/// Writes how each example came out, and how many did as they must.
///
/// # Errors
/// What writing reports.
pub fn test(outcomes: &[Outcome], out: &mut dyn Write) -> io::Result<()> {
    for Outcome { example, holds, dismissed } in outcomes {
        let verdict = if *holds { "ok  " } else { "FAIL" };
        let expected = if example.found { "finds" } else { "leaves" };
        let why = if dismissed.is_empty() { String::new() } else { format!(" ({})", dismissed.join("; ")) };
        writeln!(out, "{verdict} {:<28} {expected} {}{why}", example.rule.id(), example.shows)?;
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.holds).count();
    writeln!(out, "{} passed, {failed} failed", outcomes.len() - failed)
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}
