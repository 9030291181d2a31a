//! What `keyward rules` prints.

use super::closing::counted;
use crate::config::Policy;
use crate::detect::own::{Definition, Scope};
use crate::rulebook::{Outcome, examples};
use crate::rules::facts::Facts;
use crate::rules::{Confidence, Severity};
use crate::sanitize::sanitize;
use std::io::{self, Write};

/// Writes a line for each rule, those of the config last.
///
/// # Errors
/// What writing reports.
pub fn list(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    for facts in policy.facts() {
        let off = if policy.switches.is_on(facts.id) { "" } else { " (off)" };
        writeln!(
            out,
            "{:<28} {:<9} {:<7} {}{off}",
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
pub fn show(facts: &Facts, policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", facts.id, facts.title)?;
    writeln!(out, "  what        {}", facts.what)?;
    writeln!(out, "  how         {}", facts.how)?;
    writeln!(out, "  severity    {}", severity(facts.severity))?;
    writeln!(out, "  confidence  {}", confidence(facts.confidence))?;
    writeln!(out, "  documented  {}", facts.source)?;
    for example in examples().iter().filter(|example| Some(example.rule) == facts.rule) {
        writeln!(out, "  {:<11} {}", if example.found { "finds" } else { "leaves" }, example.shows)?;
    }
    match policy.own.scopes().find(|(definition, _)| definition.rule.facts().id == facts.id) {
        Some((definition, scope)) => own(definition, scope, out),
        None => Ok(()),
    }
}

/// Writes what a rule of the config looks for.
fn own(definition: &Definition, scope: Scope, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  regex       {}", sanitize(&definition.regex))?;
    if !definition.keywords.is_empty() {
        writeln!(out, "  keywords    {}", sanitize(&definition.keywords.join(", ")))?;
    }
    if let Some(entropy) = definition.entropy {
        writeln!(out, "  entropy     more than {entropy} bits in a character")?;
    }
    for path in &definition.paths {
        writeln!(out, "  path        {}", sanitize(path.as_str()))?;
    }
    writeln!(out, "  looks at    {}", looked_at(scope))?;
    let (examples, near_misses) = definition.tried;
    writeln!(out, "  tried on    {}, {}", counted(examples as u64, "example"), misses(near_misses))
}

fn misses(count: usize) -> String {
    if count == 1 { "1 near miss".to_owned() } else { format!("{count} near misses") }
}

/// What a rule of the config looks at, in words.
pub(super) fn looked_at(scope: Scope) -> String {
    match scope {
        Scope::Window(reach) => format!("{} around each keyword", counted(reach as u64, "byte")),
        Scope::TextWithKeyword => "all of each text that holds a keyword".to_owned(),
        Scope::Text => "all of every text".to_owned(),
    }
}

/// Writes how each example came out, and how many did as they must. Those of the config came out as they must when it
/// was read.
///
/// # Errors
/// What writing reports.
pub fn test(outcomes: &[Outcome], policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    for Outcome { example, holds, dismissed } in outcomes {
        let verdict = if *holds { "ok  " } else { "FAIL" };
        let expected = if example.found { "finds" } else { "leaves" };
        let why = if dismissed.is_empty() { String::new() } else { format!(" ({})", dismissed.join("; ")) };
        writeln!(out, "{verdict} {:<28} {expected} {}{why}", example.rule.id(), example.shows)?;
    }
    let mut own = 0;
    for definition in policy.own.definitions() {
        let (id, (examples, near_misses)) = (definition.rule.facts().id, definition.tried);
        own += examples + near_misses;
        if examples + near_misses == 0 {
            writeln!(out, "none {id:<28} has no examples in the config")?;
        } else {
            let finds = counted(examples as u64, "example");
            writeln!(out, "ok   {id:<28} finds {finds}, leaves {}", misses(near_misses))?;
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.holds).count();
    writeln!(out, "{} passed, {failed} failed", outcomes.len() + own - failed)
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
