//! What a run is asked to do: the meaning of the flags, with every default in one place.

use crate::rules::{Confidence, Rule, Severity};
use std::path::PathBuf;

/// A command, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Examine something and report.
    Scan(ScanSettings),
    /// Put the hooks in, take them out, or tell how they stand.
    Hook(HookAction),
    /// Tell what the rules are, or try them.
    Rules(RulesAction),
}

/// What `keyward rules` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAction {
    /// All of them, a line each.
    List,
    /// One of them, with all that is known of it.
    Show(Rule),
    /// Their examples and near misses.
    Test,
}

/// What is examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files and folders, as they were typed; never empty.
    Tree(Vec<PathBuf>, Extent),
    /// What the next commit would contain.
    Staged,
    /// Standard input.
    Stdin,
    /// What a repository has ever held, or a part of it.
    History(History),
}

/// Which part of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The folder of the repository; nothing means that of the working directory.
    pub folder: Option<PathBuf>,
    /// Only what these bring (`A..B`, or `B` for all that it reaches); with no range and nothing in `not`, everything.
    pub ranges: Vec<String>,
    /// Nothing that these reach.
    pub not: Vec<String>,
    /// What becomes of objects that no ref reaches.
    pub unreachable: Unreachable,
    /// How hits are found.
    pub hits: Hits,
}

impl History {
    /// Is it a part that revisions mark off, rather than everything?
    #[must_use]
    pub fn is_range(&self) -> bool {
        !self.ranges.is_empty() || !self.not.is_empty()
    }
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

/// Who asks, which decides how a finding is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Somebody at a prompt, or a pipeline.
    Directly,
    /// git, before it makes a commit.
    BeforeCommit {
        /// Was the commit asked for in a folder below the top of the work tree?
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
    /// Findings below this are counted, not reported.
    pub min_confidence: Confidence,
    /// Findings below this are reported, and do not make the scan fail.
    pub fail_on: Severity,
    /// Do findings make the scan fail at all? Errors do in any case.
    pub findings_fail: bool,
    /// How values are printed.
    pub secrets: Secrets,
    /// Say of everything dismissed why.
    pub explain: bool,
    /// Only findings and errors: no progress, no closing line.
    pub quiet: bool,
    /// Threads; nothing means all cores.
    pub threads: Option<usize>,
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self {
            target: Target::Tree(vec![PathBuf::from(".")], Extent::WhatGitTakes),
            asked: Asked::Directly,
            outputs: vec![Output::default()],
            min_confidence: Confidence::Medium,
            fail_on: Severity::Medium,
            findings_fail: true,
            secrets: Secrets::Redacted,
            explain: false,
            quiet: false,
            threads: None,
        }
    }
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
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
}

/// How values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Four characters at the most.
    Redacted,
    /// Whole, because somebody asked for it.
    Shown,
}

/// What `keyward hook` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAction {
    /// Put the hook in; `keyward` is the binary it shall call.
    Install {
        /// An absolute path.
        keyward: PathBuf,
    },
    /// Take it out.
    Uninstall,
    /// Tell whether it guards.
    Status,
}
