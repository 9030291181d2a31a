//! Which baseline counts, what its lines accept, and what is said of those that do not.

use super::{accepting, line};
use crate::markers::fates;
use crate::support::{Folder, Key, Run};
use serde_json::{Value, json};

fn accepted(place: &str) -> (String, Value) {
    (place.to_owned(), json!("baseline"))
}

fn found(place: &str) -> (String, Value) {
    (place.to_owned(), Value::Null)
}

#[test]
fn a_pair_is_accepted_as_a_whole_and_in_parts_wherever_it_stands() {
    let (here, key) = (Folder::repository(), Key::new(700));
    here.accept(&[&key]);
    here.write("deep/a.env", format!("\n\n{}", key.env_file()));
    here.write("id", format!("{}\n", key.id));
    here.write("other/secret", format!("aws_secret_access_key: {}\n", key.secret));
    let text = here.read("deep/a.env").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    here.write("wide.txt", [&[0xff, 0xfe][..], &text].concat());
    let run = here.scan(&[]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(fates(&run), ["deep/a.env:5", "id:1", "other/secret:1", "wide.txt:5"].map(accepted));
}

#[test]
fn another_secret_beside_an_accepted_one_is_found() {
    let (here, key, other) = (Folder::repository(), Key::new(701), Key::new(702));
    here.accept(&[&key]);
    // For the same key ID, and on the same line.
    here.write("rotated", format!("id={}\naws_secret_access_key={}\n", key.id, other.secret));
    here.write("same", format!("x {} secret_key={} secret_key={}\n", key.id, key.secret, other.secret));
    // A new key ID beside the accepted secret.
    here.write("stolen", format!("id={}\naws_secret_access_key={}\n", other.id, key.secret));
    let run = here.scan(&[]);
    assert_eq!(run.status, 1);
    assert_eq!(fates(&run), [found("rotated:2"), accepted("same:1"), found("same:1"), found("stolen:2")]);
}

#[test]
fn an_accepted_half_does_not_accept_the_other() {
    let (here, key) = (Folder::repository(), Key::new(703));
    here.write(".keyward-baseline", line(&[&key.id], "only an ID", None));
    here.write("a.env", key.env_file());
    assert_eq!(fates(&here.scan(&[])), [found("a.env:3")]);
    here.write(".keyward-baseline", line(&[&key.secret], "only a secret", None));
    assert_eq!(fates(&here.scan(&[])), [found("a.env:3")]);
    let both = [line(&[&key.secret], "the secret", None), line(&[&key.id], "its ID", None)].join("\n");
    here.write(".keyward-baseline", both);
    assert_eq!(fates(&here.scan(&[])), [accepted("a.env:3")]);
}

#[test]
fn a_pair_in_two_files_is_accepted() {
    let (here, key) = (Folder::repository(), Key::new(704));
    here.accept(&[&key]);
    here.write("id.txt", &key.id);
    here.write("secret.txt", &key.secret);
    assert_eq!(fates(&here.scan(&[])), [accepted("secret.txt:1")]);
}

#[test]
fn every_report_counts_what_the_baseline_accepts_and_those_for_programs_say_why() {
    let (here, key) = (Folder::repository(), Key::new(705));
    here.accept(&[&key]);
    here.write("a.env", key.env_file());
    let run = here.keyward(&["scan"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert!(run.err.starts_with("no credentials: 3 files, "), "{}", run.err);
    assert!(run.err.ends_with(" s\n  1 accepted in .keyward-baseline\n"), "{}", run.err);
    let run = here.scan(&[]);
    assert_eq!((&run.objects()[0]["reason"], &run.summary()["suppressed"]), (&json!("a test key"), &json!(1)));
    for (form, said) in [
        ("json", "\"suppressed_by\": \"baseline\""),
        ("sarif", "accepted in .keyward-baseline: a test key"),
        ("junit", "accepted in .keyward-baseline: a test key"),
        ("html", "\"reason\":\"a test key\""),
        ("gitlab-secrets", "not counted: 1 finding"),
    ] {
        let run = here.keyward(&["scan", "--format", form]);
        assert!(run.status == 0 && run.out.contains(said), "{form}: {}", run.out);
    }
    assert_eq!(fates(&here.scan(&["--no-baseline"])), [found("a.env:3")]);
}

#[test]
fn a_broken_baseline_is_an_error_wherever_it_counts() {
    let (here, key) = (Folder::repository(), Key::new(706));
    here.stage("a.env", key.env_file());
    here.commit();
    here.stage(".keyward-baseline", "<<<<<<< ours\nnonsense\n");
    let said = "keyward: could not read .keyward-baseline\n  \
                caused by: line 1: a merge left its marks here\n\
                line 2: it does not begin with hashes of 32 digits, joined by commas\n  \
                hint: delete the lines that begin with <<<<<<<, ======= and >>>>>>>, keep all others\n";
    let failed = Run { status: 2, out: String::new(), err: said.to_owned() };
    assert_eq!(here.keyward(&["scan"]), failed);
    assert_eq!(here.keyward(&["scan", "--history"]), failed);
    let staged = Run { err: failed.err.replace("baseline\n", "baseline in the index\n"), ..failed };
    assert_eq!(here.keyward(&["scan", "--staged"]), staged);
    assert_eq!(here.keyward(&["hook", "run", "pre-commit"]), staged);
    assert_eq!(here.keyward(&["scan", "--no-baseline", "--staged"]).status, 0);
}

#[test]
fn a_baseline_that_is_a_link_is_an_error() {
    let (here, key) = (Folder::repository(), Key::new(707));
    here.write("elsewhere", accepting(&[&key]));
    std::os::unix::fs::symlink("elsewhere", here.at(".keyward-baseline")).unwrap();
    let run = here.keyward(&["scan"]);
    assert_eq!(run.status, 2);
    assert!(run.err.ends_with("caused by: it is a link\n  hint: put the file itself there\n"), "{}", run.err);
}

#[test]
fn an_entry_whose_time_is_over_accepts_nothing_and_that_is_said() {
    let (here, key) = (Folder::repository(), Key::new(708));
    here.write(".keyward-baseline", line(&[&key.secret, &key.id], "until it is rotated", Some("2026-11-24")));
    here.write("a.env", key.env_file());
    let run = here.scan(&[]);
    let fate = if run.status == 0 { accepted("a.env:3") } else { found("a.env:3") };
    assert_eq!(fates(&run), [fate]);
    here.write(".keyward-baseline", line(&[&key.secret, &key.id], "until it is rotated", Some("2020-02-29")));
    let run = here.scan(&[]);
    assert_eq!((run.status, fates(&run)), (1, vec![found("a.env:3")]));
    let note = "a.env:3  was accepted in .keyward-baseline until 2020-02-29, which is over";
    assert_eq!(run.summary()["notes"], json!([note]));
    assert!(run.err.starts_with(&format!("keyward: {note}\n")), "{}", run.err);
}

#[test]
fn lines_that_accept_nothing_in_a_whole_tree_are_counted() {
    let (here, key, gone) = (Folder::repository(), Key::new(709), Key::new(710));
    here.accept(&[&key, &gone]);
    here.write("sub/a.env", key.env_file());
    let note = ".keyward-baseline: lines that accept nothing in these files: 1 of 2\n  \
                hint: keyward baseline update removes what the history does not hold, either";
    assert_eq!(here.scan(&[]).summary()["notes"], json!([note]));
    // A part tells nothing of the whole.
    assert_eq!(here.scan(&["sub"]).summary()["notes"], json!([]));
    assert_eq!(fates(&here.scan(&["sub"])), [accepted("sub/a.env:3")]);
}

#[test]
fn what_is_not_confident_enough_for_the_report_is_no_line_that_accepts_nothing() {
    let (here, key) = (Folder::repository(), Key::new(711));
    here.write(".keyward-baseline", line(&[&key.secret], "random", None));
    here.write("a", format!("x\n{}\ny\n", key.secret));
    assert_eq!(fates(&here.scan(&["--min-confidence", "low"])), [accepted("a:2")]);
    assert_eq!(here.scan(&[]).summary()["notes"], json!([]));
}

#[test]
fn each_work_tree_has_its_own_baseline_and_that_of_the_one_around_it() {
    let (here, key, other) = (Folder::repository(), Key::new(712), Key::new(713));
    here.accept(&[&key]);
    here.init("inner");
    here.write("inner/.keyward-baseline", accepting(&[&other]));
    here.write("inner/a.env", key.env_file());
    here.write("inner/b.env", other.env_file());
    here.write("c.env", other.env_file());
    assert_eq!(fates(&here.scan(&["."])), [found("c.env:3"), accepted("inner/a.env:3"), accepted("inner/b.env:3")]);
    assert_eq!(fates(&here.scan(&["inner"])), [found("inner/a.env:3"), accepted("inner/b.env:3")]);
}

#[test]
fn a_commit_goes_by_the_baseline_that_it_would_contain() {
    let (here, key) = (Folder::repository(), Key::new(714));
    here.stage("a.env", key.env_file());
    here.accept(&[&key]);
    let run = here.keyward(&["hook", "run", "pre-commit"]);
    assert_eq!(run.status, 1);
    let note = "keyward: a.env:3  accepted in .keyward-baseline, which is not staged: git add .keyward-baseline\n";
    assert!(run.err.contains(note), "{}", run.err);
    here.git(&["add", ".keyward-baseline"]);
    let said = "keyward: 1 finding accepted in .keyward-baseline\n";
    let passed = Run { status: 0, out: String::new(), err: said.to_owned() };
    assert_eq!(here.keyward(&["hook", "run", "pre-commit"]), passed);
    // So does its message.
    here.write("message", format!("uploads with {}\n", key.id));
    assert_eq!(here.keyward(&["hook", "run", "commit-msg", "message"]), passed);
    assert_eq!(fates(&here.scan(&["--staged"])), [accepted("a.env:3")]);
}

#[test]
fn a_history_and_a_range_go_by_the_baseline_of_the_work_tree() {
    let (here, key, other) = (Folder::repository(), Key::new(715), Key::new(716));
    here.stage("a.env", key.env_file());
    here.commit();
    here.stage("b.env", other.env_file());
    here.commit();
    here.accept(&[&key]);
    assert_eq!(fates(&here.scan(&["--history"])), [accepted("a.env:3"), found("b.env:3")]);
    assert_eq!(fates(&here.scan(&["--history", "--range", "HEAD"])), [accepted("a.env:3"), found("b.env:3")]);
    // A bare repository has that of HEAD.
    here.stage(".keyward-baseline", accepting(&[&other]));
    here.commit();
    here.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    let run = here.keyward_in("bare.git", &["scan", "--history", "--format", "jsonl"]);
    assert_eq!(fates(&run), [found("a.env:3"), accepted("b.env:3")]);
}

#[test]
fn a_push_goes_by_the_baseline_of_what_is_pushed() {
    let (here, key) = (Folder::repository(), Key::new(717));
    here.git(&["init", "--quiet", "--bare", "server.git"]);
    here.git(&["remote", "add", "origin", "server.git"]);
    here.stage("a.env", key.env_file());
    here.commit();
    here.accept(&[&key]);
    assert_eq!(here.keyward(&["hook", "install", "--hooks", "pre-push"]).status, 0);
    let run = here.try_git(&["push", "--quiet", "origin", "main"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let note = "keyward: a.env:3  accepted in .keyward-baseline, which is not part of the push: commit it\n";
    assert!(run.err.contains(note), "{}", run.err);
    here.git(&["add", ".keyward-baseline"]);
    here.commit();
    let run = here.try_git(&["push", "--quiet", "origin", "main"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("keyward: 1 finding accepted in .keyward-baseline\n"), "{}", run.err);
}
