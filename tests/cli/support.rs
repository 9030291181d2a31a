//! Real repositories in a line or two, and keyward run in them as a user runs it.
//!
//! Nothing of the machine's own git configuration reaches a test. Credentials are made at run time, so that a scan
//! of these sources finds none.

use keyward::credential::Fingerprint;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The account in every key ID that [`Key`] makes.
pub const ACCOUNT: &str = "123456789012";

/// A fresh pair.
#[derive(Debug, Clone)]
pub struct Key {
    pub id: String,
    pub secret: String,
}

impl Key {
    /// The pair that belongs to `seed`: random characters, the same in every run.
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // The first eight characters hold the account but for its last bit, which the ninth brings: 0 from A to P.
        let id = format!("AKIA{}{}{}", "RZPUZDIK", random.text(&BASE32[..16], 1), random.text(BASE32, 7));
        Self { id, secret: random.text(BASE64, 40) }
    }

    /// The secret as reports show it.
    pub fn starred(&self) -> String {
        format!("{}{}", &self.secret[..4], "*".repeat(36))
    }

    /// The start of its fingerprint, as reports for people show it.
    pub fn fingerprint(&self) -> String {
        Fingerprint::of(&self.secret).short().to_owned()
    }

    /// An environment file that holds the pair, on its lines 2 and 3.
    pub fn env_file(&self) -> String {
        format!("PORT=80\nAWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", self.id, self.secret)
    }
}

pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A small seeded generator (xorshift64*): tests need the same text in every run, not unpredictable text.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % bound
    }

    pub fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}

/// What a command left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// The objects of a jsonl report.
    pub fn objects(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// `path:line key_id` of each finding in a jsonl report.
    pub fn found(&self) -> Vec<String> {
        let findings = self.objects().into_iter().filter(|object| object["type"] == "finding");
        findings
            .map(|finding| {
                let place = &finding["locations"][0];
                let id = finding["key_id"].as_str().unwrap_or("-");
                format!("{}:{} {id}", place["path"].as_str().unwrap(), place["line"])
            })
            .collect()
    }

    /// The summary of a jsonl report.
    pub fn summary(&self) -> serde_json::Value {
        self.objects().into_iter().find(|object| object["type"] == "summary").unwrap()
    }
}

/// A folder that goes away with the test.
pub struct Folder {
    dir: tempfile::TempDir,
    /// Do commands have a home, `home` below, with a configuration of git's in it?
    has_home: bool,
}

impl Folder {
    pub fn new() -> Self {
        Self { dir: tempfile::Builder::new().prefix("keyward-test-").tempdir().unwrap(), has_home: false }
    }

    /// A repository whose user has a home, which is the folder `home` in it.
    pub fn repository_with_home() -> Self {
        let folder = Self { has_home: true, ..Self::new() };
        folder.write("home/.gitconfig", "");
        folder.init(".");
        folder
    }

    /// A folder with a repository in it, on branch `main`, that knows its author.
    pub fn repository() -> Self {
        let folder = Self::new();
        folder.init(".");
        folder
    }

