//! Markers in a file accept what stands beside them, and nothing else.

mod versions;

pub use versions::guard;

use crate::support::{Folder, Key, Run};
use serde_json::{Value, json};

/// `path:line` of each finding, and what it is suppressed by.
pub fn fates(run: &Run) -> Vec<(String, Value)> {
    let findings = run.objects().into_iter().filter(|object| object["type"] == "finding");
    let place = |finding: &Value| {
        format!("{}:{}", &finding["locations"][0]["path"].as_str().unwrap(), finding["locations"][0]["line"])
    };
    findings.map(|finding| (place(&finding), finding["suppressed_by"].clone())).collect()
}

/// What becomes of the only finding in a file of this content: is it accepted?
fn is_accepted(content: impl AsRef<[u8]>) -> bool {
    let here = Folder::new();
    here.write("a", content);
    let run = here.scan(&[]);
    let fates = fates(&run);
    assert_eq!(fates.len(), 1, "{}", run.out);
    let accepted = fates[0].1 == "marker";
    assert_eq!(run.status, i32::from(!accepted), "{}", run.err);
    accepted
}

#[test]
fn a_marker_on_the_line_or_alone_on_the_line_before_accepts_a_credential() {
    let key = Key::new(600);
    let secret = format!("aws_secret_access_key = {}", key.secret);
    for content in [
        format!("{secret} # keyward:allow test data\n"),
        format!("x\n# keyward:allow test data\n{secret}\n"),
        format!("<!-- keyward:allow 1 -->\r\n{secret}\r\n"),
        format!("x\r// keyward:allow test data\r{secret}\rx"),
    ] {
        assert!(is_accepted(&content), "{content:?}");
    }
    for content in [
        format!("{secret}\n# keyward:allow test data\n"),
        format!("# keyward:allow test data\n\n{secret}\n"),
        format!("x = 1 # keyward:allow test data\n{secret}\n"),
        format!("{secret} # keyward:allowed test data\n"),
    ] {
        assert!(!is_accepted(&content), "{content:?}");
    }
}

#[test]
fn a_marker_behind_one_credential_does_not_accept_the_next() {
    let (here, first, second) = (Folder::new(), Key::new(601), Key::new(602));
    here.write("a", format!("{} # keyward:allow test data\n\n{}\n", first.id, second.id));
    here.write("b", format!("{} # kingfisher:ignore keyward:allow test\n{}\n", first.id, second.id));
    let run = here.scan(&[]);
    let marker = json!("marker");
    let expected = [("a:1", &marker), ("a:3", &Value::Null), ("b:1", &marker), ("b:2", &Value::Null)];
    assert_eq!(fates(&run), expected.map(|(place, why)| (place.to_owned(), why.clone())));
    assert_eq!((run.status, &run.summary()["suppressed"]), (1, &json!(2)));
}

#[test]
fn every_scanners_marker_has_its_own_reach() {
    let secret = format!("aws_secret_access_key = {}", Key::new(603).secret);
    // On the line, alone on the line before, and behind something else on the line before.
    for (marker, on_line, alone, behind) in [
        ("keyward:allow a reason", true, true, false),
        ("gitleaks:allow", true, false, false),
        ("betterleaks:allow", true, false, false),
        ("trufflehog:ignore", true, false, false),
        ("pragma: allowlist secret", true, false, false),
        ("pragma:allowlist secret", true, false, false),
        ("pragma: whitelist secret", true, false, false),
        ("pragma: allowlist nextline secret", false, true, false),
        ("ggignore", true, false, false),
        ("kingfisher:ignore", true, true, false),
        ("secretlint-disable-line", true, false, false),
        ("secretlint-disable-next-line", false, true, true),
        ("keyward:allow", false, false, false),
        ("nosec", false, false, false),
        ("noqa", false, false, false),
        ("NOSONAR", false, false, false),
    ] {
        assert_eq!(is_accepted(format!("{secret} # {marker}\n")), on_line, "{marker}");
        assert_eq!(is_accepted(format!("# {marker}\n{secret}\n")), alone, "{marker}");
        assert_eq!(is_accepted(format!("port = 80 # {marker}\n{secret}\n")), behind, "{marker}");
    }
}

