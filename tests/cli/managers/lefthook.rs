//! lefthook, with the lines that `keyward hook install` tells to add.

use super::{Managed, done, guards_commits, refused};
use crate::support::Key;

#[test]
fn under_lefthook_every_door_is_guarded() {
    let key = Key::new(962);
    let here = Managed::new(&[("lefthook.yml", "# all of it comes from keyward\n")]);
    let told = here.0.keyward_with_older_git(&["hook", "install"]);
    assert_eq!(told.status, 2);
    assert!(told.err.ends_with("hint: add these lines to lefthook.yml, then run lefthook install\n"), "{}", told.err);
    here.0.stage("lefthook.yml", &told.out);
    here.0.commit();
    done(&here.run(&["lefthook", "install"]));
    assert_eq!(here.0.keyward_with_older_git(&["hook", "status"]).status, 0);
    guards_commits(&here, &key);

    done(&here.run(&["lefthook", "run", "pre-commit", "--all-files"]));
    here.0.stage("old.env", key.env_file());
    here.0.commit();
    let run = here.run(&["lefthook", "run", "pre-commit", "--all-files"]);
    refused(&run, "these files hold an AWS credential", "old.env:3:23");
    here.0.git(&["reset", "--quiet", "--hard", "HEAD~1"]);

    refused(&here.push_two_branches(&key), "this push would leak an AWS credential", "pushed.env:3:23");
    // Without `use_stdin` lefthook does not hand on what git says; that is no reason to let it pass.
    here.0.write("lefthook.yml", told.out.replace("      use_stdin: true\n", ""));
    let run = here.run(&["git", "push", "origin", "a-clean-one", "main"]);
    refused(&run, "something that is not pushed yet holds an AWS credential", "pushed.env:3:23");
}
