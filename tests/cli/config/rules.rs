//! Rules of a config: they find in every source what they find in a file.

use crate::support::{Folder, Run};

/// A rule whose matches end, and one whose matches do not.
const RULES: &str = "\
[[rule]]
id = 'acme-token'
description = 'Acme API token'
regex = 'acme_([a-z0-9]{12})\\b'
keywords = ['ACME_']
severity = 'critical'
confidence = 'high'
examples = ['token: acme_0123456789ab']
near-misses = ['acme_0123', 'acme_0123456789abcdef']

[[rule]]
id = 'note'
regex = 'BEGIN[ ]NOTE[^!]+!'
";

const TOKEN: &str = "key: acme_abcdefgh1234\n";

fn with_rules() -> Folder {
    let here = Folder::repository();
    here.write(".keyward.toml", RULES);
    here
}

/// `rule path:line:column secret` of what counts in a jsonl report.
fn found(run: &Run) -> Vec<String> {
    let counts = |object: &serde_json::Value| object["type"] == "finding" && object["suppressed_by"].is_null();
    let findings = run.objects().into_iter().filter(counts);
    findings
        .map(|finding| {
            let place = &finding["locations"][0];
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let place = format!("{}:{}:{}", text(&place["path"]), place["line"], place["column"]);
            format!("{} {place} {}", text(&finding["rule"]), text(&finding["secret"]))
        })
        .collect()
}

