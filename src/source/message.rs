//! The message of the next commit, as it will be.
//!
//! Git hands its hook the file as an editor left it: with comments, and below the scissors line the changes
//! themselves, whose old lines are not about to be committed. What git will cut is not judged; lines keep their
//! numbers. Source: git, `sequencer.c` (`cleanup_message`), `wt-status.c` (`wt_status_locate_end`).

use super::Sink;
use crate::archive::Content;
use crate::config::Message;
use crate::error::{Error, Result};
use crate::finding::{Origin, SourceKind};
use crate::git::{Version, settings};
use bstr::{BString, ByteSlice, ByteVec};
use std::path::Path;

/// What stands between the comment character and the end of a scissors line.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// Characters that git chooses from where `core.commentChar` is `auto`.
const AUTOMATIC: &[u8] = b"#;@!$%^&|:";

/// What git will cut out of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cuts {
    comments: bool,
    scissors: Scissors,
    /// The start of a comment; nothing where git chooses it.
    comment: Option<BString>,
}

/// Where git cuts at a scissors line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scissors {
    Nowhere,
    /// Only where it put the line itself (`commit -v`), which it does not tell: changes stand below, to the end. A line
    /// that somebody typed is a comment like others, and what stands below it is committed.
    AboveChanges,
    Anywhere,
}

/// Delivers the message to `sink`.
///
/// # Errors
/// Where it cannot be read, or git's configuration.
pub fn deliver(message: &Message, sink: &dyn Sink) -> Result<()> {
    let unreadable = |error| Error::new(format!("could not read '{}'", message.file.display())).because(error);
    let text = std::fs::read(&message.file).map_err(unreadable)?;
    let text = cuts(message.edited)?.apply(&text);
    let origin = Origin::of(shown(&message.file), SourceKind::Message, None);
    sink.text(origin, Content::Memory(&text)).map_err(unreadable)
}

/// The file as people know it: below the git folder, wherever that lies.
fn shown(file: &Path) -> BString {
    Vec::from_path_lossy(file).into_owned().into()
}

/// What git cuts, by its configuration; a `--cleanup` of the command line it does not tell.
fn cuts(edited: bool) -> Result<Cuts> {
    let all = settings(r"^(core\.comment(char|string)|commit\.(cleanup|status))$")?;
    let last = |start: &str| all.iter().rev().find(|(name, _)| name.starts_with(start)).map(|(_, value)| value);
    let is_new = last("core.commentstring").is_some() && Version::of_git()?.knows_comment_string();
    let comment = last(if is_new { "core.comment" } else { "core.commentchar" }).cloned().unwrap_or_else(|| "#".into());
    let mode = last("commit.cleanup").map_or(&b"default"[..], |mode| mode.as_slice());
    Ok(Cuts {
        comments: mode == b"strip" || mode == b"default" && edited,
        scissors: match mode {
            _ if !edited => Scissors::Nowhere,
            b"scissors" => Scissors::Anywhere,
            // Without git's own words at the end, changes of an earlier `-v` look like those of this one.
            _ if last("commit.status").is_some_and(|value| is_off(value)) => Scissors::Nowhere,
            _ => Scissors::AboveChanges,
        },
        comment: (comment != "auto").then_some(comment),
    })
}

impl Cuts {
    fn apply(&self, text: &[u8]) -> Vec<u8> {
        let comment = self.comment.clone().unwrap_or_else(|| chosen(text));
        let scissors = [&comment[..], SCISSORS].concat();
        let mut kept = Vec::with_capacity(text.len());
        let mut rest = text;
        for line in text.lines_with_terminator() {
            rest = &rest[line.len()..];
            if line.trim_end_with(|letter| letter == '\n') == scissors && self.cuts_above(rest, &comment) {
                break;
            }
            if self.comments && !comment.is_empty() && line.starts_with(&comment) {
                kept.push(b'\n');
            } else {
                kept.extend_from_slice(line);
            }
        }
        kept
    }

    fn cuts_above(&self, rest: &[u8], comment: &[u8]) -> bool {
        match self.scissors {
            Scissors::Nowhere => false,
            Scissors::Anywhere => true,
            Scissors::AboveChanges => {
                let is_comment = |line: &&[u8]| !comment.is_empty() && line.starts_with(comment);
                let first = rest.lines().find(|line| !is_comment(line));
                let last = rest.lines().rev().find(|line| !line.is_empty());
                first.is_some_and(|line| line.starts_with(b"diff --")) && last.is_some_and(|line| !is_comment(&line))
            }
        }
    }
}

/// Is this value of a switch that of one that is off?
fn is_off(value: &[u8]) -> bool {
    [&b"false"[..], b"no", b"off", b"0", b""].iter().any(|off| value.eq_ignore_ascii_case(off))
}

/// The comment character that git chose: that of the scissors line, or else of the last line, which is a comment of
/// git's own; nothing where that is not clear, so that all of the text is judged.
fn chosen(text: &[u8]) -> BString {
    let of_scissors = text.lines().find_map(|line| line.strip_suffix(SCISSORS).filter(|start| start.len() == 1));
    // Git's own words end with a comment in which nothing stands.
    let last = text.lines().rev().find(|line| !line.is_empty()).filter(|line| line.len() == 1);
    let found = of_scissors.or(last).filter(|start| AUTOMATIC.contains(&start[0]));
    found.unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(cuts: &Cuts, text: &str) -> String {
        String::from_utf8(cuts.apply(text.as_bytes())).expect("it was text")
    }

    #[test]
    fn comments_and_what_lies_below_the_scissors_are_not_judged() {
        let cuts = Cuts { comments: true, scissors: Scissors::Anywhere, comment: Some("#".into()) };
        let scissors = format!("#{}", std::str::from_utf8(SCISSORS).expect("ASCII"));
        let text = format!("title\n# note\n\nbody # not a note\n{scissors}\n# Do not modify\n-old\n");
        assert_eq!(judged(&cuts, &text), "title\n\n\nbody # not a note\n");
        assert_eq!(judged(&Cuts { comments: false, scissors: Scissors::Nowhere, ..cuts }, &text), text);
    }

    #[test]
    fn a_comment_may_start_with_anything_that_git_is_told() {
        let cuts = Cuts { comments: true, scissors: Scissors::Anywhere, comment: Some("//".into()) };
        assert_eq!(judged(&cuts, "title\n// note\n# body\n"), "title\n\n# body\n");
        let automatic = Cuts { comment: None, ..cuts };
        assert_eq!(judged(&automatic, "# title\n\n; note\n;\n"), "# title\n\n\n\n");
        assert_eq!(judged(&automatic, "title\nno comments\n"), "title\nno comments\n");
    }
}
