//! `keyward deactivate`: what is shown, what is asked, what is done, what is kept, and what is refused.

use super::cloud::cloud;
use super::stub::{Reply, Request, Stub};
use super::triage::{desk, listed, without_service_credentials};
use super::{Desk, files, stranger};
use crate::support::{Key, Run};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The records at a desk, the oldest first.
fn records(desk: &Desk) -> Vec<Value> {
    let mut found: Vec<_> = files(&desk.here.at(".local/state/keyward"))
        .into_iter()
        .filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("keyward-evidence-"))
        .collect();
    found.sort();
    found.iter().map(|file| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()).collect()
}

fn last_four(key: &Key) -> &str {
    &key.id[16..]
}

/// Deactivates as the responder, with these flags.
fn deactivate(desk: &Desk, key: &Key, flags: &[&str]) -> Run {
    desk.keyward(&[&["deactivate", &key.id, "--profile", "oncall"], flags].concat())
}

fn switch_off(user: &str, key: &Key) {
    let off = json!({ "UserName": user, "AccessKeyId": key.id, "Status": "Inactive" });
    cloud().call("iam", "update_access_key", &off);
}

/// The calls that would change something.
fn writes(stub: &Stub) -> Vec<String> {
    let seen = stub.seen().into_iter().filter(|request| request.action() == "UpdateAccessKey");
    seen.map(|request| request.body).collect()
}

/// That a key was not switched, and that nobody tried.
fn is_untouched(run: &Run, stub: &Stub, why: &str) {
    assert!(run.status == 1 && run.err.contains(why) && run.err.ends_with("nothing was changed\n"), "{}", run.err);
    assert_eq!((writes(stub), run.out.as_str()), (Vec::new(), ""));
}

