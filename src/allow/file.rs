//! Files at the top of a work tree, read and written whole.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Bytes from which on a file is not taken for one that people keep: a baseline of 100,000 lines has 15 MB.
pub const LARGEST: u64 = 32 << 20;

/// The content of the plain file at `path`; nothing where there is none.
///
/// # Errors
/// Where it cannot be read, is larger than [`LARGEST`], or is a link or a device: what counts must stand in the repository itself.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let failed =
        |error: &dyn std::fmt::Display| Error::new(format!("could not read '{}'", path.display())).because(error);
    let open = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    let file = match open {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(failed(&"it is a link").hint("put the file itself there"));
        }
        Err(error) => return Err(failed(&error)),
    };
    if !file.metadata().map_err(|error| failed(&error))?.is_file() {
        return Err(failed(&"it is no plain file"));
    }
    let mut content = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut content).map_err(|error| failed(&error))?;
    if content.len() as u64 > LARGEST { Err(failed(&"it is larger than 32 MiB")) } else { Ok(Some(content)) }
}

/// Puts `content` at `path`, whole or not at all; the file keeps its permissions.
///
/// # Errors
/// Where it cannot be written, or a link or a device stands there.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let permissions = match std::fs::symlink_metadata(path) {
            Ok(there) if there.is_file() => there.permissions(),
            Ok(_) => return Err(io::Error::other("it is no plain file")),
            Err(_) => Permissions::from_mode(0o666),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut beside = tempfile::Builder::new().prefix(".keyward-").permissions(permissions).tempfile_in(folder)?;
        beside.write_all(content)?;
        beside.as_file().sync_all()?;
        beside.persist(path)?;
        // The name is kept once the folder is.
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| Error::new(format!("could not write '{}'", path.display())).because(error))
}
