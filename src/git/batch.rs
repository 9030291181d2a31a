//! Blobs that libgit2 cannot read, or not in pieces.

use super::{could_not_run, guarded};
use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// `git cat-file --batch`: blobs one after the other through one child, streamed.
pub(super) struct Batch {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    pub(super) fn start() -> Result<Self> {
        let mut child = guarded()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| could_not_run(&error))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::new("git cat-file has no pipes"));
        };
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    pub(super) fn with_blob<T>(
        &mut self,
        id: &str,
        read: impl FnOnce(&mut dyn Read) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        writeln!(self.requests, "{id}")?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = match header.split_ascii_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse().map_err(std::io::Error::other)?,
            _ => return Err(std::io::Error::other(format!("git answered '{}'", header.trim()))),
        };
        let mut content = (&mut self.answers).take(size);
        let result = read(&mut content);
        if content.limit() > 0 && result.is_ok() {
            std::io::copy(&mut content, &mut std::io::sink())?;
        }
        // The line feed behind the content.
        self.answers.read_exact(&mut [0])?;
        result
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It only reads: there is nothing to lose, and a child that is not waited for would stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