#[test]
fn a_marker_without_a_reason_does_not_count_and_that_is_said() {
    let (here, key) = (Folder::new(), Key::new(604));
    here.write("sub/a.env", format!("{} # keyward:allow\n", key.env_file().trim_end()));
    let run = here.scan(&[]);
    assert_eq!(run.status, 1);
    assert_eq!(run.summary()["notes"], json!(["sub/a.env:3  keyward:allow needs a reason to count"]));
    assert!(run.err.starts_with("keyward: sub/a.env:3  keyward:allow needs a reason to count\n"), "{}", run.err);

    here.write("sub/a.env", format!("A={}\n/* keyward:allow */\nB={}\n", Key::new(605).id, key.id));
    assert_eq!(here.scan(&[]).summary()["notes"], json!(["sub/a.env:2  keyward:allow needs a reason to count"]));
    assert_eq!(here.scan(&["--no-markers"]).summary()["notes"], json!([]));
    // Another scanner's needs none.
    assert!(is_accepted(format!("{} # keyward:allow gitleaks:allow", key.id)));
}

#[test]
fn a_pair_is_accepted_at_its_secret_and_not_at_its_key_id() {
    let key = Key::new(606);
    let (id, secret) = (format!("aws_access_key_id = {}", key.id), format!("aws_secret_access_key = {}", key.secret));
    assert!(is_accepted(format!("{id}\n{secret} # keyward:allow test\n")));
    assert!(is_accepted(format!("{id}\n# keyward:allow test\n{secret}\n")));
    assert!(is_accepted(format!("{id}\n{secret}\n\n{}\n{} # keyward:allow test\n", "x\n".repeat(300), key.secret)));
    assert!(!is_accepted(format!("{id} # keyward:allow test\n{secret}\n")));
    assert!(!is_accepted(format!("# keyward:allow test\n{id}\n{secret}\n")));
    assert!(!is_accepted(format!("{id} {}\n{secret}\n", "# gitleaks:allow")));
}

#[test]
fn a_pair_in_two_files_is_accepted_at_its_secret() {
    let key = Key::new(607);
    for (id_marker, secret_marker, fate) in
        [("", " # keyward:allow test", json!("marker")), (" # keyward:allow test", "", Value::Null)]
    {
        let here = Folder::new();
        here.write("id.txt", format!("{}{id_marker}\n", key.id));
        here.write("secret.txt", format!("aws_secret_access_key={}{secret_marker}\n", key.secret));
        assert_eq!(fates(&here.scan(&[])), [("secret.txt:1".to_owned(), fate)]);
    }
}

#[test]
fn a_lone_value_is_accepted_by_one_place_in_its_file_and_not_by_one_in_another() {
    let (here, key) = (Folder::new(), Key::new(608));
    let token = format!("ASIA{}", &key.id[4..]);
    here.write("one", format!("{token}\nx\n{token} # ggignore\n"));
    here.write("two", format!("{token}\n"));
    assert_eq!(fates(&here.scan(&[])), [("one:1".into(), json!("marker")), ("two:1".into(), Value::Null)]);
}

#[test]
fn without_markers_nothing_is_accepted() {
    let (here, key) = (Folder::new(), Key::new(609));
    here.write("a", format!("{} # keyward:allow test\n", key.id));
    assert_eq!(here.scan(&[]).status, 0);
    let run = here.scan(&["--no-markers"]);
    assert_eq!((run.status, fates(&run)), (1, vec![("a:1".to_owned(), Value::Null)]));
}

