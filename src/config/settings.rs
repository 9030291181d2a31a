//! The meaning of the flags, with every default in one place.

use super::{Policy, respond};
use crate::allow::baseline::Terms;
use crate::archive::Limits;
use crate::rules::{Confidence, Severity};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A command, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Examine something and report.
    Scan(ScanSettings),
    /// Examine what a run of a CI is about.
    Ci(Ci),
    /// Do what a hook of git's does.
    Guard(Guard),
    /// Put the hooks in, take them out, or tell how they stand.
    Hook(HookAction),
    /// Accept what is found, and look after what was accepted.
    Baseline {
        /// How.
        action: BaselineAction,
        /// By which config something is found.
        config: ConfigChoice,
    },
    /// Ask whether keys are live.
    Verify(respond::Verify),
    /// Tell whose keys are, and what they may do.
    Triage(respond::Triage),
    /// Switch a key off, or on again.
    Deactivate(Box<respond::Deactivate>),
    /// Tell all about one credential.
    Explain {
        /// Its fingerprint, or the start of it.
        fingerprint: String,
        /// Where it is.
        part: Explained,
        /// By which config it is found.
        config: ConfigChoice,
    },
    /// Tell what the rules are, or try them.
    Rules(RulesAction, ConfigChoice),
    /// Tell of the config.
    Config(ConfigAction),
    /// Print a text that is ready: completions, a manual page.
    Print(Vec<u8>),
}

/// Where a new config goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the top of the work tree.
    File,
    /// To standard output.
    Output,
}

/// Variables of the environment that are set and not empty.
pub type Variables = BTreeMap<&'static str, String>;

/// A run of a CI, with what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ci {
    /// Those of the variables that CIs set.
    pub variables: Variables,
    /// What is reported, and when it fails; what is examined is still to be found out.
    pub scan: ScanSettings,
}

/// A moment at which git runs a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// Before a commit is made.
    PreCommit,
    /// Before a merge that went without conflicts is committed.
    PreMergeCommit,
    /// Once the message of a commit is written.
    CommitMsg,
    /// Before anything is sent to a remote.
    PrePush,
    /// On a server, before a push is taken.
    PreReceive,
    /// On a server, before one ref is changed.
    Update,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush, Self::PreReceive, Self::Update];

    /// Those that `keyward hook install` guards in a work tree: all that somebody who commits meets.
    pub const OF_A_WORK_TREE: [Self; 4] = [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush];

    /// As git names its hook.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// Does the hook run where the repository is pushed to?
    #[must_use]
    pub fn is_of_a_server(self) -> bool {
        matches!(self, Self::PreReceive | Self::Update)
    }
}

/// A hook that git runs, with what git and hook managers tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Which.
    pub event: Event,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Was the command typed in a folder below the top of the work tree?
    pub below_top: bool,
    /// Pre-merge-commit: the commits that are merged.
    pub merged: Vec<String>,
    /// Commit-msg: did an editor show the message?
    pub edited: bool,
    /// Which config counts.
    pub config: ConfigChoice,
    /// What a hook manager tells that keeps standard input to itself.
    pub manager: Option<Manager>,
}

/// What the pre-commit framework, and prek, tell a hook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manager {
    /// The range that `run --from-ref A --to-ref B` is about.
    pub range: Option<(String, String)>,
    /// The remote that is pushed to.
    pub remote: Option<String>,
}

/// What `keyward config` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigAction {
    /// Tell all that is wrong with one.
    Check(ConfigChoice),
    /// Tell what counts, and where it comes from.
    Show(ConfigChoice),
    /// Write one, to begin with.
    Init,
    /// Print its form, for editors.
    Schema,
    /// Make one of what was accepted for other scanners.
    Import {
        /// Their files; none means those at the top of the work tree.
        files: Vec<PathBuf>,
        /// Where it goes.
        into: Destination,
    },
}

/// Which config counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChoice {
    /// This file, as somebody asked.
    Named {
        /// The file.
        file: PathBuf,
        /// How it was named.
        by: NamedBy,
    },
    /// That at the top of what is examined, else this one of the user's.
    Found {
        /// Nothing where the user has no home.
        user: Option<PathBuf>,
    },
    /// None: what is built in.
    BuiltIn,
}

impl Default for ConfigChoice {
    fn default() -> Self {
        Self::Found { user: None }
    }
}

