//! The texts that are installed, and how they are known again.
//!
//! They lie in `hooks/` and are carried by the binary, so that what is reviewed is what is installed, save what names
//! the binary, the event and the configuration. What is not, to the letter, what some version installed is somebody
//! else's: he who changes a hook of ours owns it.

use crate::config::Event;
use crate::git::Scope;
use bstr::ByteSlice;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The hook, for a folder of hooks.
const GUARD: &str = include_str!("../../hooks/guard");

/// The lines of it that installing writes.
const LINES: [&str; 2] = ["event=pre-commit\n", "keyward=''\n"];

/// What stands in a folder of ours, to which the user's `core.hooksPath` leads, for the hooks that it hides.
const PASS_THROUGH: &str = include_str!("../../hooks/pass-through");

/// The hook, for git's configuration.
const COMMAND: &str = include_str!("../../hooks/command");

/// The hook of the first version, which knew pre-commit only.
const FORMER: &str = include_str!("../../hooks/former/pre-commit-1");

/// The line of it that installing wrote.
const FORMER_LINE: &str = "keyward=keyward\n";

/// The beginning of a line that stands in every script of ours (a number and a colon follow), and stays if somebody
/// changes the rest.
const MARK: &[u8] = b"# keyward hook ";

/// The hook that calls `keyward`, an absolute path.
#[must_use]
pub(super) fn guard(event: Event, keyward: &Path) -> Vec<u8> {
    let [event_line, binary_line] = LINES;
    let script = GUARD.replacen(event_line, &format!("event={}\n", event.name()), 1);
    script.into_bytes().replacen(binary_line, named(keyward), 1)
}

/// The script that runs the hook which a repository has of its own.
#[must_use]
pub(super) fn pass_through() -> &'static [u8] {
    PASS_THROUGH.as_bytes()
}

/// The command that calls `keyward`, an absolute path; git appends the hook's arguments.
#[must_use]
pub(super) fn command(event: Event, keyward: &Path, scope: Scope) -> Vec<u8> {
    let command = COMMAND.trim_end().replace("REFUSED", refused(event));
    let command = command.replace("SCOPE", scope.name()).replace("EVENT", event.name());
    command.into_bytes().replacen("keyward='';", [&b"keyward="[..], &quoted(keyward), b";"].concat(), 1)
}

/// The binary that a hook of ours names; nothing if it is not ours.
#[must_use]
pub(super) fn binary_of(event: Event, hook: &[u8]) -> Option<PathBuf> {
    let line = hook.lines_with_terminator().find(|line| line.starts_with(b"keyward='"))?;
    let path = unquoted(line.strip_prefix(b"keyward=")?.strip_suffix(b"\n")?)?;
    let former = || FORMER.as_bytes().replacen(FORMER_LINE, named(&path), 1);
    (guard(event, &path) == hook || (event == Event::PreCommit && former() == hook)).then_some(path)
}

/// The binary that a command of ours names; nothing if it is not ours.
#[must_use]
pub(super) fn binary_of_command(event: Event, given: &[u8]) -> Option<PathBuf> {
    [Scope::Local, Scope::Global].into_iter().find_map(|scope| {
        let nameless = command(event, Path::new(""), scope);
        unquoted(given.strip_prefix(b"keyward=")?.strip_suffix(nameless.strip_prefix(b"keyward=''")?)?)
    })
}

/// Does the script say of itself that it was ours?
#[must_use]
pub(super) fn is_marked(hook: &[u8]) -> bool {
    let rest = |line: &[u8]| line.strip_prefix(MARK)?.split_once_str(":").map(|(number, _)| number.to_vec());
    hook.lines().filter_map(rest).any(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

/// What a hook says that cannot find keyward; `hooks/guard` says the same.
fn refused(event: Event) -> &'static str {
    match event {
        Event::PreCommit | Event::CommitMsg => "the commit was not made",
        Event::PreMergeCommit => "the merge was not made",
        Event::PrePush => "the push was not made",
        Event::PreReceive | Event::Update => "the push was refused",
    }
}

fn named(keyward: &Path) -> Vec<u8> {
    [&b"keyward="[..], &quoted(keyward), b"\n"].concat()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> Vec<u8> {
    [&b"'"[..], &path.as_os_str().as_bytes().replace("'", "'\\''"), b"'"].concat()
}

fn unquoted(word: &[u8]) -> Option<PathBuf> {
    let path = word.strip_prefix(b"'")?.strip_suffix(b"'")?.replace("'\\''", "'");
    Some(PathBuf::from(OsString::from_vec(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = "/opt/it's; { EVENT/keyward";

    #[test]
    fn installing_changes_the_two_lines_that_name_the_event_and_the_binary() {
        for event in Event::ALL {
            let installed = guard(event, Path::new(ODD));
            let text = String::from_utf8(installed.clone()).unwrap();
            let (event_line, binary_line) =
                (format!("event={}", event.name()), "keyward='/opt/it'\\''s; { EVENT/keyward'");
            let changed: Vec<_> = text.lines().zip(GUARD.lines()).filter(|(new, old)| new != old).collect();
            let expected = [(event_line.as_str(), "event=pre-commit"), (binary_line, "keyward=''")];
            assert_eq!(changed, expected[usize::from(event == Event::PreCommit)..]);
            assert_eq!(binary_of(event, &installed).as_deref(), Some(Path::new(ODD)));
        }
    }

    #[test]
    fn a_command_is_one_line_and_known_again() {
        for event in Event::ALL {
            for scope in [Scope::Local, Scope::Global] {
                let command = command(event, Path::new(ODD), scope);
                assert_eq!(binary_of_command(event, &command).as_deref(), Some(Path::new(ODD)));
                assert!(!command.contains(&b'\n'));
                assert!(command.ends_with_str(format!("\"$keyward\" hook run {}", event.name())));
            }
        }
        assert_eq!(binary_of_command(Event::PrePush, &command(Event::PreCommit, Path::new("/k"), Scope::Local)), None);
    }

    #[test]
    fn script_and_command_refuse_in_the_same_words() {
        for event in Event::ALL {
            assert!(GUARD.contains(&format!("refused='{}'", refused(event))), "{event:?}");
        }
    }

    #[test]
    fn the_published_hook_is_still_ours() {
        let published = FORMER.as_bytes().replacen(FORMER_LINE, "keyward='/bin/keyward'\n", 1);
        assert_eq!(binary_of(Event::PreCommit, &published).as_deref(), Some(Path::new("/bin/keyward")));
        assert_eq!(binary_of(Event::PrePush, &published), None);
    }

    #[test]
    fn a_hook_that_somebody_changed_or_wrote_is_not_ours() {
        let changed = [&guard(Event::PreCommit, Path::new("/bin/keyward"))[..], b"./lint.sh\n"].concat();
        assert_eq!(binary_of(Event::PreCommit, &changed), None);
        assert!(is_marked(&changed));
        let written = b"#!/bin/sh\n# keyward hook is run below\nkeyward hook run pre-commit\n";
        assert_eq!(binary_of(Event::PreCommit, written), None);
        assert!(!is_marked(written));
        // Another event's hook under this name would do the wrong thing.
        assert_eq!(binary_of(Event::PrePush, &guard(Event::PreCommit, Path::new("/bin/keyward"))), None);
    }
}
