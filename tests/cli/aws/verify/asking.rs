//! Who is asked about, whom, with whose credentials, and who says yes.

use super::{unknown_key, verdicts};
use crate::aws::cloud::{cloud, holds_no_secret};
use crate::aws::stub::{Reply, Stub};
use crate::aws::{Desk, stranger};
use crate::support::{ACCOUNT, KEYWARD, Key};
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;

/// A key ID of an account where canaries are laid out: the account stands in the characters behind the prefix.
fn canary(seed: u64) -> Key {
    let key = stranger(seed);
    // The inverse of what `credential` decodes: 171436882533, canarytokens.org.
    Key { id: format!("AKIASP2TPHJSQ{}", &key.id[13..]), ..key }
}

#[test]
fn bait_is_left_alone_unless_somebody_insists() {
    let stub = Stub::alone(|_, _| unknown_key());
    let (desk, key) = (Desk::at(&stub.url), canary(800));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", ".", "--yes"]);
    let line = format!(
        "{}  UNKNOWN  not asked: bait of canarytokens.org, and using it raises an alarm (--canaries asks)\n",
        key.id
    );
    assert_eq!((run.status, run.out, stub.seen().len()), (2, line, 0), "{}", run.err);
    let run = desk.keyward(&["verify", "--scan", ".", "--yes", "--canaries"]);
    assert_eq!((run.status, stub.seen().len()), (0, 1), "{}{}", run.out, run.err);
}

#[test]
fn strangers_keys_are_not_asked_about_without_a_yes() {
    let stub = Stub::alone(|_, _| unknown_key());
    let (desk, key) = (Desk::at(&stub.url), stranger(801));
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "."]);
    let line = format!("{}  UNKNOWN  not asked: account {ACCOUNT} is not known to be yours (--yes asks)\n", key.id);
    let said = format!(
        "keyward: about to ask {}, not AWS, about 1 key\n  account {ACCOUNT}    1 key     not known to be yours\n  \
         last use: not read, lost by asking: no credentials of your own\n\
         0 live, 0 dead, 1 unknown\n",
        stub.url
    );
    assert_eq!((run.status, run.out, run.err, stub.seen().len()), (2, line, said, 0));
}

