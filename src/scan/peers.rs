//! What the files of other scanners accept, and which of these files count: as with the baseline, those that stand in what is
//! examined, or in the revisions that decide. They are read only once something is found.

use super::Outcome;
use super::authority::{deciding, incomplete, remark, repository, tips, top_around};
use super::baseline::{folder_of, is_below, tops_of};
use crate::allow::{Entry, file};
use crate::config::{Acceptance, Asked, Authority, ConfigChoice, History, ScanSettings, Target};
use crate::error::Result;
use crate::finding::{Finding, Suppression};
use crate::git::Store;
use crate::peers::{Files, LARGEST, Peer, Reading, read};
use crate::source::Gap;
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Notes of mistakes in one file that are shown; `keyward config import` lists all.
const NOTES_SHOWN: usize = 3;

/// The files of one work tree, of the index, or of a revision, as they were read.
struct Volume {
    /// The top below which they are about what is found; without one, they are about all.
    top: Option<PathBuf>,
    readings: Vec<(Peer, Reading)>,
}

/// Do these files count at all?
fn count(settings: &ScanSettings) -> bool {
    settings.config != ConfigChoice::BuiltIn && settings.policy.other_scanners == Acceptance::Counts
}

/// May there be such files, so that what stands around a value is wanted?
pub(super) fn are_there(settings: &ScanSettings) -> bool {
    count(settings)
        && match (&settings.target, &settings.authority) {
            (Target::Tree(paths, _), Authority::Examined) => {
                let tops = tops_of(paths, &[]);
                tops.iter().any(|top| Peer::ALL.iter().any(|peer| top.join(peer.name()).symlink_metadata().is_ok()))
            }
            _ => true,
        }
}

/// Do such files ask at which paths something stands? What cannot be told is asked for.
pub(super) fn ask_for_paths(settings: &ScanSettings) -> bool {
    let volumes = || match &settings.authority {
        Authority::Examined => of_examined(settings, &[]),
        authority => of_revisions(settings, authority, &mut Vec::new()),
    };
    let asks =
        |volume: &Volume| volume.readings.iter().any(|(_, reading)| reading.entries.iter().any(Entry::asks_for_paths));
    count(settings) && volumes().map_or(true, |volumes| volumes.iter().any(asks))
}

/// Lets those findings not count that files of other scanners accept.
///
/// # Errors
/// Where the repository cannot be asked for them.
pub(super) fn heed(settings: &ScanSettings, outcome: &mut Outcome) -> Result<()> {
    if !count(settings) || outcome.standing().next().is_none() {
        return Ok(());
    }
    let mut gaps = Vec::new();
    let volumes = match &settings.authority {
        Authority::Examined => of_examined(settings, &outcome.findings)?,
        authority => of_revisions(settings, authority, &mut gaps)?,
    };
    incomplete(outcome, gaps);
    let volumes = without_stale_lines(settings, volumes);
    for volume in &volumes {
        volume.heed(outcome);
        outcome.summary.notes.extend(volume.mistakes());
    }
    Ok(())
}

/// Notes what only those files accept that do not count yet, beside what is left.
pub(super) fn tell(settings: &ScanSettings, outcome: &mut Outcome) {
    if !count(settings) || settings.authority == Authority::Examined {
        return;
    }
    let left: Vec<Finding> = outcome.standing().cloned().collect();
    // What does not count may be broken.
    let newer = if left.is_empty() { Vec::new() } else { of_examined(settings, &left).unwrap_or_default() };
    let mut notes = BTreeSet::new();
    for finding in &left {
        let accepting = newer.iter().find_map(|volume| volume.accepting(finding, &outcome.top));
        if let Some((peer, _)) = accepting {
            notes.insert(remark(
                finding,
                &format!("accepted by the author in {}, which does not count here", peer.name()),
            ));
        }
    }
    outcome.summary.notes.extend(notes);
}

/// Leaves out the entries that go by the number of a line, where only what is new is looked at: what stood on the line
/// when somebody accepted it is not new. Those that the same commit brings are about what it brings.
fn without_stale_lines(settings: &ScanSettings, mut volumes: Vec<Volume>) -> Vec<Volume> {
    let old = match (&settings.target, &settings.authority) {
        (Target::Tree(..) | Target::Stdin, Authority::Examined) => return volumes,
        (Target::History(scope), Authority::Examined) if !scope.is_range() => return volumes,
        (Target::Staged(_), Authority::Examined) => ignored_in_head(),
        _ => None,
    };
    for (_, reading) in volumes.iter_mut().flat_map(|volume| &mut volume.readings) {
        let is_new = |entry: &Entry| old.as_ref().is_some_and(|old| old.iter().all(|old| old.checks != entry.checks));
        reading.entries.retain(|entry| !entry.is_by_line() || is_new(entry));
    }
    volumes
}

/// The entries of the file with lines as HEAD has it; nothing where that cannot be read, so that no such line counts.
fn ignored_in_head() -> Option<Vec<Entry>> {
    let store = Store::find(None).ok()?;
    let Some(head) = store.head().ok()? else { return Some(Vec::new()) };
    let content = store.file(&head.to_string(), Peer::GitleaksIgnore.name(), LARGEST).ok()?;
    Some(content.map(|content| read(Peer::GitleaksIgnore, &content, &|_| Ok(None)).entries).unwrap_or_default())
}

