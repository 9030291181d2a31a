//! What keyward asked itself, kept so that its own calls are not taken for somebody else's.
//!
//! Asking about a key makes "last used" say now, for STS. So a line is written *before* a key is asked about, with what
//! IAM said of its last use until then. The file holds no secret; nobody but its owner can read it.

use super::evidence;
use super::responder::LastUse;
use crate::credential::KeyId;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file in the folder of evidence.
const FILE: &str = "verified.jsonl";

/// A key that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of this form.
    pub schema: u32,
    /// When, as RFC 3339 writes it.
    pub at: String,
    /// Which.
    pub key_id: String,
    /// Who read the last use: an ARN; nothing without a responder.
    pub responder: Option<String>,
    /// The last use before; nothing where it was not read.
    pub before: Option<LastUse>,
    /// Why it was not read.
    pub not_read: Option<String>,
}

/// The file of what keyward asked.
#[derive(Debug, Clone)]
pub struct Journal {
    file: PathBuf,
}

impl Journal {
    /// The journal in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// Where the folder cannot be made.
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let folder = evidence::folder(folder)?;
        Ok(Self { file: folder.join(FILE) })
    }

    /// Keeps an entry; it is on disk when this returns.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(
        &self,
        key: &KeyId,
        responder: Option<&str>,
        before: std::result::Result<LastUse, String>,
    ) -> Result<()> {
        let (before, not_read) = match before {
            Ok(before) => (Some(before), None),
            Err(why) => (None, Some(why)),
        };
        let entry = Entry {
            schema: 1,
            at: now(),
            key_id: key.to_string(),
            responder: responder.map(str::to_owned),
            before,
            not_read,
        };
        let write = || -> io::Result<()> {
            let mut line = serde_json::to_vec(&entry)?;
            line.push(b'\n');
            let mut file = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .custom_flags(libc::O_NOFOLLOW)
                .open(&self.file)?;
            file.write_all(&line)?;
            file.sync_data()
        };
        write().map_err(|error| {
            Error::new(format!("could not keep the evidence in '{}'", self.file.display()))
                .because(error)
                .hint("--evidence FOLDER says where else to keep it")
        })
    }

    /// What was asked about a key, the oldest first, as the journal in `folder` has it. Lines that are damaged are passed
    /// over.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn entries_in(folder: Option<&Path>, key: &KeyId) -> Result<Vec<Entry>> {
        let Some(file) = folder.map(|folder| folder.join(FILE)) else { return Ok(Vec::new()) };
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            Err(error) => {
                return Err(Error::new(format!("could not read '{}'", file.display())).because(error));
            }
        };
        let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        Ok(entries.filter(|entry| entry.key_id == key.as_str()).collect())
    }
}

/// Now, as RFC 3339 writes it, to the second.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_kept_is_read_again_and_nobody_else_may_look() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        let journal = Journal::open(Some(&below)).unwrap();
        let [key, other] = [b"AKIARZPUZDIKEXAMPLE2", b"AKIARZPUZDIKEXAMPLE3"].map(|id| KeyId::parse(id).unwrap());
        let used = LastUse { at: Some("2026-11-21T10:00:00Z".to_owned()), ..LastUse::default() };
        journal.keep(&key, Some("arn:aws:iam::123456789012:user/oncall"), Ok(used.clone())).unwrap();
        journal.keep(&other, None, Err("no responder".to_owned())).unwrap();
        let entries = Journal::entries_in(Some(&below), &key).unwrap();
        assert_eq!(entries.iter().map(|entry| entry.before.clone()).collect::<Vec<_>>(), [Some(used)]);
        assert_eq!(Journal::entries_in(Some(&below), &other).unwrap()[0].not_read.as_deref(), Some("no responder"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&below), mode(&below.join(FILE))), (0o700, 0o600));
    }
}
