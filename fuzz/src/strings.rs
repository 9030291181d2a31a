//! The law of `fuzz_targets/strings.rs`: whatever a file of one of the forms says, its strings lie in it, and what stands
//! at a place of their text stands in the file at the place that is named.

use keyward::strings::Form;

/// How many strings were found, and whether the file was read to its end; the first byte of an input may choose the form.
///
/// # Panics
/// If the law is broken.
pub fn hold(input: &[u8]) -> Option<(usize, bool)> {
    let (form, bytes) = match input.split_first()? {
        (1, rest) => (Form::Pickle, rest),
        (2, rest) => (Form::PythonModule, rest),
        (3, rest) => (Form::JavaClass, rest),
        _ => (Form::of(input)?, input),
    };
    let strings = form.strings(bytes);
    let (text, starts) = (strings.text(bytes), strings.starts());
    let mut count = 0;
    for (offset, &byte) in text.iter().enumerate().step_by(1 + text.len() / 512) {
        if let Some((at, end)) = strings.place(&starts, offset) {
            assert!(at < end && end <= bytes.len() && bytes[at] == byte, "{offset} is not at {at}");
            count += 1;
        }
    }
    assert_eq!(strings.place(&starts, text.len()), None);
    Some((count, strings.is_whole))
}
