//! `keyward config import`.

use super::honoured::{decisions, hash_of, secret_file};
use crate::support::{Folder, Key};

#[test]
fn what_was_imported_accepts_the_same_without_the_files() {
    let here = Folder::repository();
    let (known, listed, ignored) = (Key::new(830), Key::new(831), Key::new(832));
    let hash = hash_of(&known);
    here.write("test/a.env", Key::new(833).env_file());
    here.write("b.env", secret_file(&known));
    here.write("c.env", secret_file(&listed));
    here.write("lib/d.env", secret_file(&ignored));
    here.write("e.env", secret_file(&Key::new(834)));
    let config = "[extend]\nuseDefault = true\n[[allowlists]]\ndescription = \"it's a test\"\npaths = ['^test/']\n";
    here.write(".gitleaks.toml", config);
    here.write(".gitleaksignore", "c.env:generic-api-key:2\ngone.env:generic-api-key:2\n");
    here.write(
        ".secrets.baseline",
        format!("{{\"results\": {{\"b.env\": [{{\"type\": \"x\", \"hashed_secret\": \"{hash}\"}}]}}}}"),
    );
    here.write(".secretsignore", "lib/*.env\n");
    let imported = here.keyward(&["config", "import"]);
    assert_eq!(imported.status, 0, "{}", imported.err);
    assert_eq!(imported.out, "wrote .keyward.toml: 4 entries, 0 rules; not carried over: 1\n");
    assert_eq!(
        imported.err,
        "not carried over:\n  .gitleaksignore:2  it accepts nothing that stands in these files today\n"
    );
    assert_eq!(here.keyward(&["config", "check"]).status, 0);
    for file in [".gitleaks.toml", ".gitleaksignore", ".secrets.baseline", ".secretsignore"] {
        std::fs::remove_file(here.path().join(file)).unwrap();
    }
    assert_eq!(
        decisions(&here, &[]),
        ["b.env:2 config", "c.env:2 config", "e.env:2 reported", "lib/d.env:2 config", "test/a.env:3 config"]
    );
    // A value was accepted, and no line.
    here.write("c.env", secret_file(&Key::new(835)));
    here.write("f.env", format!("\n\n\n{}", secret_file(&listed)));
    let decided = decisions(&here, &[]);
    assert!(
        decided.contains(&"c.env:2 reported".to_owned()) && decided.contains(&"f.env:5 config".to_owned()),
        "{decided:?}"
    );
}

#[test]
fn what_cannot_be_carried_over_is_listed_with_its_line_and_the_reason() {
    let here = Folder::repository();
    here.write("config/gitleaks.toml", "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['.*']\n[[allowlists]]\nstopwords = ['ab']\n\
        [[allowlists]]\ntargetRules = ['stripe-access-token']\npaths = ['x']\n[[allowlists]]\nregexes = ['(?=a)']\n\
        [[rules]]\nid = 'file'\npath = 'id_rsa$'\n[[rules]]\nid = 'composite'\nregex = 'a{32}'\n[[rules.required]]\nid = 'file'\n");
    let run = here.keyward(&["config", "import", "--stdout", "config/gitleaks.toml"]);
    assert_eq!(run.status, 0);
    let name = "config/gitleaks.toml";
    assert_eq!(
        run.err,
        format!(
            "not carried over:\n  {name}:3  this matches every path\n  \
        {name}:5  so short a word stands in nearly every secret\n  \
        {name}:15  the rule composite: it needs another rule, and rules stand alone here\n  \
        {name}:12  the rule file: it has no regex, so it finds files and no values\n  \
        {name}:7  the allowlist of stripe-access-token: it is not about credentials of AWS\n  \
        {name}:10  the allowlist: it has neither commits, paths, regexes nor stopwords, so it accepts nothing\n  \
        {name}:11  regexes: '(?=a)': the expression looks around, which is not supported\n"
        )
    );
    assert!(!run.out.contains("[[allow]]") && !run.out.contains("other-scanners"), "{}", run.out);
}

#[test]
fn a_config_that_is_there_is_not_written_over_and_nothing_is_not_imported() {
    let here = Folder::repository();
    assert_eq!(here.keyward(&["config", "import"]).status, 2);
    here.write(".secretsignore", "test/\n");
    here.write(".keyward.toml", "fail-on = 'high'\n");
    let run = here.keyward(&["config", "import"]);
    assert_eq!((run.status, &here.read(".keyward.toml")[..]), (2, "fail-on = 'high'\n"));
    assert!(run.err.contains("keyward config import --stdout"), "{}", run.err);
    let shown = here.keyward(&["config", "import", "--stdout"]);
    assert!(shown.out.contains("paths = ['(^|/)test/']"), "{}", shown.out);
}
