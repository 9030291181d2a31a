//! keyward under the managers that people already run their hooks with, all of them real.

mod husky;
mod lefthook;
mod pre_commit;

use crate::support::{Folder, KEYWARD, Key, Run, installed};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::LazyLock;

/// The PATH on which the managers and keyward are.
static PATH: LazyLock<OsString> = LazyLock::new(|| {
    let tools = installed("managers", "managers-1");
    let folders = [
        Path::new(KEYWARD).parent().unwrap().to_path_buf(),
        tools.join("python/bin"),
        tools.join("node/node_modules/.bin"),
    ];
    let machine = std::env::var_os("PATH").unwrap();
    std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&machine))).unwrap()
});

/// A repository with one commit, in which commands find the managers.
struct Managed(Folder);

impl Managed {
    fn new(files: &[(&str, &str)]) -> Self {
        let here = Folder::repository();
        here.stage("README", "hello\n");
        for (path, content) in files {
            here.stage(path, content);
        }
        here.commit();
        Self(here)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.0.command(arguments[0]);
        let output = command.env("PATH", &*PATH).args(&arguments[1..]).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        // Managers speak on either stream.
        Run {
            status: output.status.code().unwrap(),
            out: String::new(),
            err: text(&output.stdout) + &text(&output.stderr),
        }
    }

    fn commit(&self, arguments: &[&str]) -> Run {
        self.run(&[&["git", "commit", "--message", "change"], arguments].concat())
    }

    /// Two branches, of which the second, `main`, brings a key; pushed at once.
    fn push_two_branches(&self, key: &Key) -> Run {
        self.0.git(&["init", "--quiet", "--bare", "remote.git"]);
        self.0.git(&["remote", "add", "origin", "remote.git"]);
        self.0.git(&["branch", "a-clean-one"]);
        self.0.stage("pushed.env", key.env_file());
        self.0.commit();
        self.run(&["git", "push", "origin", "a-clean-one", "main"])
    }

    /// A branch `side` with a key that only local commits hold, to be merged.
    fn merge(&self, key: &Key) -> Run {
        self.0.git(&["switch", "--quiet", "--create", "side"]);
        self.0.stage("side.env", key.env_file());
        self.0.commit();
        self.0.git(&["switch", "--quiet", "main"]);
        self.0.stage("other", "x\n");
        self.0.commit();
        let run = self.run(&["git", "merge", "--no-edit", "side"]);
        self.0.try_git(&["merge", "--abort"]);
        run
    }

    /// A link whose target is the key, alone in a commit.
    fn stage_link(&self, key: &Key) {
        symlink(&key.id, self.0.at("link")).unwrap();
        self.0.git(&["add", "link"]);
    }

    fn unstage(&self) {
        self.0.git(&["reset", "--quiet", "--hard"]);
    }
}

fn refused(run: &Run, what: &str, place: &str) {
    assert_ne!(run.status, 0, "{}", run.err);
    assert!(run.err.contains(&format!("keyward: {what}")) && run.err.contains(place), "{}", run.err);
}

fn done(run: &Run) {
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(!run.err.contains("AWS access key"), "{}", run.err);
}

/// What every manager must do at a commit: clean, with a key, cleaned on disk, in a message.
fn guards_commits(here: &Managed, key: &Key) {
    let commit = "this commit would leak an AWS credential";
    here.0.stage("README", "changed\n");
    done(&here.commit(&[]));
    here.0.stage("a.env", key.env_file());
    refused(&here.commit(&[]), commit, "a.env:3:23");
    here.0.write("a.env", "clean\n");
    refused(&here.commit(&[]), commit, "a.env:3:23");
    here.unstage();
    here.stage_link(key);
    refused(&here.commit(&[]), commit, "link:1:1");
    here.unstage();
    here.0.stage("README", "changed again\n");
    let run = here.run(&["git", "commit", "--message", &key.env_file()]);
    refused(&run, "the message of this commit holds an AWS credential", "COMMIT_EDITMSG:3:23");
    here.unstage();
    refused(&here.merge(key), "this", "side.env:3:23");
}
