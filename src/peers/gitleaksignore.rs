//! `.gitleaksignore`: findings that gitleaks ignores, a line each, by their place: `file:rule:line`, or with the commit
//! before it.
//!
//! A line number says nothing of what stands there, so such an entry counts for less here than there: for what the
//! rule is about, at that file and line, and never for what a commit or a push brings anew
//! ([`crate::allow::Entry::is_by_line`]). Source: gitleaks 8.30, `Detector.AddGitleaksIgnore` and `AddFinding`, read
//! 2026-11-24.

use super::{Note, Peer, Reading, names};
use crate::allow::{Check, Condition, Entry, Finders};
use crate::config::problem::masked;

pub(super) fn read(name: &str, text: &str) -> Reading {
    let mut reading = Reading::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match entry(name, at + 1, line) {
            Ok(entry) => reading.entries.push(entry),
            Err(note) => reading.notes.push(note),
        }
    }
    reading
}

fn entry(name: &str, number: usize, line: &str) -> Result<Entry, Note> {
    let parts: Vec<&str> = line.split(':').collect();
    let shown = format!("'{}'", masked(line));
    let (commit, file, rule, at) = match parts[..] {
        [file, rule, at] => (None, file, rule, at),
        [commit, file, rule, at] => (Some(commit), file, rule, at),
        _ => {
            return Err(Note::malformed(number, shown, "it must be FILE:RULE:LINE, or COMMIT:FILE:RULE:LINE"));
        }
    };
    let Ok(at) = at.parse() else {
        return Err(Note::malformed(number, shown, "it does not end in the number of a line"));
    };
    let Some(finder) = names::finder(Peer::Gitleaks, rule) else {
        return Err(Note::not_of_aws(number, shown));
    };
    let mut checks = vec![
        Check::Files(vec![file.replace('\\', "/").into()]),
        Check::Lines(vec![at]),
        Check::FoundBy(Finders { by: vec![finder], by_no_other: Vec::new() }),
    ];
    checks.extend(commit.map(|commit| Check::Commits(vec![commit.to_owned()])));
    Ok(Entry {
        reason: "ignored there, by its line".to_owned(),
        place: format!("{name}:{number}"),
        expires: None,
        rules: Vec::new(),
        condition: Condition::All,
        checks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_what_is_none_is_noted() {
        let text = "# a comment\n\nsrc\\a.env:aws-access-token:3\n  c0ffee:b.env:generic-api-key:7  \nx:slack-bot-token:1\n\
                    a:b\nc.env:aws-access-token:x\n";
        let reading = read(".gitleaksignore", text);
        let checks: Vec<_> = reading.entries.iter().map(|entry| (&entry.place[..], &entry.checks[..2])).collect();
        assert_eq!(
            checks,
            [
                (".gitleaksignore:3", &[Check::Files(vec!["src/a.env".into()]), Check::Lines(vec![3])][..]),
                (".gitleaksignore:4", &[Check::Files(vec!["b.env".into()]), Check::Lines(vec![7])][..]),
            ]
        );
        assert_eq!(reading.entries[1].checks.last(), Some(&Check::Commits(vec!["c0ffee".to_owned()])));
        let notes: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            notes,
            [
                "'x:slack-bot-token:1': it is not about credentials of AWS",
                "'a:b': it must be FILE:RULE:LINE, or COMMIT:FILE:RULE:LINE",
                "'c.env:aws-access-token:x': it does not end in the number of a line",
            ]
        );
    }
}