fn of_revisions(settings: &ScanSettings, authority: &Authority, gaps: &mut Vec<Gap>) -> Result<Vec<Volume>> {
    let store = Store::find(repository(&settings.target).as_deref())?;
    let named = deciding(&store, authority, "what other scanners accept", gaps)?;
    Ok(named.iter().map(|object| of_revision(&store, &object.to_string())).collect())
}

fn of_revision(store: &Store, revision: &str) -> Volume {
    Volume::read(None, &|path| store.file(revision, path, LARGEST).map_err(|error| error.to_string()))
}

fn of_work_tree(top: PathBuf, is_about_all: bool) -> Volume {
    let files = |path: &str| plain(&top, path);
    let volume = Volume::read(None, &files);
    Volume { top: (!is_about_all).then_some(top), ..volume }
}

/// The plain file at `path` below `top`; no folder on the way to it is a link.
///
/// # Errors
/// Why it cannot be read.
pub fn plain(top: &Path, path: &str) -> std::result::Result<Option<Vec<u8>>, String> {
    let file = top.join(path);
    let folders = file.ancestors().skip(1).take_while(|folder| *folder != top);
    if folders.into_iter().any(Path::is_symlink) {
        return Err("a folder on the way to it is a link".to_owned());
    }
    file::read(&file).map_err(|error| error.to_string())
}

fn of_examined(settings: &ScanSettings, found: &[Finding]) -> Result<Vec<Volume>> {
    Ok(match &settings.target {
        Target::Tree(paths, _) => tops_of(paths, found).into_iter().map(|top| of_work_tree(top, false)).collect(),
        Target::Stdin => top_around(Path::new(".")).into_iter().map(|top| of_work_tree(top, true)).collect(),
        Target::Staged(_) | Target::Message(_) => {
            // The message of a commit may be tried outside of a repository.
            let store = Store::find(None).ok();
            let staged = |store: &Store| {
                Volume::read(None, &|path| store.staged_file(path, LARGEST).map_err(|error| error.to_string()))
            };
            store.iter().map(staged).collect()
        }
        Target::History(scope) => of_history(settings, scope)?,
    })
}

fn of_history(settings: &ScanSettings, scope: &History) -> Result<Vec<Volume>> {
    let store = Store::find(scope.folder.as_deref())?;
    if let Asked::ByHook { .. } = settings.asked {
        return Ok(tips(scope).into_iter().map(|tip| of_revision(&store, tip)).collect());
    }
    Ok(match store.top() {
        Some(top) => vec![of_work_tree(top, true)],
        None => store.head()?.iter().map(|head| of_revision(&store, &head.to_string())).collect(),
    })
}

impl Volume {
    fn read(top: Option<PathBuf>, files: &Files<'_>) -> Self {
        let mut readings = Vec::new();
        for peer in Peer::ALL {
            match files(peer.name()) {
                Ok(None) => {}
                Ok(Some(content)) => readings.push((peer, read(peer, &content, files))),
                Err(why) => readings.push((peer, Reading::unreadable(&why))),
            }
        }
        Self { top, readings }
    }

    fn heed(&self, outcome: &mut Outcome) {
        let top = &outcome.top;
        for finding in outcome.findings.iter_mut().filter(|finding| finding.suppressed_by.is_none()) {
            if let Some((peer, entry)) = self.accepting(finding, top) {
                finding.suppressed_by = Some(Suppression::Peer(peer.name()));
                finding.reason = Some(format!("{} ({})", entry.reason, entry.place));
            }
        }
    }

    /// The first entry that accepts a finding.
    fn accepting(&self, finding: &Finding, typed: &super::top::Top) -> Option<(Peer, &Entry)> {
        if !is_below(self.top.as_ref(), finding) {
            return None;
        }
        let paths: Vec<BString> = finding.paths().map(|path| self.inside(path, finding, typed)).collect();
        let paths: Vec<&[u8]> = paths.iter().map(|path| path.as_bytes()).collect();
        self.readings.iter().find_map(|(peer, reading)| {
            let entry = reading.entries.iter().find(|entry| entry.accepts(finding, &paths))?;
            Some((*peer, entry))
        })
    }

    /// A path of a finding from the top of these files.
    fn inside(&self, path: &BString, finding: &Finding, typed: &super::top::Top) -> BString {
        let below = || {
            let top = self.top.as_ref()?;
            let folder = folder_of(finding).canonicalize().ok()?;
            let name = path.to_path().ok()?.file_name()?;
            let inside = folder.strip_prefix(top).ok()?.join(name);
            Some(inside.as_os_str().as_encoded_bytes().into())
        };
        below().unwrap_or_else(|| typed.path(path.as_bstr()).into_owned())
    }

    /// What somebody should mend in them.
    fn mistakes(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (peer, reading) in &self.readings {
            let mistakes: Vec<_> = reading.notes.iter().filter(|note| note.is_mistake()).collect();
            let shown = mistakes.iter().take(NOTES_SHOWN);
            told.extend(shown.map(|note| format!("{}:{}  accepts nothing: {note}", peer.name(), note.line)));
            if mistakes.len() > NOTES_SHOWN {
                let more = mistakes.len() - NOTES_SHOWN;
                told.push(format!("{}  {more} more: keyward config import lists them", peer.name()));
            }
        }
        told
    }
}
