//! Files and folders on disk, read on all cores.
//!
//! The walk stays inside the folder it was given: a link is read as what git would commit, its target's name, and
//! never followed. (A path that somebody names is followed, because they asked for it.) Of `.git` only the
//! configuration is read; remotes with credentials in their URLs stand there.

use super::ignored::{Standing, WorkTree};
use super::{Gap, LeftOut, Sink};
use crate::config::Extent;
use crate::finding::{Origin, SourceKind};
use bstr::BString;
use rayon::Scope;
use std::ffi::OsStr;
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Files of one folder that one thread reads in a row.
const BATCH: usize = 32;

/// The files of a git folder that are examined.
const GIT_CONFIGURATION: [&str; 2] = ["config", "config.worktree"];

/// Delivers all files under `paths` to `sink`. Runs on the current rayon pool.
pub fn walk(paths: &[PathBuf], extent: Extent, sink: &dyn Sink) {
    let walk = Walk { extent, sink, work_trees: Mutex::default() };
    rayon::scope(|tasks| {
        for path in paths {
            walk.root(tasks, path);
        }
    });
    walk.report_trouble();
}

struct Walk<'s> {
    extent: Extent,
    sink: &'s dyn Sink,
    /// All that were met, for what they have to say at the end.
    work_trees: Mutex<Vec<Arc<WorkTree>>>,
}

/// A folder on the way.
struct Folder {
    path: PathBuf,
    /// Nothing outside a repository.
    standing: Option<Standing>,
}

/// A file to be read.
struct Entry {
    path: PathBuf,
    kind: FileType,
}

impl<'s> Walk<'s> {
    fn root(&'s self, tasks: &Scope<'s>, path: &Path) {
        // Whoever names a link means what it points to.
        match fs::metadata(path) {
            Err(error) => self.sink.gap(Gap::new(shown(path), describe(&error))),
            Ok(metadata) if metadata.is_dir() => {
                let folder = Folder { standing: self.standing_of_root(path), path: path.to_path_buf() };
                tasks.spawn(move |tasks| self.folder(tasks, &folder));
            }
            Ok(metadata) if metadata.is_file() => self.file(path, 0),
            Ok(_) => self.sink.left_out(LeftOut::Special),
        }
    }

    fn standing_of_root(&self, path: &Path) -> Option<Standing> {
        let absolute = fs::canonicalize(path).ok()?;
        let top = WorkTree::around(&absolute)?;
        let inner = absolute.strip_prefix(&top).ok()?.to_path_buf();
        Some(Standing::within(self.work_tree(top)?, &inner))
    }

    /// The work tree at `top`; nothing where everything is examined and no rule counts.
    fn work_tree(&self, top: PathBuf) -> Option<Arc<WorkTree>> {
        if self.extent == Extent::Everything {
            return None;
        }
        let work_tree = Arc::new(WorkTree::new(top));
        self.work_trees.lock().expect("no thread panics with this lock").push(Arc::clone(&work_tree));
        Some(work_tree)
    }

    fn folder(&'s self, tasks: &Scope<'s>, folder: &Folder) {
        let entries = match list(&folder.path) {
            Ok(entries) => entries,
            // It vanished while we walked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.sink.gap(Gap::new(shown(&folder.path), describe(&error))),
        };
        let standing = self.standing_inside(folder, &entries);
        let mut files = Vec::with_capacity(entries.len().min(BATCH));
        for (name, kind) in entries {
            let path = join(&folder.path, &name);
            if kind.is_dir() {
                self.enter(tasks, path, &name, standing.as_ref());
            } else if standing.as_ref().is_some_and(|standing| standing.spares(&name)) {
                self.sink.left_out(LeftOut::Ignored);
            } else {
                files.push(Entry { path, kind });
                if files.len() == BATCH {
                    let batch = std::mem::take(&mut files);
                    tasks.spawn(move |_| self.entries(&batch));
                }
            }
        }
        self.entries(&files);
    }

    /// The folder's standing with its own rules; a nested repository has its own index and rules.
    fn standing_inside(&self, folder: &Folder, entries: &[(std::ffi::OsString, FileType)]) -> Option<Standing> {
        let is_nested = folder.standing.as_ref().is_none_or(|standing| !standing.is_at_top())
            && entries.iter().any(|(name, _)| name == ".git");
        let nested = is_nested
            .then(|| fs::canonicalize(&folder.path).ok().filter(|top| WorkTree::is_top(top)))
            .flatten()
            .and_then(|top| self.work_tree(top));
        let standing = nested.map(Standing::at_top).or_else(|| folder.standing.clone())?;
        let has_rules = entries.iter().any(|(name, kind)| name == ".gitignore" && kind.is_file());
        Some(if has_rules { standing.with_rules() } else { standing })
    }

    fn enter(&'s self, tasks: &Scope<'s>, path: PathBuf, name: &OsStr, standing: Option<&Standing>) {
        if name == ".git" && fs::symlink_metadata(path.join("HEAD")).is_ok() {
            return self.git_folder(&path);
        }
        let standing = match standing.map(|standing| standing.enter_unless_spared(name)) {
            Some(None) => return self.sink.left_out(LeftOut::Ignored),
            Some(inner) => inner,
            None => None,
        };
        tasks.spawn(move |tasks| self.folder(tasks, &Folder { path, standing }));
    }

    fn git_folder(&self, path: &Path) {
        for name in GIT_CONFIGURATION {
            let file = path.join(name);
            if fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file()) {
                self.file(&file, libc::O_NOFOLLOW);
            }
        }
    }

    fn entries(&self, entries: &[Entry]) {
        for Entry { path, kind } in entries {
            if kind.is_file() {
                self.file(path, libc::O_NOFOLLOW);
            } else if kind.is_symlink() {
                self.link(path);
            } else {
                debug_assert!(kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device());
                self.sink.left_out(LeftOut::Special);
            }
        }
    }

    /// Examines a file. `flags` keep a link that took its place since from being followed; a pipe that did is not
    /// waited for.
    fn file(&self, path: &Path, flags: i32) {
        let opened = OpenOptions::new().read(true).custom_flags(flags | libc::O_NONBLOCK).open(path);
        self.outcome(path, opened.and_then(|mut file: File| self.sink.text(origin(path), &mut file)));
    }

    /// Examines what git would commit of a link: the name it points to.
    fn link(&self, path: &Path) {
        let target = fs::read_link(path);
        self.outcome(path, target.and_then(|target| self.sink.text(origin(path), &mut target.as_os_str().as_bytes())));
    }

    fn outcome(&self, path: &Path, result: io::Result<()>) {
        match result {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.sink.gap(Gap::new(shown(path), describe(&error)));
            }
            // What vanished while we walked is no error.
            _ => {}
        }
    }

    fn report_trouble(&self) {
        for work_tree in self.work_trees.lock().expect("all tasks have ended").iter() {
            if let Some(error) = work_tree.trouble() {
                self.sink.note(format!(
                    "ignored files in {} were examined too: cannot tell which are tracked\n  {error}",
                    shown(work_tree.top())
                ));
            }
        }
    }
}

fn list(folder: &Path) -> io::Result<Vec<(std::ffi::OsString, FileType)>> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), entry.file_type()?))
        })
        .collect()
}

/// `folder/name`, and just `name` in the working directory.
fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder.as_os_str() == "." { PathBuf::from(name) } else { folder.join(name) }
}

fn origin(path: &Path) -> Origin {
    Origin { path: BString::from(path.as_os_str().as_bytes()), source: SourceKind::Tree, blob: None }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The cause alone, without "(os error 13)".
fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let cause = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = cause.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
