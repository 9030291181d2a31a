//! What is made of the definition of the command line: completions and manual pages.

use crate::error::{Error, Result};
use clap::Command;
pub(super) use clap_complete::Shell;

/// Where completions belong, for `--help`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  keyward completions bash > ~/.local/share/bash-completion/completions/keyward
  keyward completions zsh > ~/.zfunc/_keyward
  keyward completions fish > ~/.config/fish/completions/keyward.fish";

/// How the manual is read, for `--help`.
pub(super) const MAN: &str = "\
Examples:
  keyward man | man -l -
  keyward man scan | man -l -
  keyward man hook-install > ~/.local/share/man/man1/keyward-hook-install.1";

/// The completions for a shell.
pub(super) fn completions(mut cli: Command, shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut cli, "keyward", &mut text);
    text
}

/// The manual page of keyward, or of one of its commands (`scan`, `hook-install`).
///
/// # Errors
/// Where there is no such command.
pub(super) fn man(mut cli: Command, command: Option<&str>) -> Result<Vec<u8>> {
    cli.build();
    let mut names = command.into_iter().flat_map(|names| names.split('-'));
    let page = names.try_fold(&cli, |page, name| page.find_subcommand(name));
    let page = page.ok_or_else(|| {
        Error::new(format!("there is no command '{}'", command.unwrap_or_default().replace('-', " ")))
            .hint("keyward --help names them")
    })?;
    let mut text = Vec::new();
    let rendered = clap_mangen::Man::new(page.clone()).render(&mut text);
    rendered.map_err(|error| Error::new("could not write the manual page").because(error))?;
    Ok(text)
}
