//! The report for people who would rather look: one page that needs nothing but a browser, and no network.
//!
//! What it says first (how much, what was examined, what was not) is plain markup, for whoever reads it without
//! scripts. The findings lie in it as JSON, chunk by chunk, and the scripts make a table of them. Whatever comes from a
//! scanned repository is hostile here, too: it is made harmless for the eye ([`crate::sanitize`]), escaped where it
//! stands in markup or JSON, and the scripts put it on the page as text only. A policy in the page lets no script and
//! no style run but those of this folder, and nothing be loaded from anywhere.

mod escape;
mod headline;
mod table;

use crate::config::ScanSettings;
use crate::scan::Outcome;
use base64::Engine as _;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The page, with `{{...}}` where something is filled in.
const PAGE: &str = include_str!("page.html");

const STYLE: &str = include_str!("style.css");

/// The scripts, in the order in which they build on each other.
const SCRIPTS: [&str; 5] = [
    include_str!("findings.js"),
    include_str!("elements.js"),
    include_str!("details.js"),
    include_str!("table.js"),
    include_str!("page.js"),
];

/// Writes the page.
///
/// # Errors
/// What writing reports.
pub fn page(outcome: &Outcome, settings: &ScanSettings, out: &mut dyn Write) -> io::Result<()> {
    for part in PAGE.split("{{") {
        let (name, markup) = part.split_once("}}").unwrap_or(("", part));
        match name {
            "policy" => write!(out, "{}", policy())?,
            "title" => write!(out, "keyward: {}", headline::title(outcome, settings))?,
            "style" => write!(out, "<style>{STYLE}</style>")?,
            "headline" => headline::write(outcome, settings, out)?,
            "findings" => table::write(outcome, settings, out)?,
            "scripts" => SCRIPTS.iter().try_for_each(|script| write!(out, "<script>{script}</script>"))?,
            _ => {}
        }
        out.write_all(markup.as_bytes())?;
    }
    Ok(())
}

/// What the page may do: run these scripts, and nothing else.
fn policy() -> String {
    let scripts: Vec<_> = SCRIPTS.iter().map(|script| hash(script)).collect();
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        scripts.join(" "),
        hash(STYLE)
    )
}

fn hash(source: &str) -> String {
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(source)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_makes_markup_of_text() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "</script"]
        {
            assert!(SCRIPTS.iter().all(|script| !script.contains(word)), "{word}");
        }
    }

    #[test]
    fn nothing_in_the_page_names_an_address() {
        for source in SCRIPTS.iter().chain([&PAGE, &STYLE]) {
            assert!(!source.contains("//") || !source.contains("http") && !source.contains("url("), "{source}");
        }
    }
}