#[test]
fn the_reports_count_what_markers_accept() {
    let (here, key) = (Folder::new(), Key::new(610));
    here.write("a.env", format!("{} # keyward:allow test\n", key.env_file().trim_end()));
    let run = here.keyward(&["scan"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert!(run.err.starts_with("no credentials: 1 file, "), "{}", run.err);
    assert!(run.err.ends_with(" s\n  1 accepted by a marker in the file\n"), "{}", run.err);
    let run = here.scan(&[]);
    let (finding, summary) = (&run.objects()[0], run.summary());
    assert_eq!((&finding["key_id"], &finding["suppressed_by"]), (&json!(key.id), &json!("marker")));
    assert_eq!((&summary["findings"], &summary["suppressed"]), (&json!(0), &json!(1)));
}

#[test]
fn markers_are_read_in_utf16_and_beside_what_is_encoded() {
    let key = Key::new(611);
    let text = format!("\u{feff}{} # keyward:allow test\r\n", key.env_file().trim_end());
    assert!(is_accepted(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()));
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key.env_file());
    assert!(is_accepted(format!("data: {encoded} # keyward:allow test\n")));
    assert!(is_accepted(format!("# keyward:allow test\ndata: {encoded}\n")));
    assert!(!is_accepted(format!("x: 1 # keyward:allow test\ndata: {encoded}\n")));
    let inner = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{} # ggignore\n", key.id));
    assert!(!is_accepted(format!("data: {inner}\n")), "what is encoded says nothing to a reviewer");
    let (front, back) = key.secret.split_at(20);
    assert!(is_accepted(format!("secret_key = \"{front}\" +\n  \"{back}\" // keyward:allow test\n")));
}

#[test]
fn markers_count_wherever_the_window_ends() {
    let key = Key::new(612);
    for shift in [-5000, -4000, -300, -60, -30, 0, 30, 4000] {
        let filler = "y".repeat(usize::try_from(256 * 1024 - 16 * 1024 + shift).unwrap());
        for marked in [format!("# keyward:allow test\n{}\n", key.id), format!("{} # keyward:allow test\n", key.id)] {
            assert!(is_accepted(format!("{filler}\n{marked}{}\n", "z".repeat(300_000))), "{shift}");
        }
        assert!(!is_accepted(format!("{filler}\nx # keyward:allow test\n{}\n{filler}", key.id)), "{shift}");
    }
}

#[test]
fn a_commit_with_a_marker_goes_on_and_one_line_says_so() {
    let (here, key) = (Folder::repository(), Key::new(613));
    here.stage("README", "hello\n");
    here.commit();
    assert_eq!(here.keyward(&["hook", "install"]).status, 0);
    let commit = || here.try_git(&["commit", "--quiet", "--message", "change"]);
    here.stage("a.env", key.env_file());
    assert_eq!(commit().status, 1);
    here.stage("a.env", format!("{} # keyward:allow\n", key.env_file().trim_end()));
    let run = commit();
    assert_eq!(run.status, 1);
    assert!(run.err.contains("keyward: a.env:3  keyward:allow needs a reason to count\n"), "{}", run.err);
    here.stage("a.env", format!("{} # keyward:allow test data\n", key.env_file().trim_end()));
    let run = commit();
    assert_eq!((run.status, run.err.as_str()), (0, "keyward: 1 finding accepted by a marker in the file\n"));
    // Once it is there, it is old whether or not it is marked.
    here.stage("a.env", format!("{}# end\n", key.env_file()));
    assert_eq!(fates(&here.scan(&["--staged"])), [("a.env:3".into(), json!("already-there"))]);
}

#[test]
fn a_message_of_a_commit_may_hold_a_marker() {
    let (here, key) = (Folder::repository(), Key::new(614));
    let run = |message: String| {
        here.write("message", message);
        here.keyward(&["hook", "run", "commit-msg", "message"])
    };
    assert_eq!(run(format!("title\n\n{}\n", key.id)).status, 1);
    let accepted = run(format!("title\n\n{} keyward:allow a test key\n", key.id));
    assert_eq!(
        accepted,
        Run { status: 0, out: String::new(), err: "keyward: 1 finding accepted by a marker in the file\n".into() }
    );
    here.git(&["commit", "--quiet", "--allow-empty", "--file", "message"]);
    assert_eq!(here.scan(&["--history"]).status, 0);
}
