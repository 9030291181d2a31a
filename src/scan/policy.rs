//! Which config counts: the one that somebody names, else that at the top of what is examined, else the user's, else
//! what is built in. It is read anew in every run, and one that cannot be read ends the run.

use super::authority::{deciding, repository, tips};
use crate::allow::Day;
use crate::config::file::{LARGEST, NAME, Read, TEMPLATE, read};
use crate::config::{Asked, Authority, ConfigChoice, History, NamedBy, Policy, ScanSettings, Target};
use crate::error::{Error, Result};
use crate::git::{Repository, Store};
use crate::source::ignored::WorkTree;
use std::collections::BTreeSet;
use std::fs::{self, File};

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A config file that counts, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The file.
    pub file: PathBuf,
    /// Why it is this one.
    pub by: By,
}

/// Why a config counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Somebody named it.
    Name(NamedBy),
    /// It lies at the top of what is examined.
    Top,
    /// It is the user's own.
    User,
}

/// The settings with what the config says; what was typed counts more.
///
/// # Errors
/// Where the config that counts cannot be read, with all that is wrong in it.
pub fn settle(settings: &ScanSettings) -> Result<ScanSettings> {
    let read = match &settings.authority {
        Authority::Examined => choose(&settings.config, &settings.target)?.as_ref().map(open).transpose()?,
        authority => decided(settings, authority)?,
    };
    read.map_or_else(|| Ok(settings.clone()), |read| Ok(with(settings, read.policy()?)))
}

/// The config as those have it who decide. A file that somebody names outside of the work tree is his own.
fn decided(settings: &ScanSettings, authority: &Authority) -> Result<Option<Read>> {
    let own = |chosen: Option<Chosen>| chosen.as_ref().map(open).transpose();
    if settings.config == ConfigChoice::BuiltIn {
        return Ok(None);
    }
    let store = Store::find(repository(&settings.target).as_deref())?;
    // What is not here becomes a gap once something is found: of the baseline, or of the markers.
    let objects = deciding(&store, authority, "the config", &mut Vec::new())?;
    let (path, user) = match &settings.config {
        ConfigChoice::Named { file, .. } => match inside(&store, file) {
            Some(path) => (path, None),
            None => return own(choose(&settings.config, &settings.target)?),
        },
        ConfigChoice::Found { user } => (NAME.to_owned(), user.clone()),
        ConfigChoice::BuiltIn => return Ok(None),
    };
    for object in objects {
        if let Some(bytes) = store.file(&object.to_string(), &path, LARGEST as u64)? {
            return Ok(Some(read(&bytes, &format!("{path} of {}", object.short()), Day::today())));
        }
    }
    match &settings.config {
        ConfigChoice::Named { file, .. } => Err(Error::new(format!("cannot read {}", shown(file)))
            .because("the revision that decides has no such file")
            .hint("commit it there first, or leave it out")),
        _ => own(of_user(user)),
    }
}

/// The user's own config, if there is one; whether it can be read is seen when it is.
fn of_user(file: Option<PathBuf>) -> Option<Chosen> {
    let is_missing = |error: std::io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    let file = file.filter(|file| !fs::symlink_metadata(file).is_err_and(is_missing))?;
    Some(Chosen { file, by: By::User })
}

/// The path of `file` from the top of the work tree, if it lies in it.
fn inside(store: &Store, file: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = folder.canonicalize().ok()?.join(file.file_name()?);
    Some(path.strip_prefix(store.top()?.canonicalize().ok()?).ok()?.to_str()?.to_owned())
}

/// The configs of what is examined, where those do not count. One that cannot be followed is none.
pub(super) fn newer(settings: &ScanSettings) -> Vec<Policy> {
    if settings.authority == Authority::Examined {
        return Vec::new();
    }
    let of_server = |scope: &History| {
        let Ok(store) = Store::find(scope.folder.as_deref()) else { return Vec::new() };
        let files = tips(scope).into_iter().filter_map(|tip| store.file(tip, NAME, LARGEST as u64).ok().flatten());
        files.filter_map(|bytes| read(&bytes, NAME, Day::today()).policy().ok()).collect()
    };
    if let (Target::History(scope), Asked::ByHook { .. }) = (&settings.target, settings.asked) {
        return of_server(scope);
    }
    let examined = ScanSettings { authority: Authority::Examined, ..settings.clone() };
    settle(&examined).map(|settings| Policy::clone(&settings.policy)).into_iter().collect()
}

/// The policy that counts in the working directory, and why.
///
/// # Errors
/// Those of [`settle`].
pub fn shown_here(choice: &ConfigChoice) -> Result<(Policy, &'static str)> {
    let Some(chosen) = choose(choice, &ScanSettings::default().target)? else {
        return Ok((Policy::default(), "what is built in"));
    };
    let why = match chosen.by {
        By::Name(NamedBy::Argument) => "named by --config",
        By::Name(NamedBy::Environment) => "named by KEYWARD_CONFIG",
        By::Top => "at the top of the work tree",
        By::User => "the user's own",
    };
    Ok((open(&chosen)?.policy()?, why))
}

