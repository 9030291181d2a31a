//! A scan: a source's texts through the detector, on all cores, to findings in a fixed order and a summary that
//! says what was examined and what was not.

mod allowed;
mod authority;
mod baseline;
pub mod budget;
mod history;
mod inside;
mod markers;
mod merge;
mod objects;
pub mod peers;
pub mod policy;
mod redact;
mod sightings;
mod staged;
pub mod top;

use crate::archive::{Content, Limits};
use crate::config::{Policy, ScanSettings, Secrets, Target};
use crate::detect::Wanted;
use crate::error::{Error, ExitStatus, Result};
use crate::examine::{Examined, Examiner};
use crate::finding::{Dismissed, Finding, Origin, SourceKind, Suppression};
use crate::halves;
use crate::prefilter::Prefilter;
use crate::sanitize::sanitize;
use crate::source::{Aside, Gap, Sink};
use crate::source::{message, tree};
use baseline::Shelf;
use bstr::ByteSlice;
use inside::{Eye, Inner, Remark, Said, Seen, Text};
use std::cell::RefCell;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use top::Top;

/// What a scan found and covered.
#[derive(Debug)]
pub struct Outcome {
    /// All findings at or above the asked confidence, sorted; the suppressed ones too.
    pub findings: Vec<Finding>,
    /// What was dismissed, sorted; empty unless asked for.
    pub dismissed: Vec<Dismissed>,
    /// What was examined.
    pub summary: Summary,
    /// Where the paths begin.
    pub top: Top,
    /// When it began and when it was over.
    pub time: [SystemTime; 2],
}

/// What a scan was about, where that turned out only when it ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// What was asked for.
    #[default]
    AsAsked,
    /// Nothing is staged, so the files that were named were examined whole.
    FilesOfTheIndex,
}

/// What a scan covered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// What it was about.
    pub scope: Scope,
    /// Files examined, in the tree or in the index.
    pub files: u64,
    /// Blobs examined.
    pub blobs: u64,
    /// Commits examined.
    pub commits: u64,
    /// Trees and tags examined.
    pub other_objects: u64,
    /// Bytes examined.
    pub bytes: u64,
    /// Untracked and ignored files and folders that were spared.
    pub spared: u64,
    /// Files that the config leaves out.
    pub excluded: u64,
    /// Pipes, sockets and devices that were passed over.
    pub special: u64,
    /// Submodules that were passed over.
    pub submodules: u64,
    /// Files that Git LFS keeps elsewhere.
    pub lfs_pointers: u64,
    /// Findings below the asked confidence.
    pub below_confidence: u64,
    /// What was not examined, sorted.
    pub incomplete: Vec<Gap>,
    /// What people should know.
    pub notes: Vec<String>,
    /// What was examined only as it is, because it could not be unpacked, sorted.
    pub as_it_is: Vec<String>,
}

impl Outcome {
    /// Findings that nothing suppresses.
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.suppressed_by.is_none())
    }

    /// Lets findings not count whose values are all `known`.
    fn suppress(&mut self, why: Suppression, known: impl Fn(&str) -> bool) {
        suppress(&mut self.findings, why, known);
    }

    /// How many findings do not count for this reason.
    #[must_use]
    pub fn suppressed(&self, why: Suppression) -> usize {
        self.findings.iter().filter(|finding| finding.suppressed_by == Some(why)).count()
    }

    /// How the run ends: findings weigh more than gaps, so that a hook's user sees the leak first.
    #[must_use]
    pub fn status(&self, settings: &ScanSettings) -> ExitStatus {
        let fails = settings.findings_fail && self.standing().any(|finding| finding.severity >= settings.fail_on);
        if fails {
            ExitStatus::Findings
        } else if self.summary.incomplete.is_empty() {
            ExitStatus::Clean
        } else {
            ExitStatus::Error
        }
    }
}

/// Lets findings not count whose values are all `known`.
fn suppress(findings: &mut [Finding], why: Suppression, known: impl Fn(&str) -> bool) {
    for finding in findings.iter_mut().filter(|finding| finding.suppressed_by.is_none()) {
        if finding.values().all(&known) {
            finding.suppressed_by = Some(why);
        }
    }
}

/// Counts that others may watch while a scan runs.
#[derive(Debug, Default)]
pub struct Census {
    /// Texts examined.
    pub texts: AtomicU64,
    /// Bytes examined.
    pub bytes: AtomicU64,
    spared: AtomicU64,
    excluded: AtomicU64,
    special: AtomicU64,
    submodules: AtomicU64,
    lfs_pointers: AtomicU64,
    configurations: AtomicU64,
    /// Objects of a history to be examined, where that is known.
    pub expected: AtomicU64,
    /// Objects of a history, examined.
    pub objects: AtomicU64,
    blobs: AtomicU64,
    commits: AtomicU64,
    /// Set from outside to end the scan of a history early; what was found so far is reported.
    pub stop: Arc<AtomicBool>,
}

