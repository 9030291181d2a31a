//! Places that lead to their files, in terminals that show links.
//!
//! A link is an escape sequence (OSC 8) around the text; where nobody looks at a terminal, it is stripped like colour.
//! Every byte of a path that is not plain is encoded, so a path cannot end the sequence.

use crate::config::Links;
use crate::finding::{Finding, SourceKind};
use bstr::{ByteSlice, ByteVec};
use std::fmt::Write;

/// What stands before and behind the place of a finding; nothing where it is no file on disk.
#[must_use]
pub fn around(finding: &Finding, links: Links) -> (String, &'static str) {
    let is_file = finding.origin.source == SourceKind::Tree;
    let path = finding.origin.artifact().to_path_lossy();
    match std::path::absolute(path) {
        Ok(path) if is_file && links == Links::Shown => {
            let uri = encoded(&Vec::from_path_lossy(&path));
            (format!("\x1b]8;;file://{uri}\x1b\\"), "\x1b]8;;\x1b\\")
        }
        _ => (String::new(), ""),
    }
}

/// A path in a URI. Source: RFC 3986, 2.3.
fn encoded(path: &[u8]) -> String {
    path.iter().fold(String::new(), |mut uri, &byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("a string takes everything");
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_link() {
        assert_eq!(encoded(b"/a b/\x1b\\%\xff.env"), "/a%20b/%1B%5C%25%FF.env");
    }
}
