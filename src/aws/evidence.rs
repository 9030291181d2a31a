//! The record of a change: who switched which key, when, by which calls, what was before and what is after.
//!
//! A record is on disk *before* the first call that changes something, as an intent, so that a crash leaves a trace;
//! it is replaced as a whole once more is known. It holds no secret, and nobody but its owner can read it. What
//! keyward may switch on again, such a record proves.

use super::iam::Status;
use super::journal;
use super::responder::LastUse;
use crate::credential::KeyId;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What the name of every record starts with.
const PREFIX: &str = "keyward-evidence-";

/// Records of one key in one second; more are not made by people.
const NAMES_TRIED: usize = 100;

/// What was done, or was to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this form.
    pub schema: u32,
    /// The version of keyward.
    pub keyward: String,
    /// Off, or on again.
    pub action: Action,
    /// Which key.
    pub key_id: String,
    /// Of which account.
    pub account: String,
    /// Of which user; nothing for root.
    pub user: Option<String>,
    /// Who did it: an ARN.
    pub responder: String,
    /// With which key.
    pub responder_key_id: String,
    /// Who was asked instead of AWS.
    pub endpoint: Option<String>,
    /// When it began, as RFC 3339 writes it.
    pub begun_at: String,
    /// When it was over.
    pub ended_at: Option<String>,
    /// The key's last use before.
    pub last_use: Option<LastUse>,
    /// What the key was before.
    pub before: Option<Status>,
    /// What it was read to be after.
    pub after: Option<Status>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it did not end well.
    pub why: Option<String>,
    /// The calls that change something, and the last that read it back.
    pub calls: Vec<Call>,
}

/// What is done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is switched off.
    Deactivate,
    /// It is switched on again.
    Reactivate,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It has not: this is an intent, or keyward was cut short.
    Begun,
    /// The new state was read back.
    Done,
    /// AWS refused, so nothing has changed.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// A call to IAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// `iam:UpdateAccessKey` and the like.
    pub call: String,
    /// What it was about: `Status=Inactive`.
    pub parameters: Vec<String>,
    /// When it was made.
    pub at: String,
    /// What AWS calls it.
    pub request_id: Option<String>,
    /// What became of it.
    pub answer: String,
}

/// A record in its file.
#[derive(Debug)]
pub struct Evidence {
    file: PathBuf,
    /// What the file holds once it is kept.
    pub record: Record,
}

/// The folder for evidence, which is made if it is not there.
///
/// # Errors
/// Where there is none, or it cannot be made.
pub fn folder(folder: Option<&Path>) -> Result<PathBuf> {
    let hint = "--evidence FOLDER says where to keep it";
    let folder = folder.ok_or_else(|| {
        Error::new("there is no place for evidence").because("neither XDG_STATE_HOME nor HOME is set").hint(hint)
    })?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        Error::new(format!("could not make the folder for evidence '{}'", folder.display())).because(error).hint(hint)
    })?;
    Ok(folder.to_owned())
}

impl Evidence {
    /// Keeps an intent in a new file in `folder`; it is on disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn begin(folder: &Path, record: Record) -> Result<Self> {
        let stamp: String = record.begun_at.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
        let failed = |error: io::Error| {
            Error::new(format!("could not keep the evidence in '{}'", folder.display()))
                .because(error)
                .hint("--evidence FOLDER says where else to keep it")
        };
        for number in 1..=NAMES_TRIED {
            // `_` sorts behind the `.` of the first one, so that names are in the order of time within a second, too.
            let more = if number == 1 { String::new() } else { format!("_{number}") };
            let file = folder.join(format!("{PREFIX}{}-{stamp}{more}.json", record.key_id));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file) {
                Ok(mut opened) => {
                    write(&mut opened, &record).map_err(failed)?;
                    sync_folder(folder).map_err(failed)?;
                    return Ok(Self { file, record });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::Error::other("there are too many of the same second")))
    }

    /// Replaces what the file holds by the record as it is now.
    ///
    /// # Errors
    /// Where it cannot be written; the file then holds what it held.
    pub fn keep(&self) -> Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let replace = || -> io::Result<()> {
            let mut beside = tempfile::Builder::new().prefix(".keyward-").tempfile_in(folder)?;
            write(beside.as_file_mut(), &self.record)?;
            beside.persist(&self.file)?;
            sync_folder(folder)
        };
        replace().map_err(|error| {
            Error::new(format!("could not complete the evidence '{}'", self.file.display())).because(error)
        })
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// All that is recorded of `key` in `folder`, the oldest first. What is no record is passed over: it proves nothing.
    ///
    /// # Errors
    /// Where the folder, or a record of this key in it, cannot be read.
    pub fn of_key(folder: &Path, key: &KeyId) -> Result<Vec<Self>> {
        let failed = |error: io::Error| Error::new(format!("could not read '{}'", folder.display())).because(error);
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !is_plain || !name.to_string_lossy().starts_with(&format!("{PREFIX}{key}-")) {
                continue;
            }
            let text = std::fs::read(entry.path()).map_err(failed)?;
            let record = serde_json::from_slice::<Record>(&text).ok();
            if let Some(record) = record.filter(|record| record.key_id == key.as_str()) {
                found.push(Self { file: entry.path(), record });
            }
        }
        // Of the same second, the later ones have a number behind: they are longer.
        let order = |one: &Self| (one.record.begun_at.clone(), one.file.as_os_str().len(), one.file.clone());
        found.sort_by_key(order);
        Ok(found)
    }
}

