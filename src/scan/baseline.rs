//! What the baseline accepts, which baseline counts, and what is said of lines that do not.
//!
//! The baseline counts as it stands in what is examined: of a tree the file in it, of a commit that of the index, of a push
//! that of the commits that are pushed; so what is accepted goes with what it accepts. Of all that a repository ever held it
//! is the file of the work tree, or in a bare repository that of HEAD.

use super::authority::{deciding, incomplete, remark, repository, tips, top_around};
use super::{Outcome, Summary};
use crate::allow::baseline::{Accepted, Baseline, NAME};
use crate::allow::{Day, file};
use crate::config::{Acceptance, Asked, Authority, History, ScanSettings, Target};
use crate::error::Result;
use crate::finding::{Finding, Suppression};
use crate::git::Store;
use crate::source::Gap;
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The baselines that a scan goes by.
#[derive(Default)]
pub(super) struct Shelf {
    /// Each with the top below which it is about what is found; without one, it is about all.
    volumes: BTreeMap<Option<PathBuf>, Baseline>,
    gaps: Vec<Gap>,
}

impl Shelf {
    /// Those that count; where nothing was `found` and a file is far, none are read.
    ///
    /// # Errors
    /// Where one of them is broken, or cannot be read.
    pub(super) fn open(settings: &ScanSettings, found: &[Finding]) -> Result<Self> {
        if settings.baseline == Acceptance::Ignored || found.is_empty() && !is_at_hand(settings) {
            return Ok(Self::default());
        }
        match &settings.authority {
            Authority::Examined => Self::of_examined(settings, found),
            Authority::Revision(_) | Authority::Received(_) => Self::of_revisions(settings),
        }
    }

    /// Those that do not count yet: with a revision that decides, what is examined; in a hook, the file of the work tree.
    fn open_newer(settings: &ScanSettings, found: &[Finding]) -> Result<Self> {
        match (&settings.authority, settings.asked) {
            (Authority::Revision(_) | Authority::Received(_), _) => Self::of_examined(settings, found),
            (Authority::Examined, Asked::ByHook { .. }) => Self::of_work_tree(&Store::find(None)?),
            (Authority::Examined, Asked::Directly) => match settings.target {
                Target::Staged(_) => Self::of_work_tree(&Store::find(None)?),
                _ => Ok(Self::default()),
            },
        }
    }

    fn of_revisions(settings: &ScanSettings) -> Result<Self> {
        let store = Store::find(repository(&settings.target).as_deref())?;
        let mut shelf = Self::default();
        for object in deciding(&store, &settings.authority, "the baseline", &mut shelf.gaps)? {
            shelf.add_revision(&store, &object.to_string(), &object.short())?;
        }
        Ok(shelf)
    }

    fn of_examined(settings: &ScanSettings, found: &[Finding]) -> Result<Self> {
        let mut shelf = Self::default();
        match &settings.target {
            Target::Tree(paths, _) => shelf.add_tops(tops_of(paths, found))?,
            Target::Stdin => shelf.add_tops(top_around(Path::new(".")).into_iter().collect())?,
            Target::Staged(_) | Target::Message(_) => {
                // The message of a commit may be tried outside of a repository.
                if let Ok(store) = Store::find(None) {
                    shelf.add(None, store.staged_file(NAME, file::LARGEST)?, "in the index")?;
                }
            }
            Target::History(scope) => shelf.add_history(settings, scope)?,
        }
        Ok(shelf)
    }

    fn of_work_tree(store: &Store) -> Result<Self> {
        let mut shelf = Self::default();
        if let Some(top) = store.top() {
            shelf.add(None, file::read(&top.join(NAME))?, "")?;
        }
        Ok(shelf)
    }

    fn add_history(&mut self, settings: &ScanSettings, scope: &History) -> Result<()> {
        let store = Store::find(scope.folder.as_deref())?;
        if let Asked::ByHook { .. } = settings.asked {
            return tips(scope).into_iter().try_for_each(|tip| self.add_revision(&store, tip, tip));
        }
        match store.top() {
            Some(top) => self.add(None, file::read(&top.join(NAME))?, ""),
            None => match store.head()? {
                Some(head) => self.add_revision(&store, &head.to_string(), &head.short()),
                None => Ok(()),
            },
        }
    }

    fn add_tops(&mut self, tops: BTreeSet<PathBuf>) -> Result<()> {
        for top in tops {
            let content = file::read(&top.join(NAME))?;
            self.add(Some(top), content, "")?;
        }
        Ok(())
    }

    fn add_revision(&mut self, store: &Store, revision: &str, shown: &str) -> Result<()> {
        self.add(None, store.file(revision, NAME, file::LARGEST)?, &format!("of {shown}"))
    }

    fn add(&mut self, top: Option<PathBuf>, content: Option<Vec<u8>>, place: &str) -> Result<()> {
        if let Some(content) = content {
            let baseline = Baseline::parse(&content, format!("{NAME} {place}").trim_end())?;
            self.volumes.entry(top).or_default().extend(baseline);
        }
        Ok(())
    }

    /// What these baselines say of each of `findings`: why it is accepted, or until when it was.
    fn verdicts(&self, findings: &[Finding]) -> Vec<Verdict> {
        let today = Day::today();
        let mut verdicts = vec![Verdict::NotAccepted; findings.len()];
        for (top, baseline) in self.volumes.iter().filter(|(_, baseline)| !baseline.is_empty()) {
            let index = baseline.index();
            for (finding, verdict) in
                findings.iter().zip(&mut verdicts).filter(|(finding, _)| is_below(top.as_ref(), finding))
            {
                match index.accepts(finding.values(), today) {
                    Accepted::By(entry) => *verdict = Verdict::Accepted(entry.reason.clone()),
                    Accepted::NoMore(entry) if *verdict == Verdict::NotAccepted => {
                        *verdict = Verdict::Over(entry.until);
                    }
                    Accepted::NoMore(_) | Accepted::No => {}
                }
            }
        }
        verdicts
    }

