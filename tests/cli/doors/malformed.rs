//! Objects that git would never write, and sends all the same: what git reads in them is examined.

use super::pushes::cloned;
use super::servers::served;
use crate::support::{Folder, Key};

/// Writes an object as it is, and returns its name.
fn object(here: &Folder, kind: &str, content: &[u8]) -> String {
    here.write("raw", content);
    here.git(&["hash-object", "-t", kind, "-w", "--literally", "raw"]).out.trim().to_owned()
}

fn entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&id[at..at + 2], 16).unwrap();
    let hash = (0..id.len()).step_by(2).map(digit);
    format!("{mode} {name}\0").into_bytes().into_iter().chain(hash).collect()
}

fn commit(here: &Folder, headers: &str) -> String {
    let who = "Author <author@example.org> 1700000000 +0000";
    let parent = here.git(&["rev-parse", "HEAD"]).out;
    let text = headers.replace("PARENT", parent.trim());
    object(here, "commit", format!("{text}author {who}\ncommitter {who}\n\nchange\n").as_bytes())
}

/// Commits that hold a key where only a careful reader looks.
fn malformed(here: &Folder, key: &Key) -> Vec<(&'static str, String)> {
    let secret = object(here, "blob", key.env_file().as_bytes());
    let harmless = object(here, "blob", b"PORT=80\n");
    let inner = object(here, "tree", &entry("100644", "a.env", &secret));
    let clean = object(here, "tree", &entry("100644", "a.env", &harmless));
    let twice = [entry("100644", "a.env", &secret), entry("100644", "a.env", &harmless)].concat();
    let (twice, odd) = (object(here, "tree", &twice), object(here, "tree", &entry("40755", "d", &inner)));
    let of = |tree: &str| commit(here, &format!("tree {tree}\nparent PARENT\n"));
    vec![
        ("two trees", commit(here, &format!("tree {inner}\nparent PARENT\ntree {clean}\n"))),
        ("two entries of one name", of(&twice)),
        ("a folder of an odd mode", of(&odd)),
    ]
}

#[test]
fn what_git_reads_in_a_malformed_object_is_examined_before_it_is_sent_or_taken() {
    let key = Key::new(980);
    for here in [cloned(), served()] {
        for (what, commit) in malformed(&here, &key) {
            let run = here.try_git(&["push", "--quiet", "origin", &format!("{commit}:refs/heads/evil")]);
            assert!(run.status != 0 && run.err.contains("a.env:3:23  AWS access key"), "{what}: {}", run.err);
        }
    }
}

#[test]
fn a_submodules_commit_that_turns_out_to_be_a_file_is_examined() {
    let key = Key::new(982);
    for here in [cloned(), served()] {
        let secret = object(&here, "blob", key.env_file().as_bytes());
        for mode in ["160000", "100644"] {
            let tree = object(&here, "tree", &entry(mode, "a.env", &secret));
            let commit = commit(&here, &format!("tree {tree}\nparent PARENT\n"));
            here.git(&["update-ref", "HEAD", &commit]);
            let run = here.try_git(&["push", "--quiet", "origin", "HEAD:main"]);
            // The first one sends no file.
            assert_eq!(run.status == 0, mode == "160000", "{mode}: {}", run.err);
        }
    }
}

#[test]
fn a_commit_that_names_a_parent_many_times_is_examined_in_time() {
    let (here, key) = (cloned(), Key::new(981));
    let secret = object(&here, "blob", key.env_file().as_bytes());
    let tree = object(&here, "tree", &entry("100644", "a.env", &secret));
    let commit = commit(&here, &format!("tree {tree}\n{}", "parent PARENT\n".repeat(2_000)));
    let run = here.try_git(&["push", "--quiet", "origin", &format!("{commit}:refs/heads/evil")]);
    assert!(run.status != 0 && run.err.contains("a.env:3:23  AWS access key"), "{}", run.err);
}