/// How somebody named a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// As an argument.
    Argument,
    /// In the environment.
    Environment,
}

/// Which of the settings that a config can have somebody typed; they count more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed {
    /// From which confidence on findings are reported.
    pub min_confidence: Option<Confidence>,
    /// From which severity on they make a scan fail.
    pub fail_on: Option<Severity>,
}

/// Where a credential is that is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// In the files of the work tree, or of the working directory.
    Files,
    /// In what the next commit would contain.
    Staged,
    /// In what the repository has ever held.
    History,
}

/// What `keyward baseline` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineAction {
    /// Accept all that is found today.
    Create {
        /// On these terms.
        terms: Terms,
        /// Does the history count, too?
        history: bool,
    },
    /// Accept one credential.
    Add {
        /// Its fingerprint, or the start of it.
        fingerprint: String,
        /// On these terms.
        terms: Terms,
        /// Does the history count, too?
        history: bool,
    },
    /// Leave out what is gone.
    Update {
        /// Does the history count, too?
        history: bool,
    },
    /// Explain what was accepted.
    Show,
}

/// What `keyward rules` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAction {
    /// All of them, a line each.
    List,
    /// One of them, with all that is known of it.
    Show(String),
    /// Their examples and near misses.
    Test,
}

/// What is examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files and folders, as they were typed; never empty.
    Tree(Vec<PathBuf>, Extent),
    /// What the next commit would contain.
    Staged(Staged),
    /// The message of the next commit.
    Message(Message),
    /// Standard input.
    Stdin,
    /// What a repository has ever held, or a part of it.
    History(History),
}

/// What the next commit would contain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staged {
    /// If nothing at all is staged: these files, as the index has them.
    pub files: Vec<PathBuf>,
    /// The commits that are merged, where git has not noted them in `MERGE_HEAD` yet.
    pub merged: Vec<String>,
}

/// The message of the next commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The file that holds it.
    pub file: PathBuf,
    /// Did an editor show it? Then git leaves out comments.
    pub edited: bool,
}

/// Which part of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The folder of the repository; nothing means that of the working directory.
    pub folder: Option<PathBuf>,
    /// Only what these bring (`A..B`, or `B` for all that it reaches); with no range and nothing in `not`, everything.
    pub ranges: Vec<String>,
    /// Who named them.
    pub tips: Tips,
    /// Nothing that these reach.
    pub not: Vec<String>,
    /// Nothing that those of these reach that are here: whole names of what somebody else has.
    pub had: Vec<String>,
    /// Nothing that is known elsewhere already.
    pub known: Known,
    /// What becomes of objects that no ref reaches.
    pub unreachable: Unreachable,
    /// How hits are found.
    pub hits: Hits,
}

impl History {
    /// Is it a part that revisions mark off, rather than everything?
    #[must_use]
    pub fn is_range(&self) -> bool {
        !self.ranges.is_empty() || !self.not.is_empty() || self.known != Known::Nothing
    }
}

/// Who named the revisions that a range is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tips {
    /// Whoever asks.
    #[default]
    Named,
    /// Nobody: they are all that is local.
    AllLocal,
}

/// What is known already, so that it is not part of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    #[default]
    Nothing,
    /// What the remote-tracking refs of this remote reach.
    ByRemote(String),
    /// What any remote-tracking ref reaches.
    ByAnyRemote,
    /// What any ref reaches.
    ByAnyRef,
}

/// What becomes of objects that no ref reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unreachable {
    /// Reported, as unreachable.
    #[default]
    Reported,
    /// Left out.
    LeftOut,
}

/// How the hits of an object are found that is stored as a delta.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hits {
    /// Inherited from the object that it is built upon.
    #[default]
    Inherited,
    /// Inherited, and compared with those that a look at the whole object finds.
    Checked,
}

/// Which files of a tree count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All but what is untracked and ignored.
    WhatGitTakes,
    /// All.
    Everything,
}

/// What becomes of a way in which people accept a finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Acceptance {
    /// It counts.
    #[default]
    Counts,
    /// It accepts nothing.
    Ignored,
}