#[test]
fn a_key_is_off_once_its_last_four_characters_are_typed() {
    let key = cloud().user("leaver");
    let other = cloud().another_key_of("leaver");
    let (desk, stub) = desk(without_service_credentials);
    let run = desk.keyward_typing(last_four(&key), &["deactivate", &key.id, "--profile", "oncall"]);
    let (id, other, end) = (&key.id, &other.id, last_four(&key));
    let shown = format!(
        "This will switch off {id} of user leaver in account 123456789012
  iam:UpdateAccessKey UserName=leaver AccessKeyId={id}
    Status=Inactive
  as arn:aws:iam::123456789012:user/responder
  at {}, which is not AWS's own place
It was never used: nothing should miss it.
Inactive does not stop:
  - sessions that it has begun already, for up to 36 hours
  - the owner's other key {other} (active, never used)
  - anything that it has made
Type the last four characters of the key ID to go on: {end}
",
        desk.endpoint
    );
    assert_eq!((run.status, &run.err), (0, &shown), "{}", run.out);
    let file = files(&desk.here.at(".local/state/keyward")).pop().unwrap();
    let said = format!(
        "inactive: read back twice from IAM (asked {}, not AWS)\nevidence: {}\n\
         undo:     keyward deactivate {id} --undo --profile oncall\n",
        desk.endpoint,
        file.display()
    );
    assert_eq!(run.out, said);
    assert_eq!(cloud().status("leaver", &key), "Inactive");
    assert_eq!(writes(&stub).len(), 1);
    assert!(writes(&stub)[0].contains("UserName=leaver"), "{:?}", writes(&stub));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_record_says_who_when_which_calls_and_what_was_before_and_after() {
    let key = cloud().user("recorded");
    // moto names no requests; AWS does.
    let (desk, _stub) = desk(|request| match request.action() {
        "UpdateAccessKey" => Reply::Both(Box::new(Reply::result("UpdateAccessKey", ""))),
        _ => without_service_credentials(request),
    });
    assert_eq!(deactivate(&desk, &key, &["--yes"]).status, 0);
    let record = &records(&desk)[0];
    let calls = record["calls"].as_array().unwrap();
    let first = json!({
        "call": "iam:UpdateAccessKey",
        "parameters": ["UserName=recorded", format!("AccessKeyId={}", key.id), "Status=Inactive"],
        "at": calls[0]["at"], "request_id": "01234567-89ab-cdef-0123-456789abcdef", "answer": "taken",
    });
    assert_eq!(calls[0], first);
    assert!(calls[1..].iter().all(|call| call["call"] == "iam:ListAccessKeys" && call["answer"] == "as ordered"));
    let shown = json!({
        "schema": record["schema"], "action": record["action"], "key_id": record["key_id"], "user": record["user"],
        "account": record["account"], "responder": record["responder"], "endpoint": record["endpoint"],
        "before": record["before"], "after": record["after"], "outcome": record["outcome"], "calls": calls.len(),
    });
    let expected = json!({
        "schema": 1, "action": "deactivate", "key_id": key.id, "user": "recorded", "account": "123456789012",
        "responder": "arn:aws:iam::123456789012:user/responder", "endpoint": desk.endpoint,
        "before": "Active", "after": "Inactive", "outcome": "done", "calls": 3,
    });
    assert_eq!(shown, expected);
    for time in ["begun_at", "ended_at"] {
        assert!(record[time].as_str().unwrap().ends_with('Z'), "{record}");
    }
}

#[test]
fn a_dry_run_shows_the_calls_and_makes_none_that_changes_anything() {
    let key = cloud().user("rehearsed");
    let (desk, stub) = desk(without_service_credentials);
    let run = deactivate(&desk, &key, &["--dry-run"]);
    let end = format!(
        "These calls would be made, and none of them was:\n  \
         1. iam:UpdateAccessKey UserName=rehearsed AccessKeyId={} Status=Inactive\n  \
         2. iam:ListAccessKeys UserName=rehearsed until it says Inactive 2 times in a\n     row, for up to 30 s\n",
        key.id
    );
    let said = run.out.replace("\n     Status=Inactive", " Status=Inactive");
    assert!(run.status == 0 && said.contains(&end), "{}{}", run.out, run.err);
    assert!(run.out.ends_with("dry run: nothing was changed\n"), "{}", run.out);
    assert_eq!((writes(&stub), records(&desk)), (Vec::new(), Vec::new()));
    assert_eq!(cloud().status("rehearsed", &key), "Active");
}

#[test]
fn without_a_terminal_or_a_yes_nothing_is_done() {
    let key = cloud().user("unattended");
    let (desk, stub) = desk(without_service_credentials);
    is_untouched(&deactivate(&desk, &key, &[]), &stub, "keyward: nobody is there to say yes\n");
    for wrong in ["", "yes", "AAAA", &key.id] {
        let run = desk.keyward_typing(wrong, &["deactivate", &key.id, "--profile", "oncall"]);
        is_untouched(&run, &stub, "keyward: not confirmed\n");
    }
    assert_eq!((cloud().status("unattended", &key), records(&desk)), ("Active".to_owned(), Vec::new()));
}

#[test]
fn what_is_off_already_is_said_and_left_as_it_is() {
    let key = cloud().user("off-already");
    switch_off("off-already", &key);
    let (desk, stub) = desk(without_service_credentials);
    let run = deactivate(&desk, &key, &[]);
    assert_eq!(
        (run.status, run.out),
        (0, format!("{}: inactive already; nothing was changed\n", key.id)),
        "{}",
        run.err
    );
    assert_eq!((writes(&stub), records(&desk)), (Vec::new(), Vec::new()));
}

#[test]
fn what_keyward_switched_off_it_switches_on_again_and_says_that_it_is_public() {
    let key = cloud().user("undone");
    let (desk, _stub) = desk(without_service_credentials);
    assert_eq!(deactivate(&desk, &key, &["--yes"]).status, 0);
    // It asks again.
    let run = deactivate(&desk, &key, &["--undo"]);
    assert!(run.status == 1 && run.err.contains("nobody is there to say yes"), "{}", run.err);
    let arguments = ["deactivate", &key.id, "--profile", "oncall", "--undo"];
    let run = desk.keyward_typing(last_four(&key), &arguments);
    let public = "The key is public: it has leaked, and whoever has a copy of it can use it again";
    assert!(run.status == 0 && run.err.contains(public) && run.err.contains("Type the last four"), "{}", run.err);
    assert!(run.out.starts_with("active: read back twice from IAM"), "{}", run.out);
    assert_eq!(cloud().status("undone", &key), "Active");
    let actions: Vec<_> = records(&desk).iter().map(|record| record["action"].clone()).collect();
    assert_eq!(actions, ["deactivate", "reactivate"]);
    // Once more, it is on already; and what somebody else switches off then is not keyward's to undo.
    let run = deactivate(&desk, &key, &["--undo", "--yes"]);
    assert_eq!((run.status, run.out), (0, format!("{}: active already; nothing was changed\n", key.id)), "{}", run.err);
    switch_off("undone", &key);
    let run = deactivate(&desk, &key, &["--undo", "--yes"]);
    assert!(run.status == 1 && run.err.contains("keyward has not switched"), "{}", run.err);
    assert_eq!(cloud().status("undone", &key), "Inactive");
}

#[test]
fn what_somebody_else_switched_off_stays_off() {
    let key = cloud().user("not-ours");
    switch_off("not-ours", &key);
    let (desk, stub) = desk(without_service_credentials);
    let run = deactivate(&desk, &key, &["--undo", "--yes"]);
    is_untouched(&run, &stub, &format!("keyward: keyward has not switched {} off\n", key.id));
    assert_eq!(cloud().status("not-ours", &key), "Inactive");
}

#[test]
fn a_key_of_another_account_or_a_temporary_one_is_refused_with_what_can_be_done() {
    let (desk, stub) = desk(without_service_credentials);
    let elsewhere = Key { id: format!("AKIA{}", "V7S32T2OSBFJQOIY"), secret: String::new() };
    let run = deactivate(&desk, &elsewhere, &["--yes"]);
    is_untouched(&run, &stub, "it belongs to account 411435703965, and your credentials to account");
    let session = cloud().session("for-deactivate");
    let run = deactivate(&desk, &session.pair, &["--yes"]);
    is_untouched(&run, &stub, "temporary: IAM keeps no list of these, and they cannot be switched off");
    assert!(run.err.contains(&format!("keyward triage {} says what can be done instead", session.pair.id)));
}

#[test]
fn ones_own_key_is_refused_unless_it_shall_switch_itself_off() {
    let key = cloud().responder_who_may("self-made", &["iam:*", "sts:*"]);
    let stub = Stub::before(&cloud().url, |request, _| without_service_credentials(request));
    let desk = Desk::at(&stub.url).with_profile("itself", &key);
    let run = desk.keyward(&["deactivate", &key.id, "--profile", "itself", "--yes"]);
    is_untouched(&run, &stub, &format!("your own credentials are those of the leaked key {}", key.id));
    assert!(run.err.contains("--with-leaked-key"), "{}", run.err);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["deactivate", &key.id, "--with-leaked-key", "--scan", "a.env", "--yes"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("It switches itself off: you cannot undo that with it"), "{}", run.err);
    let undo = format!("undo:     keyward deactivate {} --undo --profile NAME\n", key.id);
    assert!(run.out.ends_with(&undo), "{}", run.out);
    assert!(writes(&stub)[0].contains("UserName=self-made"), "{:?}", writes(&stub));
    assert_eq!(cloud().status("self-made", &key), "Inactive");
}

#[test]
fn a_key_switches_itself_off_with_its_secret_from_standard_input() {
    let key = cloud().responder_who_may("piped-itself", &["iam:*"]);
    let (desk, _stub) = desk(without_service_credentials);
    let arguments = ["deactivate", &key.id, "--with-leaked-key"];
    // Nobody can answer while the secret comes over standard input.
    let run = desk.keyward_reading(&format!("{}\n", key.secret), &arguments);
    assert!(run.status == 1 && run.err.contains("nobody is there to say yes"), "{}", run.err);
    let run = desk.keyward_reading(&format!("{}\n", key.secret), &[&arguments[..], &["--yes"]].concat());
    assert_eq!((run.status, cloud().status("piped-itself", &key)), (0, "Inactive".to_owned()), "{}", run.err);
}

#[test]
fn a_key_that_may_not_switch_itself_off_is_refused_and_that_is_recorded() {
    let key = cloud().user("may-nothing");
    let (desk, _stub) = desk(without_service_credentials);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["deactivate", &key.id, "--with-leaked-key", "--scan", "a.env", "--yes"]);
    let start = format!("keyward: {} was not switched\n  caused by: AccessDenied: ", key.id);
    assert!(run.status == 1 && run.err.contains(&start) && run.err.ends_with("nothing was changed\n"), "{}", run.err);
    assert_eq!(cloud().status("may-nothing", &key), "Active");
    let record = &records(&desk)[0];
    assert_eq!((&record["outcome"], &record["after"]), (&json!("refused"), &json!("Active")));
}

