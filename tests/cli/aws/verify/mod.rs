//! `keyward verify`: what is said of a key, and what was done to find out.

mod answers;
mod asking;
mod quiet;
mod sources;

use super::cloud::cloud;
use super::stub::{Reply, Stub};
use super::{Desk, stranger};
use crate::support::Key;

/// The verdict lines without the note on who was asked.
fn verdicts(desk: &Desk, out: &str) -> Vec<String> {
    out.lines().map(|line| line.replace(&format!(" (asked {}, not AWS)", desk.endpoint), "")).collect()
}

fn unknown_key() -> Reply {
    Reply::error(403, "InvalidClientTokenId", "The security token included in the request is invalid")
}

#[test]
fn a_live_key_is_live_and_says_who_it_is() {
    let (desk, key) = (Desk::new(), cloud().user("live"));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/live (asked {}, not AWS)\n", key.id, desk.endpoint);
    assert_eq!((run.status, run.out), (1, line), "{}", run.err);
}

#[test]
fn a_deleted_key_is_dead() {
    let (desk, key) = (Desk::new(), cloud().user("deleted"));
    cloud().call("iam", "delete_access_key", &serde_json::json!({ "UserName": "deleted", "AccessKeyId": key.id }));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  DEAD     not valid in aws: deleted, inactive or of another partition", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (0, vec![line]), "{}", run.err);
}

#[test]
fn another_secret_leaves_the_key_unknown() {
    let (desk, key) = (Desk::new(), cloud().user("paired-wrong"));
    let wrong = Key { secret: stranger(700).secret, ..key };
    desk.here.write("a.env", wrong.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  UNKNOWN  the key ID is live, and the secret is not its secret", wrong.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
}

#[test]
fn a_busy_aws_is_not_a_dead_key() {
    let stub = Stub::alone(|_, _| Reply::error(400, "Throttling", "Rate exceeded"));
    let (desk, key) = (Desk::at(&stub.url), stranger(701));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  UNKNOWN  AWS takes no more questions for now (asked 3 times): ask later", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
    assert_eq!(stub.seen().len(), 3);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let stub = Stub::alone(|_, _| Reply::Hang);
    let (desk, key) = (Desk::at(&stub.url), stranger(702));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes", "--timeout", "1"]);
    let line = format!("{}  UNKNOWN  no answer within 1 s (asked 3 times)", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
}

#[test]
fn a_server_that_hangs_up_is_not_an_answer() {
    let stub = Stub::alone(|_, _| Reply::Close);
    let (desk, key) = (Desk::at(&stub.url), stranger(703));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let start = format!("{}  UNKNOWN  AWS was not reached: ", key.id);
    assert!(run.status == 2 && run.out.starts_with(&start), "{}{}", run.out, run.err);
}

#[test]
fn an_inactive_key_is_dead_and_the_others_are_asked_as_ever() {
    let (inactive, active) = (cloud().user("switched-off"), cloud().user("switched-on"));
    let off = inactive.id.clone();
    let stub = Stub::before(
        &cloud().url,
        move |request, _| {
            if request.key_id() == off { unknown_key() } else { Reply::Forward }
        },
    );
    let desk = Desk::at(&stub.url);
    desk.here.write("a.env", inactive.env_file());
    desk.here.write("b.env", active.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let mut lines = [
        format!("{}  DEAD     not valid in aws: deleted, inactive or of another partition", inactive.id),
        format!("{}  LIVE     arn:aws:iam::123456789012:user/switched-on", active.id),
    ];
    lines.sort();
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, lines.to_vec()), "{}", run.err);
}

#[test]
fn the_last_use_is_read_before_the_key_is_asked_about() {
    let key = cloud().user("used");
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let desk = Desk::at(&stub.url).with_profile("oncall", &cloud().responder);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "a.env", "--profile", "oncall"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let responder = &cloud().responder.id;
    let calls = [
        format!("GetCallerIdentity {responder}"),
        format!("GetAccessKeyLastUsed {responder}"),
        format!("GetCallerIdentity {}", key.id),
    ];
    assert_eq!(stub.calls(), calls);
    let kept: serde_json::Value = serde_json::from_str(&desk.here.read(".local/state/keyward/verified.jsonl")).unwrap();
    assert!(kept["key_id"] == *key.id && kept["before"]["user"] == "used" && kept["before"]["at"].is_null(), "{kept}");
    // Now it is keyward's own call.
    assert_eq!(cloud().last_use(&key)["ServiceName"], "sts");
}

#[test]
fn a_temporary_key_is_live_with_its_token_and_not_asked_without() {
    let session = cloud().session("role");
    let (desk, pair) = (Desk::new(), &session.pair);
    let whole = format!("{}AWS_SESSION_TOKEN={}\n", pair.env_file(), session.token);
    desk.here.write("a.env", whole);
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:sts::123456789012:assumed-role/role/session", pair.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
    desk.here.write("a.env", pair.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  UNKNOWN  not asked: temporary, and no session token was found with it\n", pair.id);
    assert_eq!((run.status, run.out), (2, line), "{}", run.err);
}

#[test]
fn the_secret_of_a_key_comes_over_standard_input() {
    let (desk, key) = (Desk::new(), cloud().user("piped"));
    let run = desk.keyward_reading(&format!("{}\n", key.secret), &["verify", &key.id, "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/piped", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
}

#[test]
fn a_report_leads_to_the_values_without_holding_them() {
    let (desk, key) = (Desk::new(), cloud().user("reported"));
    desk.here.write("a.env", key.env_file());
    desk.here.write("report.jsonl", desk.here.scan(&["a.env"]).out);
    let run = desk.keyward(&["verify", "--report", "report.jsonl", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/reported", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
    desk.here.write("a.env", format!("\n{}", key.env_file()));
    let run = desk.keyward(&["verify", "--report", "report.jsonl", "--yes"]);
    let line = format!("{}  UNKNOWN  not asked: moved or gone: scan again\n", key.id);
    assert_eq!((run.status, run.out), (2, line), "{}", run.err);
}

#[test]
fn a_key_is_asked_about_in_the_partition_that_its_file_speaks_of() {
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    for (seed, text, regions) in [
        (704, "", vec!["us-east-1"]),
        (705, "AWS_REGION=cn-northwest-1\n", vec!["cn-north-1"]),
        (706, "arn:aws-us-gov:s3:::bucket\n", vec!["us-gov-west-1"]),
        (707, "eu-west-1 cn-north-1\n", vec!["us-east-1", "cn-north-1"]),
    ] {
        let key = stranger(seed);
        desk.here.write("a.env", format!("{}{text}", key.env_file()));
        desk.keyward(&["verify", "--scan", ".", "--yes"]);
        let seen = stub.seen();
        let asked: Vec<_> =
            seen.iter().filter(|request| request.key_id() == key.id).map(super::stub::Request::region).collect();
        assert_eq!(asked, regions, "{text}");
    }
}

#[test]
fn a_clock_that_differs_is_set_right_or_named() {
    let late = "Signature expired: 20200101T000000Z is now earlier than 20261124T000000Z (20261124T000500Z - 5 min.)";
    let stub = Stub::alone(move |_, _| {
        let Reply::Answer(status, kind, body) = Reply::error(403, "SignatureDoesNotMatch", late) else {
            unreachable!()
        };
        Reply::AnswerWith(status, vec![("content-type", kind.to_owned())], body)
    });
    let (desk, key) = (Desk::at(&stub.url), stranger(708));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line =
        format!("{}  UNKNOWN  this machine's clock and AWS's differ too much: set the clock, and ask again", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
}
