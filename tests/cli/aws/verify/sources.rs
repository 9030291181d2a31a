//! Where keys come from: scans, histories, reports, standard input; and what is never said of them.

use super::{unknown_key, verdicts};
use crate::aws::cloud::cloud;
use crate::aws::stub::Stub;
use crate::aws::{Desk, stranger};
use crate::support::Key;

fn live(key: &Key, user: &str) -> String {
    format!("{}  LIVE     arn:aws:iam::123456789012:user/{user}", key.id)
}

fn moved(key: &Key) -> String {
    format!("{}  UNKNOWN  not asked: moved or gone: scan again", key.id)
}

#[test]
fn a_key_that_only_history_holds_is_asked_about_by_scan_and_by_report() {
    let (desk, key) = (Desk::new(), cloud().user("in-history"));
    desk.here.init(".");
    desk.here.stage("a.env", key.env_file());
    desk.here.commit();
    desk.here.stage("a.env", "clean\n");
    desk.here.commit();
    let run = desk.keyward(&["verify", "--history", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "in-history")]), "{}", run.err);
    desk.here.write("report.jsonl", desk.here.scan(&["--history"]).out);
    let run = desk.keyward(&["verify", "--report", "report.jsonl", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "in-history")]), "{}", run.err);
}

#[test]
fn a_report_of_what_is_staged_or_in_a_message_leads_to_it() {
    let (desk, staged, said) = (Desk::new(), cloud().user("staged"), cloud().user("in-a-message"));
    desk.here.init(".");
    desk.here.stage("other", "x\n");
    desk.here.git(&["commit", "--quiet", "--message", &format!("title\n\n{}", said.env_file())]);
    desk.here.stage("a.env", staged.env_file());
    desk.here.write("a.env", "edited away\n");
    desk.here.write("staged.jsonl", desk.here.scan(&["--staged"]).out);
    desk.here.write("history.json", desk.here.keyward(&["scan", "--history", "--format", "json"]).out);
    let run = desk.keyward(&["verify", "--report", "staged.jsonl", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&staged, "staged")]), "{}", run.err);
    let run = desk.keyward(&["verify", "--report", "history.json", "--yes"]);
    assert!(verdicts(&desk, &run.out).contains(&live(&said, "in-a-message")), "{}{}", run.out, run.err);
}

#[test]
fn halves_in_two_files_are_read_again_from_both() {
    let (desk, key) = (Desk::new(), cloud().user("in-halves"));
    desk.here.write("keys/id", format!("aws_access_key_id = {}\n", key.id));
    desk.here.write("keys/secret", format!("aws_secret_access_key = {}\n", key.secret));
    desk.here.write("report.jsonl", desk.here.scan(&["keys"]).out);
    let run = desk.keyward(&["verify", "--report", "report.jsonl", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "in-halves")]), "{}", run.err);
}

#[test]
fn what_a_report_names_is_not_guessed_once_it_is_another() {
    let (desk, key, other) = (Desk::new(), stranger(900), stranger(901));
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk { endpoint: stub.url.clone(), ..desk };
    desk.here.write("a.env", key.env_file());
    desk.here.write("report.jsonl", desk.here.scan(&["a.env"]).out);
    let ask = || desk.keyward(&["verify", "--report", "report.jsonl", "--yes"]);
    for now in [
        Key { secret: other.secret.clone(), ..key.clone() }.env_file(),
        "gone\n".to_owned(),
        format!("\n{}", key.env_file()),
    ] {
        desk.here.write("a.env", now);
        let run = ask();
        assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![moved(&key)]), "{}", run.err);
    }
    std::fs::remove_file(desk.here.at("a.env")).unwrap();
    let run = ask();
    assert_eq!((run.status, verdicts(&desk, &run.out), stub.seen().len()), (2, vec![moved(&key)], 0), "{}", run.err);
}

#[test]
fn what_is_no_report_is_refused_and_not_quoted() {
    let (desk, key) = (Desk::new(), stranger(902));
    for text in [
        key.env_file(),
        String::new(),
        format!("{{\"secret\":\"{}\"}}", key.secret),
        "[1]".to_owned(),
        "{\"schema\":2}".to_owned(),
    ] {
        desk.here.write("report", &text);
        let run = desk.keyward(&["verify", "--report", "report", "--yes"]);
        let said = "keyward: could not read the report 'report'\n  caused by: it is no report of keyward's for programs, or of \
                    another version\n  hint: keyward scan --format jsonl --output keyward.jsonl writes one\n";
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (2, "", said), "{text}");
    }
}

#[test]
fn a_report_may_come_over_standard_input() {
    let (desk, key) = (Desk::new(), cloud().user("report-piped"));
    desk.here.write("a.env", key.env_file());
    let report = desk.here.scan(&["a.env"]).out;
    let run = desk.keyward_reading(&report, &["verify", "--report", "-", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "report-piped")]), "{}", run.err);
}

#[test]
fn a_text_with_keys_may_come_over_standard_input() {
    let (desk, key) = (Desk::new(), cloud().user("text-piped"));
    let run = desk.keyward_reading(&key.env_file(), &["verify", "--scan", "-", "--yes"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "text-piped")]), "{}", run.err);
}