#[test]
fn a_quarantined_user_is_switched_off_by_a_responder_and_not_by_itself() {
    let key = cloud().responder_who_may("in-quarantine", &["*"]);
    let arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    cloud().call("iam", "attach_user_policy", &json!({ "UserName": "in-quarantine", "PolicyArn": arn }));
    let (desk, _stub) = desk(without_service_credentials);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["deactivate", &key.id, "--with-leaked-key", "--scan", "a.env", "--yes"]);
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let before =
        "AWS has quarantined the user (AWSCompromisedKeyQuarantineV3): it will not be let to switch its own key off";
    assert!(run.status == 1 && said.contains(before) && said.contains("was not switched"), "{}", run.err);
    assert_eq!(cloud().status("in-quarantine", &key), "Active");
    let run = deactivate(&desk, &key, &["--yes"]);
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("you can switch the key off all the same"), "{}", run.err);
    assert_eq!((run.status, cloud().status("in-quarantine", &key)), (0, "Inactive".to_owned()));
}

/// STS and IAM for a key of root, and whether it is on.
fn root(key: &Key) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let (id, is_off) = (key.id.clone(), Mutex::new(false));
    move |request| {
        let mut is_off = is_off.lock().unwrap();
        if *is_off && request.key_id() == id {
            return Reply::error(403, "InvalidClientTokenId", "The security token included in the request is invalid");
        }
        match request.action() {
            "GetCallerIdentity" if request.key_id() == id => Reply::result(
                "GetCallerIdentity",
                "<Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account>",
            ),
            "GetAccessKeyLastUsed" => Reply::result(
                "GetAccessKeyLastUsed",
                "<AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>",
            ),
            "ListAccessKeys" => listed(&[(&id, "Active")]),
            "UpdateAccessKey" => {
                *is_off = true;
                Reply::result("UpdateAccessKey", "")
            }
            _ => Reply::Forward,
        }
    }
}