    pub fn init(&self, path: &str) {
        self.git(&["init", "--quiet", "--initial-branch=main", path]);
        self.git(&["-C", path, "config", "user.name", "Author"]);
        self.git(&["-C", path, "config", "user.email", "author@example.org"]);
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// Writes a file and stages it.
    pub fn stage(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "--force", "--", path]);
    }

    /// Runs git and expects it to succeed.
    pub fn git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        let run = self.try_git(arguments);
        assert_eq!(run.status, 0, "git {:?}: {}", arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>(), run.err);
        run
    }

    /// Runs git, which may refuse.
    pub fn try_git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        self.command("git").args(arguments).output().unwrap().into()
    }

    /// Commits what is staged, past the hooks.
    pub fn commit(&self) {
        self.git(&["commit", "--quiet", "--no-verify", "--message", "change"]);
    }

    /// Runs keyward here.
    pub fn keyward(&self, arguments: &[&str]) -> Run {
        self.keyward_in(".", arguments)
    }

    /// Runs keyward in a folder below.
    pub fn keyward_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(KEYWARD);
        command.current_dir(self.at(folder)).args(arguments).output().unwrap().into()
    }

    /// Runs keyward with a git that calls itself 2.39, and so runs no hooks from its configuration.
    pub fn keyward_with_older_git(&self, arguments: &[&str]) -> Run {
        self.keyward_in_with_older_git(".", arguments)
    }

    pub fn keyward_in_with_older_git(&self, folder: &str, arguments: &[&str]) -> Run {
        let mut command = self.command_with_older_git(KEYWARD);
        command.current_dir(self.at(folder)).args(arguments).output().unwrap().into()
    }

    pub fn command_with_older_git(&self, program: &str) -> Command {
        let path = [older_git().as_os_str(), std::env::var_os("PATH").unwrap().as_os_str()].join(OsStr::new(":"));
        let mut command = self.command(program);
        command.env("PATH", path);
        command
    }

    /// Runs keyward with something on its standard input.
    pub fn keyward_reading(&self, input: impl Into<Vec<u8>>, arguments: &[&str]) -> Run {
        let mut command = self.command(KEYWARD);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.into();
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut pipe, &input));
        let run = child.wait_with_output().unwrap().into();
        writer.join().unwrap().unwrap();
        run
    }

    /// A jsonl scan of this folder.
    pub fn scan(&self, arguments: &[&str]) -> Run {
        self.keyward(&[&["scan", "--format", "jsonl"], arguments].concat())
    }

    /// A command in this folder that knows nothing of the machine.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", self.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        if self.has_home {
            command.env("HOME", self.at("home")).env_remove("GIT_CONFIG_GLOBAL");
        }
        command
    }
}

/// Does the git on the PATH run the hooks that its configuration names, as it does from 2.54 on?
pub fn git_runs_configured_hooks() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let said = Command::new("git").arg("version").output().unwrap().stdout;
        let said = String::from_utf8(said).unwrap();
        let mut numbers = said.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok());
        (numbers.next().unwrap(), numbers.next().unwrap()) >= (2, 54)
    })
}

/// A folder with a git that calls itself 2.39 and is otherwise the one on the PATH.
fn older_git() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let paths = std::env::var_os("PATH").unwrap();
        let git = std::env::split_paths(&paths).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
        let name = format!("older{}", git.display().to_string().replace('/', "-"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in\n*' version') echo 'git version 2.39.5' ;;\n*) exec '{}' \"$@\" ;;\nesac\n",
            git.display()
        );
        // A child writes it, so that no other test's child holds it open for writing.
        let mut shell = Command::new("sh");
        shell.args(["-c", "mkdir -p \"$0\" && cd \"$0\" && printf %s \"$1\" >new && chmod 755 new && mv new git"]);
        assert!(shell.arg(&folder).arg(script).status().unwrap().success());
        folder
    })
}

/// The folder with what `setup.sh` in a folder of tests installs, once, as long as the stamp stays the same.
pub fn installed(tests: &str, stamp: &str) -> PathBuf {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join(stamp);
    if tools.exists() {
        return tools;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/{tests}/setup.sh"));
    let unfinished = tools.with_extension("unfinished");
    let install = || {
        // What an interrupted run left.
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished).unwrap();
        Command::new("sh").arg(&script).arg(&unfinished).output().unwrap()
    };
    let mut run = install();
    if !run.status.success() {
        // A registry may have had a bad moment.
        run = install();
    }
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    // A virtual environment knows its path, so the finished folder is a name for the other.
    symlink(&unfinished, &tools).unwrap();
    tools
}

/// The binary under test.
pub const KEYWARD: &str = env!("CARGO_BIN_EXE_keyward");
