//! The same decisions as gitleaks', config by config: real gitleaks decides over the same files. The configs are ours, one for
//! each thing that a config can say; `docs/peers.md` has the table of public ones.

use super::REFEREE;
use crate::support::{Folder, KEYWARD};
use std::process::Command;

/// A config, and paths of its repository.
struct Case {
    name: &'static str,
    config: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const CASES: [Case; 14] = [
    Case {
        name: "global-paths",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\ndescription = 'fixtures'\n\
                 paths = ['''(^|/)fixtures?/''', '''\\.snap$''', '''^docs/[^/]+\\.md$''']\n",
        files: &[("fixtures/a.env", ""), ("src/main.rs", ""), ("docs/use.md", ""), ("docs/deep/use.md", "")],
    },
    Case {
        name: "old-form",
        config: "[extend]\nuseDefault = true\n[allowlist]\npaths = ['test/', '(.*?)(jpg|gif)$']\nstopwords = ['sample']\n",
        files: &[("test/a.txt", ""), ("a.jpg", ""), ("src/b.txt", "")],
    },
    Case {
        name: "regexes",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\nregexes = ['AKIARZPUZDIK[A-P]Q', '^[A-Z]', 'not{really}']\n",
        files: &[("a.txt", ""), ("b/c.txt", "")],
    },
    Case {
        name: "target-line",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\nregexTarget = 'line'\n\
                 regexes = ['(?i)\\bnot[ _-]*secret\\b', 'dummy$', 'y_id: ']\n",
        files: &[("a.txt", ""), ("b/c.txt", "")],
    },
    Case {
        name: "target-match",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\nregexTarget = 'match'\nregexes = ['''(?i)fake_aws''', '''^AWS_SECRET''']\n",
        files: &[("a.txt", ""), ("b/c.txt", "")],
    },
    Case {
        name: "condition-and",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\ncondition = 'AND'\npaths = ['^test/']\nregexTarget = 'line'\n\
                 regexes = ['demo']\n[[allowlists]]\ncondition = '&&'\npaths = ['^spec/']\nstopwords = ['abc']\n",
        files: &[("test/a.txt", ""), ("spec/b.txt", ""), ("src/c.txt", "")],
    },
    Case {
        name: "rule-allowlists",
        config: "[extend]\nuseDefault = true\n[[rules]]\nid = 'aws-access-token'\n[[rules.allowlists]]\npaths = ['^ids/']\n\
                 [[rules]]\nid = 'generic-api-key'\n[rules.allowlist]\npaths = ['^secrets/']\nregexes = ['^[a-m]']\n",
        files: &[("ids/a.txt", ""), ("secrets/b.txt", ""), ("c.txt", "")],
    },
    Case {
        name: "target-rules",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\ntargetRules = ['aws-access-token']\npaths = ['^ids/']\n\
                 [[allowlists]]\ntargetRules = ['generic-api-key', 'aws-access-token']\npaths = ['^both/']\n\
                 [[allowlists]]\ntargetRules = ['stripe-access-token']\npaths = ['^neither/']\n",
        files: &[("ids/a.txt", ""), ("both/b.txt", ""), ("neither/c.txt", "")],
    },
    Case {
        name: "rules-of-its-own",
        config: "[extend]\nuseDefault = true\n[[rules]]\nid = 'acme-aws'\nregex = '''(?i)acme_aws_secret\\w*\\s*=\\s*\"([^\"]+)\"'''\n\
                 [[rules.allowlists]]\npaths = ['^acme/']\n\
                 [[rules]]\nid = 'acme-id'\nregex = 'AKIA[0-9A-Z]{16}'\n[[rules.allowlists]]\npaths = ['^acme/']\n\
                 [[allowlists]]\npaths = ['^both/']\ntargetRules = ['acme-id', 'aws-access-token']\n",
        files: &[("acme/a.txt", ""), ("both/b.txt", ""), ("c.txt", "")],
    },
    Case {
        name: "no-rules-at-all",
        config: "Title = 'keys in any case'\n[AllowList]\nDescription = 'x'\nPATHS = ['^vendor/']\nStopWords = ['ABC']\n",
        files: &[("vendor/a.txt", ""), ("src/b.txt", "")],
    },
    Case {
        name: "disabled-rules",
        config: "[extend]\nuseDefault = true\ndisabledRules = ['generic-api-key']\n[[allowlists]]\npaths = ['^test/']\n",
        files: &[("test/a.txt", ""), ("src/b.txt", "")],
    },
    Case {
        name: "extended-by-path",
        config: "[extend]\npath = 'config/base-leaks.toml'\n[[allowlists]]\npaths = ['^top/']\n",
        files: &[
            (
                "config/base-leaks.toml",
                "[extend]\npath = 'config/deep-leaks.toml'\n[[rules]]\nid = 'aws-access-token'\nregex = 'AKIA[A-Z2-7]{16}'\n\
                 [[rules.allowlists]]\npaths = ['^ids/']\n[[allowlists]]\npaths = ['^base/']\n",
            ),
            ("config/deep-leaks.toml", "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['^deep/']\n"),
            ("top/a.txt", ""),
            ("base/b.txt", ""),
            ("deep/c.txt", ""),
            ("ids/d.txt", ""),
        ],
    },
    Case {
        name: "flags-that-leak",
        config: "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['(?i)^UPPER/', '^Also/', '(?-i)^Exact/', '^\\Qa.b\\E/']\n",
        files: &[("upper/a.txt", ""), ("also/b.txt", ""), ("exact/c.txt", ""), ("a.b/d.txt", ""), ("axb/e.txt", "")],
    },
    Case {
        name: "composite-and-commits",
        config: "[extend]\nuseDefault = true\n[[rules]]\nid = 'pair-secret'\nregex = 'aws_secret_access_key = \"([^\"]+)\"'\nskipReport = true\n\
                 [[rules]]\nid = 'pair'\nregex = 'aws_access_key_id = (\\w+)'\n[[rules.required]]\nid = 'pair-secret'\nwithinLines = 3\n\
                 [[rules.allowlists]]\npaths = ['^test/']\n\
                 [[allowlists]]\ncommits = ['1111111111111111111111111111111111111111']\npaths = ['^old/']\n",
        files: &[("test/a.txt", ""), ("old/b.txt", ""), ("src/c.txt", "")],
    },
];

#[test]
fn each_decision_is_that_of_gitleaks() {
    let here = Folder::new();
    for case in &CASES {
        here.write(format!("{}/.gitleaks.toml", case.name), case.config);
        for (path, content) in case.files {
            here.write(format!("{}/{path}", case.name), content);
        }
    }
    let names = CASES.iter().map(|case| case.name);
    let output = Command::new(&*REFEREE).current_dir(here.path()).arg(KEYWARD).args(names).output().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "", "{table}");
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(rows.len(), CASES.len(), "{table}");
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let count = |cell: usize| cells[cell].parse::<u64>().unwrap_or_else(|_| panic!("{row}"));
        let (accepted, reported, different) = (count(4), count(5), count(6));
        assert!(accepted > 0 && reported > 0 && different == 0, "{row}");
    }
}