#[test]
fn a_rule_finds_the_same_in_every_source() {
    let here = with_rules();
    here.write("a.txt", TOKEN);
    assert_eq!(found(&here.scan(&[])), ["acme-token a.txt:1:11 a...(12)"]);
    let run = here.keyward_reading(TOKEN, &["scan", "--format", "jsonl", "-"]);
    assert_eq!(found(&run), ["acme-token -:1:11 a...(12)"]);
    here.stage("a.txt", TOKEN);
    assert_eq!(found(&here.scan(&["--staged"])), ["acme-token a.txt:1:11 a...(12)"]);
    let run = here.keyward(&["hook", "run", "pre-commit"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("a.txt:1:11  Acme API token\n"), "{}", run.err);
    here.git(&["commit", "--quiet", "--no-verify", "--message", "with acme_zyxwvuts9876 in it"]);
    let in_history = ["acme-token a.txt:1:11 a...(12)", "acme-token message of commit"];
    for scope in [&["--history"][..], &["--history", "--range", "main"]] {
        let found = found(&here.scan(scope));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().zip(in_history).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
    }
    here.write("message", "acme_zyxwvuts9876\n");
    assert_eq!(here.keyward(&["hook", "run", "commit-msg", "message"]).status, 1);
}

#[test]
fn in_a_history_of_deltas_each_version_is_looked_at() {
    let here = with_rules();
    let filler = "a line of many that do not change\n".repeat(2000);
    for (version, text) in
        ["acme_aaaaaaaaaaa", "acme_aaaaaaaaaaaa", "acme_aaaaaaaaaaaaa", "x BEGIN NOTE", "x!"].iter().enumerate()
    {
        here.stage("big.txt", format!("{filler}{text}{version}\n{filler}BEGIN NOTE"));
        here.commit();
    }
    here.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
    let run = here.scan(&["--history"]);
    let mut found: Vec<String> = found(&run).iter().map(|found| found.rsplit_once(' ').unwrap().0.to_owned()).collect();
    found.sort();
    // The first has twelve letters with its number; the notes end at the mark that comes last.
    assert_eq!(found, ["acme-token big.txt:2001:6"]);
    here.stage("big.txt", format!("{filler}BEGIN NOTE, which ends!\n{filler}"));
    here.commit();
    here.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
    let found = here.scan(&["--history"]).objects();
    assert_eq!(found.iter().filter(|object| object["rule"] == "note").count(), 1);
}

#[test]
fn a_rule_for_paths_counts_at_any_of_the_paths_that_a_history_has() {
    let here = Folder::repository();
    here.write(
        ".keyward.toml",
        "[[rule]]\nid = 'pin'\nregex = 'pin=(\\d{4})'\nkeywords = ['pin']\npaths = ['[.]env$']\n",
    );
    here.stage("a.txt", "pin=1234\n");
    here.commit();
    assert_eq!(here.keyward(&["scan", "--history", "--quiet"]).status, 0);
    here.git(&["mv", "a.txt", "b.env"]);
    here.commit();
    assert_eq!(here.keyward(&["scan", "--history", "--quiet"]).status, 1);
    assert_eq!(found(&here.scan(&[])), ["pin b.env:1:5 ...(4)"]);
}

#[test]
fn entropy_groups_and_entries_of_a_rule_decide() {
    let here = Folder::repository();
    here.write("a.txt", "pass=aaaaaaaaaaaa pass=k3J9x2Lq8ZpT pass=k3J9x2LqTEST\n");
    let rule = "[[rule]]\nid = 'pass'\nregex = '(pass)=(\\w{12})'\nkeywords = ['pass']\n";
    for (more, secrets) in [
        ("secret-group = 2\n", &["a...(12)", "k...(12)", "k...(12)"][..]),
        ("secret-group = 2\nentropy = 3.0\n", &["k...(12)", "k...(12)"]),
        ("secret-group = 0\nentropy = 3.0\n", &["pa...(17)", "pa...(17)"]),
        ("secret-group = 2\nentropy = 3.0\n[[rule.allow]]\nreason = 'x'\nstopwords = ['test']\n", &["k...(12)"]),
    ] {
        here.write(".keyward.toml", format!("{rule}{more}"));
        let found = found(&here.scan(&[]));
        let found: Vec<&str> = found.iter().map(|found| found.rsplit_once(' ').unwrap().1).collect();
        assert_eq!(found, secrets, "{more}");
    }
}

#[test]
fn an_example_in_the_config_is_no_finding() {
    let here = with_rules();
    assert_eq!(here.keyward(&["scan", "--quiet"]).status, 0);
    here.write("a.txt", "token: acme_0123456789ab");
    assert_eq!(found(&here.scan(&[])), ["acme-token a.txt:1:13 0...(12)"]);
}

#[test]
fn own_rules_have_their_place_in_every_report() {
    let here = with_rules();
    here.write("a.txt", TOKEN);
    for format in ["human", "html", "json", "jsonl", "concise", "sarif", "gitlab-secrets", "junit", "github", "rdjson"]
    {
        let run = here.keyward(&["scan", "--format", format]);
        assert_eq!(run.status, 1, "{format}");
        assert!(run.out.contains("Acme API token") || run.out.contains("acme-token"), "{format}: {}", run.out);
        assert!(!run.out.contains("acme_abcdefgh1234") && !run.out.contains("abcdefgh1234"), "{format}: {}", run.out);
    }
}

#[test]
fn the_rules_of_the_config_are_listed_shown_and_tried() {
    let here = with_rules();
    let listed = here.keyward(&["rules", "list"]).out;
    assert!(listed.ends_with(
        "acme-token                   critical  high    Acme API token\n\
         note                         high      medium  note\n"
    ));
    let shown = here.keyward(&["rules", "show", "acme-token"]).out;
    let expected = "\
acme-token: Acme API token
  what        found by a rule of the config
  how         as the config says
  severity    critical
  confidence  high
  documented  the config
  regex       acme_([a-z0-9]{12})\\b
  keywords    acme_
  looks at    17 bytes around each keyword
  tried on    1 example, 2 near misses
";
    assert_eq!(shown, expected);
    let tried = here.keyward(&["rules", "test"]);
    assert_eq!(tried.status, 0);
    assert!(tried.out.contains("ok   acme-token                   finds 1 example, leaves 2 near misses\n"));
    assert!(tried.out.contains("none note                         has no examples in the config\n"), "{}", tried.out);
    assert_eq!(here.keyward(&["rules", "show", "acme-token", "--isolated"]).status, 2);
}
