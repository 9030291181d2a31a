//! What people have accepted for other scanners, in the files that they have already.
//!
//! Each of these is read from its bytes alone, so that it can come from a disk as well as from a revision, and becomes allow
//! entries of keyward's own ([`crate::allow::Entry`]), which decide. Rules are not followed: keyward looks for what it
//! looks for; `keyward config import` carries them over ([`convert`]). Nothing is fetched (`extend.url`), and no file
//! is read but at the top of the work tree and where `extend.path` leads within it.

mod allowlist;
pub mod convert;
mod gitleaks;
mod gitleaksignore;
mod keys;
mod names;
mod re2;
mod secrets_baseline;
mod secretsignore;

use crate::allow::Entry;
use std::fmt;

/// A file of another scanner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// betterleaks' config.
    Betterleaks,
    /// gitleaks' config.
    Gitleaks,
    /// The findings that gitleaks ignores, by place.
    GitleaksIgnore,
    /// detect-secrets' baseline.
    SecretsBaseline,
    /// What ripsecrets ignores.
    SecretsIgnore,
}

impl Peer {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 5] =
        [Self::Betterleaks, Self::Gitleaks, Self::GitleaksIgnore, Self::SecretsBaseline, Self::SecretsIgnore];

    /// The name of the file at the top of a work tree.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Betterleaks => ".betterleaks.toml",
            Self::Gitleaks => ".gitleaks.toml",
            Self::GitleaksIgnore => ".gitleaksignore",
            Self::SecretsBaseline => ".secrets.baseline",
            Self::SecretsIgnore => ".secretsignore",
        }
    }

    /// The scanner that reads it.
    #[must_use]
    pub fn scanner(self) -> &'static str {
        match self {
            Self::Betterleaks => "betterleaks",
            Self::Gitleaks | Self::GitleaksIgnore => "gitleaks",
            Self::SecretsBaseline => "detect-secrets",
            Self::SecretsIgnore => "ripsecrets",
        }
    }

    /// The one whose file may be called so, wherever it lies.
    #[must_use]
    pub fn likely(name: &str) -> Option<Self> {
        let ends = |end: &str| name.to_ascii_lowercase().ends_with(end);
        Self::named(name).or_else(|| match name {
            _ if ends(".toml") && name.contains("betterleaks") => Some(Self::Betterleaks),
            _ if ends(".toml") => Some(Self::Gitleaks),
            _ if ends("gitleaksignore") => Some(Self::GitleaksIgnore),
            _ if ends(".baseline") || ends(".json") => Some(Self::SecretsBaseline),
            _ if ends("secretsignore") => Some(Self::SecretsIgnore),
            _ => None,
        })
    }

    /// The one whose file has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }
}

/// Hands out the files of a work tree, or of a revision, by their path from the top; nothing where there is none.
pub type Files<'f> = dyn Fn(&str) -> Result<Option<Vec<u8>>, String> + 'f;

/// What a file says, understood.
#[derive(Debug, Default)]
pub struct Reading {
    /// What it accepts.
    pub entries: Vec<Entry>,
    /// What of it is not followed, in the order of the file.
    pub notes: Vec<Note>,
    /// The rules that it defines, for an import.
    pub rules: Vec<RuleDefinition>,
}

impl Reading {
    /// That of a file that cannot be read.
    #[must_use]
    pub fn unreadable(why: &str) -> Self {
        Self { notes: vec![Note::malformed(1, "the file", why)], ..Self::default() }
    }
}

/// A rule of another scanner's, as its config defines it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleDefinition {
    /// The line of its header.
    pub line: usize,
    /// Its name.
    pub id: String,
    /// What it is, in the words of whoever wrote it.
    pub description: String,
    /// What it finds, as Rust reads it.
    pub regex: Option<String>,
    /// The paths at which it looks, as Rust reads them.
    pub path: Option<String>,
    /// The group of `regex` that is the secret.
    pub secret_group: u32,
    /// The least entropy of the secret, in bits per character; 0 means any.
    pub entropy: f64,
    /// Words of which one must be near.
    pub keywords: Vec<String>,
    /// Does it count only where other rules find something, too?
    pub is_composite: bool,
    /// Is it there for others only?
    pub is_silent: bool,
    /// What is accepted of it.
    pub allow: Vec<Entry>,
}

/// Something in a file that is not followed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub line: usize,
    /// What, in the words of the file.
    pub what: String,
    /// Why.
    pub why: Omitted,
}

/// Why something in a file is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Omitted {
    /// It has a mistake in it; its own scanner would stumble over it, too.
    Malformed(String),
    /// It is not about credentials of AWS, so that there is nothing to accept.
    NotOfAws,
    /// keyward does this by itself, or otherwise.
    Otherwise(&'static str),
}

