//! What an installed hook refuses, however the git on the PATH takes it.

use super::{commit, guarded, install};
use crate::support::{ACCOUNT, Folder, Key};

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
             |                       ^ the secret of {id}\n      \
             = fingerprint {fingerprint}\n\n  \
             Take it out:    edit it out and git add deploy/prod.env, or leave the file out of the\n                  \
             commit: git reset -- deploy/prod.env; then read the key from the\n                  \
             environment, a profile (aws sso login) or a role instead\n  \
             Not a secret?   Add `keyward:allow REASON` to its line, and git add; or:\n                  \
             keyward baseline add {fingerprint} --reason TEXT\n                  \
             git add :/.keyward-baseline\n  \
             Already pushed? It is public, so switch it off first:\n                  \
             aws iam update-access-key --status Inactive\n                  \
             --access-key-id {id} --user-name USER\n\n\
             1 finding in 1 of 1 staged file ({} bytes). The commit was not made.\n",
            key.env_file().len(),
            fingerprint = key.fingerprint()
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
fn advice_given_below_the_top_has_paths_that_work_there() {
    let (here, key) = (guarded(), Key::new(119));
    here.stage("sub/prod.env", key.env_file());
    let run = here.try_git(&["-C", "sub", "commit", "--quiet", "--message", "x"]);
    assert!(run.err.contains("git reset -- :/sub/prod.env"), "{}", run.err);
    assert_eq!(here.try_git(&["-C", "sub", "rm", "--quiet", "--cached", ":/sub/prod.env"]).status, 0);
}