#[test]
fn what_is_piped_in_and_is_no_secret_is_not_repeated() {
    let (desk, key) = (Desk::new(), stranger(903));
    let short = &key.secret[..39];
    let run = desk.keyward_reading(short, &["verify", &key.id, "--yes"]);
    let said = format!(
        "keyward: what came for {} is not a secret access key\n  caused by: 39 characters; a secret has 40, of A-Z a-z 0-9 + /\n  \
         hint: the secret comes first, the session token of a temporary key on the line after it\n",
        key.id
    );
    assert_eq!((run.status, run.out.as_str(), run.err), (2, "", said));
    let run = desk.keyward(&["verify", &key.id, "--yes"]);
    assert!(run.status == 2 && run.err.contains("caused by: nothing came"), "{}", run.err);
}

#[test]
fn an_argument_that_may_be_a_secret_is_not_repeated() {
    let (desk, key) = (Desk::new(), stranger(904));
    for arguments in [vec![key.secret.as_str()], vec![&key.id, &key.secret], vec![&key.id, &key.secret, "--yes"]] {
        let run = desk.keyward(&[&["verify"], &arguments[..]].concat());
        assert_eq!((run.status, run.out.as_str()), (2, ""));
        assert!(run.err.contains("  hint: give the key ID"), "{}", run.err);
    }
}

#[test]
fn every_key_has_one_line_whatever_is_said_of_it() {
    let (lone, session, pair) = (stranger(905), stranger(906), stranger(907));
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    let session = Key { id: session.id.replacen("AKIA", "ASIA", 1), ..session };
    desk.here.write("lone", format!("id = {}\n", lone.id));
    desk.here.write("session.env", session.env_file());
    desk.here.write("a/pair.env", pair.env_file());
    desk.here.write("b/pair.env", pair.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let mut lines = [
        format!("{}  UNKNOWN  not asked: no secret was found with it", lone.id),
        format!("{}  UNKNOWN  not asked: temporary, and no session token was found with it", session.id),
        format!("{}  DEAD     not valid in aws: deleted, inactive or of another partition", pair.id),
    ];
    lines.sort();
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, lines.to_vec()), "{}", run.err);
    assert!(run.err.ends_with("0 live, 1 dead, 2 unknown\n"), "{}", run.err);
    assert_eq!(stub.seen().len(), 1);
}

#[test]
fn what_somebody_accepted_is_left_alone_and_counted() {
    let (desk, key) = (Desk::new(), cloud().user("accepted"));
    desk.here
        .write("a.env", key.env_file().replacen(&key.secret, &format!("{} # keyward:allow rotated", key.secret), 1));
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let said = "keyward: 1 accepted by somebody, not asked about (--accepted asks)\nno keys to ask about\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (0, "", said));
    let run = desk.keyward(&["verify", "--scan", ".", "--yes", "--accepted"]);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![live(&key, "accepted")]), "{}", run.err);
}

#[test]
fn a_scan_that_did_not_see_everything_is_not_the_end_of_it() {
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    desk.here.write("keys/a.env", stranger(908).env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "absent", "--yes"]);
    assert!(run.status == 2 && run.err.contains("keyward: incomplete: absent: "), "{}{}", run.out, run.err);
}

#[test]
fn programs_get_an_object_a_key() {
    let stub = Stub::before(&cloud().url, |_, _| crate::aws::stub::Reply::Forward);
    let key = cloud().user("for-an-object");
    let desk = Desk::at(&stub.url).with_profile("default", &cloud().responder);
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--format", "jsonl"]);
    let mut object: serde_json::Value = serde_json::from_str(run.out.trim_end()).unwrap();
    // The server makes these up.
    assert!(object["user_id"].take().is_string() && object["request_id"].take().is_string(), "{object}");
    let expected = serde_json::json!({
        "schema": 1, "type": "verdict", "key_id": key.id, "account": "123456789012", "verdict": "LIVE", "reason": null,
        "text": format!("arn:aws:iam::123456789012:user/for-an-object (asked {}, not AWS)", stub.url),
        "arn": "arn:aws:iam::123456789012:user/for-an-object", "user_id": null, "partition": "aws", "endpoint": stub.url,
        "code": null, "request_id": null,
        "last_used_before": { "user": "for-an-object", "at": null, "service": null, "region": null },
        "last_use_not_read": null, "places": ["keys/a.env:3:23"],
    });
    assert_eq!((run.status, &object), (1, &expected), "{}", run.err);
    let run = desk.keyward(&["verify", "--scan", "keys", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["verdicts"][0]["verdict"], "LIVE", "{document}");
}

#[test]
fn a_report_of_a_scan_that_did_not_see_everything_is_never_clean() {
    let desk = Desk::new();
    let gap = r#"[{"what":"a","why":"b","hint":null}]"#;
    for report in [
        format!(r#"{{"schema":1,"type":"summary","findings":0,"incomplete":{gap}}}"#),
        format!(r#"{{"schema":1,"findings":[],"summary":{{"incomplete":{gap}}}}}"#),
    ] {
        desk.here.write("report.json", report);
        let run = desk.keyward(&["verify", "--report", "report.json"]);
        let said = "keyward: incomplete: the scan that made the report did not examine everything\n";
        assert!(run.status == 2 && run.err.contains(said), "{}: {}", run.status, run.err);
    }
}
