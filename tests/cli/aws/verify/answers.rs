//! What AWS, and what stands in its place, may answer, and what is made of it.

use super::{unknown_key, verdicts};
use crate::aws::cloud::{cloud, keep_secret};
use crate::aws::stub::{Reply, Stub};
use crate::aws::{Desk, stranger};
use crate::support::Key;
use std::time::{Duration, SystemTime};

/// What is said, beside the status, of a key that everything is answered so about.
fn said_of(key: &Key, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (i32, String) {
    let stub = Stub::alone(move |_, _| reply());
    let desk = Desk::at(&stub.url);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let lines = verdicts(&desk, &run.out);
    assert_eq!(lines.len(), 1, "{lines:?}{}", run.err);
    (run.status, lines[0].split_once("  ").unwrap().1.to_owned())
}

/// Each answer, with the status and the line that it leads to.
type Case = (Reply, i32, &'static str);

fn tell_apart(seed: u64, cases: Vec<Case>) {
    std::thread::scope(|scope| {
        for (at, (reply, status, line)) in (seed..).zip(cases) {
            scope.spawn(move || {
                let key = stranger(at);
                assert_eq!(said_of(&key, move || reply.clone()), (status, line.to_owned()));
            });
        }
    });
}

#[test]
fn the_refusals_of_aws_are_told_apart() {
    let bare = "<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist</Message></Error>";
    let cases = vec![
        (unknown_key(), 0, "DEAD     not valid in aws: deleted, inactive or of another partition"),
        (
            Reply::Answer(403, "text/xml", bare.to_owned()),
            0,
            "DEAD     not valid in aws: deleted, inactive or of another partition",
        ),
        (
            Reply::error(403, "ExpiredToken", "The security token included in the request is expired"),
            2,
            "UNKNOWN  expired: temporary credentials, and they are over",
        ),
        (
            Reply::error(400, "RequestExpired", "Request has expired"),
            2,
            "UNKNOWN  this machine's clock and AWS's differ too much: set the clock, and ask again",
        ),
        (
            Reply::error(403, "OptInRequired", "Your account is not signed up"),
            2,
            "UNKNOWN  refused, which says nothing of the key: OptInRequired: Your account is not signed up",
        ),
        (
            Reply::error(403, "AccessDenied", "Access Denied"),
            2,
            "UNKNOWN  refused, which says nothing of the key: AccessDenied: Access Denied",
        ),
        (
            Reply::error(
                403,
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:GetCallerIdentity",
            ),
            1,
            "LIVE     arn:aws:iam::123456789012:user/ci",
        ),
        (
            Reply::Answer(
                403,
                "text/plain",
                "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: x".to_owned(),
            ),
            2,
            "UNKNOWN  something else answered in AWS's place: 403, text of another kind",
        ),
        (
            Reply::error(503, "ServiceUnavailable", "later"),
            2,
            "UNKNOWN  AWS has trouble of its own (503, asked 3 times): ask later",
        ),
        (
            Reply::error(500, "InvalidClientTokenId", "nonsense"),
            2,
            "UNKNOWN  AWS has trouble of its own (500, asked 3 times): ask later",
        ),
    ];
    tell_apart(710, cases);
}

#[test]
fn what_answers_in_awss_place_never_makes_a_key_dead() {
    let page = "<!DOCTYPE html><title>Blocked</title><Error><Code>InvalidClientTokenId</Code></Error>";
    let ok =
        "<GetCallerIdentityResponse><GetCallerIdentityResult></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let cases = vec![
        (
            Reply::Answer(502, "text/html", "<html>Bad Gateway</html>".to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 502, a web page",
        ),
        (
            Reply::Answer(429, "text/plain", String::new()),
            2,
            "UNKNOWN  AWS takes no more questions for now (asked 3 times): ask later",
        ),
        (
            Reply::Answer(403, "text/html", page.to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 403, a web page",
        ),
        (
            Reply::Answer(407, "text/html", page.to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 407, a web page",
        ),
        (
            Reply::Answer(200, "text/html", "<html>Welcome to the hotel</html>".to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 200, a web page",
        ),
        (
            Reply::Answer(200, "text/xml", ok.to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 200, an answer without an ARN",
        ),
        (
            Reply::Answer(403, "application/json", "{\"Code\":\"InvalidClientTokenId\"}".to_owned()),
            2,
            "UNKNOWN  something else answered in AWS's place: 403, JSON",
        ),
        (
            Reply::Answer(302, "text/html", String::new()),
            2,
            "UNKNOWN  something else answered in AWS's place: 302, nothing in it",
        ),
    ];
    tell_apart(725, cases);
}

#[test]
fn a_temporary_key_that_is_not_known_is_unknown() {
    let session = cloud().session("unknown-session");
    let stub = Stub::alone(|_, _| unknown_key());
    let (desk, pair) = (Desk::at(&stub.url), &session.pair);
    desk.here.write("a.env", format!("{}AWS_SESSION_TOKEN={}\n", pair.env_file(), session.token));
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  UNKNOWN  not valid in aws: over, not its token, or of another partition", pair.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
}

#[test]
fn a_token_of_somebody_else_does_not_make_a_temporary_key_dead() {
    let (one, other) = (cloud().session("one"), cloud().session("other"));
    let desk = Desk::new();
    let input = format!("{}\n{}\n", one.pair.secret, other.token);
    let run = desk.keyward_reading(&input, &["verify", &one.pair.id, "--yes"]);
    let line = format!("{}  UNKNOWN  not valid in aws: over, not its token, or of another partition", one.pair.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
}

#[test]
fn the_errors_that_people_meet_are_explained() {
    for (at, code, text, words) in [
        (
            740,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
            "says nothing of expiry",
        ),
        (741, "InvalidAccessKeyId", "does not exist", "S3's name for InvalidClientTokenId"),
        (742, "SignatureDoesNotMatch", "The request signature we calculated does not match", "The key itself is live"),
        (743, "AccessDenied", "Access Denied", "It does not mean that the key is dead"),
        (744, "ExpiredToken", "expired", "over. Whoever made them may make new ones"),
    ] {
        let stub = Stub::alone(move |_, _| Reply::error(403, code, text));
        let (desk, key) = (Desk::at(&stub.url), stranger(at));
        desk.here.write("a.env", key.env_file());
        let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
        let flat = run.err.replace("\n  ", " ");
        assert!(flat.contains(&format!("\n{code}: ")) && flat.contains(words), "{}", run.err);
        assert!(run.err.lines().all(|line| line.chars().count() <= 80 || line.contains("http://")), "{}", run.err);
    }
}

#[test]
fn a_clock_that_is_wrong_is_corrected_by_what_aws_says() {
    let key = cloud().user("late");
    // An hour ahead of this machine.
    let there = SystemTime::now() + Duration::from_hours(1);
    let stub = Stub::before(&cloud().url, move |request, _| {
        let asked = request.header("x-amz-date").unwrap_or_default();
        let hour = |time: SystemTime| {
            humantime::format_rfc3339_seconds(time).to_string().replace(['-', ':'], "")[..11].to_owned()
        };
        if asked.starts_with(&hour(there)) {
            return Reply::Forward;
        }
        let Reply::Answer(status, kind, body) =
            Reply::error(403, "SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2 (3 - 5 min.)")
        else {
            unreachable!()
        };
        let date = httpdate(there);
        Reply::AnswerWith(status, vec![("content-type", kind.to_owned()), ("date", date)], body)
    });
    let desk = Desk::at(&stub.url);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/late", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
}

/// A time as HTTP writes it, on a day of the week that nobody checks.
fn httpdate(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        [text[5..7].parse::<usize>().unwrap() - 1];
    format!("Tue, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

#[test]
fn a_right_secret_that_is_refused_once_is_sent_once_more() {
    let key = cloud().user("refused-once");
    let wrong = || Reply::error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match");
    let stub = Stub::before(&cloud().url, move |_, before| if before == 0 { wrong() } else { Reply::Forward });
    let desk = Desk::at(&stub.url);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/refused-once", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
    assert_eq!(stub.seen().len(), 2);
}

#[test]
fn other_secrets_beside_a_key_are_tried_and_not_for_ever() {
    let (desk, key) = (Desk::new(), cloud().user("many-secrets"));
    let wrong: Vec<_> = (750..757).map(stranger).collect();
    let labelled = |secrets: &[&str]| {
        let gap = "\n".repeat(8);
        let lines = secrets.iter().map(|secret| format!("{gap}OTHER_AWS_SECRET_ACCESS_KEY={secret}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let pair = Key { secret: wrong[0].secret.clone(), ..key.clone() };
    desk.here.write("a.env", pair.env_file() + &labelled(&[&wrong[1].secret, &key.secret]));
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/many-secrets", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);

    let refuse = |_: &_, _| Reply::error(403, "SignatureDoesNotMatch", "does not match");
    let stub = Stub::alone(refuse);
    let desk = Desk::at(&stub.url);
    let others: Vec<_> = wrong[1..].iter().map(|key| key.secret.as_str()).collect();
    desk.here.write("a.env", pair.env_file() + &labelled(&others));
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!("{}  UNKNOWN  the key ID is live, and none of 5 secrets is its secret", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (2, vec![line]), "{}", run.err);
    assert_eq!(stub.seen().len(), 10);
    keep_secret(&pair.secret);
}

#[test]
fn root_is_said_to_be_root() {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    let said = said_of(&stranger(760), move || Reply::Answer(200, "text/xml", body.to_owned()));
    let line = "LIVE     arn:aws:iam::123456789012:root, the root user: no policy limits it";
    assert_eq!(said, (1, line.to_owned()));
}

#[test]
fn what_a_server_says_cannot_steer_a_terminal() {
    let said = said_of(&stranger(761), || Reply::error(403, "Odd", "a&#27;[2Jb\u{202e}c"));
    assert_eq!(said, (2, "UNKNOWN  refused, which says nothing of the key: Odd: a?[2Jb\\u{202e}c".to_owned()));
}
