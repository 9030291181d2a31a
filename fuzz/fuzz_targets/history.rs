//! A pack, made from a small language or as git writes it, whole or damaged: every entry is reported once, objects and
//! hits are those of a slow reconstruction, and nothing panics. The law is [`keyward_fuzz::history`].
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { keyward_fuzz::history::hold(data).map_or(Corpus::Reject, |_| Corpus::Keep) });