/// Whose word it is that something is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authority {
    /// That of what is examined: whoever changes it can accept it in the same change, for somebody will look at that.
    #[default]
    Examined,
    /// That of this revision: its config, its baseline, and markers beside values that stand in its files with a marker, too.
    /// So nobody can send something and accept it with the same change.
    Revision(String),
    /// That of what a repository has before it takes a push. Markers count as they stand in these revisions, whole names of what
    /// its refs were, or, where there are none, in HEAD. Config and baseline are those of HEAD, and of these only where there is no
    /// HEAD: who may push to a branch of his own could otherwise accept with one push what comes with the next.
    Received(Vec<String>),
}

/// Who asks, which decides how a finding is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Somebody at a prompt, or a pipeline.
    Directly,
    /// git, or a hook manager, as one of git's hooks.
    ByHook {
        /// Which.
        event: Event,
        /// Was the command typed in a folder below the top of the work tree?
        below_top: bool,
    },
}

/// The settings of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSettings {
    /// What is examined.
    pub target: Target,
    /// Who asks.
    pub asked: Asked,
    /// The reports; never empty.
    pub outputs: Vec<Output>,
    /// The file to which a summary is added for those who read a GitHub workflow, where one runs.
    pub step_summary: Option<PathBuf>,
    /// Which config counts.
    pub config: ConfigChoice,
    /// What counts more than the config.
    pub typed: Typed,
    /// What the config says, once it is read.
    pub policy: Arc<Policy>,
    /// Findings below this are counted, not reported.
    pub min_confidence: Confidence,
    /// Findings below this are reported, and do not make the scan fail.
    pub fail_on: Severity,
    /// Do findings make the scan fail at all? Errors do in any case.
    pub findings_fail: bool,
    /// What becomes of markers.
    pub markers: Acceptance,
    /// What becomes of the baseline.
    pub baseline: Acceptance,
    /// Whose markers and baseline these are.
    pub authority: Authority,
    /// How values are printed.
    pub secrets: Secrets,
    /// Say of everything dismissed why.
    pub explain: bool,
    /// Only findings and errors: no progress, no closing line.
    pub quiet: bool,
    /// Threads; nothing means all cores.
    pub threads: Option<usize>,
    /// The scan fails if it lasts longer.
    pub time_budget: Option<Duration>,
    /// What is borne of an archive.
    pub archives: Limits,
    /// Do places lead to their files?
    pub links: Links,
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self {
            target: Target::Tree(vec![PathBuf::from(".")], Extent::WhatGitTakes),
            asked: Asked::Directly,
            outputs: vec![Output::default()],
            step_summary: None,
            config: ConfigChoice::default(),
            typed: Typed::default(),
            policy: Arc::default(),
            min_confidence: Confidence::Medium,
            fail_on: Severity::Medium,
            findings_fail: true,
            markers: Acceptance::Counts,
            baseline: Acceptance::Counts,
            authority: Authority::Examined,
            secrets: Secrets::Redacted,
            explain: false,
            quiet: false,
            threads: None,
            time_budget: None,
            archives: Limits::OF_A_SCAN,
            links: Links::None,
        }
    }
}

/// Whether a terminal is told where the file is that a place names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// No.
    None,
    /// Yes.
    Shown,
}

/// A report and where it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Its form.
    pub format: Format,
    /// Nothing means standard output.
    pub file: Option<PathBuf>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For people who would rather look: a page.
    Html,
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
    /// A finding a line.
    Concise,
    /// SARIF 2.1.0, as GitHub takes it.
    Sarif,
    /// GitLab's report of secret detection.
    GitlabSecrets,
    /// GitLab's report of code quality.
    GitlabCodequality,
    /// `JUnit`'s report, as Jenkins reads it.
    Junit,
    /// The commands of a GitHub workflow.
    Github,
    /// Reviewdog's diagnostics.
    Rdjson,
}

/// How values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Four characters at the most.
    Redacted,
    /// Whole, because somebody asked for it.
    Shown,
}

/// What `keyward hook` does to a repository, or for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAction {
    /// Put hooks in.
    Install {
        /// The binary that they shall call, an absolute path.
        keyward: PathBuf,
        /// Which; empty means those that fit the repository.
        events: Vec<Event>,
        /// Where.
        scope: HookScope,
    },
    /// Take them out, all that are keyward's.
    Uninstall {
        /// Where.
        scope: HookScope,
    },
    /// Tell whether they guard.
    Status,
}

/// For whom hooks are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookScope {
    /// The working directory's repository.
    Repository,
    /// All repositories of this user; where his git cannot name hooks in its configuration, they lie in this folder.
    User(PathBuf),
}
