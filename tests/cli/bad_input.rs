//! Bad input: a clear message, the right status, and nothing that hangs or panics.

use crate::support::{Folder, Key, Run};
use serde_json::json;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_path_that_does_not_exist_is_named_and_the_rest_is_scanned() {
    let (here, key) = (Folder::new(), Key::new(300));
    here.write("a/x", "nothing\n");
    let run = here.keyward(&["scan", "a", "gone"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.err,
        "keyward: incomplete: gone: no such file or directory\n\
         no credentials in the part that was examined (1 file, 8 bytes)\n"
    );
    // A finding weighs more, and the gap is still said.
    here.write("a/.env", key.env_file());
    let run = here.keyward(&["scan", "a", "gone"]);
    assert_eq!(run.status, 1);
    assert!(run.err.starts_with("keyward: incomplete: gone: "), "{}", run.err);
}

#[test]
fn a_folder_without_files_and_one_of_ignored_files_only_are_not_clean() {
    let here = Folder::new();
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("no file was examined"), "{}", run.err);

    here.init("repo");
    here.write("repo/sub/.gitignore", "*\n");
    here.write("repo/sub/a", "x\n");
    let run = here.keyward(&["scan", "repo/sub"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("hint: keyward scan --no-ignore examines them"), "{}", run.err);
}

#[test]
fn staged_outside_a_repository_and_in_a_bare_one_says_what_is_wrong() {
    let here = Folder::new();
    let run = here.keyward(&["scan", "--staged"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            2,
            "keyward: not a git repository (nor any of its parents)\n  \
             hint: keyward scan PATH examines files without git\n"
        )
    );
    here.git(&["init", "--quiet", "--bare", "bare.git"]);
    let run = here.keyward_in("bare.git", &["scan", "--staged"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (
            2,
            "keyward: a bare repository has no index, so nothing can be staged in it\n  hint: run this in a work tree\n"
        )
    );
    assert_eq!(here.keyward(&["hook", "install"]).status, 2);
}

#[test]
fn a_damaged_index_head_or_repository_is_an_error() {
    let here = Folder::repository();
    here.stage("a", "x\n");
    here.commit();
    here.write(".git/index", "damaged");
    let run = here.keyward(&["scan", "--staged"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: git diff-index failed\n  caused by: "), "{}", run.err);
    // A tree scan needs the index to spare something: without it nothing is spared.
    here.write(".gitignore", "b\n");
    here.write("b", Key::new(301).env_file());
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("ignored files in"), "{}", run.err);

    here.write(".git/HEAD", "ref: refs/heads/../../x\n");
    assert_eq!(here.keyward(&["scan", "--staged"]).status, 2);
}

#[test]
fn names_that_are_no_utf8_or_steer_a_terminal_are_reported_exactly_and_harmlessly() {
    let (here, key) = (Folder::new(), Key::new(302));
    let hostile = "a\x1b[2J\n\u{202e}gnp.env";
    here.write(hostile, key.env_file());
    here.write(OsStr::from_bytes(b"latin-\xe9.env"), key.env_file());
    let run = here.keyward(&["scan"]);
    let heads: Vec<_> = run.out.lines().filter(|line| line.contains("AWS access key")).collect();
    assert!(heads[0].starts_with("a\\u{1b}[2J\\n\\u{202e}gnp.env:3:23"), "{}", run.out);
    assert!(heads[1].starts_with("latin-\u{fffd}.env:3:23"), "{}", run.out);

    let objects = here.scan(&[]).objects();
    assert_eq!(objects[0]["locations"][0]["path"], json!(hostile));
    assert_eq!(objects[1]["locations"][0]["path"], json!("latin-\u{fffd}.env"));
    assert_eq!(objects[1]["locations"][0]["path_base64"], json!("bGF0aW4t6S5lbnY="));
}

#[test]
fn content_that_is_no_utf8_has_true_columns() {
    let (here, key) = (Folder::new(), Key::new(303));
    here.write("a.txt", [b"cl\xe9 \xff\x00 ", key.id.as_bytes(), b" ", key.secret.as_bytes()].concat());
    let places = here.scan(&[]).objects()[0]["locations"].clone();
    assert_eq!((&places[1]["column"], &places[0]["column"]), (&json!(8), &json!(29)));
}

#[test]
fn a_line_of_five_megabytes_is_found_in_and_shown_in_part() {
    let (here, key) = (Folder::new(), Key::new(304));
    let half = "function a(e,t){return e.x(t)};".repeat(80_000);
    here.write("app.min.js", format!("{half}c={{id:\"{}\",secret:\"{}\"}};{half}", key.id, key.secret));
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 1);
    assert!(run.out.lines().all(|line| line.len() < 120), "{}", run.out);
    assert!(run.out.starts_with(&format!("app.min.js:1:{}  ", half.len() + 38)), "{}", run.out);
}

#[test]
fn pipes_and_sockets_are_passed_over_and_counted() {
    let here = Folder::new();
    here.write("a", "x\n");
    assert!(here.command("mkfifo").arg("pipe").status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(here.at("socket")).unwrap();
    let run = here.scan(&[]);
    assert_eq!((run.status, &run.summary()["special"]), (0, &json!(2)));
}

#[test]
fn what_may_not_be_read_is_named_and_makes_the_scan_incomplete() {
    let here = Folder::new();
    here.write("closed", "x\n");
    here.write("folder/y", "y\n");
    here.write("open", "z\n");
    fs::set_permissions(here.at("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(here.at("folder"), fs::Permissions::from_mode(0o000)).unwrap();
    // Nobody keeps root from reading: drop to another user then.
    let run: Run = if fs::read(here.at("closed")).is_ok() {
        fs::set_permissions(here.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let binary = here.at("keyward");
        // By a child: a file that this process has open for writing may reach another test's child, and is "busy" then.
        assert!(here.command("cp").arg(crate::support::KEYWARD).arg(&binary).status().unwrap().success());
        let user = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
        here.command("setpriv")
            .args(user)
            .arg(&binary)
            .args(["scan", "closed", "folder", "open"])
            .output()
            .unwrap()
            .into()
    } else {
        here.keyward(&["scan", "closed", "folder", "open"])
    };
    fs::set_permissions(here.at("folder"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run.status, 2);
    assert_eq!(
        run.err,
        "keyward: incomplete: closed: permission denied\nkeyward: incomplete: folder: permission denied\n\
         no credentials in the part that was examined (1 file, 2 bytes)\n"
    );
}

#[test]
fn mistyped_flags_are_errors_with_a_suggestion() {
    let here = Folder::new();
    let run = here.keyward(&["scan", "--stagged"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("--staged"), "{}", run.err);
    assert_eq!(here.keyward(&["scan", "--staged", "path"]).status, 2);
    assert_eq!(here.keyward(&["scan", "-", "path"]).status, 2);
    assert_eq!(here.keyward(&[]).status, 2);
    assert_eq!(here.keyward(&["--version"]).out, format!("keyward {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn git_that_cannot_be_found_is_said() {
    let here = Folder::repository();
    here.stage("a", "x\n");
    let mut command = here.command(crate::support::KEYWARD);
    let run: Run = command.env("PATH", "/nowhere").args(["scan", "--staged"]).output().unwrap().into();
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: could not run git\n"), "{}", run.err);
}

#[test]
fn a_pipe_that_somebody_names_is_not_passed_over_in_silence() {
    let here = Folder::new();
    here.write("a", "x\n");
    assert!(here.command("mkfifo").arg("pipe").status().unwrap().success());
    let run = here.keyward(&["scan", "a", "pipe"]);
    assert_eq!(run.status, 2);
    assert!(run.err.starts_with("keyward: incomplete: pipe: a pipe or a device"), "{}", run.err);
}

#[test]
fn a_tree_in_which_everything_is_ignored_is_not_clean_though_the_configuration_was_read() {
    let here = Folder::repository();
    here.write(".git/info/exclude", "*\n");
    here.write("prod.env", Key::new(310).env_file());
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("all files are untracked and ignored"), "{}", run.err);
}

#[test]
fn names_in_errors_and_notes_cannot_steer_a_terminal() {
    let here = Folder::repository();
    here.git(&["config", "core.hooksPath", "/nowhere/\x1b[31mX"]);
    let run = here.keyward_with_older_git(&["hook", "install", "--color", "always"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("\\u{1b}[31mX") && !run.err.contains('\x1b'), "{}", run.err);
    let run = here.keyward_with_older_git(&["hook", "status", "--color", "always"]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("\\u{1b}[31mX") && !run.out.contains('\x1b'), "{}", run.out);
}
