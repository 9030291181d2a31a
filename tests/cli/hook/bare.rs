//! A bare repository: what it receives is guarded.

use super::{native_place, older, refuses_a_commit, repository, shown};
use crate::support::{Folder, Key};

/// A bare repository, and one that pushes to it.
fn server() -> (Folder, Folder) {
    let (server, here) = (Folder::new(), repository());
    server.git(&["init", "--quiet", "--bare", "."]);
    here.git(&["remote", "add", "origin", server.path().to_str().unwrap()]);
    (server, here)
}

fn push(here: &Folder, to: &str) -> i32 {
    here.try_git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/{to}")]).status
}

fn refuses_a_push(here: &Folder, seed: u64) -> bool {
    assert_eq!(push(here, "clean"), 0);
    here.stage("leak.env", Key::new(seed).env_file());
    here.commit();
    let refused = push(here, "leak") == 1;
    here.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    refused
}

#[test]
fn installing_in_a_bare_repository_guards_what_it_receives_and_says_so() {
    let (server, here) = server();
    assert!(!refuses_a_push(&here, 160));
    here.git(&["push", "--quiet", "origin", ":leak"]);
    let place = native_place(&server).replace("/.git/hooks", "/hooks");
    let run = server.keyward(&["hook", "install"]);
    assert_eq!(
        (run.status, run.out, run.err.as_str()),
        (
            0,
            format!(
                "nobody commits in a bare repository, so what it receives is guarded: pre-receive\n\
                 installed in {place}: pre-receive\n"
            ),
            ""
        )
    );
    assert!(refuses_a_push(&here, 161));

    let by = server.keyward(&["hook", "status"]);
    assert_eq!(by.status, 0);
    assert!(by.out.starts_with("pre-receive: guarded by "), "{}", by.out);
    assert!(by.out.ends_with("\nupdate: not needed, because pre-receive guards all that is pushed\n"), "{}", by.out);
    let run = server.keyward(&["hook", "uninstall"]);
    assert_eq!((run.status, run.out), (0, format!("taken out of {place}: pre-receive\n")));
    assert!(!refuses_a_push(&here, 162));
}

#[test]
fn the_update_hook_is_enough_for_a_server() {
    let (server, here) = server();
    let run = older(&server, &["status"]);
    assert_eq!(
        (run.status, run.out.as_str()),
        (1, "pre-receive: not guarded\nupdate: not guarded\n  hint: keyward hook install\n")
    );
    assert_eq!(older(&server, &["install", "--hooks", "update"]).status, 0);
    let run = older(&server, &["status"]);
    assert_eq!(
        (run.status, run.out),
        (
            0,
            format!(
                "pre-receive: not needed, because update guards all that is pushed\nupdate: guarded by {}\n",
                shown(&server, "hooks/update")
            )
        )
    );
    assert!(refuses_a_push(&here, 163));
}

#[test]
fn hooks_that_are_named_are_put_into_a_bare_repository_too() {
    let (server, _) = server();
    let run = older(&server, &["install", "--hooks", "pre-commit"]);
    assert_eq!((run.status, run.out), (0, format!("installed in {}: pre-commit\n", shown(&server, "hooks"))));
    // It guards the work trees that hang on it.
    let (work, tree) = (repository(), server.at("tree"));
    work.git(&["push", "--quiet", server.path().to_str().unwrap(), "HEAD:refs/heads/main"]);
    server.git(&["worktree", "add", "--quiet", "-b", "side", tree.to_str().unwrap(), "main"]);
    server.git(&["config", "user.name", "Author"]);
    server.git(&["config", "user.email", "author@example.org"]);
    server.write("tree/a.env", Key::new(164).env_file());
    server.git(&["-C", "tree", "add", "a.env"]);
    assert_eq!(server.try_git(&["-C", "tree", "commit", "--quiet", "--message", "x"]).status, 1);
    assert!(!refuses_a_commit(&work, 165));
}
