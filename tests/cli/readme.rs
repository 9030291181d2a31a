//! The papers speak of what exists.

use crate::support::{Folder, Key};
use std::collections::BTreeSet;

const README: &str = include_str!("../../README.md");

#[test]
fn every_command_in_the_readme_is_one_that_keyward_takes() {
    let here = Folder::new();
    let lines = README.lines().filter_map(|line| line.strip_prefix("    "));
    let commands = lines.flat_map(|line| line.split("| ").filter_map(|command| command.strip_prefix("keyward ")));
    let mut tried = 0;
    for command in commands {
        let command = command.split(" #").next().unwrap();
        let words: Vec<_> = command.split_whitespace().chain(["--help"]).collect();
        let run = here.keyward(&words);
        assert_eq!(run.status, 0, "keyward {command}: {}", run.err);
        tried += 1;
    }
    assert!(tried >= 7, "{tried} commands");
}

#[test]
fn the_readmes_objects_have_the_fields_that_keyward_writes() {
    let (here, key) = (Folder::new(), Key::new(400));
    here.write("a.env", key.env_file());
    let block = README.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let shown = serde_json::Deserializer::from_str(block).into_iter::<serde_json::Value>().map(Result::unwrap);
    let fields = |object: serde_json::Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(
        shown.map(fields).collect::<Vec<_>>(),
        here.scan(&[]).objects().into_iter().map(fields).collect::<Vec<_>>()
    );
}

#[test]
fn the_readme_names_every_severity_as_the_rules_have_it() {
    let here = Folder::new();
    let listed = here.keyward(&["rules", "list"]).out;
    let severities: BTreeSet<_> = listed.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert!(severities.iter().all(|severity| README.contains(severity)), "{severities:?}");
}
