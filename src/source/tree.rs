//! Files and folders on disk, read on all cores.
//!
//! The walk stays inside the folder it was given: a link is read as what git would commit, its target's name, and
//! never followed. (A path that somebody names is followed, because they asked for it.) Of `.git` only the
//! configuration is read; remotes with credentials in their URLs stand there.

use super::ignored::{Entered, Standing, WorkTree, is_git_folder};
use super::{Aside, Gap, Sink};
use crate::archive::Content;
use crate::config::Extent;
use crate::finding::{Origin, SourceKind};
use crate::sanitize::sanitize;
use bstr::BString;
use rayon::Scope;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
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
    let seen = (paths.len() > 1).then(Mutex::default);
    let walk = Walk { extent, sink, work_trees: Mutex::default(), proposals: Mutex::default(), seen };
    rayon::scope(|tasks| {
        for path in paths {
            walk.root(tasks, path);
        }
    });
    // What git does not ignore after all may hold folders that may be spared in turn.
    while walk.settle_proposals() {}
    walk.report_trouble();
}

struct Walk<'s> {
    extent: Extent,
    sink: &'s dyn Sink,
    /// All that were met, for what they have to say at the end.
    work_trees: Mutex<Vec<Arc<WorkTree>>>,
    /// What may be spared, if git agrees.
    proposals: Mutex<Vec<Proposal>>,
    /// The files that were read, where two of the paths may hold the same one.
    seen: Option<Mutex<HashSet<PathBuf>>>,
}

/// Something that our reading of the ignore rules would spare.
struct Proposal {
    work_tree: Arc<WorkTree>,
    /// From the top of the work tree.
    path: Vec<u8>,
    what: Spared,
}