    /// Notes how many lines accept nothing of what was `found`, where that was a whole tree.
    pub(super) fn tell_stale<'f>(
        &self,
        settings: &ScanSettings,
        found: &(impl Iterator<Item = &'f Finding> + Clone),
        summary: &mut Summary,
    ) {
        let Target::Tree(paths, _) = &settings.target else { return };
        if !summary.incomplete.is_empty() {
            return;
        }
        for (top, baseline) in &self.volumes {
            let is_whole = paths.iter().any(|path| path.canonicalize().ok() == *top);
            let stale = if is_whole {
                stale(baseline, found.clone().filter(|finding| is_below(top.as_ref(), finding)))
            } else {
                0
            };
            if stale > 0 {
                summary.notes.push(format!(
                    "{NAME}: lines that accept nothing in these files: {stale} of {}\n  \
                     hint: keyward baseline update removes what the history does not hold, either",
                    baseline.len()
                ));
            }
        }
    }
}

/// What a baseline says of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It is accepted, for this reason.
    Accepted(String),
    /// It was, until this day.
    Over(Option<Day>),
    NotAccepted,
}

/// Lets those findings not count that a baseline accepts.
pub(super) fn heed(shelf: &mut Shelf, outcome: &mut Outcome) {
    incomplete(outcome, std::mem::take(&mut shelf.gaps));
    let verdicts = shelf.verdicts(&outcome.findings);
    for (finding, verdict) in outcome.findings.iter_mut().zip(verdicts) {
        if let (Verdict::Accepted(reason), None) = (verdict, finding.suppressed_by) {
            finding.suppressed_by = Some(Suppression::Baseline);
            finding.reason = Some(reason);
        }
    }
}

/// Notes the lines that do not count beside what is left: their time is over, or they are too new.
///
/// # Errors
/// Where the baseline that counts cannot be read any more.
pub(super) fn tell(settings: &ScanSettings, outcome: &mut Outcome) -> Result<()> {
    let left: Vec<Finding> = outcome.standing().cloned().collect();
    if settings.baseline == Acceptance::Ignored || left.is_empty() {
        return Ok(());
    }
    let mut notes = BTreeSet::new();
    for (finding, verdict) in left.iter().zip(Shelf::open(settings, &left)?.verdicts(&left)) {
        if let Verdict::Over(Some(day)) = verdict {
            notes.insert(remark(finding, &format!("was accepted in {NAME} until {day}, which is over")));
        }
    }
    // What does not count may be broken.
    let newer = Shelf::open_newer(settings, &left).unwrap_or_default();
    for (finding, verdict) in left.iter().zip(newer.verdicts(&left)) {
        if let Verdict::Accepted(_) = verdict {
            notes.insert(remark(finding, why_too_new(settings)));
        }
    }
    outcome.summary.notes.extend(notes);
    Ok(())
}

fn why_too_new(settings: &ScanSettings) -> &'static str {
    match (&settings.authority, &settings.target) {
        (Authority::Revision(_) | Authority::Received(_), _) => {
            "accepted by the author in .keyward-baseline, which does not count here"
        }
        (_, Target::History(_)) => "accepted in .keyward-baseline, which is not part of the push: commit it",
        _ => "accepted in .keyward-baseline, which is not staged: git add .keyward-baseline",
    }
}

/// Examines the baseline that the next commit brings.
///
/// # Errors
/// Where it is broken.
pub(super) fn check_staged(settings: &ScanSettings) -> Result<()> {
    Shelf::of_examined(settings, &[]).map(|_| ())
}

/// Is the baseline read though nothing was found? It is where that costs next to nothing, so that somebody learns of a broken
/// one; a hook does not wait for it.
fn is_at_hand(settings: &ScanSettings) -> bool {
    settings.asked == Asked::Directly
        && match settings.target {
            Target::Tree(..) | Target::Stdin | Target::History(_) => true,
            Target::Staged(_) | Target::Message(_) => false,
        }
}

/// How many entries have nothing to do with any of the `found`.
fn stale<'f>(baseline: &Baseline, found: impl Iterator<Item = &'f Finding>) -> usize {
    let index = baseline.index();
    let values: BTreeSet<&str> = found.flat_map(Finding::values).collect();
    let used: BTreeSet<_> = values.into_iter().flat_map(|value| index.about(value)).collect();
    baseline.len() - used.len()
}

/// The tops of the work trees in which these paths, and what was found, lie: a repository inside another has its own.
pub(super) fn tops_of(paths: &[PathBuf], found: &[Finding]) -> BTreeSet<PathBuf> {
    let folders: BTreeSet<&Path> = found.iter().map(folder_of).collect();
    paths.iter().map(PathBuf::as_path).chain(folders).filter_map(top_around).collect()
}

/// Does the finding lie below `top`?
pub(super) fn is_below(top: Option<&PathBuf>, finding: &Finding) -> bool {
    let Some(top) = top else { return true };
    folder_of(finding).canonicalize().is_ok_and(|folder| folder.starts_with(top))
}

/// The folder in which its file lies; standard input belongs to the working directory. A link is not followed.
pub(super) fn folder_of(finding: &Finding) -> &Path {
    let folder = finding.origin.path.to_path().ok().and_then(Path::parent);
    folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
