//! `keyward scan --staged`: what the next commit would contain, and what of it is new.

use crate::support::{Folder, Key};
use std::os::unix::fs::symlink;

fn staged(here: &Folder) -> (i32, Vec<String>) {
    let run = here.scan(&["--staged"]);
    let standing = run.objects().into_iter().filter(|object| object["suppressed_by"].is_null());
    let found = run.found().into_iter().zip(standing).map(|(found, _)| found).collect();
    (run.status, found)
}

#[test]
fn the_index_is_judged_and_not_the_file_on_disk() {
    let (here, staged_key, disk_key) = (Folder::repository(), Key::new(20), Key::new(21));
    here.stage("a.env", staged_key.env_file());
    here.write("a.env", "cleaned\n");
    here.write("b.env", disk_key.env_file());
    assert_eq!(staged(&here), (1, vec![format!("a.env:3 {}", staged_key.id)]));
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let (here, key) = (Folder::repository(), Key::new(22));
    here.stage(".env", key.env_file());
    assert_eq!(staged(&here), (1, vec![format!(".env:3 {}", key.id)]));
}

#[test]
fn nothing_staged_is_clean_and_said() {
    let here = Folder::repository();
    here.stage("a", "x\n");
    here.commit();
    let run = here.keyward(&["scan", "--staged"]);
    assert_eq!((run.status, run.err.as_str()), (0, "nothing to examine: no file is staged\n"));
}

#[test]
fn a_value_that_the_changed_files_held_before_is_not_new() {
    let (here, old, new) = (Folder::repository(), Key::new(23), Key::new(24));
    here.stage("old.env", old.env_file());
    here.commit();
    here.stage("old.env", format!("# moved down\n\n{}", old.env_file()));
    assert_eq!(here.scan(&["--staged"]).status, 0);
    assert_eq!(here.scan(&["--staged"]).objects()[0]["suppressed_by"], "already-there");

    here.stage("old.env", format!("{}{}", old.env_file(), new.env_file()));
    let run = here.scan(&["--staged"]);
    assert_eq!(run.status, 1);
    let judged: Vec<_> = run.objects().iter().map(|object| object["suppressed_by"].clone()).collect();
    assert_eq!(judged[..2], ["already-there".into(), serde_json::Value::Null]);
    assert_eq!((&run.summary()["findings"], &run.summary()["suppressed"]), (&1.into(), &1.into()));
}

#[test]
fn a_renamed_file_brings_nothing_new_but_an_edit_beside_it_does() {
    let (here, old, new) = (Folder::repository(), Key::new(25), Key::new(26));
    here.stage("a.env", old.env_file());
    here.commit();
    here.git(&["mv", "a.env", "b.env"]);
    assert_eq!(here.scan(&["--staged"]).status, 0);
    here.stage("b.env", format!("{}{}", old.env_file(), new.env_file()));
    assert_eq!(here.scan(&["--staged"]).status, 1);
}

#[test]
fn a_value_that_only_an_unchanged_file_holds_is_new_where_it_is_added() {
    let (here, key) = (Folder::repository(), Key::new(27));
    here.stage("old.env", key.env_file());
    here.commit();
    here.stage("copy.env", key.env_file());
    assert_eq!(staged(&here), (1, vec![format!("copy.env:3 {}", key.id)]));
}

#[test]
fn a_new_secret_beside_an_id_that_was_there_is_new() {
    let (here, key) = (Folder::repository(), Key::new(28));
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={}\n", key.id));
    here.commit();
    here.stage("a.env", format!("AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}\n", key.id, key.secret));
    assert_eq!(staged(&here), (1, vec![format!("a.env:2 {}", key.id)]));
}

#[test]
fn taking_a_secret_out_is_never_refused() {
    let (here, key) = (Folder::repository(), Key::new(29));
    here.stage("a.env", key.env_file());
    here.stage("b.env", key.env_file());
    here.commit();
    here.stage("a.env", "PORT=80\n");
    here.git(&["rm", "--quiet", "b.env"]);
    assert_eq!(here.scan(&["--staged"]).status, 0);
}

#[test]
fn paths_are_given_from_the_top_wherever_keyward_runs() {
    let (here, key) = (Folder::repository(), Key::new(30));
    here.stage("deploy/prod.env", key.env_file());
    here.write("sub/x", "");
    let run = here.keyward_in("sub", &["scan", "--staged", "--format", "jsonl"]);
    assert_eq!((run.status, run.found()), (1, vec![format!("deploy/prod.env:3 {}", key.id)]));
}

#[test]
fn the_index_that_the_environment_names_is_read() {
    let (here, key) = (Folder::repository(), Key::new(31));
    here.stage("a", "x\n");
    here.commit();
    std::fs::copy(here.at(".git/index"), here.at(".git/other-index")).unwrap();
    here.stage("a.env", key.env_file());
    let scan_with = |index: &str| {
        let mut command = here.command(crate::support::KEYWARD);
        command.env("GIT_INDEX_FILE", here.at(index)).args(["scan", "--staged"]).output().unwrap().status.code()
    };
    assert_eq!((scan_with(".git/index"), scan_with(".git/other-index")), (Some(1), Some(0)));
}

