//! `keyward baseline`: making it, adding to it, pruning and explaining it.

use crate::history::filler;
use crate::markers::fates;
use crate::support::{ACCOUNT, Folder, Key, Run};
use keyward::allow::Day;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;

const FILE: &str = ".keyward-baseline";

fn run(here: &Folder, arguments: &[&str]) -> Run {
    here.keyward(&[&["baseline"], arguments].concat())
}

/// Does what must succeed, and returns what it says.
fn done(here: &Folder, arguments: &[&str]) -> String {
    let run = run(here, arguments);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{arguments:?}");
    run.out
}

/// The lines of the file that accept something.
fn lines(here: &Folder) -> Vec<String> {
    here.read(FILE).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn create_accepts_all_that_a_scan_finds_and_says_what() {
    let (here, key, staged, marked) = (Folder::repository(), Key::new(720), Key::new(721), Key::new(722));
    here.stage("b.env", staged.env_file());
    here.write("b.env", "");
    here.write("sub/a b.env", key.env_file());
    here.write("c.env", format!("{} # keyward:allow a test key\n", marked.env_file().trim_end()));
    let said = here.keyward_in("sub", &["baseline", "create", "--reason", "here before\n keyward"]);
    assert_eq!(
        said.out,
        format!(
            "accepted 2 credentials in .keyward-baseline:\n  \
             sub/a b.env:3:23  AWS access key {}, account {ACCOUNT}\n  \
             b.env:3:23  AWS access key {}, account {ACCOUNT}\n\
             Accepted is not harmless: what was ever pushed is public, so switch it off.\n\
             added to .gitattributes, so that git merges the baseline by itself:\n  \
             /.keyward-baseline merge=union\n\
             For others it counts with a commit: git add :/.keyward-baseline :/.gitattributes\n",
            key.id, staged.id
        )
    );
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    assert_eq!(here.read(".gitattributes"), "/.keyward-baseline merge=union\n");
    let lines = lines(&here);
    assert_eq!(lines.len(), 2);
    let today = Day::today();
    let end = format!(" aws-access-key {today} sub/a%20b.env here before keyward");
    assert!(lines.iter().any(|line| line.ends_with(&end)), "{lines:?}");
    let file = here.read(FILE);
    for secret in [&key, &staged, &marked].map(|key| &key.secret) {
        assert!(!file.contains(&secret[..8]) && !file.contains(&secret[32..]));
    }
    assert_eq!(here.scan(&[]).status, 0);
    here.git(&["add", FILE]);
    assert_eq!(here.scan(&["--staged"]).status, 0);
}

#[test]
fn create_refuses_where_a_file_stands() {
    let (here, key) = (Folder::repository(), Key::new(723));
    here.write(FILE, "");
    here.write("a.env", key.env_file());
    let run = run(&here, &["create"]);
    let said = "keyward: there is a .keyward-baseline already\n  \
                caused by: to make it anew would accept what nobody has looked at\n  \
                hint: keyward baseline add FINGERPRINT --reason TEXT, or keyward baseline update\n";
    assert_eq!(run, Run { status: 2, out: String::new(), err: said.to_owned() });
    assert_eq!(here.read(FILE), "");
}

#[test]
fn create_writes_nothing_where_nothing_is_found_or_not_all_was_examined() {
    let here = Folder::repository();
    here.write("README", "x\n");
    assert_eq!(
        done(&here, &["create"]),
        "no credentials, so there is nothing to accept: .keyward-baseline was not made\n"
    );
    here.write("a.env", Key::new(724).env_file());
    here.stage("torn", "x\n");
    let blob = here.git(&["rev-parse", ":torn"]).out;
    std::fs::remove_file(here.at(format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()))).unwrap();
    let run = run(&here, &["create"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    let said = "keyward: not everything could be examined, so no baseline was made\n  caused by: torn: ";
    assert!(run.err.starts_with(said), "{}", run.err);
    assert!(!here.at(FILE).exists() && !here.at(".gitattributes").exists());
}

#[test]
fn made_twice_it_is_the_same_byte_for_byte() {
    let here = Folder::repository();
    for seed in 725..735 {
        here.stage(&format!("{seed}.env"), Key::new(seed).env_file());
    }
    here.commit();
    done(&here, &["create"]);
    let first = here.read(FILE);
    std::fs::remove_file(here.at(FILE)).unwrap();
    done(&here, &["create"]);
    assert_eq!(here.read(FILE), first);
    // In another clone, too, which has more commits.
    here.git(&["clone", "--quiet", ".", "clone"]);
    here.git(&[
        "-C",
        "clone",
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "x",
    ]);
    assert_eq!(here.keyward_in("clone", &["baseline", "create"]).status, 0);
    assert_eq!(here.read("clone/.keyward-baseline"), first);
    done(&here, &["update"]);
    assert_eq!(here.read(FILE), first);
}

#[test]
fn create_takes_the_history_on_request() {
    let (here, old, new) = (Folder::repository(), Key::new(736), Key::new(737));
    here.stage("a.env", old.env_file());
    here.commit();
    here.stage("a.env", new.env_file());
    here.commit();
    done(&here, &["create"]);
    assert_eq!((here.scan(&[]).status, here.scan(&["--history"]).status), (0, 1));
    std::fs::remove_file(here.at(FILE)).unwrap();
    done(&here, &["create", "--history"]);
    assert_eq!(here.scan(&["--history"]).status, 0);
}

#[test]
fn add_accepts_the_one_that_is_named() {
    let (here, key, other) = (Folder::repository(), Key::new(738), Key::new(739));
    here.write("sub/a.env", key.env_file());
    here.write("b.env", other.env_file());
    let fingerprint = format!("v1:{}", key.fingerprint());
    let said = done(&here, &["add", &fingerprint, "--reason", "the sandbox"]);
    let expected =
        format!("accepted in .keyward-baseline:\n  sub/a.env:3:23  AWS access key {}, account {ACCOUNT}\n", key.id);
    assert!(said.starts_with(&expected), "{said}");
    let expected = [("b.env:3".to_owned(), Value::Null), ("sub/a.env:3".to_owned(), json!("baseline"))];
    assert_eq!(fates(&here.scan(&[])), expected);
    // Once more, on other terms.
    let said = done(&here, &["add", &key.fingerprint(), "--reason", "for a while", "--until", "2999-12-31"]);
    assert!(said.contains(": the sandbox\nFor others it counts"), "{said}");
    let lines = lines(&here);
    assert!(lines.len() == 1 && lines[0].ends_with("..2999-12-31 sub/a.env for a while"), "{lines:?}");
}

#[test]
fn add_looks_at_the_index_and_at_files_that_git_ignores_and_on_request_at_the_history() {
    let (here, [staged, ignored, old]) = (Folder::repository(), [740, 741, 742].map(Key::new));
    here.stage("old.env", old.env_file());
    here.commit();
    here.stage("old.env", "");
    here.commit();
    here.stage("staged.env", staged.env_file());
    here.write("staged.env", "");
    here.write(".gitignore", "ignored.env\n");
    here.write("ignored.env", ignored.env_file());
    for key in [&staged, &ignored] {
        done(&here, &["add", &key.fingerprint(), "--reason", "test"]);
    }
    let refused = run(&here, &["add", &old.fingerprint(), "--reason", "test"]);
    let said = format!(
        "keyward: nothing that is found has the fingerprint '{}'\n  \
         hint: keyward baseline add FINGERPRINT --history --reason TEXT looks at all that was ever committed, too\n",
        old.fingerprint()
    );
    assert_eq!(refused, Run { status: 2, out: String::new(), err: said });
    done(&here, &["add", &old.fingerprint(), "--history", "--reason", "test"]);
    assert_eq!(lines(&here).len(), 3);
    assert_eq!(here.scan(&["--history"]).status, 0);
}

#[test]
fn add_refuses_what_is_no_fingerprint_or_more_than_one_and_what_says_no_reason() {
    let (here, key) = (Folder::repository(), Key::new(743));
    here.write("a.env", key.env_file());
    let refused = |arguments: &[&str], said: &str| {
        let run = run(&here, arguments);
        assert!(run.status == 2 && run.out.is_empty() && run.err.contains(said), "{arguments:?}: {}", run.err);
        assert!(!here.at(FILE).exists());
    };
    for name in ["a.env", "v1:", "012", "V1:0123", "01234567z"] {
        refused(&["add", name, "--reason", "x"], &format!("'{name}' is no fingerprint"));
    }
    refused(&["add", &key.fingerprint()], "--reason <TEXT>");
    refused(&["add", &key.fingerprint(), "--reason", " - "], "whoever reviews it wants to know");
    for day in ["2020-01-01", "2027-02-30", "soon"] {
        refused(&["add", &key.fingerprint(), "--reason", "x", "--until", day], "a day to come, as 2027-02-28");
    }
}

#[test]
fn add_wants_more_of_a_start_that_several_have() {
    let here = Folder::repository();
    let mut starts = std::collections::HashMap::new();
    let (one, two) = (10_000..)
        .find_map(|seed| {
            let key = Key::new(seed);
            let start = key.fingerprint()[..4].to_owned();
            starts.insert(start, seed).map(|other| (Key::new(other), key))
        })
        .unwrap();
    here.write("a.env", one.env_file());
    here.write("b.env", two.env_file());
    let start = &one.fingerprint()[..4];
    let run = run(&here, &["add", start, "--reason", "x"]);
    let said = format!("keyward: '{start}' is the start of 2 fingerprints\n  caused by: v1:{start}");
    assert!(run.err.starts_with(&said), "{}", run.err);
    assert!(run.err.ends_with("\n  hint: give more of the one that is meant\n"), "{}", run.err);
}

#[test]
fn update_removes_what_is_gone_and_nothing_else_and_says_so() {
    let (here, [kept, old, gone]) = (Folder::repository(), [744, 745, 746].map(Key::new));
    here.stage("kept.env", kept.env_file());
    here.stage("old.env", old.env_file());
    here.commit();
    here.stage("old.env", "");
    here.write("gone.env", gone.env_file());
    done(&here, &["create", "--history", "--reason", "test"]);
    let before = here.read(FILE);
    assert_eq!(lines(&here).len(), 3);
    assert!(done(&here, &["update"]).starts_with("removed from .keyward-baseline: 0 of 3 lines\n"));
    assert_eq!(here.read(FILE), before);

    std::fs::remove_file(here.at("gone.env")).unwrap();
    let said = done(&here, &["update"]);
    let today = Day::today();
    assert_eq!(
        said,
        format!(
            "removed from .keyward-baseline: 1 of 3 lines\n  \
             gone.env  aws-access-key, gone\n    accepted {today}: test\n\
             kept for the history alone, which still holds it: 1 line\n  \
             hint: keyward baseline update --forget-history, if nobody scans the history\n\
             For others it counts with a commit: git add :/.keyward-baseline\n"
        )
    );
    assert_eq!(here.scan(&["--history", "--reachable"]).status, 0);
    assert!(done(&here, &["update", "--forget-history"]).contains("removed from .keyward-baseline: 1 of 2 lines"));
    assert_eq!(fates(&here.scan(&[])), [("kept.env:3".to_owned(), json!("baseline"))]);
}

#[test]
fn update_removes_nothing_where_not_all_of_the_history_is_here() {
    let (here, key) = (Folder::repository(), Key::new(747));
    here.stage("a.env", key.env_file());
    here.commit();
    done(&here, &["create"]);
    here.stage("a.env", "");
    here.git(&["add", "."]);
    here.commit();
    here.git(&["clone", "--quiet", "--depth=1", &format!("file://{}", here.path().display()), "shallow"]);
    let run = here.keyward_in("shallow", &["baseline", "update"]);
    let said = "keyward: not everything could be examined, so .keyward-baseline stays as it is\n";
    assert!(run.status == 2 && run.err.starts_with(said), "{}", run.err);
    assert!(run.err.contains("git fetch --unshallow") || run.err.contains("shallow"), "{}", run.err);
    assert_eq!(here.read("shallow/.keyward-baseline"), here.read(FILE));
}

#[test]
fn update_and_show_want_a_baseline() {
    let here = Folder::repository();
    for verb in ["update", "show"] {
        let run = run(&here, &[verb]);
        let said = "keyward: there is no .keyward-baseline at the top of this work tree\n  \
                    hint: keyward baseline create accepts all that a scan finds today\n";
        assert_eq!(run, Run { status: 2, out: String::new(), err: said.to_owned() });
    }
}

#[test]
fn show_explains_each_line_and_where_it_still_is() {
    let (here, [key, gone, over]) = (Folder::repository(), [748, 749, 750].map(Key::new));
    here.write("a.env", key.env_file());
    here.write("deep/copy.env", format!("{}{}", filler(2), key.env_file()));
    let line = |key: &Key, path: &str, until: Option<&str>| {
        super::line(&[&key.secret, &key.id], "a \u{202e}reason", until).replace(" a.env ", &format!(" {path} "))
    };
    here.write(
        FILE,
        [line(&over, "z", Some("2020-01-01")), line(&gone, "b%20c", None), line(&key, "a.env", None)].join("\n"),
    );
    here.write("z", over.env_file());
    let head = |path: &str, key: &Key| format!("{path}:3:23  AWS access key {}, account {ACCOUNT}", key.id);
    assert_eq!(
        done(&here, &["show"]),
        format!(
            "{}\n    accepted 2026-11-24: a \\u{{202e}}reason\n    also at deep/copy.env:5:23\n\n\
             b c  aws-access-key, not in the files of today\n    accepted 2026-11-24: a \\u{{202e}}reason\n\n\
             {}\n    accepted 2026-11-24 until 2020-01-01, which is over: a \\u{{202e}}reason\n\n\
             .keyward-baseline: lines 3, that accept nothing in the files of today 1, that are over 1\n\
             keyward baseline update removes those that the history does not hold, either\n",
            head("a.env", &key),
            head("z", &over)
        )
    );
}

#[test]
fn gitattributes_keeps_what_it_has_and_gets_the_line_once() {
    let (here, key, other) = (Folder::repository(), Key::new(751), Key::new(752));
    here.write(".gitattributes", "*.png binary");
    here.write("a.env", key.env_file());
    here.write("b.env", other.env_file());
    done(&here, &["add", &key.fingerprint(), "--reason", "x"]);
    let said = done(&here, &["add", &other.fingerprint(), "--reason", "x"]);
    assert!(said.ends_with("For others it counts with a commit: git add :/.keyward-baseline\n"), "{said}");
    assert_eq!(here.read(".gitattributes"), "*.png binary\n/.keyward-baseline merge=union\n");

    // A link is not written through, and that is said.
    std::fs::remove_file(here.at(".gitattributes")).unwrap();
    here.write("elsewhere", "");
    symlink("elsewhere", here.at(".gitattributes")).unwrap();
    let said = done(&here, &["add", &key.fingerprint(), "--reason", "x"]);
    assert!(said.contains("add to .gitattributes, so that git merges the baseline by itself:\n"), "{said}");
    assert_eq!(here.read("elsewhere"), "");
}

#[test]
fn a_bare_repository_and_a_plain_folder_have_no_baseline() {
    let here = Folder::new();
    assert!(run(&here, &["create"]).err.starts_with("keyward: not a git repository"));
    here.git(&["init", "--quiet", "--bare", "bare.git"]);
    let run = here.keyward_in("bare.git", &["baseline", "create"]);
    assert!(run.status == 2 && run.err.starts_with("keyward: a bare repository has no work tree"), "{}", run.err);
}
