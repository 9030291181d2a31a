//! A repository whose configuration names commands, scanned through every door: none of them runs.

use super::{commit_file, guarded};
use crate::support::{Folder, KEYWARD, Key, Run};
use std::process::Stdio;

/// Settings that make git run a command, somewhere.
const COMMANDS: [&str; 28] = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.marker.command",
    "diff.marker.textconv",
    "filter.marker.clean",
    "filter.marker.smudge",
    "filter.marker.process",
    "gpg.program",
    "gpg.ssh.program",
    "hook.marker.command",
    "interactive.diffFilter",
    "merge.marker.driver",
    "pager.diff",
    "pager.rev-list",
    "pager.cat-file",
    "pager.diff-index",
    "pager.config",
    "sequence.editor",
    "trailer.marker.cmd",
    "uploadpack.packObjectsHook",
    "remote.promised.uploadpack",
];

/// A repository with a key on every side, which promises objects by a remote that is a command.
fn hostile(key: &Key) -> Folder {
    let here = guarded();
    here.stage(".gitattributes", "* diff=marker filter=marker merge=marker\n");
    commit_file(&here, "a.env", &key.env_file());
    here.git(&["tag", "--annotate", "v1", "--message", "one"]);
    here.stage("b.env", key.env_file());
    here.write("message", key.env_file());
    let touch = format!("touch '{}'", here.at("marker").display());
    for name in COMMANDS {
        here.git(&["config", name, &touch]);
    }
    for (name, value) in [
        ("remote.promised.url", format!("ext::{touch}")),
        ("remote.promised.promisor", "true".to_owned()),
        ("remote.promised.partialCloneFilter", "blob:none".to_owned()),
        ("protocol.ext.allow", "always".to_owned()),
        ("log.showSignature", "true".to_owned()),
        ("fetch.recurseSubmodules", "true".to_owned()),
    ] {
        here.git(&["config", name, &value]);
    }
    for event in ["pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        here.git(&["config", "--add", "hook.marker.event", event]);
    }
    here
}

#[test]
fn no_command_that_a_repository_names_is_run_at_any_door() {
    let key = Key::new(950);
    let here = hostile(&key);
    let oid = |name: &str| {
        let plain = Folder::new();
        let mut git = plain.command("git");
        let arguments = ["-c", "core.fsmonitor=false", "-C", here.path().to_str().unwrap(), "rev-parse", name];
        let run: Run = git.args(arguments).output().unwrap().into();
        run.out.trim().to_owned()
    };
    let (old, new, tag, zero) = (oid("HEAD~1"), oid("HEAD"), oid("v1"), "0".repeat(40));
    let run = |arguments: &[&str], input: &str| -> Run {
        let mut keyward = here.command(KEYWARD);
        keyward.args(["hook", "run"]).args(arguments).env(format!("GITHEAD_{new}"), "side");
        let mut child = keyward.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A hook that does not read its input may be gone already.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        child.wait_with_output().unwrap().into()
    };
    let pushed = format!("refs/heads/main {new} refs/heads/main {old}\nrefs/tags/v1 {tag} refs/tags/v1 {zero}\n");
    for (arguments, input) in [
        (&["pre-commit"][..], ""),
        (&["pre-merge-commit"], ""),
        (&["commit-msg", "message"], ""),
        (&["pre-push", "promised", "ext::x"], &pushed[..]),
        (&["pre-push", "ext::x", "ext::x"], &pushed),
    ] {
        let run = run(arguments, input);
        assert_eq!(run.status, 1, "{arguments:?}: {}", run.err);
        assert!(!here.at("marker").exists(), "{arguments:?}");
    }
    // All refs have these already, so that nothing is new; what matters is the marker.
    for (arguments, input) in [
        (&["pre-receive"][..], &format!("{old} {new} refs/heads/main\n")[..]),
        (&["update", "refs/heads/main", &old, &new], ""),
        (&["pre-commit", "a.env"], ""),
    ] {
        run(arguments, input);
        assert!(!here.at("marker").exists(), "{arguments:?}");
    }
    for arguments in [&["scan", "."][..], &["scan", "--staged"], &["scan", "--history"], &["hook", "status"]] {
        here.keyward(arguments);
        assert!(!here.at("marker").exists(), "{arguments:?}");
    }
}
