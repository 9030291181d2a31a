//! `keyward hook`: commits that would leak are refused, and what was there before is not hurt.

use crate::support::{ACCOUNT, Folder, KEYWARD, Key, Run};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

/// A repository with one commit and the hook.
fn guarded() -> Folder {
    let here = Folder::repository();
    here.stage("README", "hello\n");
    here.commit();
    install(&here);
    here
}

fn install(here: &Folder) {
    let run = here.keyward(&["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
}

fn commit(here: &Folder, arguments: &[&str]) -> Run {
    here.try_git(&[&["commit", "--quiet", "--message", "change"], arguments].concat())
}

fn write_hook(here: &Folder, path: &str, script: &str) {
    here.write(path, format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(here.at(path), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn every_usual_way_of_writing_a_pair_down_is_refused_with_its_place_and_account() {
    let here = guarded();
    for (seed, (path, template, place)) in [
        ("user_accessKeys.csv", "\u{feff}Access key ID,Secret access key\r\n{id},{sk}\r\n", "2:22"),
        ("credentials", "[default]\naws_access_key_id = {id}\naws_secret_access_key = {sk}\n", "3:25"),
        ("run.sh", "export AWS_ACCESS_KEY_ID='{id}'\nexport AWS_SECRET_ACCESS_KEY='{sk}'\n", "2:31"),
        ("app.py", "c = boto3.client('s3', aws_access_key_id=\"{id}\", aws_secret_access_key=\"{sk}\")\n", "1:89"),
        ("main.tf", "provider \"aws\" {\n  access_key = \"{id}\"\n  secret_key = \"{sk}\"\n}\n", "3:17"),
    ]
    .into_iter()
    .enumerate()
    {
        let key = Key::new(100 + seed as u64);
        here.stage(path, template.replace("{id}", &key.id).replace("{sk}", &key.secret));
        let run = commit(&here, &[]);
        assert_eq!(run.status, 1, "{path}: {}", run.err);
        let headline = format!("{path}:{place}  AWS access key {}, account {ACCOUNT}\n", key.id);
        assert!(run.err.contains(&headline), "{headline}{}", run.err);
        assert!(!run.err.contains(&key.secret), "{}", run.err);
        here.git(&["rm", "--quiet", "--cached", path]);
    }
    here.stage("clean.txt", "nothing\n");
    let run = commit(&here, &[]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}

#[test]
fn a_refusal_says_where_what_and_how_to_go_on() {
    let (here, key) = (guarded(), Key::new(110));
    here.stage("deploy/prod.env", key.env_file());
    let run = commit(&here, &[]);
    let (id, starred) = (&key.id, key.starred());
    assert_eq!(
        run.err,
        format!(
            "keyward: this commit would leak an AWS credential\n\n\
             deploy/prod.env:3:23  AWS access key {id}, account {ACCOUNT}\n    \
             2 | AWS_ACCESS_KEY_ID={id}\n    \
             3 | AWS_SECRET_ACCESS_KEY={starred}\n      \
             |                       ^ the secret of {id}\n\n  \
             Take it out:    edit it out and git add deploy/prod.env, or leave the file out of the\n                  \
             commit: git reset -- deploy/prod.env; then read the key from the\n                  \
             environment, a profile (aws sso login) or a role instead\n  \
             Not a secret?   Add `keyward:allow REASON` to its line, in a comment, and git add\n  \
             Already pushed? It is public, so switch it off first: aws iam update-access-key\n                  \
             --status Inactive --access-key-id {id} --user-name USER\n\n\
             1 finding in 1 of 1 staged file ({} bytes). The commit was not made.\n",
            key.env_file().len()
        )
    );
}

#[test]
fn commit_all_and_commit_only_are_judged_by_what_they_would_commit() {
    let (here, key) = (guarded(), Key::new(111));
    here.stage("a", "x\n");
    here.stage("b", "y\n");
    here.commit();

    here.write("a", key.env_file());
    assert_eq!(commit(&here, &["--all"]).status, 1);
    assert_eq!(commit(&here, &["--only", "a"]).status, 1);
    // What is staged beside the named path is not part of the commit, and stays staged.
    here.git(&["add", "a"]);
    here.write("b", "clean\n");
    assert_eq!(commit(&here, &["--only", "b"]).status, 0);
    assert_eq!(commit(&here, &[]).status, 1);
}

#[test]
fn a_first_commit_an_amended_one_and_an_empty_one_are_right() {
    let (here, key) = (Folder::repository(), Key::new(112));
    install(&here);
    here.stage("a.env", key.env_file());
    assert_eq!(commit(&here, &[]).status, 1);
    here.stage("a.env", "PORT=80\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert_eq!(commit(&here, &["--allow-empty"]).status, 0);
    here.stage("b.env", key.env_file());
    assert_eq!(commit(&here, &["--amend"]).status, 1);
}

#[test]
fn a_staged_secret_that_was_cleaned_on_disk_is_still_refused() {
    let (here, key) = (guarded(), Key::new(113));
    here.stage("a.env", key.env_file());
    here.write("a.env", "PORT=80\n");
    assert_eq!(commit(&here, &[]).status, 1);
}

#[test]
fn commits_in_a_linked_work_tree_and_from_a_folder_below_are_guarded() {
    let (here, key) = (guarded(), Key::new(114));
    here.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
    here.write("linked/deep/a.env", key.env_file());
    here.git(&["-C", "linked", "add", "deep/a.env"]);
    assert_eq!(here.try_git(&["-C", "linked/deep", "commit", "--quiet", "--message", "x"]).status, 1);
    assert_eq!(here.keyward_in("linked/deep", &["hook", "status"]).status, 0);
}

#[test]
fn installing_in_a_linked_work_tree_or_a_submodule_goes_where_git_looks() {
    let (here, other, key) = (Folder::repository(), Folder::repository(), Key::new(115));
    for folder in [&here, &other] {
        folder.stage("a", "x\n");
        folder.commit();
    }
    here.git(&["worktree", "add", "--quiet", "-b", "side", "linked"]);
    let run = here.keyward_in("linked", &["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(here.at(".git/hooks/pre-commit").exists());

    let url = other.path().to_str().unwrap();
    here.git(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "sub"]);
    let run = here.keyward_in("sub", &["hook", "install"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(here.at(".git/modules/sub/hooks/pre-commit").exists());
    here.write("sub/a.env", key.env_file());
    here.git(&["-C", "sub", "add", "a.env"]);
    here.git(&["-C", "sub", "config", "user.name", "Author"]);
    here.git(&["-C", "sub", "config", "user.email", "author@example.org"]);
    assert_eq!(here.try_git(&["-C", "sub", "commit", "--quiet", "--message", "x"]).status, 1);
}

#[test]
fn an_existing_hook_is_kept_runs_first_and_is_given_back() {
    let (here, key) = (Folder::repository(), Key::new(116));
    write_hook(
        &here,
        ".git/hooks/pre-commit",
        "echo before >> ran; git add -- late.env 2>/dev/null; exit \"$(cat code)\"",
    );
    let before = here.read(".git/hooks/pre-commit");
    here.write("code", "0");
    install(&here);
    install(&here);

    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert_eq!(here.read("ran"), "before\n");
    // What that hook stages is judged, too.
    here.write("late.env", key.env_file());
    here.stage("b", "x\n");
    assert_eq!(commit(&here, &[]).status, 1);
    // And its refusal stands.
    here.git(&["rm", "--quiet", "--cached", "-f", "late.env"]);
    fs::remove_file(here.at("late.env")).unwrap();
    here.write("code", "3");
    assert_eq!(commit(&here, &[]).status, 1);

    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 0);
    assert_eq!(here.read(".git/hooks/pre-commit"), before);
    assert!(!here.at(".git/hooks/pre-commit.before-keyward").exists());
}

#[test]
fn uninstalling_leaves_nothing_and_touches_nobody_elses_hook() {
    let here = guarded();
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 0);
    assert!(!here.at(".git/hooks/pre-commit").exists());
    assert_eq!(here.keyward(&["hook", "uninstall"]).out, "no pre-commit hook is installed\n");

    write_hook(&here, ".git/hooks/pre-commit", "exit 0");
    let run = here.keyward(&["hook", "uninstall"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("is not keyward's\n  hint: it was left alone"), "{}", run.err);
    assert!(here.at(".git/hooks/pre-commit").exists());
}

#[test]
fn a_hook_that_is_a_link_is_kept_as_a_link_and_its_target_is_not_written() {
    let here = Folder::repository();
    write_hook(&here, "shared/hook", "exit 0");
    let before = here.read("shared/hook");
    symlink(here.at("shared/hook"), here.at(".git/hooks/pre-commit")).unwrap();
    install(&here);
    assert_eq!(here.read("shared/hook"), before);
    assert!(fs::symlink_metadata(here.at(".git/hooks/pre-commit")).unwrap().is_file());
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 0);
    assert!(fs::symlink_metadata(here.at(".git/hooks/pre-commit")).unwrap().is_symlink());
}

#[test]
fn a_hooks_folder_that_other_repositories_share_is_refused() {
    let (here, shared) = (Folder::repository(), Folder::new());
    shared.write("hooks/README", "");
    let folder = shared.at("hooks");
    let value = folder.to_str().unwrap();

    // Set for the user.
    shared.write("gitconfig", format!("[core]\n\thooksPath = {value}\n"));
    let mut command = here.command(KEYWARD);
    let run: Run =
        command.env("GIT_CONFIG_GLOBAL", shared.at("gitconfig")).args(["hook", "install"]).output().unwrap().into();
    assert_eq!(run.status, 2);
    assert_eq!(
        run.err,
        format!(
            "keyward: core.hooksPath is set outside this repository (global configuration: '{value}')\n  \
             caused by: git runs the hooks of that folder, which serves other repositories too\n  \
             hint: call `keyward hook run pre-commit` from the pre-commit hook there\n"
        )
    );

    // Set for the repository, to a folder outside; and the default folder replaced by a link that leads there.
    here.git(&["config", "core.hooksPath", value]);
    assert_eq!(here.keyward(&["hook", "install"]).status, 2);
    here.git(&["config", "--unset", "core.hooksPath"]);
    fs::remove_dir_all(here.at(".git/hooks")).unwrap();
    symlink(&folder, here.at(".git/hooks")).unwrap();
    let run = here.keyward(&["hook", "install"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("lies outside this repository"), "{}", run.err);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_hooks_folder_inside_the_repository_is_used() {
    let (here, key) = (Folder::repository(), Key::new(117));
    here.git(&["config", "core.hooksPath", ".githooks"]);
    install(&here);
    assert!(here.at(".githooks/pre-commit").exists());
    here.stage("a.env", key.env_file());
    assert_eq!(commit(&here, &[]).status, 1);
}

#[test]
fn a_binary_that_is_gone_refuses_the_commit_and_says_so() {
    let here = guarded();
    let script = here.read(".git/hooks/pre-commit").replace(KEYWARD, "/nowhere/keyward");
    here.write(".git/hooks/pre-commit", script);
    here.stage("a", "x\n");
    let mut command = here.command("git");
    let run: Run = command.args(["commit", "--message", "x"]).env("PATH", "/usr/bin:/bin").output().unwrap().into();
    assert_eq!(run.status, 1);
    assert_eq!(
        run.err,
        "keyward: the commit was not made: the hook cannot find keyward\n  \
         hint: install it again, or remove .git/hooks/pre-commit\n"
    );
    assert_eq!(here.keyward(&["hook", "status"]).status, 1);
}

#[test]
fn status_tells_guarded_from_unguarded() {
    let here = Folder::repository();
    let run = here.keyward(&["hook", "status"]);
    assert_eq!((run.status, run.out.as_str()), (1, "pre-commit: not guarded\n  hint: keyward hook install\n"));
    install(&here);
    let run = here.keyward(&["hook", "status"]);
    let path = here.path().canonicalize().unwrap().join(".git/hooks/pre-commit");
    assert_eq!((run.status, run.out), (0, format!("pre-commit: guarded by {}\n", path.display())));
    fs::set_permissions(here.at(".git/hooks/pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(here.keyward(&["hook", "status"]).status, 1);
    here.git(&["config", "core.hooksPath", "/dev/null"]);
    assert_eq!(here.keyward(&["hook", "status"]).status, 1);
}

#[test]
fn what_is_too_mild_to_refuse_is_shown_and_the_commit_goes_on() {
    let (here, key) = (guarded(), Key::new(118));
    let url =
        format!("https://b.s3.amazonaws.com/x?X-Amz-Credential={}%2F20240101%2Fus-east-1%2Fs3%2Faws4_request", key.id);
    here.stage("url.txt", format!("{url}\n"));
    let run = commit(&here, &[]);
    assert_eq!(run.status, 0);
    assert!(run.err.ends_with("1 finding in 1 of 1 staged file (110 bytes). The commit goes on.\n"), "{}", run.err);
}

#[test]
fn an_empty_hooks_path_means_no_hooks_and_is_not_called_guarded() {
    let here = guarded();
    here.git(&["config", "core.hooksPath", ""]);
    let run = here.keyward(&["hook", "status"]);
    assert_eq!(run.status, 1);
    assert!(run.out.starts_with("pre-commit: not guarded: core.hooksPath is empty"), "{}", run.out);
    assert_eq!(here.keyward(&["hook", "install"]).status, 2);
    assert!(!here.at("pre-commit").exists());
}

#[test]
fn a_hook_that_only_speaks_of_keyward_is_kept_like_any_other() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "# keyward hook is run below\necho ran >> ran");
    let before = here.read(".git/hooks/pre-commit");
    install(&here);
    assert_eq!(here.read(".git/hooks/pre-commit.before-keyward"), before);
    here.stage("a", "x\n");
    assert_eq!(commit(&here, &[]).status, 0);
    assert_eq!(here.read("ran"), "ran\n");
    // Ours, once somebody has changed it, is theirs.
    here.keyward(&["hook", "uninstall"]);
    fs::remove_file(here.at(".git/hooks/pre-commit")).unwrap();
    install(&here);
    let ours = here.read(".git/hooks/pre-commit");
    write_hook(&here, ".git/hooks/pre-commit", "");
    here.write(".git/hooks/pre-commit", format!("{ours}./lint.sh\n"));
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 2);
}

#[test]
fn a_hook_that_goes_by_its_own_name_is_not_renamed() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "exec run-hook \"$(basename \"$0\")\"");
    let run = here.keyward(&["hook", "install"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("hint: add this line to it: keyward hook run pre-commit || exit"), "{}", run.err);
    assert!(!here.at(".git/hooks/pre-commit.before-keyward").exists());
}

#[test]
fn uninstalling_gives_the_old_hook_back_even_if_ours_was_removed_by_hand() {
    let here = Folder::repository();
    write_hook(&here, ".git/hooks/pre-commit", "exit 0");
    install(&here);
    fs::remove_file(here.at(".git/hooks/pre-commit")).unwrap();
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 0);
    assert!(here.read(".git/hooks/pre-commit").ends_with("exit 0\n"));
}

#[test]
fn uninstalling_and_status_leave_a_shared_folder_alone_as_installing_does() {
    let (here, shared) = (Folder::repository(), guarded());
    fs::remove_dir_all(here.at(".git/hooks")).unwrap();
    symlink(shared.at(".git/hooks"), here.at(".git/hooks")).unwrap();
    assert_eq!(here.keyward(&["hook", "uninstall"]).status, 2);
    assert_eq!(here.keyward(&["hook", "status"]).status, 1);
    assert!(shared.at(".git/hooks/pre-commit").exists());
    // Nothing is made outside either.
    here.git(&["config", "core.hooksPath", shared.at("new/hooks").to_str().unwrap()]);
    assert_eq!(here.keyward(&["hook", "install"]).status, 2);
    assert!(!shared.at("new").exists());
}

#[test]
fn advice_given_below_the_top_has_paths_that_work_there() {
    let (here, key) = (guarded(), Key::new(119));
    here.stage("sub/prod.env", key.env_file());
    let run = here.try_git(&["-C", "sub", "commit", "--quiet", "--message", "x"]);
    assert!(run.err.contains("git reset -- :/sub/prod.env"), "{}", run.err);
    assert_eq!(here.try_git(&["-C", "sub", "rm", "--quiet", "--cached", ":/sub/prod.env"]).status, 0);
}