#[test]
fn links_odd_names_modes_and_intent_to_add_are_taken_as_git_takes_them() {
    let (here, key) = (Folder::repository(), Key::new(32));
    here.stage("mode", "x\n");
    here.commit();
    here.stage("line\nbreak \"quoted\" ä.env", key.env_file());
    symlink(format!("/{}/{}", key.id, key.secret), here.at("link")).unwrap();
    here.git(&["add", "link"]);
    here.git(&["update-index", "--chmod=+x", "mode"]);
    here.write("later", key.env_file());
    here.git(&["add", "--intent-to-add", "later"]);
    let (status, found) = staged(&here);
    assert_eq!(status, 1);
    assert_eq!(found, [format!("line\nbreak \"quoted\" ä.env:3 {}", key.id), format!("link:1 {}", key.id)]);
}

#[test]
fn settings_that_change_the_text_of_a_diff_change_nothing() {
    let (here, key) = (Folder::repository(), Key::new(33));
    here.stage(".gitattributes", "*.env -diff diff=hide\n");
    for (name, value) in [
        ("diff.external", "/bin/true"),
        ("diff.hide.textconv", "true"),
        ("color.ui", "always"),
        ("core.quotePath", "false"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
    ] {
        here.git(&["config", name, value]);
    }
    here.stage("a.env", key.env_file());
    assert_eq!(staged(&here), (1, vec![format!("a.env:3 {}", key.id)]));
}

#[test]
fn no_command_that_the_repository_names_is_run() {
    let (here, key) = (Folder::repository(), Key::new(34));
    let marker = here.at("marker");
    let touch = format!("touch '{}'", marker.display());
    here.write(".gitignore", "*.log\n");
    here.stage("a.env", key.env_file());
    for name in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "diff.external",
        "filter.x.process",
        "filter.x.clean",
        "gpg.program",
        "credential.helper",
    ] {
        here.git(&["config", name, &touch]);
    }
    here.write("b.log", key.env_file());
    assert_eq!(here.scan(&["--staged"]).status, 1);
    assert_eq!(here.scan(&["."]).status, 1);
    assert!(!marker.exists());
}

#[test]
fn a_sha256_repository_is_read_by_git_where_libgit2_refuses() {
    let (here, key) = (Folder::new(), Key::new(35));
    here.git(&["init", "--quiet", "--object-format=sha256", "."]);
    here.git(&["config", "user.name", "Author"]);
    here.git(&["config", "user.email", "author@example.org"]);
    here.stage("first.env", key.env_file());
    here.stage("large.txt", "x\n".repeat(100_000));
    assert_eq!(staged(&here), (1, vec![format!("first.env:3 {}", key.id)]));
    here.commit();
    here.stage("first.env", format!("\n{}", key.env_file()));
    assert_eq!(here.scan(&["--staged"]).status, 0);
}

#[test]
fn split_and_sparse_indexes_and_linked_work_trees_are_read() {
    let (here, key) = (Folder::repository(), Key::new(36));
    here.stage("in/a", "x\n");
    here.stage("out/deep/b", "y\n");
    here.commit();
    here.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    here.stage("in/a.env", key.env_file());
    assert_eq!(staged(&here), (1, vec![format!("in/a.env:3 {}", key.id)]));
    here.git(&["sparse-checkout", "disable"]);
    here.git(&["update-index", "--split-index"]);
    assert_eq!(staged(&here), (1, vec![format!("in/a.env:3 {}", key.id)]));

    here.git(&["worktree", "add", "--quiet", "--detach", "linked"]);
    let linked = here.keyward_in("linked", &["scan", "--staged"]);
    assert_eq!(linked.status, 0, "{}", linked.err);
    here.write("linked/c.env", key.env_file());
    here.git(&["-C", "linked", "add", "c.env"]);
    let linked = here.keyward_in("linked", &["scan", "--staged", "--format", "jsonl"]);
    assert_eq!(linked.found(), [format!("c.env:3 {}", key.id)]);
}

#[test]
fn a_submodule_entry_is_counted_and_not_entered() {
    let (here, other) = (Folder::repository(), Folder::repository());
    other.stage("a", "x\n");
    other.commit();
    let url = other.path().to_str().unwrap();
    here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
    let run = here.scan(&["--staged"]);
    assert_eq!((run.status, &run.summary()["submodules"]), (0, &1.into()));
}

#[test]
fn an_unresolved_conflict_is_not_called_clean() {
    let here = Folder::repository();
    here.stage("a", "base\n");
    here.commit();
    here.git(&["switch", "--quiet", "--create", "side"]);
    here.stage("a", "side\n");
    here.commit();
    here.git(&["switch", "--quiet", "main"]);
    here.stage("a", "main\n");
    here.commit();
    assert_ne!(here.try_git(&["merge", "side"]).status, 0);
    let run = here.keyward(&["scan", "--staged"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.err,
        "keyward: incomplete: a: merge conflict\n  hint: resolve it and git add the file\n\
         no credentials in the part that was examined (0 staged files, 0 bytes)\n"
    );
}

#[test]
fn a_missing_blob_makes_the_scan_incomplete() {
    let here = Folder::repository();
    here.stage("a", "content\n");
    let id = here.git(&["rev-parse", ":a"]).out;
    let id = id.trim();
    std::fs::remove_file(here.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let run = here.scan(&["--staged"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains(&format!("could not read blob {id}")), "{}", run.err);
}

#[test]
fn a_blob_too_large_for_memory_is_streamed() {
    let (here, key) = (Folder::repository(), Key::new(37));
    let filler = "some line of text that compresses well\n".repeat(500_000);
    here.stage("big.txt", format!("{filler}{}", key.env_file()));
    assert_eq!(staged(&here), (1, vec![format!("big.txt:500003 {}", key.id)]));
}