#[test]
fn accounts_of_the_config_and_of_the_responder_are_ones_own() {
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let (desk, key) = (Desk::at(&stub.url), stranger(802));
    desk.here.write("a.env", key.env_file());
    desk.here.init(".");
    desk.here.write(".keyward.toml", format!("[aws]\naccounts = [\"{ACCOUNT}\"]\n"));
    let run = desk.keyward(&["verify", "--scan", "a.env"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.err.contains("  1 key     yours, as the config says\n"), "{}", run.err);
    let desk = Desk::at(&stub.url).with_profile("default", &cloud().responder);
    desk.here.write("a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "a.env"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let who = "arn:aws:iam::123456789012:user/responder";
    assert!(run.err.contains("  1 key     yours, as your credentials say\n"), "{}", run.err);
    assert!(run.err.contains(&format!("  last use: read first, as {who}\n")), "{}", run.err);
}

/// keyward at a terminal at which somebody types, and what was to be seen there.
fn at_a_terminal(desk: &Desk, typed: &str, arguments: &str) -> (i32, String) {
    let line = format!("{KEYWARD} {arguments}");
    let mut terminal = desk.command_of("script", &["--quiet", "--return", "--command", &line, "/dev/null"]);
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut seen = Vec::new();
    // Whoever types waits for the question.
    while !seen.ends_with(b": ") && !seen.ends_with(b"] ") {
        let mut byte = [0];
        if screen.read(&mut byte).unwrap() == 0 {
            break;
        }
        seen.extend(byte);
    }
    // The terminal stops showing what is typed a moment after it was asked for.
    std::thread::sleep(Duration::from_secs(1));
    keyboard.write_all(typed.as_bytes()).unwrap();
    screen.read_to_end(&mut seen).unwrap();
    let text = String::from_utf8_lossy(&seen).replace('\r', "");
    holds_no_secret(&text, "the terminal");
    (child.wait().unwrap().code().unwrap(), text)
}

#[test]
fn whoever_is_there_is_asked_about_strangers_keys() {
    let stub = Stub::alone(|_, _| unknown_key());
    let (desk, key) = (Desk::at(&stub.url), stranger(803));
    desk.here.write("a.env", key.env_file());
    let question = format!("A stranger's key is not yours to use. Ask about 1 key of account {ACCOUNT}? [y/N] ");
    let (status, said) = at_a_terminal(&desk, "n\n", "verify --scan .");
    let line = format!("{}  UNKNOWN  not asked, as you wished: account {ACCOUNT} is not known to be yours\n", key.id);
    assert!(status == 2 && said.contains(&question) && said.contains(&line), "{status} {said}");
    assert_eq!(stub.seen().len(), 0);
    let (status, said) = at_a_terminal(&desk, "y\n", "verify --scan .");
    assert!(status == 0 && said.contains(&format!("{}  DEAD", key.id)), "{status} {said}");
    assert_eq!(stub.seen().len(), 1);
}

#[test]
fn a_secret_that_is_typed_is_not_shown() {
    let (desk, key) = (Desk::new(), cloud().user("typed"));
    let (status, said) = at_a_terminal(&desk, &format!("{}\n", key.secret), &format!("verify {} --yes", key.id));
    assert!(said.contains(&format!("secret access key of {} (not shown): ", key.id)), "{said}");
    assert!(status == 1 && said.contains("LIVE     arn:aws:iam::123456789012:user/typed"), "{status} {said}");
}

#[test]
fn the_leaked_pair_never_falls_back_to_other_credentials() {
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let (desk, key) = (Desk::at(&stub.url).with_profile("default", &cloud().responder), stranger(804));
    desk.here.write("a.env", key.env_file());
    let responder = &cloud().responder;
    let mut command = desk.command(&["verify", "--scan", "a.env", "--no-responder", "--yes"]);
    command.env("AWS_ACCESS_KEY_ID", &responder.id).env("AWS_SECRET_ACCESS_KEY", &responder.secret);
    let run = desk.done(command.env("AWS_SESSION_TOKEN", "x").output().unwrap().into());
    let line = format!("{}  DEAD     not valid in aws: deleted, inactive or of another partition", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (0, vec![line]), "{}", run.err);
    assert_eq!(stub.calls(), [format!("GetCallerIdentity {}", key.id)]);
    assert_eq!(stub.seen()[0].header("x-amz-security-token"), None);
}

#[test]
fn a_named_profile_counts_more_than_the_environment() {
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let (desk, key) = (Desk::at(&stub.url).with_profile("oncall", &cloud().responder), cloud().user("profiled"));
    desk.here.write("a.env", key.env_file());
    let mut command = desk.command(&["verify", "--scan", "a.env", "--profile", "oncall"]);
    command.env("AWS_ACCESS_KEY_ID", stranger(805).id).env("AWS_SECRET_ACCESS_KEY", stranger(805).secret);
    let run = desk.done(command.output().unwrap().into());
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(stub.calls()[1].ends_with(&cloud().responder.id), "{:?}", stub.calls());
}

#[test]
fn a_process_and_a_role_are_responders_too() {
    let key = cloud().user("seen-by-a-role");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let may = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let role = serde_json::json!({ "RoleName": "oncall", "AssumeRolePolicyDocument": trust });
    let arn = cloud().call("iam", "create_role", &role)["Role"]["Arn"].as_str().unwrap().to_owned();
    let policy = serde_json::json!({ "RoleName": "oncall", "PolicyName": "may", "PolicyDocument": may });
    cloud().call("iam", "put_role_policy", &policy);
    let desk = Desk::new();
    let Key { id, secret } = &cloud().responder;
    desk.here.write(
        "print.sh",
        format!("echo '{{\"Version\":1,\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\"}}'\n"),
    );
    let script = desk.here.at("print.sh").display().to_string();
    let config = format!(
        "[profile process]\ncredential_process = sh {script}\n\
         [profile role]\nrole_arn = {arn}\nsource_profile = process\nregion = us-east-1\n"
    );
    desk.here.write(".aws/config", config);
    desk.here.write("keys/a.env", key.env_file());
    for (profile, who) in [("process", "user/responder"), ("role", "assumed-role/oncall/")] {
        let run = desk.keyward(&["verify", "--scan", "keys", "--profile", profile]);
        assert!(run.status == 1 && run.err.contains(who), "{profile}: {}", run.err);
    }
}

#[test]
fn credentials_that_are_broken_end_it_before_anything_is_asked() {
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let desk = Desk::at(&stub.url).with_profile("refused", &stranger(806));
    desk.here.write("keys/a.env", stranger(807).env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes", "--profile", "refused"]);
    let said = "keyward: could not use the credentials of profile 'refused'\n  caused by: InvalidClientTokenId: The security \
                token included in the request is invalid.\n  hint: sign in again, or go without evidence: --no-responder\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (2, "", said));
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes", "--profile", "absent"]);
    let said = "keyward: could not use the credentials of profile 'absent'\n";
    assert!(run.status == 2 && run.out.is_empty() && run.err.starts_with(said), "{}", run.err);
    assert!(stub.calls().iter().all(|call| call.ends_with(&stranger(806).id)), "{:?}", stub.calls());
}

#[test]
fn the_leaked_key_is_no_responder() {
    let key = cloud().user("own-and-leaked");
    let stub = Stub::before(&cloud().url, |_, _| Reply::Forward);
    let desk = Desk::at(&stub.url).with_profile("default", &key);
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes"]);
    assert_eq!(run.status, 1, "{}", run.err);
    let said = format!("{}: last use not read: your own key is {}\n", key.id, key.id);
    assert!(run.err.contains(&said), "{}", run.err);
    assert_eq!(stub.calls(), [format!("GetCallerIdentity {}", key.id)]);
}

#[test]
fn what_could_not_be_read_before_is_said() {
    let (key, other) = (cloud().user("not-readable"), cloud().user("may-not-look"));
    let desk = Desk::new().with_profile("default", &other);
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys"]);
    let said = format!("{}: last use not read: AccessDenied on iam:GetAccessKeyLastUsed\n", key.id);
    assert!(run.status == 1 && run.err.contains(&said), "{}", run.err);
    let kept: serde_json::Value = serde_json::from_str(&desk.here.read(".local/state/keyward/verified.jsonl")).unwrap();
    assert!(kept["before"].is_null() && kept["not_read"].as_str().unwrap().starts_with("AccessDenied"), "{kept}");
}

#[test]
fn a_key_that_was_used_says_when_and_for_what_before() {
    let key = cloud().user("used-for-s3");
    cloud().call_as(&key, "sts", "get_caller_identity");
    let desk = Desk::new().with_profile("default", &cloud().responder);
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys"]);
    let used = run.err.lines().find(|line| line.starts_with(&key.id)).unwrap();
    assert!(used.contains(": last used before 2") && used.ends_with(" for sts in us-east-1"), "{used}");
}

#[test]
fn nothing_is_asked_if_the_evidence_cannot_be_kept() {
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    desk.here.write("keys/a.env", stranger(808).env_file());
    desk.here.write("file", "");
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes", "--evidence", "file/below"]);
    let said = "keyward: could not make the folder for evidence 'file/below'\n  caused by: Not a directory (os error 20)\n  \
                hint: --evidence FOLDER says where to keep it\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str(), stub.seen().len()), (2, "", said, 0));
}

#[test]
fn the_user_agent_says_who_asks() {
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    desk.here.write("keys/a.env", stranger(809).env_file());
    desk.keyward(&["verify", "--scan", "keys", "--yes"]);
    let agent = stub.seen()[0].header("user-agent").unwrap().to_owned();
    let own = format!("keyward/{} (verify) aws-sdk-rust/", env!("CARGO_PKG_VERSION"));
    assert!(agent.starts_with(&own), "{agent}");
}

#[test]
fn the_endpoint_comes_from_the_environment_or_the_profile_and_is_said() {
    let [general, own, of_profile] = [0, 1, 2].map(|_| Stub::alone(|_, _| unknown_key()));
    let desk = Desk::at(&general.url);
    desk.here.write("keys/a.env", stranger(810).env_file());
    desk.here.write(
        ".aws/config",
        format!("[default]\nservices = local\n[services local]\nsts =\n  endpoint_url = {}\n", of_profile.url),
    );
    let asked = |run: &crate::support::Run, stub: &Stub| {
        assert!(run.out.ends_with(&format!("(asked {}, not AWS)\n", stub.url)), "{}{}", run.out, run.err);
    };
    let arguments = ["verify", "--scan", "keys", "--yes", "--no-responder"];
    let mut command = desk.command(&arguments);
    asked(&desk.done(command.env("AWS_ENDPOINT_URL_STS", &own.url).output().unwrap().into()), &own);
    asked(&desk.done(desk.command(&arguments).env_remove("AWS_ENDPOINT_URL").output().unwrap().into()), &of_profile);
    desk.here.write(".aws/config", "");
    asked(&desk.keyward(&arguments), &general);
    assert_eq!([general, own, of_profile].map(|stub| stub.seen().len()), [1, 1, 1]);
}

#[test]
fn nothing_goes_to_another_machine_in_the_clear() {
    let desk = Desk::at("http://192.0.2.1:4566");
    desk.here.write("keys/a.env", stranger(811).env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes"]);
    let said = "keyward: the endpoint that AWS_ENDPOINT_URL or the profile names cannot be used\n  caused by: \
                http://192.0.2.1:4566 is plain HTTP, and not this machine\n  hint: use https://\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (2, "", said));
}

#[test]
fn a_proxy_does_not_see_what_stays_on_this_machine() {
    let (proxy, stub) = (Stub::alone(|_, _| Reply::Close), Stub::alone(|_, _| unknown_key()));
    let desk = Desk::at(&stub.url);
    desk.here.write("keys/a.env", stranger(812).env_file());
    let mut command = desk.command(&["verify", "--scan", "keys", "--yes"]);
    let run = desk.done(command.env("HTTP_PROXY", &proxy.url).env("ALL_PROXY", &proxy.url).output().unwrap().into());
    assert_eq!((run.status, proxy.seen().len(), stub.seen().len()), (0, 0, 1), "{}", run.err);
}

#[test]
fn a_partition_that_is_named_is_asked() {
    let (desk, key) = (Desk::new(), cloud().user("of-another-partition"));
    desk.here.write("keys/a.env", key.env_file());
    let run = desk.keyward(&["verify", "--scan", "keys", "--yes", "--partition", "aws-us-gov"]);
    let line = format!("{}  DEAD     not valid in aws-us-gov: deleted, inactive or of another partition", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (0, vec![line]), "{}", run.err);
    let partitions = ["--partition", "aws-us-gov", "--partition", "aws"];
    let run = desk.keyward(&[&["verify", "--scan", "keys", "--yes"], &partitions[..]].concat());
    let line = format!("{}  LIVE     arn:aws:iam::123456789012:user/of-another-partition", key.id);
    assert_eq!((run.status, verdicts(&desk, &run.out)), (1, vec![line]), "{}", run.err);
}

#[test]
fn a_hook_gets_no_verdict() {
    let stub = Stub::alone(|_, _| unknown_key());
    let desk = Desk::at(&stub.url);
    desk.here.init(".");
    desk.here.git(&["init", "--quiet", "--bare", "remote.git"]);
    desk.here.stage("keys/a.env", stranger(813).env_file());
    let script = format!("#!/bin/sh\n{KEYWARD} verify --scan . --yes 2>>\"$HOME/said\"\nexit 0\n");
    let mine = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-push", "post-checkout"];
    let theirs = ["pre-receive", "update", "post-receive"];
    for hook in mine {
        desk.here.write(format!(".git/hooks/{hook}"), &script);
    }
    for hook in theirs {
        desk.here.write(format!("remote.git/hooks/{hook}"), &script);
    }
    let make_executable = "chmod +x .git/hooks/* remote.git/hooks/*";
    assert!(desk.here.command("sh").args(["-c", make_executable]).status().unwrap().success());
    let git = |arguments: &[&str]| {
        let mut git = desk.here.command("git");
        git.args(arguments).env("AWS_ENDPOINT_URL", &stub.url);
        assert!(git.output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["commit", "--quiet", "--message", "change"]);
    git(&["push", "--quiet", "remote.git", "main"]);
    git(&["switch", "--quiet", "--create", "side"]);
    let said = desk.here.read("said");
    let refusals = said.lines().filter(|line| *line == "keyward: keyward verify does nothing inside a hook").count();
    assert_eq!((refusals, stub.seen().len()), (mine.len() + theirs.len(), 0), "{said}");
}
