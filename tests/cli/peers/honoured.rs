//! What they accept is accepted, and said.

use crate::support::{Folder, Key};
use sha1::{Digest, Sha1};

/// What became of each finding: `path:line decision`.
pub(super) fn decisions(here: &Folder, arguments: &[&str]) -> Vec<String> {
    let findings = here.scan(arguments).objects().into_iter().filter(|object| object["type"] == "finding");
    findings
        .map(|finding| {
            let place = &finding["locations"][0];
            let decision = finding["suppressed_by"].as_str().unwrap_or("reported");
            format!("{}:{} {decision}", place["path"].as_str().unwrap(), place["line"])
        })
        .collect()
}

/// A file with the secret alone, on its second line.
pub(super) fn secret_file(key: &Key) -> String {
    format!("PORT=80\nAWS_SECRET_ACCESS_KEY={}\n", key.secret)
}

/// The secret's hash as detect-secrets writes it.
pub(super) fn hash_of(key: &Key) -> String {
    Sha1::digest(&key.secret).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

#[test]
fn what_an_allowlist_of_gitleaks_accepts_is_counted_and_says_where() {
    let (here, key) = (Folder::repository(), Key::new(800));
    here.write("test/a.env", key.env_file());
    here.write("b.env", Key::new(801).env_file());
    here.write(
        ".gitleaks.toml",
        "title = 'x'\n[[allowlists]]\ndescription = 'keys that open nothing'\npaths = ['^test/']\n",
    );
    let run = here.scan(&[]);
    let accepted = run.objects().into_iter().find(|object| object["suppressed_by"] == ".gitleaks.toml").unwrap();
    assert_eq!(accepted["reason"], "keys that open nothing (.gitleaks.toml:2)");
    assert_eq!(run.status, 1);
    assert!(run.err.contains("  1 accepted in .gitleaks.toml\n"), "{}", run.err);
    assert_eq!(decisions(&here, &[]), ["b.env:3 reported", "test/a.env:3 .gitleaks.toml"]);
    assert_eq!(decisions(&here, &["--isolated"]), ["b.env:3 reported", "test/a.env:3 reported"]);
    here.write(".keyward.toml", "other-scanners = 'ignored'\n");
    assert_eq!(decisions(&here, &[]), ["b.env:3 reported", "test/a.env:3 reported"]);
}

#[test]
fn paths_begin_at_the_top_wherever_the_scan_begins() {
    let (here, key) = (Folder::repository(), Key::new(802));
    here.write("test/a.env", key.env_file());
    here.write(".gitleaks.toml", "[allowlist]\npaths = ['^test/a']\n");
    assert_eq!(decisions(&here, &["test"]), ["test/a.env:3 .gitleaks.toml"]);
    let absolute = here.path().join("test");
    let decided = decisions(&here, &[absolute.to_str().unwrap()]);
    assert!(decided[0].ends_with("test/a.env:3 .gitleaks.toml"), "{decided:?}");
    let inner = here.keyward_in("test", &["scan", "--format", "jsonl"]);
    assert!(inner.out.contains("\"suppressed_by\":\".gitleaks.toml\""), "{}", inner.out);
}

#[test]
fn a_pair_is_accepted_by_its_secret_and_not_by_its_key_id() {
    let (here, key) = (Folder::repository(), Key::new(803));
    here.write("a.env", key.env_file());
    here.write(".gitleaks.toml", format!("[allowlist]\nregexes = ['{}']\n", key.id));
    assert_eq!(decisions(&here, &[]), [".gitleaks.toml:2 .gitleaks.toml", "a.env:3 reported"]);
}

#[test]
fn a_line_of_gitleaksignore_accepts_what_its_rule_finds_there() {
    let (here, key) = (Folder::repository(), Key::new(804));
    here.write("a.env", secret_file(&key));
    for (line, decision) in [
        ("a.env:generic-api-key:2", ".gitleaksignore"),
        ("a.env:aws-access-token:2", "reported"),
        ("a.env:generic-api-key:1", "reported"),
        ("b.env:generic-api-key:2", "reported"),
    ] {
        here.write(".gitleaksignore", format!("# known\n{line}\n"));
        assert_eq!(decisions(&here, &[]), [format!("a.env:2 {decision}")], "{line}");
    }
}

#[test]
fn a_new_secret_on_an_ignored_line_is_not_accepted() {
    let here = Folder::repository();
    here.stage("a.env", secret_file(&Key::new(805)));
    here.stage(".gitleaksignore", "a.env:generic-api-key:2\n");
    assert_eq!(decisions(&here, &["--staged"]), ["a.env:2 .gitleaksignore"]);
    here.commit();
    here.stage("a.env", secret_file(&Key::new(806)));
    assert_eq!(decisions(&here, &["--staged"]), ["a.env:2 reported"]);
}

#[test]
fn a_fingerprint_with_its_commit_is_honoured_in_the_history() {
    let here = Folder::repository();
    here.stage("a.env", secret_file(&Key::new(807)));
    here.commit();
    let commit = here.git(&["rev-parse", "HEAD"]);
    here.write(".gitleaksignore", format!("{}:a.env:generic-api-key:2\n", commit.out.trim()));
    assert_eq!(decisions(&here, &["--history"]), ["a.env:2 .gitleaksignore"]);
    assert_eq!(decisions(&here, &[]), ["a.env:2 reported"]);
}

#[test]
fn the_baseline_of_detect_secrets_accepts_values_wherever_they_move_in_their_file() {
    let (here, key, other) = (Folder::repository(), Key::new(808), Key::new(809));
    let hash = hash_of(&key);
    let baseline = |more: &str| {
        format!(
            "{{\n \"version\": \"1.5.0\",\n \"filters_used\": [{{\"path\": \"detect_secrets.filters.regex.should_exclude_file\", \
             \"pattern\": [\"^docs/\"]}}],\n \"results\": {{\n  \"a.env\": [\n   {{\"type\": \"Secret Keyword\", \
             \"hashed_secret\": \"{hash}\", {more}\"line_number\": 70}}]}}}}"
        )
    };
    here.write("a.env", format!("{}\n\n\n\n\n\n\n\n\n\n{}", secret_file(&key), secret_file(&other)));
    here.write("b.env", secret_file(&key));
    here.write("docs/c.env", secret_file(&other));
    here.write(".secrets.baseline", baseline(""));
    assert_eq!(
        decisions(&here, &[]),
        ["a.env:2 .secrets.baseline", "a.env:14 reported", "b.env:2 reported", "docs/c.env:2 .secrets.baseline"]
    );
    here.write(".secrets.baseline", baseline("\"is_secret\": true, "));
    assert!(decisions(&here, &[]).contains(&"a.env:2 reported".to_owned()));
}

#[test]
fn the_secretsignore_of_ripsecrets_accepts_paths_and_values() {
    let (here, key, other) = (Folder::repository(), Key::new(810), Key::new(811));
    here.write("a.env", secret_file(&key));
    here.write("test/keep.env", secret_file(&other));
    here.write("test/b.env", secret_file(&other));
    here.write(".secretsignore", format!("test/*\n!keep.env\n\n[secrets]\n# ours\n{}\n", key.secret));
    assert_eq!(
        decisions(&here, &[]),
        ["a.env:2 .secretsignore", "test/b.env:2 .secretsignore", "test/keep.env:2 reported"]
    );
}

#[test]
fn what_a_push_brings_is_accepted_only_by_what_was_there_before() {
    let here = Folder::repository();
    here.stage("README", "hello\n");
    here.commit();
    here.stage("test/a.env", Key::new(812).env_file());
    here.stage(".gitleaks.toml", "[allowlist]\npaths = ['^test/']\n");
    here.commit();
    assert_eq!(decisions(&here, &["--history", "--since", "HEAD~1"]), ["test/a.env:3 .gitleaks.toml"]);
    let arguments = ["--history", "--since", "HEAD~1", "--config-from", "HEAD~1"];
    assert_eq!(decisions(&here, &arguments), ["test/a.env:3 reported"]);
    let told = here.scan(&arguments).err;
    assert!(told.contains("accepted by the author in .gitleaks.toml, which does not count here"), "{told}");
}

#[test]
fn what_has_a_mistake_in_it_accepts_nothing_and_is_told() {
    let here = Folder::repository();
    here.write("a.env", Key::new(813).env_file());
    for (content, told) in [
        ("[allowlist\n", ".gitleaks.toml:1  accepts nothing: .gitleaks.toml: this is no TOML"),
        (
            "[allowlist]\npaths = ['*.env']\n",
            ".gitleaks.toml:2  accepts nothing: paths: '*.env': the expression repeats nothing",
        ),
        (
            "[extend]\nurl = 'https://example.org/x'\n",
            ".gitleaks.toml:2  accepts nothing: extend.url: a scan never touches the network",
        ),
        ("[extend]\npath = '../x.toml'\n", "accepts nothing: extend.path '../x.toml': it leads out of the repository"),
    ] {
        here.write(".gitleaks.toml", content);
        let run = here.scan(&[]);
        assert_eq!(run.status, 1, "{}", run.err);
        assert!(run.err.contains(told), "{}", run.err);
    }
}

#[test]
fn a_link_is_not_followed() {
    let (here, elsewhere) = (Folder::repository(), Folder::new());
    here.write("a.env", Key::new(814).env_file());
    elsewhere.write("gitleaks.toml", "[allowlist]\npaths = ['env']\n");
    std::os::unix::fs::symlink(elsewhere.path().join("gitleaks.toml"), here.path().join(".gitleaks.toml")).unwrap();
    assert_eq!(decisions(&here, &[]), ["a.env:3 reported"]);
}

#[test]
fn in_a_history_a_path_that_is_left_out_must_be_all_that_a_file_ever_had() {
    let (here, key) = (Folder::repository(), Key::new(870));
    here.stage("a_test/k.env", key.env_file());
    here.stage("z/k.env", key.env_file());
    here.stage(".gitleaks.toml", "[[allowlists]]\npaths = ['^a_test/']\n");
    here.commit();
    let run = here.scan(&["--history"]);
    assert_eq!((run.status, run.found().len()), (1, 1), "{}", run.err);
}

#[test]
fn a_secret_that_was_pasted_where_a_pattern_belongs_is_not_repeated() {
    let (here, key) = (Folder::repository(), Key::new(871));
    here.write("a.env", key.env_file());
    here.write(".gitleaksignore", format!("{}\n", key.secret));
    here.write(".gitleaks.toml", format!("[[allowlists]]\nregexes = ['+{}']\n", key.secret));
    for arguments in [&["scan"][..], &["scan", "--format", "jsonl"]] {
        let run = here.keyward(arguments);
        assert!(run.status == 1 && run.err.contains("accepts nothing"), "{}", run.err);
        assert!(!run.err.contains(&key.secret) && !run.out.contains(&key.secret), "{}", run.err);
    }
}
