//! `keyward triage`: whose a key is, what it may do, how urgent it is, what to do next.

use super::Desk;
use super::cloud::cloud;
use super::stub::{Reply, Request, Stub};
use crate::support::{Key, Run};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// What moto cannot: credentials for single services, here one of `CodeCommit` and two of Bedrock.
pub fn with_service_credentials(request: &Request) -> Reply {
    if request.action() != "ListServiceSpecificCredentials" {
        return Reply::Forward;
    }
    let member = |id: &str, service: &str, status: &str| {
        format!(
            "<member><UserName>u</UserName><Status>{status}</Status><ServiceUserName>u-at-1</ServiceUserName>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate><ServiceSpecificCredentialId>{id}</ServiceSpecificCredentialId>\
             <ServiceName>{service}.amazonaws.com</ServiceName></member>"
        )
    };
    let members = [
        member("ACCA1CODECOMMIT", "codecommit", "Active"),
        member("ACCA2BEDROCK", "bedrock", "Active"),
        member("ACCA3BEDROCK", "bedrock", "Inactive"),
    ];
    let content = format!("<ServiceSpecificCredentials>{}</ServiceSpecificCredentials>", members.concat());
    Reply::result("ListServiceSpecificCredentials", &content)
}

/// The same, but none.
pub fn without_service_credentials(request: &Request) -> Reply {
    if request.action() == "ListServiceSpecificCredentials" {
        Reply::result("ListServiceSpecificCredentials", "<ServiceSpecificCredentials/>")
    } else {
        Reply::Forward
    }
}

/// A desk before moto with what it lacks, with a responder who may do everything as profile `oncall`.
pub fn desk(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Desk, Stub) {
    let stub = Stub::before(&cloud().url, move |request, _| reply(request));
    (Desk::at(&stub.url).with_profile("oncall", &cloud().responder), stub)
}

fn triage(desk: &Desk, keys: &[&str]) -> Run {
    let run = desk.keyward(&[&["triage"], keys, &["--profile", "oncall"]].concat());
    let out = run.out.replace(&format!("  (asked {}, not AWS)\n", desk.endpoint), "");
    Run { out, ..run }
}

/// What is said of a key, without what to do next.
fn facts(run: &Run) -> Vec<&str> {
    run.out.lines().take_while(|line| *line != "Next:").skip(1).map(str::trim).collect()
}

/// The answer to `ListAccessKeys` with these keys, all made on 11 March 2024.
pub fn listed(keys: &[(&str, &str)]) -> Reply {
    let member = |(id, status): &(&str, &str)| {
        format!(
            "<member><UserName>u</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>\
             <CreateDate>2024-03-11T00:00:00Z</CreateDate></member>"
        )
    };
    let members: Vec<_> = keys.iter().map(member).collect();
    let content =
        format!("<AccessKeyMetadata>{}</AccessKeyMetadata><IsTruncated>false</IsTruncated>", members.concat());
    Reply::result("ListAccessKeys", &content)
}

/// Days since 11 March 2024.
fn days() -> u64 {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 1_710_115_200) / 86_400
}

/// Today, as IAM's dates have it.
fn today() -> String {
    let created = &cloud().call("iam", "get_user", &json!({ "UserName": "admin" }))["User"]["CreateDate"];
    created.as_str().unwrap()[..10].to_owned()
}

