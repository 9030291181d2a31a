//! The binary: parse, run, print the error, exit.

use keyward::error::ExitStatus;
use keyward::{Streams, cli};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let invocation = match cli::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(help_or_misuse) => {
            // A closed pipe behind --help is nothing to speak of.
            let _ = help_or_misuse.print();
            return if help_or_misuse.use_stderr() { ExitStatus::Error } else { ExitStatus::Clean }.into();
        }
    };
    let (command, color) = match invocation {
        Ok(invocation) => (Ok(invocation.command), invocation.color),
        Err(error) => (Err(error), anstream::ColorChoice::Auto),
    };
    let mut out = anstream::AutoStream::new(std::io::stdout(), color);
    let mut err = anstream::AutoStream::new(std::io::stderr(), color);
    let watched = std::io::stderr().is_terminal();
    let attended = watched && std::io::stdin().is_terminal();
    let result = command.and_then(|command| {
        let mut input = std::io::stdin();
        let mut streams = Streams { input: &mut input, out: &mut out, err: &mut err, watched, attended };
        keyward::run(&command, &mut streams)
    });
    let status = result.unwrap_or_else(|error| {
        // There is nobody left to tell if standard error is closed.
        let _ = writeln!(err, "keyward: {error}");
        ExitStatus::Error
    });
    status.into()
}
