//! Values that vendors print in their documentation, and values that people write to stand for one.
//!
//! A pair can be half genuine (people replace only the ID), so each part is judged by itself, never by its line, its
//! file's name or its neighbour.

/// Key IDs in AWS documentation that do not hold the word EXAMPLE. Sources: AWS CLI command reference, IAM user
/// guide.
const KEY_IDS: [&str; 2] = ["AKIAJ5C56P35AEBRX2QQ", "AKIA32P3D2JDNMVAJLGF"];

/// Secrets in AWS documentation and test suites that do not hold the word EXAMPLE. Sources: Amazon S3 API reference,
/// "Authenticating requests", and the tests of the AWS SDKs that quote it.
const SECRETS: [&str; 2] = ["OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV", "uV3F3YluFJax1cknvbcGwgjvx4QpvB+leU8dUj2o"];

/// How the secret starts that AWS prints everywhere, in several lengths and with `/` or `+`: by chance once in 10^23.
const DOCUMENTED_START: &str = "wJalrXUtnFEMI";

/// How the key ID goes on behind its prefix that AWS prints everywhere; people change its end. By chance once in 10^13.
const DOCUMENTED_BODY: &str = "IOSFODNN7";

/// Is this key ID from documentation? By chance EXAMPL stands in a random ID once in 10^8.
#[must_use]
pub fn is_documented_key_id(id: &str) -> bool {
    id.contains("EXAMPL") || id.get(4..).is_some_and(|body| body.starts_with(DOCUMENTED_BODY)) || KEY_IDS.contains(&id)
}

/// Is this secret from documentation?
#[must_use]
pub fn is_documented_secret(secret: &str) -> bool {
    secret.contains("EXAMPLE") || secret.starts_with(DOCUMENTED_START) || SECRETS.contains(&secret)
}

/// Words that people put where a value should be. Five letters at least, in any case: each stands in a random secret
/// with p < 2e-6.
const WORDS: [&str; 9] =
    ["example", "sample", "dummy", "placeholder", "changeme", "replace", "secret", "accesskey", "notreal"];

/// Upper-case words of four letters, for key IDs: each stands in a random one with p = 1.3e-5.
const SHORT_WORDS: [&str; 3] = ["FAKE", "TEST", "XXXX"];

/// Does the value hold a word that marks it as made up?
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
        || (value.len() == crate::credential::KeyId::LEN && SHORT_WORDS.iter().any(|word| value.contains(word)))
}
