//! What is there today: the files, the index, and on request all of the history, looked at one after the other.
//!
//! Whoever accepts something, prunes what was accepted or asks about a finding needs to see what is there whatever has been accepted.
//! Paths are those from the top of the work tree.

use crate::config::{
    Acceptance, ConfigChoice, Extent, History, Policy, ScanSettings, Staged, Switches, Target, Unreachable,
};
use crate::error::{Error, Result};
use crate::finding::{Finding, Suppression};
use crate::git::Store;
use crate::rules::Confidence;
use crate::scan::{self, Census, policy};
use crate::source::Gap;
use bstr::{BString, ByteSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something that can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The files that git takes.
    Files,
    /// All files.
    AllFiles,
    /// What is staged.
    Index,
    /// All that refs reach.
    History,
    /// All that the repository has ever held, also what no ref reaches.
    WholeHistory,
}

/// What counts of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What a report shows, whatever the baseline accepts: markers and the config count.
    AtReported,
    /// What a report shows or counts, at any confidence.
    AtCounted,
    /// Everything, whoever accepted it or left it out.
    AtAll,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Survey {
    /// In the order of the parts; the same credential may be among them several times.
    pub found: Vec<(Part, Finding)>,
    /// What was not examined.
    pub gaps: Vec<Gap>,
}

/// A work tree.
#[derive(Debug)]
pub struct Place {
    /// Its top.
    pub top: PathBuf,
    /// By which config something is found.
    config: ConfigChoice,
}

impl Place {
    /// The work tree around the working directory.
    ///
    /// # Errors
    /// Where there is none.
    pub fn here(config: &ConfigChoice) -> Result<Self> {
        let top = Store::find(None)?.top().ok_or_else(|| {
            Error::new("a bare repository has no work tree, so nothing can be accepted in it")
                .hint("run this in a clone of it, and push")
        })?;
        Ok(Self { top, config: config.clone() })
    }

    /// The same; outside of a work tree, the working directory itself.
    #[must_use]
    pub fn anywhere(config: &ConfigChoice) -> Self {
        Self::here(config).unwrap_or_else(|_| Self { top: PathBuf::from("."), config: config.clone() })
    }

    /// Its repository.
    ///
    /// # Errors
    /// Where git refuses it.
    pub fn store(&self) -> Result<Store> {
        Store::find(None)
    }

    /// Looks at `parts` of it, one after the other.
    ///
    /// # Errors
    /// Where one of them cannot be looked at at all.
    pub fn look(&self, parts: &[Part], look: Look) -> Result<Survey> {
        let mut survey = Survey::default();
        for &part in parts {
            let outcome = scan::run(&self.settings(part, look)?, &mut std::io::empty(), &Census::default())?;
            survey.gaps.extend(outcome.summary.incomplete);
            let is_new =
                |finding: &Finding| look == Look::AtCounted || finding.suppressed_by != Some(Suppression::AlreadyThere);
            for mut finding in outcome.findings.into_iter().filter(is_new) {
                if matches!(part, Part::Files | Part::AllFiles) {
                    self.name_from_top(&mut finding);
                }
                survey.found.push((part, finding));
            }
        }
        Ok(survey)
    }

    /// The settings with which a part is looked at.
    ///
    /// # Errors
    /// Where the config cannot be followed.
    pub fn settings(&self, part: Part, look: Look) -> Result<ScanSettings> {
        let target = match part {
            Part::Files => Target::Tree(vec![self.top.clone()], Extent::WhatGitTakes),
            Part::AllFiles => Target::Tree(vec![self.top.clone()], Extent::Everything),
            Part::Index => Target::Staged(Staged::default()),
            // What no ref reaches is on this machine only.
            Part::WholeHistory => Target::History(History::default()),
            Part::History => Target::History(History { unreachable: Unreachable::LeftOut, ..History::default() }),
        };
        let asked = ScanSettings { target, config: self.config.clone(), ..ScanSettings::default() };
        let settings = policy::settle(&asked)?;
        match look {
            Look::AtReported => return Ok(ScanSettings { baseline: Acceptance::Ignored, ..settings }),
            Look::AtCounted => return Ok(ScanSettings { min_confidence: Confidence::Low, ..settings }),
            Look::AtAll => {}
        }
        let of_config = (*settings.policy).clone();
        let policy = Policy {
            excluded: Vec::new(),
            allow: Vec::new(),
            switches: Switches::default(),
            other_scanners: Acceptance::Ignored,
            ..of_config
        };
        Ok(ScanSettings {
            min_confidence: Confidence::Low,
            markers: Acceptance::Ignored,
            baseline: Acceptance::Ignored,
            policy: Arc::new(policy),
            ..settings
        })
    }

    fn name_from_top(&self, finding: &mut Finding) {
        let inside = |path: &mut BString| {
            let below = path.to_path().ok().and_then(|path| path.strip_prefix(&self.top).ok().map(Path::to_path_buf));
            if let Some(below) = below {
                *path = <[u8]>::from_path(&below).unwrap_or_default().into();
            }
        };
        inside(&mut finding.origin.path);
        finding.locations.iter_mut().for_each(|location| inside(&mut location.path));
        if let Some(mark) = &mut finding.mark {
            inside(&mut mark.path);
        }
    }
}

/// Those of `found` whose fingerprint is `name`, or begins with it; the `v1:` may be left out.
///
/// # Errors
/// Where `name` is none, where none begins so, and where several do: which, and what to type.
pub fn named<'f>(name: &str, found: &'f [(Part, Finding)], hint: &str) -> Result<Vec<&'f (Part, Finding)>> {
    let digits = name.strip_prefix("v1:").unwrap_or(name);
    if digits.len() < 4 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Error::new(format!("'{name}' is no fingerprint"))
            .because("it is `v1:` and 32 digits (0-9, a-f), or the first of these, four at least")
            .hint("keyward scan shows that of each finding"));
    }
    let is_it = |finding: &Finding| finding.fingerprint.digits().starts_with(digits);
    let fits: Vec<_> = found.iter().filter(|(_, finding)| is_it(finding)).collect();
    let mut all: Vec<&str> = fits.iter().map(|(_, finding)| finding.fingerprint.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => Err(Error::new(format!("nothing that is found has the fingerprint '{name}'")).hint(hint)),
        1 => Ok(fits),
        _ => Err(Error::new(format!("'{name}' is the start of {} fingerprints", all.len()))
            .because(all.join("\n"))
            .hint("give more of the one that is meant")),
    }
}
