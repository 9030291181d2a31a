//! The laws that the fuzz targets hold, as functions: `fuzz_targets` feeds them, `examples/replay.rs` counts with
//! them.

pub mod archives;
pub mod config;
pub mod encodings;
pub mod history;
pub mod sqlite;
pub mod strings;
pub mod text;

use keyward::detect::Wanted;
use keyward::detect::found::Credential;
use keyward::examine::{Examined, Examiner};
use keyward::prefilter::Prefilter;
use std::cell::RefCell;
use std::sync::LazyLock;

/// Did anything of an input get as far as a judge?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Something was taken for a credential.
    pub kept: bool,
    /// Something was dismissed.
    pub dismissed: bool,
}

impl Reached {
    fn by(examined: &Examined) -> Self {
        Self { kept: !examined.credentials.is_empty(), dismissed: !examined.dismissals.is_empty() }
    }

    /// Either.
    #[must_use]
    pub fn judge(self) -> bool {
        self.kept || self.dismissed
    }
}

/// The two windows of a law: making one costs more than most inputs do.
struct Windows {
    large: Examiner,
    small: Examiner,
}

thread_local! {
    static WINDOWS: RefCell<Windows> =
        RefCell::new(Windows { large: Examiner::default(), small: Examiner::with_buffer(0) });
}

static PREFILTER: LazyLock<Prefilter> = LazyLock::new(Prefilter::new);

/// The only place that calls the examiner.
fn examine(window: &mut Examiner, text: &[u8]) -> Examined {
    window.want(&Wanted { explain: true, ..Wanted::default() });
    window.examine(&*PREFILTER, &mut &text[..]).expect("a slice is always readable")
}

/// What `text` holds, seen through a window that nearly always holds all of it.
fn examine_large(text: &[u8]) -> Examined {
    WINDOWS.with_borrow_mut(|windows| examine(&mut windows.large, text))
}

/// The same through the smallest window.
fn examine_small(text: &[u8]) -> Examined {
    WINDOWS.with_borrow_mut(|windows| examine(&mut windows.small, text))
}

/// Every value that was taken for a part of a credential, at each of its places.
fn found(examined: &Examined) -> impl Iterator<Item = &str> {
    examined.credentials.iter().flat_map(Credential::places).map(|place| place.value.expose())
}

/// Every value that was dismissed.
fn dismissed(examined: &Examined) -> impl Iterator<Item = &str> {
    examined.dismissals.iter().map(|dismissal| dismissal.value.expose())
}
