//! Objects through git itself: what libgit2 cannot read, or not in pieces.

use super::git_in;
use super::oid::Oid;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// As git names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The kind that git names so.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag].into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// Reads objects through git, one after the other, streamed; the child is started when the first is asked for.
pub struct Reader {
    /// Where git runs; nothing for the working directory and what the environment says.
    folder: Option<PathBuf>,
    batch: Option<Batch>,
}

impl Reader {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, batch: None }
    }

    /// Calls `read` with the kind, the size and the content of an object.
    ///
    /// # Errors
    /// Where git cannot be run, does not have the object or cannot read it, and whatever `read` returns.
    pub fn with_object<T>(
        &mut self,
        id: &Oid,
        read: impl FnOnce(Kind, u64, &mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut batch = match self.batch.take() {
            Some(batch) => batch,
            None => Batch::start(git_in(self.folder.as_deref()))?,
        };
        let result = batch.with_object(id, read);
        // After an error, what is left in the pipe would be taken for the next object.
        self.batch = Some(batch).filter(|_| result.is_ok());
        result
    }
}

/// `git cat-file --batch`.
struct Batch {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Batch {
    fn start(mut git: Command) -> io::Result<Self> {
        git.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = git.spawn()?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("git cat-file has no pipes"));
        };
        Ok(Self { child, requests, answers: BufReader::new(answers) })
    }

    fn with_object<T>(
        &mut self,
        id: &Oid,
        read: impl FnOnce(Kind, u64, &mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        writeln!(self.requests, "{id}")?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let answer = || io::Error::other(format!("git answered '{}'", header.trim()));
        let [_, kind, size] = header.split_ascii_whitespace().collect::<Vec<_>>()[..] else {
            return Err(answer());
        };
        let (kind, size) = Kind::named(kind.as_bytes()).zip(size.parse().ok()).ok_or_else(answer)?;
        let mut content = (&mut self.answers).take(size);
        let result = read(kind, size, &mut content);
        if content.limit() > 0 && result.is_ok() {
            io::copy(&mut content, &mut io::sink())?;
        }
        // The line feed behind the content; without it, git broke off.
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
