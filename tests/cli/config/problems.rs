//! What is said of configs that are wrong: `problems.txt` holds each with the whole of what is said, and is written
//! anew by this test where `KEYWARD_WRITE_SNAPSHOTS` is set.

use crate::support::Folder;
use std::fmt::Write as _;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/config/problems.txt");

/// Before the title of a case; between its config and what is said of it.
const TITLE: &str = "##### ";
const SAID: &str = "-----\n";

#[test]
fn every_problem_is_said_as_the_snapshot_has_it() {
    let snapshot = std::fs::read_to_string(FILE).unwrap();
    let mut parts = snapshot.split(TITLE);
    let mut now = parts.next().unwrap().to_owned();
    for case in parts {
        let (title, rest) = case.split_once('\n').unwrap();
        let (config, _) = rest.split_once(SAID).unwrap();
        let here = Folder::repository();
        here.write(".keyward.toml", config);
        let run = here.keyward(&["config", "check"]);
        let wide = run.err.lines().filter(|line| line.chars().count() > 80).collect::<Vec<_>>();
        assert!(wide.is_empty(), "{title}: {wide:?}");
        write!(now, "{TITLE}{title}\n{config}{SAID}exit {}\n{}{}\n", run.status, run.err, run.out).unwrap();
    }
    if std::env::var_os("KEYWARD_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(FILE, &now).unwrap();
    }
    assert_eq!(now, snapshot);
}
