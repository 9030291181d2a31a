//! What keyward reports: a credential with the places where it stands and the text it came from.

use crate::credential::{Account, Fingerprint, KeyId, Secret};
use crate::detect::encoded::Encoding;
use crate::detect::found::Credential;
use crate::detect::lead::Lead;
use crate::detect::marker::{Marked, Marker};
use crate::detect::{Around, Candidate, Dismissal, Span, Value};
use crate::rules::{Confidence, Rule, Severity};
use bstr::{BStr, BString, ByteSlice};

/// What kind of source a text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Files on disk.
    Tree,
    /// The index: what the next commit would contain.
    Staged,
    /// The message of the next commit.
    Message,
    /// Standard input.
    Stdin,
    /// All that a repository has ever held.
    History,
}

impl SourceKind {
    /// As reports name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Staged => "staged",
            Self::Message => "message",
            Self::Stdin => "stdin",
            Self::History => "history",
        }
    }
}

/// Where a text came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Its path, in bytes as the file system or git has it.
    pub path: BString,
    /// The source that brought it.
    pub source: SourceKind,
    /// The object ID of the blob, where it is one.
    pub blob: Option<String>,
    /// Where in the path the file ends, if it is a container and this a text inside.
    pub inside: Option<Inside>,
}

/// How much of an inner path (`outer.zip!inner.jar!file`) names what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inside {
    /// Bytes that name the file on disk or in git.
    pub artifact: usize,
    /// Bytes that name the container which holds the text.
    pub container: usize,
}

impl Inside {
    /// The file's path, and the path inside of it behind its `!`.
    #[must_use]
    pub fn split(inside: Option<Self>, path: &BStr) -> (&BStr, Option<&BStr>) {
        match inside {
            Some(Self { artifact, .. }) if artifact < path.len() => {
                (path[..artifact].as_bstr(), Some(path[artifact + 1..].as_bstr()))
            }
            _ => (path, None),
        }
    }
}

impl Origin {
    /// A file's own bytes.
    #[must_use]
    pub fn of(path: BString, source: SourceKind, blob: Option<String>) -> Self {
        Self { path, source, blob, inside: None }
    }

    /// The path of the file that holds the text: its own, or that of the outermost container.
    #[must_use]
    pub fn artifact(&self) -> &BStr {
        Inside::split(self.inside, self.path.as_bstr()).0
    }

    /// The last part of the path.
    fn name(&self) -> &[u8] {
        let own = self.inside.map_or(&self.path[..], |inside| &self.path[inside.container..]);
        let is_end = |byte: &u8| *byte == b'/' || *byte == b'!' && self.inside.is_some();
        own.rsplit(is_end).next().unwrap_or_default()
    }
}

/// Which part of a credential stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The key ID.
    KeyId,
    /// The secret.
    Secret,
    /// The session token beside them, or a token of another kind.
    Token,
}

impl Part {
    /// As reports name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyId => "key_id",
            Self::Secret => "secret",
            Self::Token => "token",
        }
    }

    /// As people name it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::KeyId => "the key ID",
            Self::Secret => "the secret",
            Self::Token => "the token",
        }
    }
}

/// A place of a part.
#[derive(Debug, Clone)]
pub struct Location {
    /// The path of the text.
    pub path: BString,
    /// Where in the path the file ends, if the text lies inside of it.
    pub packed: Option<Inside>,
    /// Start and end, for people.
    pub span: Span,
    /// What stands there.
    pub part: Part,
    /// The encodings around it, outermost first.
    pub inside: Vec<Encoding>,
    /// The name before it.
    pub lead: Lead,
    /// The value as written there, an encoding included.
    pub written: Secret,
    /// What stands around it, where that is wanted.
    pub around: Option<Box<Around>>,
}

