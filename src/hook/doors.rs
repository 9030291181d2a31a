//! Which doors of a repository are guarded, and by what.
//!
//! The answer must be true of the git that runs: what only looks like a guard (a hook that git ignores, that calls a
//! binary which is gone, or whose answer nobody asks for; a setting that an older git does not know) is none.

use super::calls::{self, Call};
use super::managers::{self, Found};
use super::place::{self, Place, Present, is_executable, leads_elsewhere, no_folder};
use super::{configured, script};
use crate::config::Event;
use crate::error::Result;
use crate::git::{self, Configured, HooksPath, Off, Setting, Version};
use bstr::ByteSlice;
use std::path::{Path, PathBuf};

/// What is to be done about most problems.
const INSTALL: &str = "keyward hook install";

/// The same, where the user's own configuration leads git to a folder of hooks.
const INSTALL_GLOBALLY: &str = "keyward hook install --global";

/// What there is to know of the working directory's repository.
pub(super) struct Survey {
    /// The git that runs the hooks.
    pub(super) git: Version,
    /// The tools that manage the hooks.
    pub(super) managers: Vec<Found>,
    /// The folder from which git runs them.
    place: Place,
    /// What leads it there, if anything does.
    hooks_path: Option<HooksPath>,
    top: PathBuf,
    settings: Vec<Setting>,
}

/// A hook of git's, and whether it would stop what must not pass.
pub(super) struct Door {
    /// Which.
    pub(super) event: Event,
    /// What guards it, if anything does.
    pub(super) guards: Vec<Guard>,
    /// What only looks as if it did.
    pub(super) problems: Vec<Problem>,
    /// What to do where nothing even looks so.
    pub(super) hint: &'static str,
    /// What to do about a file of ours.
    pub(super) hint_for_files: &'static str,
}

/// What guards a door, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Guard {
    /// A file of ours.
    File(String),
    /// An entry of ours in git's configuration.
    Entry(String),
    /// What somebody else wrote, and what calls keyward.
    Call(String),
}

impl Guard {
    /// What it is.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::File(words) | Self::Entry(words) | Self::Call(words) => words,
        }
    }
}

/// What keeps something from being a guard.
pub(super) struct Problem {
    /// What.
    pub(super) why: String,
    /// What to do.
    pub(super) hint: String,
}

impl Survey {
    /// Looks at the working directory's repository.
    ///
    /// # Errors
    /// Outside a repository, and where git's configuration cannot be read.
    pub(super) fn of_this_repository() -> Result<Self> {
        let place = Place::at(git::hooks_folder()?);
        let hooks_path = git::hooks_paths()?.pop();
        let top = git::top_folder();
        let managers = top.as_ref().map(|top| managers::found(top, hooks_path.as_ref())).unwrap_or_default();
        Ok(Self {
            git: Version::of_git()?,
            place,
            managers,
            hooks_path,
            // A bare repository has no files at its top.
            top: top.unwrap_or_default(),
            settings: git::scoped_settings("^hook\\.")?,
        })
    }

    /// What guards a door.
    ///
    /// # Errors
    /// Where a hook cannot be read.
    pub(super) fn door(&self, event: Event) -> Result<Door> {
        let follows_the_user = self.hooks_path.as_ref().is_some_and(leads_elsewhere);
        let hint_for_files = if follows_the_user { INSTALL_GLOBALLY } else { INSTALL };
        let hint = if self.git.runs_configured_hooks() { INSTALL } else { hint_for_files };
        let mut door = Door { event, guards: Vec::new(), problems: Vec::new(), hint, hint_for_files };
        self.look_at_configuration(&mut door)?;
        self.look_at_file(&mut door)?;
        for manager in &self.managers {
            if let (Some(file), true) = (manager.calls(&self.top, event), door.guards.is_empty()) {
                door.problem(
                    format!("{} calls keyward, but {}'s hook is not installed", file.display(), manager.name()),
                    manager.install_command(event),
                );
            }
        }
        Ok(door)
    }

    fn look_at_configuration(&self, door: &mut Door) -> Result<()> {
        if self.git.runs_configured_hooks() {
            for hook in git::configured_hooks(door.event.name())? {
                self.look_at_entry(&hook, door);
            }
        } else if self.command(&configured::name(door.event)).is_some() {
            let name = configured::name(door.event);
            let why = format!("{} runs no hooks from its configuration (2.54 does), so hook.{name} is idle", self.git);
            door.problem(why, door.hint);
        }
        Ok(())
    }

