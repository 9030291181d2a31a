//! Text in lines that fit a terminal.

/// Columns of a line.
const WIDTH: usize = 80;

/// `start` and `text` in lines of at most 80 columns, all but the first indented by two more than `start` is.
pub(super) fn wrapped(start: &str, text: &str) -> String {
    let indent = start.chars().count() - start.trim_start().chars().count() + 2;
    hanging(start, indent, text)
}

/// `start` and `text` in lines of at most 80 columns, all but the first indented by `indent`.
pub(super) fn hanging(start: &str, indent: usize, text: &str) -> String {
    let (mut lines, mut width) = (start.to_owned(), start.chars().count());
    let mut is_first = true;
    for word in text.split_whitespace() {
        let columns = word.chars().count();
        if !is_first && width + 1 + columns > WIDTH {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            width = indent;
        } else if !is_first {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += columns;
        is_first = false;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_the_eightieth_column_and_words_stay_whole() {
        let text = "word ".repeat(40) + &"x".repeat(100);
        let lines = wrapped("  ", &text);
        let widths: Vec<_> = lines.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths.iter().filter(|&&width| width > 80).count(), 1, "{lines}");
        assert!(lines.lines().skip(1).all(|line| line.starts_with("    ")), "{lines}");
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
    }
}