impl Location {
    fn of(candidate: Candidate, origin: &Origin) -> Self {
        let part = match candidate.value {
            Value::KeyId(..) => Part::KeyId,
            Value::Secret(..) => Part::Secret,
            Value::Token(..) | Value::Own(..) => Part::Token,
        };
        let Candidate { span, spot, lead, written, inside, around, .. } = candidate;
        let mut path = origin.path.clone();
        if let Some(spot) = spot {
            path.push(b'/');
            path.extend_from_slice(spot.as_bytes());
        }
        Self { path, packed: origin.inside, span, part, inside, lead, written, around }
    }
}

/// Why a finding does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suppression {
    /// The changed files held it before: this commit does not bring it.
    AlreadyThere,
    /// A merge brings it from a commit that a remote has already.
    AlreadyPushed,
    /// A marker in the file accepts it.
    Marker,
    /// A line of the baseline accepts it.
    Baseline,
    /// The config accepts it.
    Config,
    /// A file that was written for another scanner accepts it; its name.
    Peer(&'static str),
}

impl Suppression {
    /// As reports name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AlreadyThere => "already-there",
            Self::AlreadyPushed => "already-pushed",
            Self::Marker => "marker",
            Self::Baseline => "baseline",
            Self::Config => "config",
            Self::Peer(file) => file,
        }
    }
}

/// A marker beside a finding, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it says.
    pub marker: Marker,
    /// The path of its text.
    pub path: BString,
    /// Its line.
    pub line: u64,
}

impl Mark {
    /// The one that says most; of those that say the same, the first by its place.
    #[must_use]
    pub fn strongest(marks: impl IntoIterator<Item = Self>) -> Option<Self> {
        let place = |mark: &Self| (mark.path.clone(), mark.line);
        marks.into_iter().max_by(|a, b| a.marker.cmp(&b.marker).then_with(|| place(b).cmp(&place(a))))
    }
}

/// How a credential came into a repository's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The commit that brought it; nothing for what no commit holds.
    pub commit: Option<String>,
    /// Who made that commit: `Name <mail>`.
    pub author: Option<String>,
    /// When, as RFC 3339 writes it.
    pub date: Option<String>,
    /// The first line of its message.
    pub title: Option<String>,
    /// What still leads to it; nothing where nobody asked.
    pub reach: Option<Reach>,
}

/// Enough of a commit's name for people: eight digits.
#[must_use]
pub fn short_name(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}

/// What still leads to something in history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Refs.
    Refs {
        /// How many.
        count: usize,
        /// The first of their names.
        first: Vec<String>,
        /// What HEAD has to do with it.
        head: Whereabouts,
    },
    /// No ref.
    Unreachable {
        /// What keeps git from removing it, as people name it (`stash@{1}`).
        held_by: Option<String>,
    },
}

/// Is something in the files of HEAD?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is.
    InHead,
    /// It was, until this commit.
    RemovedBy(String),
    /// It is not, and never was.
    NeverInHead,
}

/// A credential that stands in a text.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind.
    pub rule: Rule,
    /// What it can do.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The key ID, if it is known.
    pub key_id: Option<KeyId>,
    /// The account, if a part of it tells.
    pub account: Option<Account>,
    /// The secret, if it is known.
    pub secret: Option<Secret>,
    /// The session token that makes a temporary pair usable.
    pub token: Option<Secret>,
    /// Where its parts stand, the secret first; never empty.
    pub locations: Vec<Location>,
    /// The text it stands in.
    pub origin: Origin,
    /// Its name in reports.
    pub fingerprint: Fingerprint,
    /// Does its text hold nothing else?
    pub alone: bool,
    /// The marker that is about it, if there is one; whether it counts is another matter.
    pub mark: Option<Mark>,
    /// Why it does not count, if so.
    pub suppressed_by: Option<Suppression>,
    /// Why somebody accepted it, in their words, where these are kept.
    pub reason: Option<String>,
    /// More paths at which a history holds it.
    pub elsewhere: Vec<BString>,
    /// How it came into the history, where that was looked at.
    pub provenance: Option<Provenance>,
}

