//! A list in a document, written while it is made: so a report of any length takes the memory of one entry.

use serde::{Serialize, Serializer};

/// The entries that the function makes, one after the other.
pub(super) struct Each<F>(pub(super) F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: IntoIterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
