//! Configs: which one counts, what it does, and what is said of one that is wrong.

mod commands;
mod problems;
mod rules;

use crate::support::{Folder, Key};

/// An allow entry for a folder.
const ALLOW_FIXTURES: &str = "[[allow]]\nreason = 'made up for the tests'\npaths = ['^fixtures/']\n";

/// A repository with a key in `fixtures/a.env` and another in `b.env`.
fn with_two_keys() -> (Folder, Key, Key) {
    let (here, accepted, other) = (Folder::repository(), Key::new(801), Key::new(802));
    here.write("fixtures/a.env", accepted.env_file());
    here.write("b.env", other.env_file());
    (here, accepted, other)
}

#[test]
fn what_an_entry_accepts_is_reported_with_its_reason_and_does_not_count() {
    let (here, _, other) = with_two_keys();
    here.write(".keyward.toml", ALLOW_FIXTURES);
    let run = here.scan(&[]);
    assert_eq!(run.status, 1);
    let standing: Vec<_> = run.objects().into_iter().filter(|object| object["suppressed_by"].is_null()).collect();
    assert_eq!(standing[0]["key_id"], other.id);
    let accepted = run.objects().into_iter().find(|object| object["suppressed_by"] == "config").unwrap();
    assert_eq!(accepted["reason"], "made up for the tests");
    assert_eq!(run.summary()["suppressed"], 1);
    let run = here.keyward(&["scan", "fixtures"]);
    assert_eq!(run.status, 0);
    assert!(run.err.contains("1 accepted by the config"), "{}", run.err);
}

#[test]
fn the_config_at_the_top_counts_wherever_keyward_is_started() {
    let (here, ..) = with_two_keys();
    here.write(".keyward.toml", ALLOW_FIXTURES);
    // A config in a folder below the top is none.
    here.write("fixtures/.keyward.toml", "broken");
    let run = here.keyward_in("fixtures", &["scan", "--quiet", "."]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let elsewhere = Folder::new();
    let path = here.at("fixtures");
    assert_eq!(elsewhere.keyward(&["scan", "--quiet", path.to_str().unwrap()]).status, 0);
}

#[test]
fn an_argument_counts_more_than_the_environment_than_the_top_than_the_user() {
    let (here, accepted, other) = with_two_keys();
    let config =
        |reason: &str| format!("[[allow]]\nreason = '{reason}'\nkey-ids = ['{}', '{}']\n", accepted.id, other.id);
    here.write("argument.toml", config("argument"));
    here.write("environment.toml", config("environment"));
    here.write("user/keyward/config.toml", config("user"));
    let because = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = here.command(crate::support::KEYWARD);
        command.args(["scan", "--format", "jsonl", "b.env"]).args(arguments).envs(variables.iter().copied());
        let run: crate::support::Run = command.output().unwrap().into();
        run.objects()[0]["reason"].as_str().map(str::to_owned)
    };
    let user = here.at("user");
    let user = ("XDG_CONFIG_HOME", user.to_str().unwrap());
    let environment = ("KEYWARD_CONFIG", "environment.toml");
    assert_eq!(because(&[], &[]), None);
    assert_eq!(because(&[], &[user]).as_deref(), Some("user"));
    here.write(".keyward.toml", config("top"));
    assert_eq!(because(&[], &[user]).as_deref(), Some("top"));
    assert_eq!(because(&[], &[user, environment]).as_deref(), Some("environment"));
    assert_eq!(because(&["--config", "argument.toml"], &[user, environment]).as_deref(), Some("argument"));
    assert_eq!(because(&["--isolated"], &[user, environment]), None);
}

#[test]
fn a_broken_config_ends_every_kind_of_run() {
    let here = Folder::repository();
    here.stage("a.txt", "x\n");
    here.commit();
    here.stage("b.txt", "x\n");
    here.write(".keyward.toml", "fail-on = 'never'\n");
    here.write("message", "words\n");
    for arguments in [
        &["scan"][..],
        &["scan", "--staged"],
        &["scan", "--history"],
        &["scan", "-"],
        &["ci"],
        &["hook", "run", "pre-commit"],
        &["hook", "run", "commit-msg", "message"],
        &["config", "check"],
    ] {
        let run = here.keyward(arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains("cannot read .keyward.toml\n  line 1, column 11: `fail-on`"), "{}", run.err);
        assert_eq!(here.keyward(&[arguments, &["--isolated"]].concat()).status == 0, arguments[0] != "hook");
    }
}