/// What to do if git does not agree.
enum Spared {
    Folder(Folder),
    File(Entry),
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
            Ok(_) => self.sink.gap(Gap {
                hint: Some("`-` is standard input".to_owned()),
                ..Gap::new(shown(path), "a pipe or a device, neither file nor folder")
            }),
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
        let (entries, errors) = match list(&folder.path) {
            Ok(listing) => listing,
            // It vanished while we walked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.sink.gap(Gap::new(shown(&folder.path), describe(&error))),
        };
        for error in errors {
            self.sink.gap(Gap::new(shown(&folder.path), describe(&error)));
        }
        let standing = self.standing_inside(folder, &entries);
        let mut files = Vec::with_capacity(entries.len().min(BATCH));
        for (name, kind) in entries {
            let path = join(&folder.path, &name);
            if kind.is_dir() {
                self.enter(tasks, path, &name, standing.as_ref());
            } else if let Some(standing) = standing.as_ref().filter(|standing| standing.may_spare(&name)) {
                let what = Spared::File(Entry { path, kind });
                self.propose(standing.work_tree(), standing.path_of(&name), what);
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
    fn standing_inside(&self, folder: &Folder, entries: &[(OsString, FileType)]) -> Option<Standing> {
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
        if name == ".git" && is_git_folder(&path) {
            return self.git_folder(&path);
        }
        let standing = match standing.map(|standing| standing.enter_folder(name)) {
            Some(Entered::MaySpare(spared)) => {
                let (work_tree, inner) = (Arc::clone(spared.work_tree()), spared.path().to_vec());
                let what = Spared::Folder(Folder { path, standing: Some(spared.accepted()) });
                return self.propose(&work_tree, inner, what);
            }
            Some(Entered::Taken(inner)) => Some(inner),
            None => None,
        };
        tasks.spawn(move |tasks| self.folder(tasks, &Folder { path, standing }));
    }

    fn propose(&self, work_tree: &Arc<WorkTree>, path: Vec<u8>, what: Spared) {
        let proposal = Proposal { work_tree: Arc::clone(work_tree), path, what };
        self.proposals.lock().expect("no thread panics with this lock").push(proposal);
    }

    /// Asks git about all that may be spared, and examines what it does not ignore; returns whether there was
    /// anything.
    fn settle_proposals(&'s self) -> bool {
        let mut proposals = std::mem::take(&mut *self.proposals.lock().expect("all tasks have ended"));
        if proposals.is_empty() {
            return false;
        }
        proposals.sort_by_key(|proposal| Arc::as_ptr(&proposal.work_tree));
        rayon::scope(|tasks| {
            for group in proposals.chunk_by_mut(|a, b| Arc::ptr_eq(&a.work_tree, &b.work_tree)) {
                let paths: Vec<&[u8]> = group.iter().map(|proposal| &proposal.path[..]).collect();
                let ignored = group[0].work_tree.confirm(&paths);
                for proposal in group {
                    if ignored.contains(&proposal.path[..]) {
                        self.sink.aside(Aside::Ignored);
                    } else {
                        self.examine_after_all(tasks, &proposal.what);
                    }
                }
            }
        });
        true
    }

    fn examine_after_all(&'s self, tasks: &Scope<'s>, what: &Spared) {
        match what {
            Spared::Folder(Folder { path, standing }) => {
                let folder = Folder { path: path.clone(), standing: standing.clone() };
                tasks.spawn(move |tasks| self.folder(tasks, &folder));
            }
            Spared::File(entry) => self.entries(std::slice::from_ref(entry)),
        }
    }

    /// Examines the configuration of a git folder, and of the submodules whose git folders lie in it.
    fn git_folder(&self, path: &Path) {
        for name in GIT_CONFIGURATION {
            let file = path.join(name);
            match fs::symlink_metadata(&file) {
                Ok(metadata) if metadata.is_file() => {
                    self.sink.aside(Aside::Configuration);
                    self.file(&file, libc::O_NOFOLLOW);
                }
                Ok(_) => {}
                Err(error) => self.outcome(&file, Err(error)),
            }
        }
        self.submodules(&path.join("modules"));
    }

    /// A submodule's name can hold slashes, so its git folder can lie deeper.
    fn submodules(&self, modules: &Path) {
        let (entries, errors) = match list(modules) {
            Ok(listing) => listing,
            Err(error) => return self.outcome(modules, Err(error)),
        };
        for error in errors {
            self.outcome(modules, Err(error));
        }
        for (name, kind) in entries {
            let inner = modules.join(name);
            if is_git_folder(&inner) {
                self.git_folder(&inner);
            } else if kind.is_dir() {
                self.submodules(&inner);
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
                self.sink.aside(Aside::Special);
            }
        }
    }

    /// Examines a file. `flags` keep a link that took its place since from being followed; a pipe that did is not
    /// waited for.
    fn file(&self, path: &Path, flags: i32) {
        if !self.is_new(path) {
            return;
        }
        let opened = OpenOptions::new().read(true).custom_flags(flags | libc::O_NONBLOCK).open(path);
        self.outcome(path, opened.and_then(|file: File| self.sink.text(origin(path), Content::File(&file))));
    }

    /// Is this the first time that the file is met?
    fn is_new(&self, path: &Path) -> bool {
        let Some(seen) = &self.seen else { return true };
        let Ok(absolute) = std::path::absolute(path) else { return true };
        // `absolute` leaves no `.` behind, and what `..` means only the file system knows: then a file is read twice.
        seen.lock().expect("no thread panics with this lock").insert(absolute)
    }

    /// Examines what git would commit of a link: the name it points to.
    fn link(&self, path: &Path) {
        let target = fs::read_link(path);
        self.outcome(
            path,
            target.and_then(|target| self.sink.text(origin(path), Content::Memory(target.as_os_str().as_bytes()))),
        );
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

/// Names and kinds of what a folder holds, and the errors over single entries.
type Listing = (Vec<(OsString, FileType)>, Vec<io::Error>);

fn list(folder: &Path) -> io::Result<Listing> {
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
            Ok(entry) => entries.push(entry),
            // It vanished while we walked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => errors.push(error),
        }
    }
    Ok((entries, errors))
}

/// `folder/name`, and just `name` in the working directory.
fn join(folder: &Path, name: &OsStr) -> PathBuf {
    if folder.as_os_str() == "." { PathBuf::from(name) } else { folder.join(name) }
}

fn origin(path: &Path) -> Origin {
    Origin::of(BString::from(path.as_os_str().as_bytes()), SourceKind::Tree, None)
}

fn shown(path: &Path) -> String {
    sanitize(&path.to_string_lossy()).into_owned()
}

/// The cause alone, without "(os error 13)".
fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let cause = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = cause.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
