//! Each rule with examples that it must find and near misses that it must not, put together at run time.
//!
//! `keyward rules test` runs them through the detector as it is built, so that whoever doubts a rule can see it
//! work. An example is made from the vendor's description of the format, not from our pattern; what is random in it
//! is drawn from a fixed seed.

use crate::detect::{Reason, Wanted};
use crate::examine::Examiner;
use crate::prefilter::Prefilter;
use crate::rules::Rule;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A text, and what a rule must make of it.
#[derive(Debug)]
pub struct Example {
    /// The rule.
    pub rule: Rule,
    /// What the example shows.
    pub shows: &'static str,
    /// The text.
    pub text: String,
    /// Must the rule find something in it?
    pub found: bool,
    /// The reason with which its value must be dismissed, if the example is one of that.
    pub reason: Option<Reason>,
}

/// How an example came out.
#[derive(Debug)]
pub struct Outcome {
    /// The example.
    pub example: Example,
    /// Did the rule do as it must?
    pub holds: bool,
    /// The reasons with which values in it were dismissed.
    pub dismissed: Vec<&'static str>,
}

/// Runs all examples through the detector.
#[must_use]
pub fn test() -> Vec<Outcome> {
    examples().into_iter().map(run).collect()
}

fn run(example: Example) -> Outcome {
    let mut examiner = Examiner::default();
    examiner.want(&Wanted { explain: true, ..Wanted::default() });
    // Reading from memory cannot fail; if it did, the example would not hold.
    let Ok(seen) = examiner.examine(&Prefilter::new(), &mut example.text.as_bytes()) else {
        return Outcome { example, holds: false, dismissed: Vec::new() };
    };
    let found = seen.credentials.iter().any(|credential| credential.rule() == example.rule);
    let given = |reason| seen.dismissals.iter().any(|dismissal| dismissal.reason == reason);
    let holds = found == example.found && example.reason.is_none_or(given);
    let dismissed = seen.dismissals.iter().map(|dismissal| dismissal.reason.describe()).collect();
    Outcome { example, holds, dismissed }
}

/// The parts that examples are put together from.
struct Parts(u64);

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl Parts {
    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let mut draw = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 40).unwrap_or_default() % alphabet.len()
        };
        (0..length).map(|_| char::from(alphabet[draw()])).collect()
    }

    fn key_id(&mut self, prefix: &str) -> String {
        format!("{prefix}RZPUZDIK{}", self.text(BASE32, 8))
    }

    fn secret(&mut self) -> String {
        self.text(BASE64, 40)
    }
}

/// All examples, rule by rule, then one for each reason of a dismissal.
#[must_use]
pub fn examples() -> Vec<Example> {
    let p = &mut Parts(0x6b65_7977_6172_6421);
    [access_keys(p), tokens(p), dismissed(p)].into_iter().flatten().collect()
}

fn found(rule: Rule, shows: &'static str, text: String) -> Example {
    Example { rule, shows, text, found: true, reason: None }
}

fn missed(rule: Rule, shows: &'static str, text: String) -> Example {
    Example { rule, shows, text, found: false, reason: None }
}

fn access_keys(p: &mut Parts) -> Vec<Example> {
    vec![
        found(
            Rule::AccessKey,
            "the console's CSV",
            format!("Access key ID,Secret access key\r\n{},{}\r\n", p.key_id("AKIA"), p.secret()),
        ),
        found(
            Rule::AccessKey,
            "an INI file",
            format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", p.key_id("AKIA"), p.secret()),
        ),
        missed(
            Rule::AccessKey,
            "a hash beside an ID",
            format!("key: {}\nsha1: {}\n", p.key_id("AKIA"), p.text(&BASE36[26..], 40)),
        ),
        found(Rule::AccessKeyId, "in code", format!("const id = \"{}\";", p.key_id("ASIA"))),
        found(
            Rule::AccessKeyId,
            "in a presigned URL",
            format!("?X-Amz-Credential={}%2F20240101%2Fus-east-1%2Fs3%2Faws4_request", p.key_id("AKIA")),
        ),
        missed(Rule::AccessKeyId, "a role's ID", format!("\"RoleId\": \"AROA{}\"", p.text(BASE32, 17))),
        missed(Rule::AccessKeyId, "21 characters", format!("{}Q", p.key_id("AKIA"))),
        found(Rule::SecretAccessKey, "behind its name", format!("AWS_SECRET_ACCESS_KEY={}\n", p.secret())),
        found(Rule::SecretAccessKey, "in base64", format!("AWS_SECRET_ACCESS_KEY: {}\n", STANDARD.encode(p.secret()))),
        missed(Rule::SecretAccessKey, "41 characters", format!("AWS_SECRET_ACCESS_KEY={}x\n", p.secret())),
    ]
}

