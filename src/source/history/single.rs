//! Objects one by one, where few are wanted: loose ones, as what is new mostly is, read by ourselves, and packed ones by
//! libgit2. Nothing is listed and no index is loaded before it is needed.

use super::loose;
use super::pack::HELD;
use crate::error::{Error, Result};
use crate::git::{Kind, Local, Objects, Oid};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A reader of single objects.
pub struct Single<'l> {
    folder: PathBuf,
    loose: loose::Whole,
    packed: Objects<'l>,
}

impl<'l> Single<'l> {
    /// The objects of a repository whose own lie in `folder`.
    ///
    /// # Errors
    /// Where libgit2 cannot open them.
    pub fn open(local: &'l Local, folder: PathBuf) -> Result<Self> {
        // The kernel walks the path of each object: the shorter, the better.
        let here = std::env::current_dir().ok();
        let below = here.and_then(|here| folder.strip_prefix(here).ok().map(Path::to_path_buf));
        let folder = below.filter(|below| !below.as_os_str().is_empty()).unwrap_or(folder);
        Ok(Self { folder, loose: loose::Whole::default(), packed: local.objects()? })
    }

    /// Is it here?
    #[must_use]
    pub fn has(&self, name: &Oid) -> bool {
        self.packed.holds(name)
    }

    /// The kind and the content of an object; nothing if it is larger than what is held in memory.
    ///
    /// # Errors
    /// Where it is missing or damaged.
    pub fn read(&mut self, name: &Oid) -> Result<Option<(Kind, Vec<u8>)>> {
        match self.loose.read(&self.folder, name) {
            Ok(found) => return Ok(found),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::new("could not read it").because(error)),
        }
        let (_, size) = self.packed.header(name)?;
        if size > HELD {
            return Ok(None);
        }
        let content = self.packed.read(name)?;
        Ok(Some((content.kind, content.bytes().to_vec())))
    }
}
