//! What a report of keyward's notes of a finding, as far as it is needed to find it again.

use crate::credential::KeyId;
use crate::error::{Error, Result};
use base64::Engine as _;
use bstr::BString;
use serde::Deserialize;
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// The version of the schema that is understood.
const SCHEMA: u32 = 1;

/// A finding in a report.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) key_id: Option<KeyId>,
    pub(super) fingerprint: String,
    pub(super) path: BString,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) text: Text,
    pub(super) accepted: bool,
    pub(super) is_of_another_kind: bool,
}

/// What holds a finding.
#[derive(Debug)]
pub(super) enum Text {
    /// Files: two of them where the key ID and the secret stand apart.
    Files(Vec<BString>),
    /// An object of git's.
    Object(String),
    /// Nothing that can be read again: standard input, the names in a tree.
    Nowhere,
}

#[derive(Deserialize)]
struct FindingObject {
    key_id: Option<String>,
    secret: Option<String>,
    locations: Vec<LocationObject>,
    source: String,
    blob: Option<String>,
    suppressed_by: Option<String>,
    fingerprint: String,
}

#[derive(Deserialize)]
struct LocationObject {
    path: String,
    path_base64: Option<String>,
    line: u64,
    column: u64,
}

impl Noted {
    /// All findings of the report in `file`, and whether its scan examined everything, as far as it says; `-` is standard input.
    pub(super) fn all(file: &Path, input: &mut dyn Read) -> Result<(Vec<Self>, bool)> {
        let failed = || Error::new(format!("could not read the report '{}'", file.display()));
        let is_none = || {
            failed()
                .because("it is no report of keyward's for programs, or of another version")
                .hint("keyward scan --format jsonl --output keyward.jsonl writes one")
        };
        let mut bytes = Vec::new();
        let read = if file.as_os_str() == "-" {
            input.read_to_end(&mut bytes)
        } else {
            std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
        };
        read.map_err(|error| failed().because(error))?;
        let mut notes = Vec::new();
        let (mut is_a_report, mut is_complete) = (false, true);
        for object in serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>() {
            // The parser's own words may quote what it read.
            let mut object = object.map_err(|_| is_none())?;
            if object["schema"] != SCHEMA {
                return Err(is_none());
            }
            is_a_report = true;
            let summary = if object["type"] == "summary" { &object } else { &object["summary"] };
            is_complete &= summary["incomplete"].as_array().is_none_or(Vec::is_empty);
            let inside = object.get_mut("findings").map(Value::take);
            let findings = match (object["type"].as_str(), inside) {
                (None, Some(Value::Array(findings))) => findings,
                (Some("finding"), _) => vec![object],
                (Some("summary"), _) => Vec::new(),
                _ => return Err(is_none()),
            };
            for finding in findings {
                let finding = serde_json::from_value(finding).map_err(|_| is_none())?;
                notes.push(Self::from(finding).ok_or_else(is_none)?);
            }
        }
        is_a_report.then_some((notes, is_complete)).ok_or_else(is_none)
    }

    /// Nothing for what no scan of keyward's reports.
    fn from(finding: FindingObject) -> Option<Self> {
        let places: Vec<_> = finding.locations.iter().map(|place| (path(place), place)).collect();
        let (first, place) = places.first()?;
        let key_id = match &finding.key_id {
            Some(key) => Some(KeyId::parse(key.as_bytes())?),
            None => None,
        };
        let text = match (finding.source.as_str(), finding.blob) {
            ("stdin", _) => Text::Nowhere,
            (_, Some(blob)) => Text::Object(blob),
            ("tree" | "message", None) => Text::Files(places.iter().map(|(path, _)| path.clone()).collect()),
            (_, None) => message(&place.path).map_or(Text::Nowhere, Text::Object),
        };
        Some(Self {
            key_id,
            is_of_another_kind: key_id.is_none() && finding.secret.is_none(),
            fingerprint: finding.fingerprint,
            path: first.clone(),
            line: place.line,
            column: place.column,
            text,
            accepted: finding.suppressed_by.is_some(),
        })
    }

    /// Where it stands, for people.
    pub(super) fn place(&self) -> String {
        format!("{}:{}:{}", self.path, self.line, self.column)
    }
}

fn path(place: &LocationObject) -> BString {
    let exact = place.path_base64.as_ref().and_then(|path| base64::engine::general_purpose::STANDARD.decode(path).ok());
    exact.map_or_else(|| place.path.as_str().into(), BString::from)
}

/// The object whose message a history's report calls `message of commit 0123abcd`.
fn message(path: &str) -> Option<String> {
    let name = ["message of commit ", "message of tag "].into_iter().find_map(|start| path.strip_prefix(start))?;
    name.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| name.to_owned())
}