fn tokens(p: &mut Parts) -> Vec<Example> {
    vec![
        found(Rule::SessionToken, "of STS", format!("AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj{}==\n", p.text(BASE64, 400))),
        missed(Rule::SessionToken, "too short", format!("AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj{}\n", p.text(BASE64, 40))),
        found(
            Rule::BedrockApiKey,
            "long-lived",
            format!("ABSK{}", STANDARD.encode(format!("BedrockAPIKey-a1b2-at-123456789012:{}=", p.text(BASE64, 59)))),
        ),
        found(
            Rule::BedrockApiKey,
            "short-lived",
            format!(
                "bedrock-api-key-{}",
                STANDARD.encode(format!("bedrock.amazonaws.com/?X-Amz-Credential={}%2F20240101", p.key_id("ASIA")))
            ),
        ),
        missed(Rule::BedrockApiKey, "base64 of something else", format!("ABSK{}", STANDARD.encode(p.text(BASE64, 95)))),
        found(
            Rule::SesSmtpPassword,
            "in a mail configuration",
            format!("smtp_password: B{}{}\n", p.text(&BASE64[..16], 1), p.text(BASE64, 42)),
        ),
        missed(Rule::SesSmtpPassword, "without a word on mail", format!("password: BM{}\n", p.text(BASE64, 42))),
        found(
            Rule::ServiceCredentials,
            "in a remote's URL",
            format!(
                "https://ci-at-210987654321:{}%3D@git-codecommit.us-east-1.amazonaws.com/v1/repos/r",
                p.text(&BASE64[..62], 43)
            ),
        ),
        missed(
            Rule::ServiceCredentials,
            "without a password",
            "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/r".to_owned(),
        ),
        found(
            Rule::ServiceCredentials,
            "in the CSV of the console",
            format!("User name,Password\nci-at-210987654321,{}=\n", p.text(&BASE64[..62], 43)),
        ),
        found(
            Rule::S3CompatibleSecretKey,
            "of MinIO",
            format!("endpoint: https://minio.example.org\nsecret_key: {}\n", p.secret()),
        ),
        missed(Rule::S3CompatibleSecretKey, "of AWS", format!("aws_secret_access_key: {}\n", p.secret())),
        found(
            Rule::SsoToken,
            "in the cache of aws sso login",
            format!("{{\"accessToken\":\"aoaAAAAA{}\"}}", p.text(BASE64, 300)),
        ),
        missed(Rule::SsoToken, "too short", format!("aoaAAAAA{}", p.text(BASE64, 30))),
        found(
            Rule::EcrAuthorization,
            "in docker's configuration",
            format!("{{\"auth\": \"{}\"}}", STANDARD.encode(format!("AWS:eyJ{}", p.text(BASE64, 300)))),
        ),
        missed(
            Rule::EcrAuthorization,
            "of another registry",
            format!("{{\"auth\": \"{}\"}}", STANDARD.encode(format!("bob:eyJ{}", p.text(BASE64, 300)))),
        ),
        found(
            Rule::PrivateKey,
            "in EC2's answer",
            format!("\"KeyMaterial\": \"{} PRIVATE KEY-----\\n{}\\n-----END\"", "-----BEGIN RSA", p.text(BASE64, 400)),
        ),
        found(
            Rule::MwsToken,
            "a marketplace token",
            format!("amzn.mws.{}-4ea3-5a0e-a7b1-{}", p.text(b"0123456789abcdef", 8), p.text(b"0123456789abcdef", 12)),
        ),
        missed(Rule::MwsToken, "no UUID", "amzn.mws.example".to_owned()),
        found(Rule::AppSyncApiKey, "in a configuration", format!("\"apiKey\": \"da2-{}\"", p.text(BASE36, 26))),
        missed(Rule::AppSyncApiKey, "too long", format!("\"da2-{}\"", p.text(BASE36, 27))),
    ]
}

/// One example for each reason with which a value is dismissed.
fn dismissed(p: &mut Parts) -> Vec<Example> {
    let example = |rule, reason: Reason, text| Example {
        rule,
        shows: reason.describe(),
        text,
        found: false,
        reason: Some(reason),
    };
    let id = |reason, text| example(Rule::AccessKeyId, reason, text);
    let secret = |reason, text| example(Rule::SecretAccessKey, reason, text);
    let words = |p: &mut Parts| p.text(BASE64, 60).replace(['/', '+'], "x");
    let documented = "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned();
    vec![
        example(Rule::AccessKey, Reason::DocumentedExample, documented),
        id(Reason::Placeholder, format!("AKIA{}", "X".repeat(16))),
        id(Reason::InsideBase64, format!("{}1aB/AKIA{}+1aB{}", words(p), p.text(BASE32, 16), words(p))),
        secret(Reason::Base64Block, format!("{}\n{}\n", p.text(BASE64, 64), p.secret())),
        secret(Reason::FollowedByEquals, format!("{}=\n", p.secret())),
        secret(Reason::PartOfToken, format!("x-{}-y\n", p.secret())),
        secret(Reason::Hexadecimal, format!("aws_secret_key: {}\n", p.text(b"0123456789abcdef", 40))),
        secret(Reason::LowEntropy, format!("aws_secret_key: {}\n", "aB3dEf7H".repeat(5))),
        secret(Reason::Unbalanced, format!("aws_secret_key: {}\n", p.text(&BASE64[26..52], 40))),
        secret(Reason::Sequence, format!("aws_secret_key: {}abcdef{}\n", p.text(BASE64, 20), p.text(BASE64, 14))),
        secret(Reason::Code, "com/AWSEC2/latest/UserGuide/interruption".to_owned()),
    ]
}