impl Finding {
    /// The finding that `credential` is in the text from `origin`.
    #[must_use]
    pub fn new(credential: Credential, origin: Origin) -> Self {
        let (rule, severity, confidence) = (credential.rule(), credential.severity(), credential.confidence());
        let (key_id, secret) = (credential.key_id(), credential.secret().cloned());
        let session_token = credential.token_value().map(|token| token.secret.clone());
        let fingerprint = credential.fingerprint();
        let confidence = if rule == Rule::PrivateKey && is_key_file_of_aws(origin.name()) {
            rule.facts().confidence
        } else {
            confidence
        };
        let account = credential.account();
        let alone = credential.is_alone();
        let marked = credential.marked();
        let Credential { id, secret: secret_place, token, again } = credential;
        let mut locations: Vec<_> = secret_place
            .into_iter()
            .chain(id)
            .chain(token)
            .chain(again)
            .map(|place| Location::of(place, &origin))
            .collect();
        dedup(&mut locations);
        // In a text of named parts, the part is where people look.
        let path = locations.first().map_or_else(|| origin.path.clone(), |first| first.path.clone());
        let mark = marked.map(|Marked { marker, line }| Mark { marker, line, path: path.clone() });
        let origin = Origin { path, ..origin };
        Self {
            rule,
            severity,
            confidence,
            key_id,
            account,
            secret,
            token: session_token,
            locations,
            origin,
            fingerprint,
            alone,
            mark,
            suppressed_by: None,
            reason: None,
            elsewhere: Vec::new(),
            provenance: None,
        }
    }

    /// The values it consists of.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let secrets = self.secret.iter().chain(&self.token).map(Secret::expose);
        secrets.chain(self.key_id.iter().map(KeyId::as_str))
    }

    /// All paths at which it stands; some may be there twice.
    pub fn paths(&self) -> impl Iterator<Item = &BString> {
        let places = self.locations.iter().map(|place| &place.path);
        std::iter::once(&self.origin.path).chain(places).chain(&self.elsewhere)
    }

    /// Moves its places up by so many lines: those of a header that people do not see.
    pub fn move_up(&mut self, lines: u64) {
        for Location { span: Span { start, end }, .. } in &mut self.locations {
            // What stands in the header itself stays where it is.
            if start.line > lines {
                start.line -= lines;
                end.line -= lines;
            }
        }
        if let Some(mark) = self.mark.as_mut().filter(|mark| mark.line > lines) {
            mark.line -= lines;
        }
    }

    /// Takes over what another text says of the same credential, if that says more.
    pub fn adopt(&mut self, other: &Self) {
        if (other.confidence, other.severity) > (self.confidence, self.severity) {
            (self.rule, self.severity, self.confidence) = (other.rule, other.severity, other.confidence);
            (self.key_id, self.account) = (other.key_id, other.account);
        }
    }

    /// The order of reports: by path, place, rule.
    #[must_use]
    pub fn order(&self) -> impl Ord + '_ {
        (&self.origin, self.locations[0].span, self.rule, &self.fingerprint)
    }
}

/// The names under which AWS hands private keys out: of `CloudFront` (`pk-APKA....pem`) and Lightsail.
fn is_key_file_of_aws(name: &[u8]) -> bool {
    [&b"pk-APKA"[..], b"rsa-APKA", b"LightsailDefaultKey"].iter().any(|start| name.starts_with(start))
}

/// Two values in one encoded text have one place.
fn dedup(locations: &mut Vec<Location>) {
    let mut seen = std::collections::HashSet::new();
    locations.retain(|location| seen.insert((location.span.start, location.part)));
}

/// A dismissed value and the text it stands in, for `--explain`.
#[derive(Debug, Clone)]
pub struct Dismissed {
    /// What was dismissed and why.
    pub dismissal: Dismissal,
    /// Where.
    pub origin: Origin,
}