/// Runs the scan that `settings` ask for; `census` can be watched meanwhile.
///
/// # Errors
/// Where nothing at all could be examined: no repository, no threads.
pub fn run(settings: &ScanSettings, stdin: &mut (dyn Read + Send), census: &Census) -> Result<Outcome> {
    let collector = Collector::new(settings, census);
    let mut outcome = examine_target(settings, stdin, &collector)?;
    markers::tell(settings, &mut outcome);
    baseline::tell(settings, &mut outcome)?;
    allowed::tell(settings, &mut outcome);
    peers::tell(settings, &mut outcome);
    if settings.secrets == Secrets::Redacted {
        redact::redact(&mut outcome);
    }
    outcome.time[1] = SystemTime::now();
    Ok(outcome)
}

/// What is wanted of texts for these settings.
fn wanted(settings: &ScanSettings) -> Wanted {
    Wanted {
        explain: settings.explain,
        surroundings: settings.policy.needs_surroundings() || peers::are_there(settings),
        own: settings.policy.own_rules(),
    }
}

fn examine_target(
    settings: &ScanSettings,
    stdin: &mut (dyn Read + Send),
    collector: &Collector<'_>,
) -> Result<Outcome> {
    match &settings.target {
        Target::Tree(paths, extent) => {
            threads(settings.threads)?.install(|| tree::walk(paths, *extent, collector));
            Ok(collector.conclude(settings)?.demand_something(collector))
        }
        Target::Stdin => {
            let origin = Origin::of("-".into(), SourceKind::Stdin, None);
            if let Err(error) = collector.text(origin, Content::Stream(stdin)) {
                collector.gap(Gap::new("standard input", error));
            }
            collector.conclude(settings)
        }
        Target::Staged(scope) => staged::scan(settings, scope, collector),
        Target::Message(message) => {
            message::deliver(message, collector)?;
            collector.conclude(settings)
        }
        // Threads cost more to start than a range takes to read.
        Target::History(scope) if scope.is_range() => history::scan(settings, scope, collector),
        Target::History(scope) => threads(settings.threads)?.install(|| history::scan(settings, scope, collector)),
    }
}

fn threads(count: Option<usize>) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(count.unwrap_or(0))
        .build()
        .map_err(|error| Error::new("could not start the threads of the scan").because(error))
}

/// Takes in what a source delivers.
struct Collector<'c> {
    prefilter: Prefilter,
    wanted: Wanted,
    archives: Limits,
    /// Where the paths begin that `policy` speaks of.
    top: Top,
    policy: Arc<Policy>,
    census: &'c Census,
    began: SystemTime,
    results: Mutex<Results>,
}

#[derive(Default)]
struct Results {
    findings: Vec<Finding>,
    dismissed: Vec<Dismissed>,
    gaps: Vec<Gap>,
    notes: Vec<String>,
    as_it_is: Vec<String>,
}

impl Results {
    /// Notes what is to be said of parts of the text from `origin`.
    fn remark(&mut self, remarks: Vec<Remark>, origin: &Origin) {
        for remark in remarks {
            let path = sanitize(&remark.path(origin)).into_owned();
            match remark.said {
                Said::Gap(why, hint) => self.gaps.push(Gap { what: path, why, hint: hint.map(str::to_owned) }),
                Said::Note(note) => self.as_it_is.push(format!("{path}: {note}")),
            }
        }
    }
}

thread_local! {
    static EXAMINER: RefCell<Examiner> = RefCell::default();
}

/// What a text of any size holds, through this thread's buffers.
fn examine(prefilter: &Prefilter, wanted: &Wanted, reader: &mut dyn Read) -> io::Result<Examined> {
    EXAMINER.with_borrow_mut(|examiner| {
        examiner.want(wanted);
        examiner.examine(prefilter, reader)
    })
}

impl<'c> Collector<'c> {
    fn new(settings: &ScanSettings, census: &'c Census) -> Self {
        Self {
            prefilter: Prefilter::new(),
            wanted: wanted(settings),
            archives: settings.archives,
            top: Top::of(&settings.target),
            policy: Arc::clone(&settings.policy),
            census,
            began: SystemTime::now(),
            results: Mutex::default(),
        }
    }

    /// Is the text at this path left out, as the config says? Then it is counted.
    fn spares(&self, origin: &Origin) -> bool {
        let has_path = matches!(origin.source, SourceKind::Tree | SourceKind::Staged);
        let spares = has_path && self.policy.excludes(&self.top.path(origin.path.as_bstr())).is_some();
        self.census.excluded.fetch_add(u64::from(spares), Ordering::Relaxed);
        spares
    }

