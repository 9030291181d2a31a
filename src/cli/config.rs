//! `keyward config`, and which config counts: its arguments, and what the environment says.

use super::variable;
use crate::config::{Command, ConfigAction, ConfigChoice, Destination, NamedBy};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// For `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  keyward config check                      all that is wrong, at once
  keyward config check --config other.toml
  keyward config show                       what counts, and why
  keyward config init                       a file to begin with
  keyward config schema > keyward.schema.json
  keyward config import                     what .gitleaks.toml and others accept

The config is the file that --config names, or KEYWARD_CONFIG; else .keyward.toml
at the top of the work tree; else keyward/config.toml in XDG_CONFIG_HOME.";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Tell all that is wrong with the config
    Check(ConfigArgs),
    /// Tell what counts, and where each setting comes from
    Show(ConfigArgs),
    /// Write a commented .keyward.toml at the top of the work tree
    Init,
    /// Print the JSON schema of the config, for editors
    Schema,
    /// Make .keyward.toml of what was accepted for other scanners
    ///
    /// Without FILE: .betterleaks.toml, .gitleaks.toml, .gitleaksignore, .secrets.baseline and .secretsignore at the
    /// top of the work tree. What cannot be carried over is listed.
    Import {
        /// Files of gitleaks, betterleaks, detect-secrets or ripsecrets
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print it instead
        #[arg(long)]
        stdout: bool,
    },
}

/// Which config counts.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Follow this config, and no other
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,

    /// Follow no config
    #[arg(long)]
    isolated: bool,
}

impl ConfigArgs {
    /// What was asked for, here and in the environment.
    pub(super) fn choice(&self) -> ConfigChoice {
        match &self.config {
            _ if self.isolated => ConfigChoice::BuiltIn,
            Some(file) => ConfigChoice::Named { file: file.clone(), by: NamedBy::Argument },
            None => found(),
        }
    }
}

/// What counts where nobody says so on the command line.
pub(super) fn found() -> ConfigChoice {
    match variable("KEYWARD_CONFIG") {
        Some(file) => ConfigChoice::Named { file: file.into(), by: NamedBy::Environment },
        None => ConfigChoice::Found { user: folder().map(|folder| folder.join("config.toml")) },
    }
}

/// Where the user keeps what is keyward's.
pub(super) fn folder() -> Option<PathBuf> {
    // A relative path is to be ignored: XDG Base Directory Specification.
    let configuration = variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = || variable("HOME").map(PathBuf::from).map(|home| home.join(".config"));
    Some(configuration.or_else(home)?.join("keyward"))
}

/// What is asked of `keyward config`.
pub(super) fn understand(verb: &Verb) -> Command {
    match verb {
        Verb::Check(arguments) => Command::Config(ConfigAction::Check(arguments.choice())),
        Verb::Show(arguments) => Command::Config(ConfigAction::Show(arguments.choice())),
        Verb::Init => Command::Config(ConfigAction::Init),
        Verb::Schema => Command::Config(ConfigAction::Schema),
        Verb::Import { files, stdout } => Command::Config(ConfigAction::Import {
            files: files.clone(),
            into: if *stdout { Destination::Output } else { Destination::File },
        }),
    }
}