/// Writes a config to begin with at the top of the work tree, or here where there is none; returns its name.
///
/// # Errors
/// Where one stands already, and where it cannot be written.
pub fn init() -> Result<String> {
    let top = tops(&ScanSettings::default().target).pop().unwrap_or_default();
    let file = top.join(NAME);
    let name = shown(&file);
    match File::create_new(&file).and_then(|mut file| file.write_all(TEMPLATE.as_bytes())) {
        Ok(()) => Ok(name),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Error::new(format!("{name} is there already")).hint("keyward config check tells what is wrong with it"))
        }
        Err(error) => Err(Error::new(format!("could not write {name}")).because(error)),
    }
}

/// The policy that counts in the working directory.
///
/// # Errors
/// Those of [`settle`].
pub fn of_here(choice: &ConfigChoice) -> Result<Policy> {
    shown_here(choice).map(|(policy, _)| policy)
}

/// The settings with a policy.
#[must_use]
pub fn with(settings: &ScanSettings, policy: Policy) -> ScanSettings {
    let typed = settings.typed;
    ScanSettings {
        min_confidence: typed.min_confidence.or(policy.min_confidence).unwrap_or(settings.min_confidence),
        fail_on: typed.fail_on.or(policy.fail_on).unwrap_or(settings.fail_on),
        policy: Arc::new(policy),
        ..settings.clone()
    }
}

/// The config that counts for `target`; nothing where what is built in does.
///
/// # Errors
/// Where two counts would contradict each other, and where something lies there that is no file.
pub fn choose(choice: &ConfigChoice, target: &Target) -> Result<Option<Chosen>> {
    match choice {
        ConfigChoice::BuiltIn => Ok(None),
        ConfigChoice::Named { file, by } => Ok(Some(Chosen { file: file.clone(), by: By::Name(*by) })),
        ConfigChoice::Found { user } => match at_top(target)? {
            Some(file) => Ok(Some(Chosen { file, by: By::Top })),
            None => Ok(of_user(user.clone())),
        },
    }
}

/// Reads a config that was chosen.
///
/// # Errors
/// Where its bytes cannot be had.
pub fn open(chosen: &Chosen) -> Result<Read> {
    let name = shown(&chosen.file);
    let hint = match chosen.by {
        By::Name(NamedBy::Argument) => "it was named by --config",
        By::Name(NamedBy::Environment) => "it is named by KEYWARD_CONFIG",
        By::Top | By::User => "--isolated leaves it out",
    };
    let failed = |cause: &dyn std::fmt::Display| Error::new(format!("cannot read {name}")).because(cause).hint(hint);
    let mut bytes = Vec::new();
    let file = File::open(&chosen.file).map_err(|error| failed(&error))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(failed(&"it is no file"));
    }
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > LARGEST {
        return Err(failed(&format!("it is larger than {} MB", LARGEST >> 20)));
    }
    Ok(read(&bytes, &name, Day::today()))
}

/// May nobody here look for names in `folder`?
fn is_closed(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".")).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// The file at the top of what is examined.
fn at_top(target: &Target) -> Result<Option<PathBuf>> {
    let mut found = BTreeSet::new();
    for top in tops(target) {
        let file = top.join(NAME);
        match fs::symlink_metadata(&file) {
            Ok(metadata) if metadata.is_file() => {
                found.insert(file);
            }
            Ok(_) => {
                return Err(Error::new(format!("cannot read {}", shown(&file)))
                    .because("it is no plain file, and a link is not followed")
                    .hint("put a file there, or name one with --config"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // A folder that may not be entered has nothing that could be scanned, and the scan says so.
            Err(_) if is_closed(&top) => {}
            Err(error) => return Err(Error::new(format!("cannot read {}", shown(&file))).because(error)),
        }
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(Error::new("the paths have two configs")
            .because(format!("{} and {}", shown(&first), shown(&second)))
            .hint("scan them one by one, or name one with --config")),
        (first, _) => Ok(first),
    }
}

/// The tops of the work trees that `target` is about; outside of one, the folder itself.
fn tops(target: &Target) -> Vec<PathBuf> {
    let around = |path: &Path| {
        let absolute = fs::canonicalize(path).ok()?;
        let folder = if absolute.is_dir() { absolute } else { absolute.parent()?.to_path_buf() };
        Some(WorkTree::around(&folder).unwrap_or(folder))
    };
    match target {
        Target::Tree(paths, _) => paths.iter().filter_map(|path| around(path)).collect(),
        // These are the working directory's repository, and git's environment may say where its files lie.
        Target::Staged(_) | Target::Message(_) => Repository::top_from_env().into_iter().collect(),
        Target::Stdin => around(Path::new(".")).into_iter().collect(),
        Target::History(scope) => match &scope.folder {
            Some(folder) => around(folder).filter(|top| WorkTree::is_top(top)).into_iter().collect(),
            None => Repository::top_from_env().into_iter().collect(),
        },
    }
}

/// A path as people know it: from the working directory, where it lies below.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize).ok();
    let below = here.and_then(|here| file.strip_prefix(here).ok());
    below.unwrap_or(file).display().to_string()
}
