//! Does the text before a value say that it is an AWS secret?

use crate::prefilter::escape_letters_before;
use regex::bytes::Regex;
use std::sync::LazyLock;

/// Bytes before a value in which its label must stand.
const REACH: usize = 160;

/// What the text before a value calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// An AWS secret (`AWS_SECRET_ACCESS_KEY=`, `secretKey:`, `<name>fs.s3a.secret.key</name> <value>`).
    Secret,
    /// The same, of another store that speaks S3.
    SecretOfStore,
    /// Nothing, because the text holds the value and nothing else.
    Alone,
    /// Nothing that keyward knows.
    None,
}

/// A name for the secret, then only punctuation and the filler words of formats that part a name from its value
/// (`<value>`, `"default" =`, a table cell). Names as configuration files, SDKs and tools of AWS spell them, with any
/// separator and in any case; "secret" alone is too common a word.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"(?:secret[ ._-]?(?:access)?[ ._-]?key|secret[ ._-]?access|(?:aws|s3|amazon)[ ._-]?(?:[a-z0-9]+[ ._-])?secret|aws[ ._-]?sec[ ._-]?key)";
    // The letters and digits of an escaped `=` or `:` count as filler, too.
    let escape = "(?:25)?3[da]|u003[da]|x3[da]|61";
    let filler = format!("(?:{escape}|value|default|string|type|text|name|val|td|th|code|binary|set|to|is)");
    let gap = "[^a-z0-9]";
    Regex::new(&format!("(?i-u){name}[a-z0-9_.-]{{0,32}}(?:{gap}{{1,24}}{filler}){{0,4}}{gap}{{1,24}}$"))
        .expect("the label's pattern is fixed, and a test compiles it")
});

/// Bytes around a value in which the name of its store counts.
const STORE_REACH: usize = 400;

/// Hosts and names of stores that speak S3 and mint secrets of the same form, in lower case.
const STORES: [&[u8]; 9] = [
    b"minio",
    b"wasabi",
    b"digitaloceanspaces.com",
    b"r2.cloudflarestorage.com",
    b"storage.googleapis.com",
    b"gs_secret_access_key",
    b"backblazeb2.com",
    b"linodeobjects.com",
    b"scw.cloud",
];

fn speaks_of_another_store(around: &[u8]) -> bool {
    let around = around.to_ascii_lowercase();
    STORES.iter().any(|store| memchr::memmem::find(&around, store).is_some())
}

impl Label {
    /// The label of the value that starts at `at`.
    #[must_use]
    pub fn of(bytes: &[u8], at: usize) -> Self {
        // The letters of `%3D` are no part of a name.
        let end = at - escape_letters_before(bytes, at);
        let before = &bytes[end.saturating_sub(REACH)..end];
        if !SECRET.is_match(before) {
            Self::None
        } else if speaks_of_another_store(&bytes[at.saturating_sub(STORE_REACH)..bytes.len().min(at + STORE_REACH)]) {
            Self::SecretOfStore
        } else {
            Self::Secret
        }
    }

    /// Does it call the value a secret?
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretOfStore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        Label::of(text.as_bytes(), text.len())
    }

    #[test]
    fn the_names_that_aws_tools_use_are_labels() {
        for text in [
            "aws_secret_access_key = ",
            "export AWS_SECRET_ACCESS_KEY='",
            "\"SecretAccessKey\": \"",
            "secretAccessKey:\"",
            "secret_key = \"",
            "cloud.aws.credentials.secret-key=",
            "<name>fs.s3a.secret.key</name>\n  <value>",
            "<add key=\"AWSSecretKey\" value=\"",
            "variable \"aws_secret\" {\n  type    = string\n  default = \"",
            "define( 'AS3CF_AWS_SECRET_ACCESS_KEY', '",
            "aws configure set aws_secret_access_key ",
            "<td>AWS secret access key</td><td>",
            "{\"key\":\"secretKey\",\"value\":\"",
            "ENV AWS_SECRET_ACCESS_KEY ",
            "AWS_SECRET_ACCESS_KEY_PRODUCTION=",
            "my_aws_secret_access_key_for_prod=",
            "aws_secret_access_key: !!binary |\n  ",
            "aws_secret_access_key%253D",
            "aws_secret_access_key =3D ",
            "aws_secret_access_key&#61; ",
        ] {
            assert_eq!(label(text), Label::Secret, "{text}");
        }
    }

    #[test]
    fn other_names_and_far_ones_are_not() {
        for text in [
            "secret: ",
            "commit = ",
            "aws_secret_access_key is set elsewhere, the commit is ",
            "secret_key",
            "secret_key = file(\"x\")\ncommit = \"",
            "",
        ] {
            assert_eq!(label(text), Label::None, "{text}");
        }
    }
}
