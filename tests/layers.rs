//! The layer rule: which module may use which. `ARCHITECTURE.md` explains the table; an edge that is not in it
//! fails here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may use, lowest first. Whoever adds an edge must say here that it points downwards.
const LAYERS: [(&str, &[&str]); 30] = [
    ("sqlite", &[]),
    ("strings", &[]),
    ("archive", &["sqlite", "strings"]),
    ("sanitize", &[]),
    ("error", &["sanitize"]),
    ("text", &[]),
    ("pattern", &[]),
    ("prefilter", &[]),
    ("rules", &["prefilter"]),
    ("credential", &["prefilter"]),
    ("detect", &["credential", "pattern", "prefilter", "rules", "text"]),
    ("examine", &["archive", "detect", "prefilter", "text"]),
    ("rulebook", &["detect", "examine", "prefilter", "rules"]),
    ("finding", &["credential", "detect", "rules"]),
    ("halves", &["finding", "rules"]),
    ("allow", &["credential", "error", "finding", "pattern"]),
    ("config", &["allow", "archive", "credential", "detect", "error", "pattern", "rules", "sanitize"]),
    ("peers", &["allow", "config", "pattern"]),
    ("git", &["error"]),
    ("source", &["archive", "config", "error", "finding", "git", "prefilter", "sanitize"]),
    (
        "scan",
        &[
            "allow",
            "archive",
            "config",
            "credential",
            "detect",
            "error",
            "examine",
            "finding",
            "git",
            "halves",
            "peers",
            "prefilter",
            "rules",
            "sanitize",
            "source",
            "sqlite",
            "strings",
            "text",
        ],
    ),
    ("import", &["allow", "config", "error", "peers", "rules", "scan", "source"]),
    ("survey", &["config", "error", "finding", "git", "rules", "scan", "source"]),
    (
        "report",
        &[
            "config",
            "credential",
            "detect",
            "error",
            "finding",
            "rulebook",
            "rules",
            "sanitize",
            "scan",
            "source",
            "text",
        ],
    ),
    ("accept", &["allow", "config", "error", "finding", "git", "report", "sanitize", "source", "survey"]),
    // Of findings and texts it knows nothing, and nothing but the run of a command knows it.
    ("aws", &["config", "credential", "error", "sanitize"]),
    ("respond", &["aws", "config", "credential", "error", "finding", "git", "report", "rules", "sanitize", "scan"]),
    ("hook", &["archive", "config", "error", "git"]),
    ("ci", &["config", "error", "git"]),
    ("cli", &["allow", "archive", "ci", "config", "credential", "error", "rules", "sanitize"]),
];

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut found = BTreeSet::new();
    for file in sources(Path::new("src")) {
        let Some(module) = module_of(&file) else { continue };
        for used in uses(&fs::read_to_string(&file).unwrap()) {
            if used != module {
                found.insert((module.clone(), used));
            }
        }
    }
    let allowed: BTreeSet<_> = LAYERS
        .iter()
        .flat_map(|(module, below)| below.iter().map(|used| ((*module).to_owned(), (*used).to_owned())))
        .collect();
    // Both ways: an edge that nobody uses any more leaves the table, too.
    assert_eq!(found, allowed);
}

#[test]
fn a_scan_cannot_reach_the_network() {
    let users = LAYERS.iter().filter(|(_, below)| below.contains(&"aws")).map(|(module, _)| *module);
    assert_eq!(users.collect::<Vec<_>>(), ["respond"]);
    // `respond` is a part of the run of a command: nobody stands on it.
    assert!(LAYERS.iter().all(|(_, below)| !below.contains(&"respond")));
    // And in `aws` one file makes connections.
    let connects = |file: &PathBuf| fs::read_to_string(file).unwrap().contains("aws_smithy_http_client");
    let doors: Vec<_> = sources(Path::new("src")).into_iter().filter(connects).collect();
    assert_eq!(doors, [Path::new("src/aws/client.rs")]);
    for door in ["std::net::Tcp", "std::net::Udp", "UnixStream", "TcpStream"] {
        let opens = |file: &PathBuf| fs::read_to_string(file).unwrap().contains(door);
        assert!(!sources(Path::new("src")).iter().any(opens), "{door}");
    }
}

#[test]
fn the_layer_table_is_in_order_and_names_every_module() {
    let names: Vec<_> = LAYERS.iter().map(|(module, _)| *module).collect();
    for (at, (module, below)) in LAYERS.iter().enumerate() {
        for used in *below {
            assert!(names[..at].contains(used), "{module} uses {used}, which is not below it");
        }
    }
    let modules: BTreeSet<_> = sources(Path::new("src")).iter().filter_map(|file| module_of(file)).collect();
    assert_eq!(modules, names.into_iter().map(str::to_owned).collect());
}

/// The module at the top that a file belongs to; nothing for the crate's root and the binary.
fn module_of(file: &Path) -> Option<String> {
    let top = file.strip_prefix("src").unwrap().iter().next().unwrap().to_str().unwrap();
    let name = top.trim_end_matches(".rs");
    (!["lib", "main"].contains(&name)).then(|| name.to_owned())
}

/// The modules named behind `crate::`, tests included, links in comments not.
fn uses(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            files.push(path);
        }
    }
    files
}
