//! `keyward config check | show | init | schema`.

use crate::support::{Folder, installed};
use std::process::Command;

#[test]
fn check_says_what_rules_cost() {
    let here = Folder::repository();
    here.write(
        ".keyward.toml",
        "[[rule]]\nid = 'near'\nregex = 'tok_[a-z]{9}'\nkeywords = ['tok_']\n\
         [[rule]]\nid = 'endless'\nregex = 'tok_[a-z]{9,}'\nkeywords = ['tok_']\npaths = ['[.]env$']\n\
         [[rule]]\nid = 'wordless'\nregex = '[a-f]{32}'\n",
    );
    let run = here.keyward(&["config", "check"]);
    let said = "\
.keyward.toml can be followed
1 of 3 rules look only around their keywords, which costs next to nothing
  endless: looks at all of each text that holds a keyword
  wordless: looks at all of every text
  hint: give each a keyword that stands in every match, and repeat no more than so
  often: {20,200} instead of {20,}
1 rule asking for a path: a history is asked for all paths of what these find
";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (0, said, ""));
}

#[test]
fn show_says_where_each_setting_comes_from() {
    let here = Folder::repository();
    let run = here.keyward(&["config", "show"]);
    assert!(run.out.starts_with(
        "config           none                                     what is built in\n\
         min-confidence   medium                                   built in\n\
         fail-on          medium                                   built in\n\
         rule on          aws-access-key                           built in\n"
    ));
    here.write(
        ".keyward.toml",
        "fail-on = 'high'\n[aws]\naccounts = ['123456789012']\n[rules]\noff = ['aws-mws-token']\n\
         [[exclude]]\npaths = ['^vendor/']\nreason = 'not ours'\n\
         [[allow]]\nreason = 'tests'\nrules = ['aws-access-key']\npaths = ['^t/']\nexpires = 2999-01-31\n\
         [[rule]]\nid = 'mine'\nregex = 'x{9}'\n",
    );
    let run = here.keyward(&["config", "show"]);
    let lines: Vec<&str> =
        run.out.lines().filter(|line| !(line.starts_with("rule on ") && line.ends_with("built in"))).collect();
    assert_eq!(
        lines,
        [
            "config           .keyward.toml                            at the top of the work tree",
            "min-confidence   medium                                   built in",
            "fail-on          high                                     .keyward.toml",
            "aws account      123456789012                             .keyward.toml",
            "rule off         aws-mws-token                            .keyward.toml",
            "rule on          mine                                     .keyward.toml",
            "excluded         ^vendor/                                 .keyward.toml:6: not ours",
            "allowed          aws-access-key until 2999-01-31          .keyward.toml:9: tests",
        ]
    );
    let run = here.keyward(&["config", "show", "--isolated"]);
    assert!(run.out.starts_with("config           none                                     what is built in\n"));
}

#[test]
fn init_writes_a_config_that_can_be_followed_and_refuses_where_one_stands() {
    let here = Folder::repository();
    here.write("sub/a.txt", "x\n");
    let run = here.keyward_in("sub", &["config", "init"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let written = here.read(".keyward.toml");
    assert_eq!(here.keyward(&["config", "check"]).status, 0);
    assert_eq!(here.keyward(&["scan", "--quiet"]).status, 0);
    let run = here.keyward(&["config", "init"]);
    let said = "keyward: .keyward.toml is there already\n  hint: keyward config check tells what is wrong with it\n";
    assert_eq!((run.status, run.err.as_str()), (2, said));
    assert_eq!(here.read(".keyward.toml"), written);
    // Without its comments, it says what the comments say.
    here.write(".keyward.toml", uncommented(&written));
    let run = here.keyward(&["config", "check"]);
    assert_eq!(run.status, 0, "{}", run.err);
}

/// The example that is switched off, switched on.
fn uncommented(text: &str) -> String {
    // Sentences begin with a capital letter, keys do not.
    let is_code = |line: &&str| line.starts_with('[') || line.starts_with(char::is_lowercase) && line.contains(" = ");
    let lines = text.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_code);
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn the_schema_takes_what_keyward_takes_and_refuses_what_a_schema_can() {
    let here = Folder::repository();
    let schema = here.keyward(&["config", "schema"]);
    assert_eq!(schema.out, include_str!("../../../docs/keyward.schema.json"));
    here.write("schema.json", &schema.out);
    here.keyward(&["config", "init"]);
    here.write("cases/example.toml", uncommented(&here.read(".keyward.toml")));
    let snapshot = include_str!("problems.txt");
    let mut expected = vec![("example.toml".to_owned(), true)];
    for (at, case) in snapshot.split("##### ").skip(1).enumerate() {
        let (title, rest) = case.split_once('\n').unwrap();
        let (config, said) = rest.split_once("-----\n").unwrap();
        here.write(format!("cases/{at}.toml"), config);
        if said.starts_with("exit 0") || IN_A_SCHEMA.contains(&title) {
            expected.push((format!("{at}.toml"), said.starts_with("exit 0")));
        }
    }
    let script = "
import fastjsonschema, json, sys, tomllib
valid = fastjsonschema.compile(json.load(open('schema.json')))
plain = lambda value: {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else [plain(v) for v in value] if isinstance(value, list) else value if isinstance(value, (str, int, float, bool)) else str(value)
for name in sys.argv[1:]:
    try:
        valid(plain(tomllib.load(open('cases/' + name, 'rb'))))
        print(name, 'true')
    except fastjsonschema.JsonSchemaException as error:
        print(name, 'false')
";
    let python = installed("formats", "validators-2").join("python/bin/python");
    let names = expected.iter().map(|(name, _)| name.as_str());
    let output = Command::new(python).current_dir(here.path()).args(["-c", script]).args(names).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let expected: Vec<String> = expected.iter().map(|(name, holds)| format!("{name} {holds}")).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}

/// The cases of the snapshot whose mistake a schema can see.
const IN_A_SCHEMA: [&str; 24] = [
    "an unknown key with a likely meaning",
    "an unknown key without one",
    "a word that is none",
    "another type",
    "a list with another type in it",
    "an empty list",
    "an account that is none",
    "an exclusion without paths or reason",
    "an entry that accepts everything",
    "an entry that accepts all of a rule",
    "an entry without a reason",
    "a stopword that every secret has",
    "names of another form",
    "a target without values, a condition that is none",
    "a day that is none",
    "everything at once",
    "characters that steer a terminal",
    "a rule without anything",
    "a name that is none",
    "a keyword of one letter, an entropy out of bounds",
    "numbers of another type",
    "levels that are none",
    "an entry of a rule that accepts all of it",
    "an unknown key of a rule",
];
