//! What is known of each rule, as data: what it finds, how, and where the format is documented.

use super::{Confidence, Rule, Severity};

/// What is known of a rule.
#[derive(Debug)]
pub struct Facts {
    /// The rule, if it is built in.
    pub rule: Option<Rule>,
    /// The name in reports.
    pub id: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// How it is recognised.
    pub how: &'static str,
    /// Where its format is documented.
    pub source: &'static str,
    /// Its severity, unless its place lowers it.
    pub severity: Severity,
    /// Its confidence, unless its place lowers it.
    pub confidence: Confidence,
}

/// All rules, the gravest first.
pub static FACTS: [Facts; 13] = [
    Facts {
        rule: Some(Rule::AccessKey),
        id: "aws-access-key",
        title: "AWS access key",
        what: "a key ID and its secret: everything that a request to AWS needs",
        how: "a key ID and 40 base64 characters within 8 lines, or within 200 behind their name",
        source: "IAM user guide, Managing access keys for IAM users",
        severity: Severity::Critical,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::BedrockApiKey),
        id: "aws-bedrock-api-key",
        title: "Amazon Bedrock API key",
        what: "a key that calls models by itself, on the account's bill",
        how: "ABSK and base64 of NAME-at-ACCOUNT:..., or bedrock-api-key- and base64 of a presigned URL",
        source: "Amazon Bedrock user guide, API keys",
        severity: Severity::Critical,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::SecretAccessKey),
        id: "aws-secret-access-key",
        title: "AWS secret access key",
        what: "a secret without its key ID",
        how: "40 base64 characters that look random, behind a name for them; without a name at low confidence",
        source: "IAM user guide, Managing access keys for IAM users",
        severity: Severity::High,
        confidence: Confidence::Medium,
    },
    Facts {
        rule: Some(Rule::S3CompatibleSecretKey),
        id: "s3-compatible-secret-key",
        title: "secret key of an S3-compatible store",
        what: "a secret for another store than Amazon's, as its surroundings say; AWS knows nothing of it",
        how: "a named secret without an AWS key ID, near an endpoint or the name of another store",
        source: "the stores' own pages; they mint secrets in the form that AWS gave them",
        severity: Severity::High,
        confidence: Confidence::Medium,
    },
    Facts {
        rule: Some(Rule::SesSmtpPassword),
        id: "aws-ses-smtp-password",
        title: "Amazon SES SMTP password",
        what: "sends mail in your name; dies with the access key that it was made from",
        how: "44 base64 characters that begin with version 4 or 2, behind a word on mail",
        source: "Amazon SES developer guide, Obtaining SMTP credentials by converting AWS credentials",
        severity: Severity::High,
        confidence: Confidence::Medium,
    },
    Facts {
        rule: Some(Rule::ServiceCredentials),
        id: "aws-service-credentials",
        title: "AWS service-specific credentials",
        what: "reads and writes CodeCommit repositories or Keyspaces tables",
        how: "a password of 43 base64 characters and = behind NAME-at-ACCOUNT",
        source: "IAM user guide, Service-specific credentials for IAM users",
        severity: Severity::High,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::SsoToken),
        id: "aws-sso-token",
        title: "AWS SSO token",
        what: "opens every account and role of its user until it expires",
        how: "aoaAAAAA or aorAAAAA and 100 characters at least, as in ~/.aws/sso/cache",
        source: "observed in the cache that aws sso login writes",
        severity: Severity::High,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::EcrAuthorization),
        id: "aws-ecr-authorization",
        title: "Amazon ECR authorization",
        what: "pulls, and perhaps pushes, images for twelve hours",
        how: "base64 of AWS:eyJ..., as docker login writes it",
        source: "Amazon ECR API reference, GetAuthorizationToken",
        severity: Severity::High,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::PrivateKey),
        id: "aws-private-key",
        title: "EC2 or CloudFront private key",
        what: "opens instances, or signs URLs",
        how: "a PEM private key beside KeyMaterial or the name of a CloudFront or Lightsail key",
        source: "EC2 API reference, CreateKeyPair; CloudFront developer guide, Specify signers",
        severity: Severity::High,
        confidence: Confidence::Medium,
    },
    Facts {
        rule: Some(Rule::AccessKeyId),
        id: "aws-access-key-id",
        title: "AWS access key ID",
        what: "a key ID without its secret: names the account and the key",
        how: "AKIA, ASIA, ABIA or ACCA and 16 base32 characters that stand alone",
        source: "IAM user guide, Understanding unique ID prefixes",
        severity: Severity::Medium,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::SessionToken),
        id: "aws-session-token",
        title: "AWS session token",
        what: "the third part of temporary credentials; of use only with the other two",
        how: "base64 of a record named origin_ec, er/aws or aws, 100 characters at least",
        source: "STS API reference, Credentials; the record's form is observed",
        severity: Severity::Medium,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::MwsToken),
        id: "aws-mws-token",
        title: "Amazon MWS token",
        what: "of a service that ended in March 2024",
        how: "amzn.mws. and a UUID",
        source: "Amazon MWS documentation, Authorization tokens",
        severity: Severity::Low,
        confidence: Confidence::High,
    },
    Facts {
        rule: Some(Rule::AppSyncApiKey),
        id: "aws-appsync-api-key",
        title: "AWS AppSync API key",
        what: "often public by design",
        how: "da2- and 26 letters and digits",
        source: "AWS AppSync developer guide, API_KEY authorization",
        severity: Severity::Low,
        confidence: Confidence::High,
    },
];