#[test]
fn a_key_of_root_is_switched_off_by_itself_alone_and_without_a_user() {
    let key = stranger(730);
    let (desk, stub) = desk(root(&key));
    let run = deactivate(&desk, &key, &["--yes"]);
    is_untouched(&run, &stub, &format!("keyward: {} is a key of the root user\n", key.id));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["deactivate", &key.id, "--with-leaked-key", "--scan", "a.env", "--yes"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("inactive: AWS refused it twice (asked "), "{}", run.out);
    assert!(run.out.ends_with("undo:     sign in as root: the key cannot undo it itself\n"), "{}", run.out);
    assert!(writes(&stub).len() == 1 && !writes(&stub)[0].contains("UserName"), "{:?}", writes(&stub));
}

#[test]
fn the_intent_is_on_disk_before_the_key_is_switched() {
    let key = cloud().user("intended");
    let evidence = tempfile::tempdir().unwrap();
    let (folder, found) = (evidence.path().to_owned(), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&found);
    let (desk, _stub) = desk(move |request| {
        if request.action() == "UpdateAccessKey" {
            let texts = files(&folder).into_iter().map(|file| fs::read_to_string(file).unwrap());
            noted.lock().unwrap().extend(texts.map(|text| serde_json::from_str::<Value>(&text).unwrap()));
        }
        without_service_credentials(request)
    });
    let run = deactivate(&desk, &key, &["--yes", "--evidence", evidence.path().to_str().unwrap()]);
    assert_eq!(run.status, 0, "{}", run.err);
    let found = found.lock().unwrap();
    assert!(found.len() == 1 && found[0]["outcome"] == "begun" && found[0]["before"] == "Active", "{found:?}");
    let undo = format!("--undo --profile oncall --evidence {}\n", evidence.path().display());
    assert!(run.out.ends_with(&undo), "{}", run.out);
}

