//! How git says that a file differs between two trees. Source: `git help diff-index`, "Raw output format".

use bstr::ByteSlice;

/// `MODE MODE OID OID STATUS`, as it stands between the colon and the path.
pub(super) struct Record<'r> {
    pub(super) old_mode: &'r str,
    pub(super) new_mode: &'r str,
    pub(super) old: &'r [u8],
    pub(super) new: &'r [u8],
    pub(super) status: &'r str,
}

impl<'r> Record<'r> {
    pub(super) fn parse(record: &'r [u8]) -> Option<Self> {
        let fields: Vec<&str> = record.to_str().ok()?.split(' ').collect();
        let [old_mode, new_mode, old, new, status] = fields[..] else { return None };
        Some(Self { old_mode, new_mode, old: old.as_bytes(), new: new.as_bytes(), status })
    }
}

/// Is it a file, or a link whose target is the content?
pub(super) fn is_file(mode: &str) -> bool {
    mode.starts_with("10") || mode == "120000"
}
