//! Text where it could be taken for something else: in markup, and in JSON between the tags of a script.

use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Text as markup shows it, in an attribute too.
pub(super) fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

/// Writes a value as JSON that ends no script, begins no comment, and is JavaScript as well.
pub(super) fn json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, InScript))?;
    Ok(())
}

struct InScript;

impl Formatter for InScript {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let mut letters = rest[at..].chars();
            let letter = letters.next().map_or(0, u32::from);
            write!(writer, "{}\\u{letter:04x}", &rest[..at])?;
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_page_cannot_end_its_script_and_means_the_same() {
        let hostile = "</script><!--<script>&amp;\u{2028}\u{2029}\"\\\u{1}";
        let mut written = Vec::new();
        json(&hostile, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(!written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), hostile);
    }

    #[test]
    fn text_in_markup_opens_no_tag_and_closes_no_attribute() {
        assert_eq!(markup("<a b='c\" & d>"), "&lt;a b=&#39;c&quot; &amp; d&gt;");
    }
}
