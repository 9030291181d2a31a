//! A key ID and its secret in one of the ways in which files write them, between any other text: both are found, or
//! dismissed for a reason, and nothing panics. The law is [`keyward_fuzz::encodings`].
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { keyward_fuzz::encodings::hold(data).map_or(Corpus::Reject, |_| Corpus::Keep) });
