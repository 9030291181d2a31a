//! `.gitattributes`, which tells git that lines of the baseline may be put together in any order.

use crate::allow::baseline::NAME;
use crate::allow::file;
use crate::error::Result;
use crate::git;
use crate::survey::Place;

/// The file, at the top of the work tree.
pub(super) const FILE: &str = ".gitattributes";

/// Sees to it that git merges baselines by itself; returns what was done, for people.
///
/// # Errors
/// Where git cannot be asked.
pub(super) fn let_git_merge(place: &Place) -> Result<Vec<String>> {
    if git::merge_driver(&place.top, NAME)?.as_slice() == b"union" {
        return Ok(Vec::new());
    }
    let line = format!("/{NAME} merge=union");
    let path = place.top.join(FILE);
    let added = file::read(&path).and_then(|there| {
        let mut text = there.unwrap_or_default();
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend(format!("{line}\n").bytes());
        file::replace(&path, &text)
    });
    Ok(vec![match added {
        Ok(()) => format!("added to {FILE}, so that git merges the baseline by itself:\n  {line}"),
        // Without it, a merge may ask a human; that is no reason to accept nothing.
        Err(error) => {
            format!("add to {FILE}, so that git merges the baseline by itself:\n  {line}\nbecause keyward {error}")
        }
    }])
}
