//! keyward and AWS: real calls to a real server, which is moto, and to a stub before it for what moto cannot do.

mod cloud;
mod deactivate;
mod story;
mod stub;
mod triage;
mod verify;

use crate::support::{Folder, KEYWARD, Key, Run};
use cloud::{cloud, holds_no_secret, keep_secret, python};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Somebody's desk: a folder that is their home, too, and an AWS that is not AWS.
struct Desk {
    here: Folder,
    endpoint: String,
}

impl Desk {
    /// Before moto.
    fn new() -> Self {
        Self::at(&cloud().url)
    }

    /// Before another server.
    fn at(endpoint: &str) -> Self {
        Self { here: Folder::new(), endpoint: endpoint.to_owned() }
    }

    /// Somebody here is a responder, as a profile of this name.
    fn with_profile(self, name: &str, key: &Key) -> Self {
        let text = format!("[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id, key.secret);
        self.here.write(".aws/credentials", text);
        self
    }

    /// keyward here, without credentials and without the machine that it may run on.
    fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(KEYWARD, arguments)
    }

    /// The same of a program that runs keyward.
    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.here.command(program);
        command.args(arguments).env("AWS_ENDPOINT_URL", &self.endpoint).env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Runs keyward, and looks for secrets in all that it leaves behind.
    fn keyward(&self, arguments: &[&str]) -> Run {
        self.done(self.command(arguments).output().unwrap().into())
    }

    /// The same with something on standard input.
    fn keyward_reading(&self, input: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may end before it has read everything.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        self.done(child.wait_with_output().unwrap().into())
    }

    /// The same at a terminal, where somebody types this.
    fn keyward_typing(&self, answer: &str, arguments: &[&str]) -> Run {
        let as_usual = self.command(arguments);
        let mut command = Command::new(python());
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/aws/terminal.py")).arg(answer);
        command.arg(as_usual.get_program()).args(as_usual.get_args());
        command.current_dir(as_usual.get_current_dir().unwrap()).env_clear();
        command.envs(as_usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.done(command.output().unwrap().into())
    }

    fn done(&self, run: Run) -> Run {
        holds_no_secret(&run.out, "standard output");
        holds_no_secret(&run.err, "standard error");
        for file in files(&self.here.at(".local")) {
            holds_no_secret(&fs::read_to_string(&file).unwrap(), &file.display().to_string());
        }
        run
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// A pair that no server knows.
fn stranger(seed: u64) -> Key {
    let key = Key::new(seed);
    keep_secret(&key.secret);
    key
}
