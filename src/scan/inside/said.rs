//! What is said of the troubles with a container.

use crate::archive::{Bound, Trouble};
use crate::examine::HELD;

/// What is said.
pub(in crate::scan) enum Said {
    /// It was not examined: why, and what to type.
    Gap(String, Option<&'static str>),
    /// It was examined only as it is: why.
    Note(String),
}

impl Said {
    /// What is said of a text that own rules want whole, and that is not held.
    pub(super) fn too_large() -> Self {
        let why = format!("larger than {} MB, and rules of the config want it whole", HELD >> 20);
        Self::Gap(why, Some("keyward config check names them; give each a keyword and an end"))
    }
}

/// What is said of a trouble that so many entries of a container have.
pub(super) fn said(trouble: &Trouble, count: u64) -> Said {
    let more = match count {
        1 => String::new(),
        2 => ", and 1 more entry there".to_owned(),
        _ => format!(", and {} more entries there", count - 1),
    };
    match trouble {
        Trouble::Encrypted => Said::Note(format!("encrypted{more}: examined only as it is")),
        Trouble::Broken(why) => Said::Note(format!("{why}{more}: examined as far as it goes, and as it is")),
        Trouble::Unknown(how) => Said::Gap(format!("not unpacked: {how}{more}"), None),
        Trouble::Absent(what) => Said::Gap(format!("{what}{more}"), None),
        Trouble::Elsewhere(what) => Said::Note(format!("{what}{more}")),
        Trouble::Memory => Said::Gap(format!("takes more than 64 MiB of memory to unpack{more}"), None),
        Trouble::Large(most) => Said::Gap(
            format!(
                "not unpacked: larger than {} MiB, and no file of its own that can be read in any order{more}",
                most >> 20
            ),
            Some("unpack or check it out, and name the file to keyward scan"),
        ),
        Trouble::Overlap => Said::Gap(format!("shares its bytes with another entry, as in a bomb{more}"), None),
        Trouble::Passed(bound) => Said::Gap(format!("{bound}{more}"), Some(hint(*bound))),
    }
}

/// What to type where a limit was passed.
fn hint(bound: Bound) -> &'static str {
    match bound {
        Bound::Depth(_) => "keyward scan --archive-depth N goes deeper",
        Bound::Ratio(_) => "keyward scan --archive-ratio N bears more",
        Bound::Entries(_) => "keyward scan --archive-entries N looks at more",
        Bound::Bytes(_) => "keyward scan --archive-size N looks at more MiB",
        Bound::Time(_) => "keyward scan --archive-time N takes more seconds",
    }
}
