//! AWS as moto plays it: one server for all tests, on a free port of this machine, with signatures and policies checked.

use crate::support::{Key, installed};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// The server, and a way to change and look at it.
pub struct Cloud {
    /// Where it is.
    pub url: String,
    /// May do everything in IAM and STS.
    pub responder: Key,
    /// Makes calls through boto3. Once the tests are over, its standard input ends, and so does the server.
    agent: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// It outlives the tests by a moment.
    _server: Child,
}

/// A pair of STS's with its token.
pub struct Session {
    pub pair: Key,
    pub token: String,
}

/// The cloud that all tests share; each makes users of its own in it.
pub fn cloud() -> &'static Cloud {
    static CLOUD: OnceLock<Cloud> = OnceLock::new();
    CLOUD.get_or_init(Cloud::start)
}

/// Secrets that no output may hold.
static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes note of a secret that no output may hold.
pub fn keep_secret(secret: &str) {
    SECRETS.lock().unwrap().push(secret.to_owned());
}

/// Fails if `text` holds a part of a secret: ten characters are more than may ever be shown.
pub fn holds_no_secret(text: &str, of: &str) {
    let secrets = SECRETS.lock().unwrap().clone();
    for secret in &secrets {
        let parts = secret.as_bytes().windows(10).map(|part| std::str::from_utf8(part).unwrap());
        assert_eq!(parts.filter(|part| text.contains(part)).count(), 0, "{of} holds a secret");
    }
}

/// A Python with moto and boto3.
pub fn python() -> PathBuf {
    installed("aws", "aws-1").join("python/bin/python")
}

impl Cloud {
    fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/aws/cloud.py");
        let mut python = Command::new(python());
        // Policies of AWS's own are there, too.
        python.arg(script).env_clear().env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let first = read_line(&mut answers);
        Self {
            url: first["url"].as_str().unwrap().to_owned(),
            responder: key(&first["responder"]["id"], &first["responder"]["secret"]),
            agent: Mutex::new((child.stdin.take().unwrap(), answers)),
            _server: child,
        }
    }

    /// What a call of boto3's answers, made as the administrator.
    pub fn call(&self, service: &str, method: &str, arguments: &Value) -> Value {
        self.exchange(&json!({ "service": service, "method": method, "arguments": arguments }))
    }

    /// The same as the owner of `key`, without arguments.
    pub fn call_as(&self, key: &Key, service: &str, method: &str) -> Value {
        let caller = json!({ "id": key.id, "secret": key.secret });
        self.exchange(&json!({ "service": service, "method": method, "arguments": {}, "as": caller }))
    }

    /// A new user of this name, and a key of theirs. They may do nothing.
    pub fn user(&self, name: &str) -> Key {
        self.call("iam", "create_user", &json!({ "UserName": name }));
        self.another_key_of(name)
    }

    /// A new key of a user.
    pub fn another_key_of(&self, name: &str) -> Key {
        let made = self.call("iam", "create_access_key", &json!({ "UserName": name }));
        key(&made["AccessKey"]["AccessKeyId"], &made["AccessKey"]["SecretAccessKey"])
    }

    /// A session of a new role.
    pub fn session(&self, role: &str) -> Session {
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" },
        ] });
        let role = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust.to_string() });
        let arn = self.call("iam", "create_role", &role)["Role"]["Arn"].clone();
        let made = self.call("sts", "assume_role", &json!({ "RoleArn": arn, "RoleSessionName": "session" }));
        let made = &made["Credentials"];
        let token = made["SessionToken"].as_str().unwrap().to_owned();
        keep_secret(&token);
        Session { pair: key(&made["AccessKeyId"], &made["SecretAccessKey"]), token }
    }

    /// A responder who may do only this.
    pub fn responder_who_may(&self, name: &str, actions: &[&str]) -> Key {
        let key = self.user(name);
        self.allow(name, "may", &json!({ "Effect": "Allow", "Action": actions, "Resource": "*" }));
        key
    }

    /// Gives a user an inline policy of one statement.
    pub fn allow(&self, user: &str, policy: &str, statement: &Value) {
        let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let arguments = json!({ "UserName": user, "PolicyName": policy, "PolicyDocument": document });
        self.call("iam", "put_user_policy", &arguments);
    }

    /// `Active` or `Inactive`, as boto3 sees it.
    pub fn status(&self, user: &str, key: &Key) -> String {
        let listed = self.call("iam", "list_access_keys", &json!({ "UserName": user }));
        let keys = listed["AccessKeyMetadata"].as_array().unwrap();
        let key = keys.iter().find(|listed| listed["AccessKeyId"] == *key.id).unwrap();
        key["Status"].as_str().unwrap().to_owned()
    }

    /// When and for what a key was last used, as boto3 sees it.
    pub fn last_use(&self, key: &Key) -> Value {
        self.call("iam", "get_access_key_last_used", &json!({ "AccessKeyId": key.id }))["AccessKeyLastUsed"].clone()
    }

    fn exchange(&self, call: &Value) -> Value {
        let answer = {
            let mut agent = self.agent.lock().unwrap();
            writeln!(agent.0, "{call}").unwrap();
            read_line(&mut agent.1)
        };
        assert!(answer["error"].is_null(), "{call}: {answer}");
        answer["ok"].clone()
    }
}

fn read_line(answers: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn key(id: &Value, secret: &Value) -> Key {
    let secret = secret.as_str().unwrap().to_owned();
    keep_secret(&secret);
    Key { id: id.as_str().unwrap().to_owned(), secret }
}
