//! The name before a value, as far as it may be shown.
//!
//! A report shows a value with its name, `AWS_SECRET_ACCESS_KEY=`, so that people know the place again. The rest of
//! the line can hold passwords and secrets that are not ours to print, so one word is kept, and only if it is a
//! name: it is followed by something that assigns, and holds a word that names of credentials hold.

/// Bytes before a value in which its name is looked for.
const REACH: usize = 128;

/// Characters of the longest name: longer ones are suspect.
const LONGEST: usize = 64;

/// What the names of credentials hold, in lower case.
const NAMES: [&str; 9] = ["key", "secret", "access", "aws", "amazon", "token", "cred", "auth", "id"];

/// The name of a value, and what assigns it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lead {
    text: String,
    /// Is there more on the line before it?
    pub cut: bool,
}

impl Lead {
    /// What stands on the line before `at`.
    #[must_use]
    pub fn before(bytes: &[u8], at: usize) -> Self {
        let from = at.saturating_sub(REACH);
        let window = &bytes[from..at];
        let line_start = memchr::memrchr2(b'\n', b'\r', window).map_or(0, |end| end + 1);
        let line = &window[line_start..];
        let is_opening = |byte: &&u8| b" \t\"'`(<>=:[{\\".contains(byte);
        let opening = line.iter().rev().take_while(is_opening).count();
        let name_end = line.len() - opening;
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.$".contains(byte);
        let name_start = name_end - line[..name_end].iter().rev().take_while(is_name).count();
        let text = shown(&line[name_start..name_end], &line[name_end..]);
        let hidden = if text.is_empty() { &line[..name_end] } else { &line[..name_start] };
        let reaches_line_start = line_start > 0 || from == 0;
        Self { text, cut: !reaches_line_start || !hidden.trim_ascii().is_empty() }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The name and what assigns it, if it is a name.
fn shown(name: &[u8], opening: &[u8]) -> String {
    let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
    let is_name = name.len() <= LONGEST && NAMES.iter().any(|word| lower.contains(word));
    // Behind a blank alone, only a variable's name is one: `ENV AWS_SECRET_ACCESS_KEY ...`.
    let is_variable = lower.contains("key") || lower.contains("secret");
    let assigns = is_variable || opening.iter().any(|byte| !byte.is_ascii_whitespace());
    if is_name && assigns && !is_suspect(name) {
        String::from_utf8_lossy(&[name, opening].concat()).into_owned()
    } else {
        String::new()
    }
}

/// A secret that stands where a name would: digits in mixed case, at length.
fn is_suspect(name: &[u8]) -> bool {
    let count = |of: fn(&u8) -> bool| name.iter().filter(|byte| of(byte)).count();
    name.len() >= 20
        && count(u8::is_ascii_digit) > 0
        && count(u8::is_ascii_lowercase) > 0
        && count(u8::is_ascii_uppercase) > 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(line: &str) -> (String, bool) {
        let Lead { text, cut } = Lead::before(line.as_bytes(), line.len());
        (text, cut)
    }

    #[test]
    fn the_name_is_shown_and_nothing_before_it() {
        assert_eq!(lead("a\n  aws_secret_key = \""), ("aws_secret_key = \"".into(), false));
        assert_eq!(lead("client('s3', aws_secret_access_key=\""), ("aws_secret_access_key=\"".into(), true));
        assert_eq!(lead("ENV AWS_SECRET_ACCESS_KEY "), ("AWS_SECRET_ACCESS_KEY ".into(), true));
    }

    #[test]
    fn passwords_and_other_secrets_before_a_value_are_not() {
        let secret = "x".repeat(20) + "Y1+/" + &"z".repeat(16);
        for line in [
            "bob,Pa55w0rd,",
            "PASSWORD=hunter2 ",
            "curl -u bob:hunter2 ",
            "bob:hunter2:",
            &format!("f {secret} "),
            &format!("k {secret}: "),
        ] {
            assert_eq!(lead(line), (String::new(), true), "{line}");
        }
    }
}
