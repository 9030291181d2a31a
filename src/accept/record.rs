//! The baseline of a work tree, as it lies there.

use super::attributes;
use crate::allow::baseline::{Baseline, NAME, Salt};
use crate::allow::file;
use crate::error::{Error, Result};
use crate::git::Oid;
use crate::survey::Place;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// The baseline of a work tree.
pub(super) struct Record {
    path: PathBuf,
    /// As it is, byte for byte; nothing where there is none.
    pub(super) before: Option<Vec<u8>>,
    pub(super) baseline: Baseline,
}

impl Record {
    pub(super) fn open(place: &Place) -> Result<Self> {
        let path = place.top.join(NAME);
        let before = file::read(&path)?;
        let baseline = before.as_ref().map(|text| Baseline::parse(text, NAME)).transpose()?.unwrap_or_default();
        Ok(Self { path, before, baseline })
    }

    /// The salt for new lines: that of the others; else the same for everybody who has the same history, so that the same
    /// is written wherever it is made.
    pub(super) fn salt(&self, place: &Place) -> Result<Salt> {
        if let Some(salt) = self.baseline.salt() {
            return Ok(salt);
        }
        let roots = place.store()?.roots()?;
        if roots.is_empty() {
            return random();
        }
        let names: Vec<&[u8]> = roots.iter().map(Oid::as_bytes).collect();
        Ok(Salt::from_seed(&names.concat()))
    }

    /// Writes it, if that changes anything; returns what else to tell.
    pub(super) fn write(&self, place: &Place) -> Result<Vec<String>> {
        let text = self.baseline.to_string();
        if self.before.as_deref() != Some(text.as_bytes()) {
            file::replace(&self.path, text.as_bytes())?;
        }
        attributes::let_git_merge(place)
    }
}

fn random() -> Result<Salt> {
    let mut bytes = [0; 8];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    read.map_err(|error| Error::new("could not make a salt").because(error))?;
    Ok(Salt::new(bytes))
}