impl Call {
    /// A call made now.
    #[must_use]
    pub fn now(call: &str, parameters: Vec<String>, request_id: Option<String>, answer: String) -> Self {
        Self { call: call.to_owned(), parameters, at: journal::now(), request_id, answer }
    }
}

fn write(file: &mut File, record: &Record) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(record)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()
}

/// A new name is on disk only once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn record() -> Record {
        Record {
            schema: 1,
            keyward: "0".to_owned(),
            action: Action::Deactivate,
            key_id: "AKIARZPUZDIKEXAMPLE2".to_owned(),
            account: "123456789012".to_owned(),
            user: Some("ci".to_owned()),
            responder: "arn:aws:iam::123456789012:user/oncall".to_owned(),
            responder_key_id: "AKIARZPUZDIKEXAMPLE3".to_owned(),
            endpoint: None,
            begun_at: "2026-11-23T10:15:00Z".to_owned(),
            ended_at: None,
            last_use: None,
            before: Some(Status::Active),
            after: None,
            outcome: Outcome::Begun,
            why: None,
            calls: Vec::new(),
        }
    }

    #[test]
    fn a_record_is_new_then_replaced_and_only_its_owner_reads_it() {
        let here = tempfile::tempdir().unwrap();
        let folder = folder(Some(&here.path().join("state"))).unwrap();
        let mut first = Evidence::begin(&folder, record()).unwrap();
        let second = Evidence::begin(&folder, record()).unwrap();
        let name = |evidence: &Evidence| evidence.file().file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name(&first), "keyward-evidence-AKIARZPUZDIKEXAMPLE2-20261123T101500Z.json");
        assert_eq!(name(&second), "keyward-evidence-AKIARZPUZDIKEXAMPLE2-20261123T101500Z_2.json");
        first.record.outcome = Outcome::Done;
        first.keep().unwrap();
        let key = KeyId::parse(b"AKIARZPUZDIKEXAMPLE2").unwrap();
        let outcomes: Vec<_> =
            Evidence::of_key(&folder, &key).unwrap().iter().map(|evidence| evidence.record.outcome).collect();
        assert!(outcomes.contains(&Outcome::Done) && outcomes.contains(&Outcome::Begun) && outcomes.len() == 2);
        for file in [first.file(), second.file()] {
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_no_record_proves_nothing() {
        let here = tempfile::tempdir().unwrap();
        let name = format!("{PREFIX}AKIARZPUZDIKEXAMPLE2-x.json");
        std::fs::write(here.path().join(&name), "{}").unwrap();
        let mut other = record();
        other.key_id = "AKIARZPUZDIKEXAMPLE3".to_owned();
        std::fs::write(
            here.path().join("keyward-evidence-AKIARZPUZDIKEXAMPLE2-y.json"),
            serde_json::to_vec(&other).unwrap(),
        )
        .unwrap();
        let key = KeyId::parse(b"AKIARZPUZDIKEXAMPLE2").unwrap();
        assert!(Evidence::of_key(here.path(), &key).unwrap().is_empty());
    }
}
