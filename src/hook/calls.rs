//! Does a text that somebody else wrote call keyward?
//!
//! Shell scripts and the files of hook managers are looked at word by word, not understood; only what plainly calls
//! `keyward hook run NAME` counts, and only what plainly throws its answer away does not.

use crate::config::Event;

/// What a script makes of keyward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// It does not call it.
    None,
    /// It calls it, and goes on whatever it answers.
    Ignored,
    /// It calls it.
    Counts,
}

/// Does a shell script call keyward? `strict`: the shell that runs it stops at the first failure.
pub(super) fn in_script(script: &[u8], event: Event, strict: bool) -> Call {
    let script = String::from_utf8_lossy(script);
    let lines: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let code: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with('#')).collect();
    let Some(at) = code.iter().position(|line| calls(line, event)) else { return Call::None };
    let first_line_is_strict = lines[0].starts_with("#!") && lines[0].split_whitespace().any(has_switch_e);
    let strict = strict || first_line_is_strict || code[..at].iter().any(|line| turns_strict(line));
    let line = code[at];
    let thrown_away = ["|| true", "|| :"].iter().any(|end| line.ends_with(end));
    let is_looked_at = strict || at + 1 == code.len() || !is_plain(line);
    if thrown_away || !is_looked_at { Call::Ignored } else { Call::Counts }
}

/// Does a file of a hook manager, in YAML, TOML or JSON, have a job that calls keyward?
pub(super) fn in_configuration(text: &str, event: Event) -> bool {
    code_lines(text).any(|line| calls(line, event))
}

/// Does a file of the pre-commit framework, in YAML or TOML, use the hook with this id?
pub(super) fn uses_id(text: &str, id: &str) -> bool {
    let is_separator = |letter: char| !letter.is_alphanumeric() && !"-_".contains(letter);
    code_lines(text).any(|line| {
        let words: Vec<&str> = line.split(is_separator).filter(|word| !word.is_empty()).collect();
        words.windows(2).any(|pair| pair == ["id", id])
    })
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !line.starts_with("//"))
}

/// Are these words in the line: the path of a `keyward`, `hook`, `run`, and the event's name?
fn calls(line: &str, event: Event) -> bool {
    let is_around = |letter: char| "\"'`;&|(){}[],".contains(letter);
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(is_around)).collect();
    words.windows(4).any(|words| {
        let program = words[0].rsplit(['/', '"', '\'']).next().unwrap_or_default();
        program == "keyward" && words[1..] == ["hook", "run", event.name()]
    })
}

/// `set -e`, `set -eu`, `set -o errexit`.
fn turns_strict(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("set") && words.any(|word| word == "errexit" || has_switch_e(word))
}

fn has_switch_e(word: &str) -> bool {
    word.starts_with('-') && word.contains('e')
}

/// Is the line nothing but the call, so that nobody asks for its status?
fn is_plain(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    !["exec", "if", "!", "while", "until"].contains(&first) && !line.contains("||") && !line.contains("&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_of_the_same_event_is_one() {
        for (script, call) in [
            ("keyward hook run pre-push \"$@\"", Call::Counts),
            ("exec \"/opt/a/keyward\" hook run pre-push \"$@\"", Call::Counts),
            ("keyward hook run pre-commit", Call::None),
            ("# keyward hook run pre-push", Call::None),
            ("keyward hook run pre-push-2", Call::None),
            ("notkeyward hook run pre-push", Call::None),
            ("echo run keyward; git push", Call::None),
            ("", Call::None),
        ] {
            assert_eq!(in_script(script.as_bytes(), Event::PrePush, false), call, "{script}");
        }
    }

    #[test]
    fn a_call_whose_answer_nobody_asks_for_does_not_count() {
        for (script, call) in [
            ("#!/bin/sh\nkeyward hook run pre-commit\nnpm test\n", Call::Ignored),
            ("#!/bin/sh\nkeyward hook run pre-commit || true\n", Call::Ignored),
            ("#!/bin/sh\nkeyward hook run pre-commit || exit\nnpm test\n", Call::Counts),
            ("#!/bin/sh\nif ! keyward hook run pre-commit; then\nexit 1\nfi\n", Call::Counts),
            ("#!/bin/sh -e\nkeyward hook run pre-commit\nnpm test\n", Call::Counts),
            ("#!/bin/sh\nset -eu\nkeyward hook run pre-commit\nnpm test\n", Call::Counts),
            ("#!/bin/bash\nset -euo pipefail\nkeyward hook run pre-commit\nnpm test\n", Call::Counts),
            ("#!/bin/bash\nset -o pipefail\nkeyward hook run pre-commit\nnpm test\n", Call::Ignored),
            ("#!/bin/sh\nnpm test\nkeyward hook run pre-commit\n# the end\n", Call::Counts),
        ] {
            assert_eq!(in_script(script.as_bytes(), Event::PreCommit, false), call, "{script}");
        }
        assert_eq!(in_script(b"keyward hook run pre-commit\nnpm test\n", Event::PreCommit, true), Call::Counts);
    }

    #[test]
    fn jobs_are_found_in_yaml_toml_and_json() {
        for text in [
            "pre-push:\n  jobs:\n    - run: keyward hook run pre-push {1} {2}\n",
            "run = \"keyward hook run pre-push {1} {2}\"\n",
            "{\"run\": \"keyward hook run pre-push\"}",
        ] {
            assert!(in_configuration(text, Event::PrePush), "{text}");
            assert!(!in_configuration(text, Event::PreCommit), "{text}");
        }
        assert!(!in_configuration("  # run: keyward hook run pre-push\n", Event::PrePush));
    }

    #[test]
    fn an_id_is_that_id_and_no_longer_one() {
        for text in ["- id: keyward\n", "hooks: [{id: 'keyward'}]\n", "id = \"keyward\"\n", "{\"id\": \"keyward\"}"] {
            assert!(uses_id(text, "keyward"), "{text}");
        }
        for text in ["- id: keyward-pre-push\n", "# - id: keyward\n", "- name: keyward\n"] {
            assert!(!uses_id(text, "keyward"), "{text}");
        }
    }
}
