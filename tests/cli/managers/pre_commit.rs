//! pre-commit and prek, which read the same files.

use super::{Managed, done, guards_commits, refused};
use crate::support::{Folder, Key};
use std::fs;
use std::path::Path;

/// keyward's hook ids, as a repository that a configuration names.
fn hooks() -> Folder {
    let hooks = Folder::repository();
    let ids = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    hooks.stage(".pre-commit-hooks.yaml", ids);
    hooks.commit();
    hooks.git(&["tag", "v1"]);
    hooks
}

fn is_guarded_by(manager: &str, seed: u64) {
    let (hooks, key) = (hooks(), Key::new(seed));
    let config = format!(
        "repos:\n- repo: {}\n  rev: v1\n  hooks: [{{id: keyward}}, {{id: keyward-commit-msg}}, {{id: keyward-pre-push}}]\n",
        hooks.path().display()
    );
    let here = Managed::new(&[(".pre-commit-config.yaml", &config)]);
    let doors = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"];
    let types = doors.iter().flat_map(|door| ["--hook-type", door]);
    done(&here.run(&[manager, "install"].into_iter().chain(types).collect::<Vec<_>>()));
    guards_commits(&here, &key);

    // Nothing is staged, and files are named: all of them, some, those of a range.
    done(&here.run(&[manager, "run", "--all-files"]));
    here.0.stage("old.env", key.env_file());
    here.0.commit();
    refused(&here.run(&[manager, "run", "--all-files"]), "these files hold an AWS credential", "old.env:3:23");
    refused(&here.run(&[manager, "run", "--files", "old.env"]), "these files hold an AWS credential", "old.env:3:23");
    done(&here.run(&[manager, "run", "--files", "README"]));
    let run = here.run(&[manager, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]);
    assert!(run.status == 1 && run.err.contains("old.env:3:23  AWS access key"), "{}", run.err);
    here.0.git(&["rm", "--quiet", "old.env"]);
    done(&here.commit(&[]));

    let run = here.push_two_branches(&key);
    refused(&run, "something that is not pushed yet holds an AWS credential", "old.env:3:23");
}

#[test]
fn under_pre_commit_every_door_is_guarded() {
    is_guarded_by("pre-commit", 960);
}

#[test]
fn under_prek_every_door_is_guarded() {
    is_guarded_by("prek", 961);
}