    fn look_at_entry(&self, hook: &Configured, door: &mut Door) {
        let (event, whose) = (door.event, configured::whose(&hook.scope));
        let command = self.command(&hook.name).unwrap_or_default();
        let binary = script::binary_of_command(event, command);
        let text = command.to_str_lossy();
        let framework = || self.managers.iter().find_map(|manager| manager.calls(&self.top, event));
        let guard = if binary.is_some() {
            Guard::Entry(format!("hook.{} in {whose}", hook.name))
        } else if calls::in_script(command, event, false) == Call::Counts {
            Guard::Call(format!("hook.{} in {whose}", hook.name))
        } else if let (true, Some(file)) = (managers::is_command_of_a_framework(&text), framework()) {
            Guard::Call(format!("{}, which hook.{} in {whose} runs", file.display(), hook.name))
        } else {
            return;
        };
        let switch = match hook.off {
            Some(Off::Hook) => Some(format!("hook.{}.enabled", hook.name)),
            Some(Off::Event) => Some(format!("hook.{}.enabled", event.name())),
            None => None,
        };
        match (switch, binary.filter(|binary| !is_executable(binary))) {
            (Some(switch), _) => {
                let scope = self.last(&switch).map_or("local", |setting| setting.scope.as_str());
                let hint = format!("git config --{scope} --unset-all {switch}");
                door.problem(format!("{switch} is false"), hint);
            }
            (None, Some(gone)) => {
                let hint = if hook.scope == "global" { INSTALL_GLOBALLY } else { INSTALL };
                door.problem(gone_words(&format!("hook.{}", hook.name), &gone), hint);
            }
            (None, None) => door.guards.push(guard),
        }
    }

    /// The command of a hook in git's configuration: the last one holds, whosever it is.
    fn command(&self, name: &str) -> Option<&[u8]> {
        self.last(&format!("hook.{name}.command")).map(|setting| setting.value.as_bytes())
    }

    fn last(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().rfind(|setting| setting.name == name)
    }

    fn look_at_file(&self, door: &mut Door) -> Result<()> {
        if let Some(path) = &self.hooks_path {
            if let Some((why, hint)) = no_folder(path) {
                door.problem(why, hint);
                return Ok(());
            }
            if !self.place.folder().is_dir() {
                door.problem(format!("core.hooksPath is '{}', which is not there", path.value), door.hint);
                return Ok(());
            }
        }
        let path = self.place.hook(door.event);
        let present = self.place.present(door.event)?;
        if !matches!(present, Present::Nothing) && !is_executable(&path) {
            ignored(&path, &present, door);
            return Ok(());
        }
        match present {
            Present::Nothing => {}
            Present::Ours { binary, .. } => ours(&path, &binary, door),
            Present::Other(there) => self.look_at_another(&path, &there, door)?,
        }
        Ok(())
    }

    /// Looks at a hook that somebody else wrote, or at a link.
    fn look_at_another(&self, path: &Path, there: &[u8], door: &mut Door) -> Result<()> {
        let event = door.event;
        let mut called_by =
            self.managers.iter().filter_map(|manager| Some((manager.wrote(there)?, manager.calls(&self.top, event)?)));
        let [moved, _] = self.place.moved(event);
        if let Some(binary) = script::binary_of(event, there) {
            ours(path, &binary, door);
        } else if let Some((manager, file)) = called_by.next() {
            door.guards.push(Guard::Call(format!("{}, which {manager} runs", file.display())));
        } else if managers::framework_of(there).is_some() && is_executable(&moved) {
            match place::present(&moved, event)? {
                Present::Ours { binary, .. } => ours(&moved, &binary, door),
                Present::Other(there) => called(&moved, &there, door),
                Present::Nothing => {}
            }
        } else {
            called(path, there, door);
        }
        Ok(())
    }
}

impl Door {
    fn problem(&mut self, why: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem { why: why.into(), hint: hint.into() });
    }
}

fn ignored(path: &Path, present: &Present, door: &mut Door) {
    let ours = matches!(present, Present::Ours { .. });
    let hint = if ours { door.hint_for_files.to_owned() } else { format!("chmod +x {}", path.display()) };
    door.problem(format!("git ignores {}, because it is not executable", path.display()), hint);
}

fn ours(path: &Path, binary: &Path, door: &mut Door) {
    if is_executable(binary) {
        door.guards.push(Guard::File(path.display().to_string()));
    } else {
        door.problem(gone_words(&path.display().to_string(), binary), door.hint_for_files);
    }
}

fn called(path: &Path, there: &[u8], door: &mut Door) {
    match calls::in_script(there, door.event, false) {
        Call::Counts => door.guards.push(Guard::Call(format!("{}, which calls keyward", path.display()))),
        Call::Ignored => door.problem(
            format!("{} calls keyward, and goes on whatever it answers", path.display()),
            format!("write there: keyward hook run {} \"$@\" || exit", door.event.name()),
        ),
        Call::None => {}
    }
}

fn gone_words(what: &str, binary: &Path) -> String {
    format!("{what} calls {}, which is gone, and guards only if PATH has another", binary.display())
}
