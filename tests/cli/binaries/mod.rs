//! Databases, and files of strings behind lengths: made by SQLite, Python and javac themselves.

mod damaged;
mod databases;
mod strings;

use crate::support::Folder;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// Makes files with the tools whose they are: see `run.py`.
fn make(here: &Folder, steps: &Value) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/binaries/run.py");
    let mut python = here.command("python3").arg(script).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(steps.to_string().as_bytes()).unwrap();
    assert!(python.wait().unwrap().success(), "{steps}");
}