#[test]
fn without_a_place_for_evidence_nothing_is_done() {
    let key = cloud().user("no-place");
    let (desk, stub) = desk(without_service_credentials);
    desk.here.write("file", "");
    let run = deactivate(&desk, &key, &["--yes", "--evidence", "file/below"]);
    is_untouched(&run, &stub, "could not make the folder for evidence 'file/below'");
}

#[test]
fn a_time_out_behind_the_order_is_an_outcome_that_nobody_knows() {
    let key = cloud().user("hung");
    let is_given = AtomicUsize::new(0);
    let (desk, _stub) = desk(move |request| {
        if request.action() == "UpdateAccessKey" {
            is_given.store(1, Ordering::SeqCst);
        }
        if is_given.load(Ordering::SeqCst) == 1 { Reply::Hang } else { without_service_credentials(request) }
    });
    let run = deactivate(&desk, &key, &["--yes", "--timeout", "1", "--wait", "1"]);
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run.status == 2 && run.out.is_empty(), "{}{}", run.out, run.err);
    for words in [
        "keyward: outcome unknown: check caused by: the order may have been taken (no answer in time, on \
         iam:UpdateAccessKey), and then: no answer in time, on iam:ListAccessKeys",
        "hint: aws iam list-access-keys --user-name hung --profile oncall it must say Inactive",
        "evidence: ",
    ] {
        assert!(said.contains(words), "{words}: {}", run.err);
    }
    let record = &records(&desk)[0];
    assert_eq!((&record["outcome"], &record["after"]), (&json!("unknown"), &Value::Null));
}

#[test]
fn an_order_that_was_taken_although_its_answer_never_came_is_read_back() {
    let key = cloud().user("silent");
    let (desk, stub) = desk(|request| match request.action() {
        "UpdateAccessKey" => Reply::Both(Box::new(Reply::Close)),
        _ => without_service_credentials(request),
    });
    let run = deactivate(&desk, &key, &["--yes"]);
    assert!(run.status == 0 && run.out.starts_with("inactive: read back twice from IAM"), "{}{}", run.out, run.err);
    assert!(!writes(&stub).is_empty());
    assert_eq!(cloud().status("silent", &key), "Inactive");
}