#[test]
fn a_config_that_is_named_must_be_there_and_one_at_the_top_must_be_a_file() {
    let here = Folder::repository();
    here.write("a.txt", "x\n");
    let run = here.keyward(&["scan", "--config", "none.toml"]);
    let said = "keyward: cannot read none.toml\n  caused by: No such file or directory (os error 2)\n  \
                hint: it was named by --config\n";
    assert_eq!((run.status, run.err.as_str()), (2, said));
    std::os::unix::fs::symlink("/etc/passwd", here.at(".keyward.toml")).unwrap();
    let run = here.keyward(&["scan"]);
    let said = "keyward: cannot read .keyward.toml\n  caused by: it is no plain file, and a link is not followed\n  \
                hint: put a file there, or name one with --config\n";
    assert_eq!((run.status, run.err.as_str()), (2, said));
}

#[test]
fn excluded_paths_are_counted_and_a_config_that_leaves_nothing_is_an_error() {
    let (here, _, other) = with_two_keys();
    here.write(".keyward.toml", "[[exclude]]\npaths = ['^fixtures/']\nreason = 'made up'\n");
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("b.env:3 {}", other.id)]);
    assert_eq!(run.summary()["excluded"], 1);
    let run = here.keyward(&["scan", "fixtures"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("the config leaves out every file"), "{}", run.err);
}

#[test]
fn a_rule_that_is_off_is_still_counted() {
    let (here, key) = (Folder::repository(), Key::new(803));
    here.write("a.env", format!("id = {}\n", key.id));
    here.write(".keyward.toml", "[rules]\noff = ['aws-access-key-id']\n");
    let run = here.scan(&[]);
    assert_eq!((run.status, &run.objects()[0]["reason"]), (0, &"its rule is off".into()));
}

#[test]
fn levels_come_from_the_config_unless_they_are_typed() {
    let (here, key) = (Folder::repository(), Key::new(804));
    here.write("a.env", format!("id = {}\n", key.id));
    here.write(".keyward.toml", "fail-on = 'critical'\n");
    assert_eq!(here.scan(&[]).status, 0);
    assert_eq!(here.scan(&["--fail-on", "medium"]).status, 1);
    here.write("b.txt", format!("{}\n", key.secret));
    assert_eq!(here.scan(&["b.txt"]).summary()["findings"], 0);
    here.write(".keyward.toml", "min-confidence = 'low'\n");
    assert_eq!(here.scan(&["b.txt"]).summary()["findings"], 1);
}

#[test]
fn an_entry_that_has_expired_accepts_nothing_and_that_is_said() {
    let (here, ..) = with_two_keys();
    here.write(".keyward.toml", format!("{ALLOW_FIXTURES}expires = 2024-02-29\n"));
    let run = here.keyward(&["scan", "fixtures"]);
    assert_eq!(run.status, 1);
    let said = ".keyward.toml:4  this expired on 2024-02-29, so it accepts nothing any more";
    assert!(run.err.contains(said), "{}", run.err);
    here.write(".keyward.toml", format!("{ALLOW_FIXTURES}expires = 2999-01-01\n"));
    assert_eq!(here.keyward(&["scan", "fixtures"]).status, 0);
}

#[test]
fn each_check_of_an_entry_is_held_against_what_it_names() {
    let (here, key) = (Folder::repository(), Key::new(805));
    here.stage("a.env", key.env_file());
    here.commit();
    let found = here.scan(&["--history"]).objects()[0].clone();
    let (commit, fingerprint) = (found["commit"].as_str().unwrap(), found["fingerprint"].as_str().unwrap());
    let (start, end) = (&key.secret[..9], &key.secret[30..]);
    for (check, accepts) in [
        (format!("commits = ['{commit}']"), true),
        (format!("commits = ['{}']", "0".repeat(40)), false),
        (format!("fingerprints = ['{fingerprint}']"), true),
        (format!("key-ids = ['{}']", key.id), true),
        (format!("accounts = ['{}']", crate::support::ACCOUNT), true),
        ("accounts = ['000000000001']".to_owned(), false),
        (format!("stopwords = ['{}']", end.to_uppercase()), true),
        (format!("values = ['''^{}''']", regex_of(start)), true),
        (format!("values = ['''{}''']", "^AWS_SECRET"), false),
        ("values = ['^AWS_SECRET_ACC']\ntarget = 'line'".to_owned(), true),
        ("values = ['^AWS_SECRET_ACC']\ntarget = 'match'".to_owned(), true),
        ("paths = ['^a[.]env$']\naccounts = ['000000000001']".to_owned(), false),
        ("condition = 'any'\npaths = ['^a[.]env$']\naccounts = ['000000000001']".to_owned(), true),
        ("rules = ['aws-access-key']\npaths = ['^a[.]env$']".to_owned(), true),
        ("rules = ['aws-access-key-id']\npaths = ['^a[.]env$']".to_owned(), false),
    ] {
        here.write(".keyward.toml", format!("[[allow]]\nreason = 'a test'\n{check}\n"));
        let run = here.keyward(&["scan", "--history", "--quiet"]);
        assert_eq!(run.status, i32::from(!accepts), "{check}: {}", run.err);
    }
}

/// A pattern for a text of base64.
fn regex_of(text: &str) -> String {
    text.replace('+', "[+]")
}
