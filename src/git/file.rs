//! Single files: as a revision has them, and as the index does.

use super::store::Store;
use super::{Oid, output, path};
use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

impl Store {
    /// The file at `path`, from the top, in the commit or tree that `revision` means; nothing where that has no such file, or is
    /// itself no tree.
    ///
    /// # Errors
    /// Where the revision means nothing that is here, and where the file is not, or is larger than `limit`.
    pub fn file(&self, revision: &str, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let object = match Oid::from_hex(revision.as_bytes()) {
            Some(name) => name,
            None => self.object(revision)?,
        };
        // Two processes cost more than the scan of a small push.
        if let Some(local) = self.local() {
            // What libgit2 finds malformed (an author without a mail, say), git may still read.
            if let Ok(content) = local.file(&object, path) {
                return content.map(|content| within(content, limit, path)).transpose();
            }
        }
        let object = object.to_string();
        if output(self.git(), &["rev-parse", "--verify", "--quiet", &format!("{object}^{{blob}}")]).is_ok() {
            return Ok(None);
        }
        // It fails where a tree is missing, and lists nothing where there is no such file.
        if output(self.git(), &["ls-tree", "-z", "--full-tree", &object, "--", path])?.is_empty() {
            return Ok(None);
        }
        let name = format!("{object}:{path}");
        let content = self.content(&name, limit)?;
        content.map(Some).ok_or_else(|| Error::new(format!("could not read '{name}'")))
    }

    /// The same in the index that the environment names.
    ///
    /// # Errors
    /// Where it is not here, or is larger than `limit`.
    pub fn staged_file(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        self.content(&format!(":{path}"), limit)
    }

    /// The commits without parents that HEAD reaches, by name; none where HEAD names no commit yet, and in a shallow clone, which
    /// does not have them.
    ///
    /// # Errors
    /// Where git cannot walk the commits.
    pub fn roots(&self) -> Result<BTreeSet<Oid>> {
        if self.head()?.is_none() || !self.shallow_commits()?.is_empty() {
            return Ok(BTreeSet::new());
        }
        let listing = output(self.git(), &["rev-list", "--max-parents=0", "HEAD", "--"])?;
        Ok(listing.lines().filter_map(Oid::from_hex).collect())
    }

    /// The top of its work tree; nothing where there is none, as in a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<PathBuf> {
        path(self.git(), &["rev-parse", "--show-toplevel"]).ok()
    }

    fn content(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let found = output(self.git(), &["rev-parse", "--verify", "--quiet", "--end-of-options", name]);
        let Some(blob) = found.ok().and_then(|line| Oid::from_hex(line.trim_ascii())) else { return Ok(None) };
        let mut content = Vec::new();
        let read = self.reader().with_object(&blob, |_, _, stored| stored.take(limit + 1).read_to_end(&mut content));
        read.map_err(|error| Error::new(format!("could not read '{name}'")).because(error))?;
        within(content, limit, name).map(Some)
    }
}

fn within(content: Vec<u8>, limit: u64, name: &str) -> Result<Vec<u8>> {
    if content.len() as u64 > limit {
        return Err(Error::new(format!("could not read '{name}'")).because(format!("it is larger than {limit} bytes")));
    }
    Ok(content)
}
