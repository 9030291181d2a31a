//! What `keyward config` prints: what counts and where it comes from, and what rules cost.

use super::closing::counted;
use super::rules::{confidence, looked_at, severity};
use crate::config::{Policy, ScanSettings};
use crate::detect::own::Scope;
use crate::sanitize::sanitize;
use std::io::{self, Write};

/// Writes every setting with where it comes from; `from` says which config counts, and why.
///
/// # Errors
/// What writing reports.
pub fn show(policy: &Policy, from: &str, out: &mut dyn Write) -> io::Result<()> {
    let default = ScanSettings::default();
    let file = policy.file.as_deref().unwrap_or_default();
    let place = |is_set: bool| if is_set { sanitize(file).into_owned() } else { "built in".to_owned() };
    let mut line = |name: &str, value: &str, place: &str| writeln!(out, "{name:<16} {value:<40} {place}");
    line("config", &sanitize(if file.is_empty() { "none" } else { file }), from)?;
    let level = confidence(policy.min_confidence.unwrap_or(default.min_confidence));
    line("min-confidence", level, &place(policy.min_confidence.is_some()))?;
    let level = severity(policy.fail_on.unwrap_or(default.fail_on));
    line("fail-on", level, &place(policy.fail_on.is_some()))?;
    for account in &policy.accounts {
        line("aws account", &account.to_string(), &place(true))?;
    }
    for facts in policy.facts() {
        let state = if policy.switches.is_on(facts.id) { "on" } else { "off" };
        let is_own = facts.rule.is_none();
        let by_switch = policy.switches.off.contains(facts.id) || !policy.switches.on.is_empty();
        line(&format!("rule {state}"), facts.id, &place(is_own || by_switch))?;
    }
    for exclusion in &policy.excluded {
        for path in &exclusion.paths {
            line(
                "excluded",
                &sanitize(path.as_str()),
                &format!("{}: {}", sanitize(&exclusion.place), sanitize(&exclusion.reason)),
            )?;
        }
    }
    for entry in &policy.allow {
        let until = entry.expires.map(|day| format!(" until {day}")).unwrap_or_default();
        let rules = if entry.rules.is_empty() { "of all rules".to_owned() } else { entry.rules.join(", ") };
        line(
            "allowed",
            &format!("{}{until}", sanitize(&rules)),
            &format!("{}: {}", sanitize(&entry.place), sanitize(&entry.reason)),
        )?;
    }
    Ok(())
}

/// Writes that a config can be followed, and what its rules cost.
///
/// # Errors
/// What writing reports.
pub fn sound(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} can be followed", sanitize(policy.file.as_deref().unwrap_or_default()))?;
    let rules: Vec<_> = policy.own.scopes().collect();
    if rules.is_empty() {
        return Ok(());
    }
    let near = rules.iter().filter(|(_, scope)| matches!(scope, Scope::Window(_))).count();
    writeln!(
        out,
        "{near} of {} look only around their keywords, which costs next to nothing",
        counted(rules.len() as u64, "rule")
    )?;
    for (definition, scope) in rules.iter().filter(|(_, scope)| !matches!(scope, Scope::Window(_))) {
        writeln!(out, "  {}: looks at {}", definition.rule.facts().id, looked_at(*scope))?;
    }
    if near < rules.len() {
        writeln!(
            out,
            "  hint: give each a keyword that stands in every match, and repeat no more than so\n  often: {{20,200}} instead of {{20,}}"
        )?;
    }
    let asks = rules.iter().filter(|(definition, _)| !definition.paths.is_empty()).count();
    if asks > 0 {
        writeln!(
            out,
            "{} for a path: a history is asked for all paths of what these find",
            counted(asks as u64, "rule asking")
        )?;
    }
    Ok(())
}
