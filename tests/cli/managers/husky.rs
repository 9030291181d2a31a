//! husky, alone and with lint-staged.

use super::{Managed, done, guards_commits, refused};
use crate::support::{Folder, Key};

/// husky, and in its files what keyward tells to write there.
fn with_husky(before: &str) -> Managed {
    let package = "{\"name\": \"x\", \"lint-staged\": {\"*\": \"keyward hook run pre-commit\"}}\n";
    let here = Managed::new(&[("package.json", package)]);
    done(&here.run(&["husky"]));
    here.0.write(".husky/pre-commit", before);
    let told = here.0.keyward_with_older_git(&["hook", "install"]);
    assert_eq!(told.status, 2);
    assert!(told.err.ends_with("hint: these commands make husky's files call keyward\n"), "{}", told.err);
    done(&here.run(&["sh", "-c", &told.out]));
    here.0.git(&["add", ".husky"]);
    here.0.commit();
    assert_eq!(here.0.keyward_with_older_git(&["hook", "status"]).status, 0);
    here
}

fn write(here: &Folder, door: &str, script: &str) {
    here.stage(&format!(".husky/{door}"), script);
    here.commit();
}

#[test]
fn under_husky_every_door_is_guarded() {
    let (here, key) = (with_husky(""), Key::new(963));
    guards_commits(&here, &key);
    refused(&here.push_two_branches(&key), "this push would leak an AWS credential", "pushed.env:3:23");
}

#[test]
fn beside_lint_staged_every_door_is_guarded() {
    guards_commits(&with_husky("lint-staged\n"), &Key::new(964));
}

#[test]
fn what_lint_staged_hides_and_hands_over_is_judged_as_it_is_staged() {
    let (here, key) = (with_husky(""), Key::new(965));
    write(&here.0, "pre-commit", "lint-staged\n");
    here.0.stage("a.env", key.env_file());
    here.0.write("a.env", "clean\n");
    refused(&here.commit(&[]), "this commit would leak an AWS credential", "a.env:3:23");
    here.0.stage("a.env", "clean\n");
    here.0.write("a.env", key.env_file());
    done(&here.commit(&[]));
}
