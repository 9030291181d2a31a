//! lefthook, with the lines that `keyward hook install` tells to add.

use super::{Managed, done, guards_commits, refused};
use crate::support::Key;

/// The first job is for what git commits, links included; the second for `lefthook run pre-commit --all-files`, and
/// lefthook leaves it out where it has no files.
const CONFIG: &str = "\
pre-commit:
  jobs:
    - run: keyward hook run pre-commit
    - run: keyward hook run pre-commit {staged_files}
pre-merge-commit:
  jobs:
    - run: keyward hook run pre-merge-commit
commit-msg:
  jobs:
    - run: keyward hook run commit-msg {1}
pre-push:
  jobs:
    - run: keyward hook run pre-push {1} {2}
      use_stdin: true
";

#[test]
fn under_lefthook_every_door_is_guarded() {
    let key = Key::new(962);
    let here = Managed::new(&[("lefthook.yml", CONFIG)]);
    done(&here.run(&["lefthook", "install"]));
    guards_commits(&here, &key);

    done(&here.run(&["lefthook", "run", "pre-commit", "--all-files"]));
    here.0.stage("old.env", key.env_file());
    here.0.commit();
    let run = here.run(&["lefthook", "run", "pre-commit", "--all-files"]);
    refused(&run, "these files hold an AWS credential", "old.env:3:23");
    here.0.git(&["reset", "--quiet", "--hard", "HEAD~1"]);

    refused(&here.push_two_branches(&key), "this push would leak an AWS credential", "pushed.env:3:23");
    // Without `use_stdin` lefthook does not hand on what git says; that is no reason to let it pass.
    here.0.write("lefthook.yml", CONFIG.replace("      use_stdin: true\n", ""));
    let run = here.run(&["git", "push", "origin", "a-clean-one", "main"]);
    refused(&run, "something that is not pushed yet holds an AWS credential", "pushed.env:3:23");
}