impl Note {
    fn malformed(line: usize, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { line, what: what.into(), why: Omitted::Malformed(why.into()) }
    }

    fn not_of_aws(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into(), why: Omitted::NotOfAws }
    }

    fn otherwise(line: usize, what: impl Into<String>, why: &'static str) -> Self {
        Self { line, what: what.into(), why: Omitted::Otherwise(why) }
    }

    /// Is it a mistake that somebody should mend?
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        matches!(self.why, Omitted::Malformed(_))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match &self.why {
            Omitted::Malformed(why) => why,
            Omitted::NotOfAws => "it is not about credentials of AWS",
            Omitted::Otherwise(why) => *why,
        };
        write!(f, "{}: {why}", self.what)
    }
}

/// Bytes of the largest file that is read; a `.secrets.baseline` of 100,000 lines has 4 MB.
pub const LARGEST: u64 = 32 << 20;

/// Reads `content`, the file that `peer` names at the top; `files` hands out those that it extends.
#[must_use]
pub fn read(peer: Peer, content: &[u8], files: &Files<'_>) -> Reading {
    read_as(peer, peer.name(), content, files)
}

/// The same, of a file that is called otherwise.
#[must_use]
pub fn read_as(peer: Peer, name: &str, content: &[u8], files: &Files<'_>) -> Reading {
    let Ok(text) = std::str::from_utf8(content) else {
        let note = Note::malformed(1, "the file", "it is not UTF-8");
        return Reading { notes: vec![note], ..Reading::default() };
    };
    let text = text.trim_start_matches('\u{feff}');
    match peer {
        Peer::Betterleaks | Peer::Gitleaks => gitleaks::read(peer, name, text, files),
        Peer::GitleaksIgnore => gitleaksignore::read(name, text),
        Peer::SecretsBaseline => secrets_baseline::read(name, text),
        Peer::SecretsIgnore => secretsignore::read(name, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow::Day;
    use crate::config::file;

    const CONFIG: &str = "[extend]\nuseDefault = true\npath = 'b'\ndisabledRules = ['x']\n[[rules]]\nid = 'acme'\nregex = '(a{3}[\\w-])'\n\
        keywords = ['acme']\nentropy = 3.5\n[[rules.allowlists]]\npaths = ['^a/']\n[rules.allowlist]\nstopwords = ['abc']\n\
        [[allowlists]]\ncondition = 'AND'\nregexTarget = 'line'\nregexes = ['(?i)\\Qa.b\\E{x}']\npaths = ['b$']\ntargetRules = ['acme']\n";

    const FILES: [(Peer, &str); 5] = [
        (Peer::Betterleaks, CONFIG),
        (Peer::Gitleaks, CONFIG),
        (Peer::GitleaksIgnore, "# x\na.env:generic-api-key:2\nc0ffee:b:aws-access-token:7\n"),
        (
            Peer::SecretsBaseline,
            "{\"exclude\": {\"files\": \"a\"}, \"filters_used\": [{\"path\": \"x.should_exclude_line\", \"pattern\": [\"b\"]}],
             \"results\": {\"a.env\": [{\"type\": \"x\", \"hashed_secret\": \"0123456789012345678901234567890123456789\"}]}}",
        ),
        (Peer::SecretsIgnore, "test/*\n!keep\n**/a?[b]\n[secrets]\nabc\n"),
    ];

    /// What means something in one of the formats, or in none.
    const DAMAGE: &[u8] = b"[]{}()'\"\\^$*+?|.:=\n\xff0a";

    /// Damages `text` in a few places, the same in every run.
    fn damaged(text: &str, seed: u64) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for _ in 0..=seed % 4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pick = |from: u32, len: usize| usize::try_from(state >> from).unwrap_or_default() % len;
            let at = pick(33, bytes.len());
            match state % 3 {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = DAMAGE[pick(20, DAMAGE.len())],
                _ => bytes.truncate(at.max(1)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        bytes
    }

    #[test]
    fn damaged_files_are_read_without_a_panic_and_what_is_converted_can_be_read() {
        for (peer, text) in FILES {
            for seed in 0..400 {
                let content = if seed == 0 { text.as_bytes().to_vec() } else { damaged(text, seed) };
                let reading = read(peer, &content, &|_| Ok(Some(content.clone())));
                let sources = [convert::Source { name: peer.name().to_owned(), reading }];
                let text = convert::convert(&sources, &[], Day::today(), true).text;
                assert!(!file::read(text.as_bytes(), "", Day::today()).has_errors(), "{text}");
            }
        }
    }
}