    fn eye(&self) -> Eye<'_> {
        Eye { prefilter: &self.prefilter, wanted: &self.wanted, limits: &self.archives }
    }

    /// Takes in what was seen in the text from `origin`.
    fn take_in(&self, seen: Seen, origin: &Origin) {
        let mut results = self.results();
        for Text { inner, examined } in seen.texts {
            let origin = Inner::origin(inner.as_ref(), origin);
            let findings = examined.credentials.into_iter().map(|found| Finding::new(found, origin.clone()));
            results.findings.extend(findings);
            if self.wanted.explain {
                let dismissed = examined.dismissals.into_iter();
                results.dismissed.extend(dismissed.map(|dismissal| Dismissed { dismissal, origin: origin.clone() }));
            }
        }
        results.remark(seen.remarks, origin);
    }

    fn results(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results.lock().expect("nothing panics while it holds this lock")
    }

    fn gaps(&self, gaps: impl IntoIterator<Item = Gap>) {
        self.results().gaps.extend(gaps);
    }

    fn into_parts(self) -> (Vec<Finding>, Vec<Gap>) {
        let results = self.results.into_inner().expect("nothing panics while it holds this lock");
        (results.findings, results.gaps)
    }

    /// What has been collected, in order, as `settings` want it.
    ///
    /// # Errors
    /// Where the baseline is broken.
    fn conclude(&self, settings: &ScanSettings) -> Result<Outcome> {
        let Results { mut findings, mut dismissed, mut gaps, mut notes, mut as_it_is } =
            std::mem::take(&mut *self.results());
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        findings = halves::join(findings);
        findings.retain(|finding| allowed::is_at_its_place(&self.policy, &self.top, finding));
        let mut baselines = Shelf::open(settings, &findings)?;
        // The baseline may accept what this report will not show.
        let (mut findings, below): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.confidence >= settings.min_confidence);
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        findings.dedup_by(|a, b| a.order() == b.order());
        dismissed.sort_by(|a, b| (&a.origin, a.dismissal.span).cmp(&(&b.origin, b.dismissal.span)));
        gaps.sort();
        gaps.dedup();
        notes.sort();
        as_it_is.sort();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let texts = count(&self.census.texts);
        let blobs = if matches!(settings.target, Target::Staged(_)) { texts } else { count(&self.census.blobs) };
        let commits = count(&self.census.commits);
        let mut summary = Summary {
            scope: Scope::AsAsked,
            files: texts,
            blobs,
            commits,
            other_objects: count(&self.census.objects).saturating_sub(blobs + commits),
            bytes: count(&self.census.bytes),
            spared: count(&self.census.spared),
            excluded: count(&self.census.excluded),
            special: count(&self.census.special),
            submodules: count(&self.census.submodules),
            lfs_pointers: count(&self.census.lfs_pointers),
            below_confidence: below.len() as u64,
            incomplete: gaps,
            notes,
            as_it_is,
        };
        baselines.tell_stale(settings, &findings.iter().chain(&below), &mut summary);
        let (top, time) = (self.top.clone(), [self.began; 2]);
        let mut outcome = Outcome { findings, dismissed, summary, top, time };
        markers::heed(settings, &self.census.stop, &mut outcome);
        baseline::heed(&mut baselines, &mut outcome);
        allowed::heed(&settings.policy, &mut outcome);
        peers::heed(settings, &mut outcome)?;
        Ok(outcome)
    }
}

impl Outcome {
    /// A tree in which nothing at all was examined is not clean: a filter left nothing, or the wrong folder was
    /// named.
    fn demand_something(mut self, collector: &Collector<'_>) -> Self {
        let summary = &mut self.summary;
        let configurations = collector.census.configurations.load(Ordering::Relaxed);
        if summary.files == configurations && summary.incomplete.is_empty() {
            let (why, hint) = if summary.excluded > 0 {
                ("the config leaves out every file", "keyward config show tells what is excluded, and where it says so")
            } else if summary.spared > 0 {
                ("all files are untracked and ignored", "keyward scan --no-ignore examines them")
            } else {
                ("no file was examined", "name a folder that holds files")
            };
            summary.incomplete.push(Gap { hint: Some(hint.to_owned()), ..Gap::new("the scan", why) });
        }
        self
    }
}

impl Sink for Collector<'_> {
    fn text(&self, origin: Origin, content: Content<'_>) -> io::Result<()> {
        if self.spares(&origin) {
            return Ok(());
        }
        let seen = self.eye().look(content, |reader| examine(&self.prefilter, &self.wanted, reader))?;
        self.census.texts.fetch_add(1, Ordering::Relaxed);
        self.census.bytes.fetch_add(seen.bytes, Ordering::Relaxed);
        if !seen.texts.is_empty() || !seen.remarks.is_empty() {
            self.take_in(seen, &origin);
        }
        Ok(())
    }

    fn gap(&self, gap: Gap) {
        self.results().gaps.push(gap);
    }

    fn note(&self, note: String) {
        self.results().notes.push(note);
    }

    fn aside(&self, kind: Aside) {
        let counter = match kind {
            Aside::Ignored => &self.census.spared,
            Aside::Special => &self.census.special,
            Aside::Submodule => &self.census.submodules,
            Aside::Configuration => &self.census.configurations,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