#[test]
fn old_news_from_iam_is_waited_out_but_not_for_ever() {
    let key = cloud().user("late-news");
    let (id, readings) = (key.id.clone(), AtomicUsize::new(0));
    let (desk, _stub) = desk(move |request| match request.action() {
        // One is for the plan, three are old.
        "ListAccessKeys" if readings.fetch_add(1, Ordering::SeqCst) < 4 => listed(&[(&id, "Active")]),
        _ => without_service_credentials(request),
    });
    let run = deactivate(&desk, &key, &["--yes"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let answers: Vec<_> =
        records(&desk)[0]["calls"].as_array().unwrap().iter().map(|call| call["answer"].clone()).collect();
    assert_eq!(answers, ["taken", "still active", "still active", "still active", "as ordered", "as ordered"]);

    let key = cloud().user("no-news");
    let id = key.id.clone();
    let (desk, _stub) = super::triage::desk(move |request| match request.action() {
        "ListAccessKeys" => listed(&[(&id, "Active")]),
        _ => without_service_credentials(request),
    });
    let run = deactivate(&desk, &key, &["--yes", "--wait", "1"]);
    assert!(run.status == 2 && run.err.contains("IAM took the order, and then: still active"), "{}", run.err);
}

#[test]
fn one_reading_that_agrees_is_not_enough() {
    let key = cloud().user("flapping");
    let (id, readings) = (key.id.clone(), AtomicUsize::new(0));
    let (desk, _stub) = desk(move |request| match request.action() {
        "ListAccessKeys" => match readings.fetch_add(1, Ordering::SeqCst) {
            1 | 3.. => listed(&[(&id, "Inactive")]),
            _ => listed(&[(&id, "Active")]),
        },
        _ => without_service_credentials(request),
    });
    assert_eq!(deactivate(&desk, &key, &["--yes"]).status, 0);
    let record = &records(&desk)[0];
    let answers: Vec<_> = record["calls"].as_array().unwrap().iter().map(|call| call["answer"].clone()).collect();
    assert_eq!(answers, ["taken", "as ordered", "still active", "as ordered", "as ordered"]);
}

#[test]
fn an_order_that_is_throttled_is_given_again_and_then_refused() {
    let key = cloud().user("busy");
    let given = AtomicUsize::new(0);
    let (desk, stub) = desk(move |request| match request.action() {
        "UpdateAccessKey" if given.fetch_add(1, Ordering::SeqCst) == 0 => {
            Reply::error(400, "Throttling", "Rate exceeded")
        }
        _ => without_service_credentials(request),
    });
    assert_eq!((deactivate(&desk, &key, &["--yes"]).status, writes(&stub).len()), (0, 2));

    let key = cloud().user("busier");
    let (desk, stub) = super::triage::desk(|request| match request.action() {
        "UpdateAccessKey" => Reply::error(400, "Throttling", "Rate exceeded"),
        _ => without_service_credentials(request),
    });
    let run = deactivate(&desk, &key, &["--yes"]);
    assert!(run.status == 1 && run.err.contains("caused by: Throttling: Rate exceeded"), "{}", run.err);
    assert_eq!((writes(&stub).len(), cloud().status("busier", &key)), (3, "Active".to_owned()));
}

#[test]
fn a_responder_who_may_not_is_told_so() {
    let key = cloud().user("protected");
    let responder = cloud().responder_who_may("reader", &["sts:*", "iam:Get*", "iam:List*"]);
    let stub = Stub::before(&cloud().url, |request, _| without_service_credentials(request));
    let desk = Desk::at(&stub.url).with_profile("oncall", &responder);
    let run = deactivate(&desk, &key, &["--yes"]);
    assert!(run.status == 1 && run.err.contains("who may call iam:UpdateAccessKey"), "{}", run.err);
    assert_eq!(cloud().status("protected", &key), "Active");
}

#[test]
fn a_secret_is_never_an_argument_and_is_not_repeated() {
    let desk = Desk::new();
    let key = stranger(731);
    let run = desk.keyward(&["deactivate", &key.id, &key.secret]);
    assert!(run.status == 2 && run.err.contains("a secret is never an argument"), "{}", run.err);
    let run = desk.keyward(&["triage", &key.secret]);
    assert!(run.status == 2 && run.err.contains("the argument is no access key ID"), "{}", run.err);
}