#[test]
fn all_that_a_key_of_an_administrator_can_do_is_told_with_what_to_do_next() {
    let key = cloud().user("admin-by-group");
    let other = cloud().another_key_of("admin-by-group");
    cloud().call("iam", "create_group", &json!({ "GroupName": "deployers" }));
    cloud().call("iam", "add_user_to_group", &json!({ "GroupName": "deployers", "UserName": "admin-by-group" }));
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    cloud().call("iam", "attach_group_policy", &json!({ "GroupName": "deployers", "PolicyArn": arn }));
    cloud().allow(
        "admin-by-group",
        "uploads",
        &json!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::uploads/*" }),
    );
    let password = json!({ "UserName": "admin-by-group", "Password": "Not-A-Secret-0" });
    cloud().call("iam", "create_login_profile", &password);
    let (id, second) = (key.id.clone(), other.id.clone());
    let (desk, stub) = desk(move |request| match request.action() {
        "ListAccessKeys" => listed(&[(&id, "Active"), (&second, "Active")]),
        _ => with_service_credentials(request),
    });
    let run = triage(&desk, &[&key.id]);
    let head = format!("{}  user admin-by-group, account 123456789012", key.id);
    let (id, other, days, today) = (&key.id, &other.id, days(), today());
    let expected = format!(
        "{head:<72}  URGENT
  active, and may do everything
  never used
  created 2024-03-11, {days} days ago: older than 90 days, after which a key is to
    be replaced
  may do everything: AdministratorAccess (attached to group deployers)
  other policies: uploads (inline)
  not quarantined by AWS
  the user has another key {other}: active, never used:
    deactivating this one does not stop it
  console password since {today}, without MFA
  credential for codecommit.amazonaws.com: ACCA1CODECOMMIT, active
  credential for bedrock.amazonaws.com: ACCA2BEDROCK, active
  credential for bedrock.amazonaws.com: ACCA3BEDROCK, inactive
Next:
  1. switch it off; what still uses it will stop
       keyward deactivate {id} --profile oncall
  2. the user's other key does the same: switch it off, too, unless you know who
     holds it
       keyward deactivate {other} --profile oncall
  3. look for what it did in each region, for keys and users that it made first
     (CreateAccessKey, CreateUser, CreateLoginProfile, CreateRole)
       aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue={id} --profile oncall
  4. the user has a console password since {today}: take it away if nobody
     needs it
       aws iam delete-login-profile --user-name admin-by-group --profile oncall
  5. the user has a credential for codecommit.amazonaws.com, which goes on
     working
       aws iam update-service-specific-credential --user-name admin-by-group --service-specific-credential-id ACCA1CODECOMMIT --status Inactive --profile oncall
  6. the user has a credential for bedrock.amazonaws.com, which goes on working
       aws iam update-service-specific-credential --user-name admin-by-group --service-specific-credential-id ACCA2BEDROCK --status Inactive --profile oncall
  7. if the user must be stopped as a whole, quarantine it, but only after the
     first step: the policy denies it to switch its own keys off
       aws iam attach-user-policy --user-name admin-by-group --policy-arn arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3 --profile oncall
  8. take AdministratorAccess from group deployers; give the user what its work
     needs
  9. once nothing misses it, delete it; give what used it a role or a profile
       aws iam delete-access-key --user-name admin-by-group --access-key-id {id} --profile oncall
"
    );
    assert_eq!((run.status, run.out, run.err), (0, expected, String::new()));
    // The leaked key itself asked nothing, and nothing was changed.
    let responder = &cloud().responder.id;
    assert!(stub.seen().iter().all(|request| request.key_id() == responder && !request.action().starts_with("Update")));
    assert!(stub.seen()[0].header("user-agent").unwrap().starts_with("keyward/"));
    assert!(cloud().last_use(&key)["LastUsedDate"].is_null());
}

#[test]
fn wide_grants_of_every_kind_are_named() {
    let key = cloud().user("wide");
    for (name, action) in [
        ("star", json!("*")),
        ("iam", json!("iam:*")),
        ("pass", json!(["iam:PassRole", "lambda:CreateFunction"])),
        ("buckets", json!("s3:*")),
    ] {
        cloud().allow("wide", name, &json!({ "Effect": "Allow", "Action": action, "Resource": "*" }));
    }
    for policy in ["IAMFullAccess", "PowerUserAccess"] {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        cloud().call("iam", "attach_user_policy", &json!({ "UserName": "wide", "PolicyArn": arn }));
    }
    let document = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" } });
    let own = json!({ "PolicyName": "roles", "PolicyDocument": document.to_string() });
    let arn = cloud().call("iam", "create_policy", &own)["Policy"]["Arn"].clone();
    cloud().call("iam", "attach_user_policy", &json!({ "UserName": "wide", "PolicyArn": arn }));
    let (desk, _stub) = desk(without_service_credentials);
    let run = triage(&desk, &[&key.id]);
    let mays: Vec<_> = facts(&run).into_iter().filter(|line| line.starts_with("may ")).collect();
    assert_eq!(
        mays,
        [
            "may do everything: star (inline)",
            "may do everything but iam:*, organizations:*, account:*: PowerUserAccess",
            "may change who may do what (all of IAM): IAMFullAccess (attached to the user)",
            "may change who may do what (all of IAM): iam (inline)",
            "may hand roles to services (iam:PassRole): iam (inline)",
            "may run code as roles that it hands over (iam:PassRole with",
            "may take on other roles (sts:AssumeRole): roles (attached to the user)",
            "may do everything in s3: buckets (inline)",
        ],
        "{}",
        run.out
    );
}

#[test]
fn what_is_not_permitted_is_not_known_and_the_rest_still_stands() {
    let key = cloud().user("half-known");
    let may = ["sts:GetCallerIdentity", "iam:GetAccessKeyLastUsed", "iam:ListAccessKeys", "iam:ListGroupsForUser"];
    let responder = cloud().responder_who_may("half-blind", &may);
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let desk = Desk::at(&stub.url).with_profile("oncall", &responder);
    let run = triage(&desk, &[&key.id]);
    let wide = run.out.lines().next().unwrap().ends_with("  URGENT");
    assert!(run.status == 0 && wide, "{}{}", run.out, run.err);
    let said = facts(&run).join(" ");
    assert!(said.starts_with("active, and what it may do is not wholly known never used created "), "{said}");
    for (what, call) in [
        ("attached policies", "ListAttachedUserPolicies"),
        ("inline policies", "ListUserPolicies"),
        ("the permissions boundary", "GetUser"),
        ("the console password", "GetLoginProfile"),
        ("MFA devices", "ListMFADevices"),
        ("certificates and SSH keys", "ListSigningCertificates"),
    ] {
        assert!(said.contains(&format!("not known: {what} (AccessDenied on iam:{call})")), "{call}: {said}");
    }
    assert!(!said.contains("quarantined"), "{said}");
}

#[test]
fn a_call_that_is_throttled_is_asked_again_and_then_not_known() {
    let key = cloud().user("throttled");
    let (desk, stub) = desk(|request| match request.action() {
        "ListUserPolicies" => Reply::error(400, "Throttling", "Rate exceeded"),
        _ => without_service_credentials(request),
    });
    let run = triage(&desk, &[&key.id]);
    assert!(facts(&run).contains(&"not known: inline policies (Throttling on iam:ListUserPolicies)"), "{}", run.out);
    assert_eq!(run.status, 0);
    assert_eq!(stub.seen().iter().filter(|request| request.action() == "ListUserPolicies").count(), 3);
}

#[test]
fn every_page_of_a_list_is_read() {
    let key = cloud().user("paged");
    let page = |name: &str, more: &str| {
        let arn = format!("arn:aws:iam::aws:policy/{name}");
        let member = format!("<member><PolicyName>{name}</PolicyName><PolicyArn>{arn}</PolicyArn></member>");
        let content = format!("<AttachedPolicies>{member}</AttachedPolicies>{more}");
        Reply::result("ListAttachedUserPolicies", &content)
    };
    let (desk, _stub) = desk(move |request| match request.action() {
        "ListAttachedUserPolicies" if request.body.contains("Marker=second") => {
            page("AdministratorAccess", "<IsTruncated>false</IsTruncated>")
        }
        "ListAttachedUserPolicies" => page("PowerUserAccess", "<IsTruncated>true</IsTruncated><Marker>second</Marker>"),
        _ => without_service_credentials(request),
    });
    let run = triage(&desk, &[&key.id]);
    assert!(facts(&run).contains(&"may do everything: AdministratorAccess (attached to the user)"), "{}", run.out);
}

#[test]
fn a_quarantined_user_is_told_and_so_is_the_order() {
    let key = cloud().user("quarantined");
    let arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    cloud().call("iam", "attach_user_policy", &json!({ "UserName": "quarantined", "PolicyArn": arn }));
    let (desk, _stub) = desk(without_service_credentials);
    let run = triage(&desk, &[&key.id]);
    let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "URGENT active, and AWS has seen it in public (AWSCompromisedKeyQuarantineV3 is attached)",
        "quarantined by AWS: AWSCompromisedKeyQuarantineV3 is attached",
        "1. switch it off, as you: its own user is quarantined, and may not",
        "aws iam detach-user-policy --user-name quarantined --policy-arn arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    ] {
        assert!(said.contains(words), "{words}: {}", run.out);
    }
}

#[test]
fn an_inactive_key_is_not_urgent_and_is_not_switched_off_again() {
    let key = cloud().user("off");
    let off = json!({ "UserName": "off", "AccessKeyId": key.id, "Status": "Inactive" });
    cloud().call("iam", "update_access_key", &off);
    let (desk, _stub) = desk(without_service_credentials);
    let run = triage(&desk, &[&key.id]);
    assert_eq!(facts(&run)[0], "inactive: it is off");
    assert!(run.status == 0 && !run.out.contains("keyward deactivate"), "{}", run.out);
}

#[test]
fn keywards_own_call_is_not_taken_for_somebody_elses() {
    let key = cloud().user("asked");
    let (desk, _stub) = desk(without_service_credentials);
    desk.here.write("a.env", key.env_file());
    assert_eq!(desk.keyward(&["verify", "--scan", "a.env", "--profile", "oncall"]).status, 1);
    let run = triage(&desk, &[&key.id]);
    let said = facts(&run).join(" ");
    let own = format!("last used {} for sts: keyward's own call, most likely; never used before", today());
    assert!(said.contains(&own), "{}", run.out);
    // Without a responder nobody read what was before.
    let other = cloud().user("asked-alone");
    desk.here.write("b.env", other.env_file());
    assert_eq!(desk.keyward(&["verify", "--scan", "b.env", "--yes"]).status, 1);
    let run = triage(&desk, &[&other.id]);
    let said = facts(&run).join(" ");
    assert!(
        said.contains("own call, most likely; what was before is not known (no credentials of your own)"),
        "{}",
        run.out
    );
}

#[test]
fn the_use_by_somebody_else_is_told_with_service_and_day() {
    let key = cloud().user("used-by-them");
    cloud().allow("used-by-them", "look", &json!({ "Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*" }));
    cloud().call_as(&key, "iam", "list_users");
    let (desk, _stub) = desk(without_service_credentials);
    let run = triage(&desk, &[&key.id]);
    assert_eq!(facts(&run)[1], format!("last used {} (today) for iam in us-east-1", today()), "{}", run.out);
    assert!(run.out.contains("aws iam put-user-policy --user-name used-by-them --policy-name AWSRevokeOlderSessions"));
}

#[test]
fn a_key_of_another_account_a_deleted_and_a_temporary_one_have_no_owner_here() {
    let (desk, stub) = desk(|_| Reply::Forward);
    let elsewhere = format!("AKIA{}", "V7S32T2OSBFJQOIY");
    let run = triage(&desk, &[&elsewhere]);
    let why = "it belongs to account 411435703965, and your credentials to account\n    123456789012";
    assert!(run.status == 2 && run.out.contains(why), "{}", run.out);
    assert!(run.out.contains(&format!("keyward triage {elsewhere} --profile NAME")), "{}", run.out);
    // Of a stranger's key, IAM was not even asked.
    assert_eq!(stub.calls(), [format!("GetCallerIdentity {}", cloud().responder.id)]);

    let gone = cloud().user("gone");
    cloud().call("iam", "delete_access_key", &json!({ "UserName": "gone", "AccessKeyId": gone.id }));
    let run = triage(&desk, &[&gone.id]);
    let why = "account 123456789012 knows no such key: deleted, or another account's";
    assert!(run.status == 2 && run.out.contains(why), "{}", run.out);

    let session = cloud().session("for-triage");
    let run = triage(&desk, &[&session.pair.id]);
    assert_eq!(run.status, 2);
    for words in [
        "temporary: IAM keeps no list of these, and they cannot be switched off",
        "aws iam put-role-policy --role-name ROLE --policy-name AWSRevokeOlderSessions",
        "aws iam put-user-policy --user-name USER --policy-name AWSRevokeOlderSessions",
        "aws:TokenIssueTime",
        "AWSReservedSSO_",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
}

#[test]
fn an_owner_who_cannot_be_read_is_exit_2_with_the_call_that_is_missing() {
    let key = cloud().user("unreadable");
    let responder = cloud().responder_who_may("blind", &["sts:GetCallerIdentity"]);
    let desk = Desk::new().with_profile("oncall", &responder);
    let run = triage(&desk, &[&key.id]);
    let why = "whose it is could not be read (AccessDenied on iam:GetAccessKeyLastUsed)";
    assert!(run.status == 2 && run.out.contains(why), "{}", run.out);
}

#[test]
fn a_key_of_root_is_urgent_and_only_root_can_switch_it_off() {
    let key = Key::new(720);
    let (desk, _stub) = desk(|request| match request.action() {
        "GetAccessKeyLastUsed" => Reply::result(
            "GetAccessKeyLastUsed",
            "<AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>",
        ),
        _ => Reply::Forward,
    });
    let run = triage(&desk, &[&key.id]);
    let head = format!("{}  the root user, account 123456789012", key.id);
    assert!(run.status == 0 && run.out.starts_with(&format!("{head:<72}  URGENT\n")), "{}", run.out);
    for words in [
        "root's: no policy of the account limits it",
        "not known: whether the key is active (only root itself can list its keys)",
        &format!("keyward deactivate {} --with-leaked-key --scan PATH", key.id),
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
}

#[test]
fn an_id_of_the_older_scheme_is_looked_up_where_the_responder_is() {
    cloud().user("older");
    let key = format!("AKIA{}", "JSIE27KKMHXI3BJQ");
    let id = key.clone();
    let (desk, _stub) = desk(move |request| match request.action() {
        "GetAccessKeyLastUsed" => Reply::result(
            "GetAccessKeyLastUsed",
            "<UserName>older</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>",
        ),
        "ListAccessKeys" => listed(&[(&id, "Active")]),
        _ => without_service_credentials(request),
    });
    let run = triage(&desk, &[&key]);
    assert!(run.status == 0 && run.out.starts_with(&format!("{key}  user older, account 123456789012")), "{}", run.out);
}

#[test]
fn several_keys_and_those_of_a_scan_come_one_after_the_other() {
    let (one, other) = (cloud().user("several-1"), cloud().user("several-2"));
    let (desk, _stub) = desk(without_service_credentials);
    let owners = |run: &Run| -> Vec<String> {
        let objects = run.objects().into_iter();
        objects.map(|object| object["owner"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let run = triage(&desk, &[&one.id, &other.id, &one.id, "--format", "jsonl"]);
    assert_eq!((run.status, owners(&run)), (0, vec!["several-1".to_owned(), "several-2".to_owned()]), "{}", run.err);
    desk.here.write("a.env", one.env_file());
    let run = desk.keyward(&["triage", "--scan", "a.env", "--profile", "oncall", "--format", "jsonl"]);
    assert_eq!((run.status, owners(&run)), (0, vec!["several-1".to_owned()]), "{}", run.err);
    desk.here.write("report.jsonl", desk.here.scan(&["a.env"]).out);
    let run = desk.keyward(&["triage", "--report", "report.jsonl", "--profile", "oncall", "--format", "jsonl"]);
    assert_eq!((run.status, owners(&run)), (0, vec!["several-1".to_owned()]), "{}", run.err);
}

#[test]
fn programs_get_the_same_as_people() {
    let key = cloud().user("for-programs");
    cloud().allow("for-programs", "star", &json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    let (desk, _stub) = desk(with_service_credentials);
    let run = triage(&desk, &[&key.id, "--format", "json"]);
    let whole: Value = serde_json::from_str(&run.out).unwrap();
    let one = &whole["triage"][0];
    let shown = json!({
        "owner": one["owner"], "urgency": one["urgency"], "status": one["status"], "may": one["policies"][0]["may"],
        "last": one["last_use_by_others"], "own": one["last_use_is_keywards_own"], "known": one["not_known"],
        "services": one["service_credentials"].as_array().unwrap().len(), "first": one["steps"][0]["command"],
        "endpoint": one["endpoint"], "quarantine": one["quarantine"],
    });
    let expected = json!({
        "owner": { "kind": "user", "name": "for-programs" }, "urgency": "urgent", "status": "active",
        "may": ["do everything"], "last": null, "own": false, "known": [], "services": 3,
        "first": format!("keyward deactivate {} --profile oncall", key.id), "endpoint": desk.endpoint, "quarantine": null,
    });
    assert_eq!(shown, expected, "{}", run.err);
}

#[test]
fn without_credentials_or_with_those_of_the_leaked_key_nothing_is_asked() {
    let key = cloud().user("own");
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let desk = Desk::at(&stub.url).with_profile("itself", &key);
    let run = desk.keyward(&["triage", &key.id]);
    assert!(
        run.status == 2 && run.err.starts_with("keyward: there are no credentials to ask IAM with\n"),
        "{}",
        run.err
    );
    let run = desk.keyward(&["triage", &key.id, "--profile", "itself"]);
    assert!(run.status == 2 && run.err.contains("your own credentials are those of the leaked key"), "{}", run.err);
    assert_eq!(stub.calls(), [""; 0]);
}

#[test]
fn triage_and_deactivate_do_nothing_inside_a_hook() {
    let desk = Desk::new();
    for command in ["triage", "deactivate"] {
        let output = desk.command(&[command, &Key::new(721).id]).env("GIT_EXEC_PATH", "/usr/lib/git-core").output();
        let run = Run::from(output.unwrap());
        let start = format!("keyward: keyward {command} does nothing inside a hook\n");
        assert!(run.status == 2 && run.err.starts_with(&start), "{}", run.err);
    }
}
