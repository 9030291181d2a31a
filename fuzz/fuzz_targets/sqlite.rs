//! A database, a log or a journal of SQLite, damaged in any way: reading it ends, is bounded, and tells the same twice. The law
//! is [`keyward_fuzz::sqlite`].
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { keyward_fuzz::sqlite::hold(data).map_or(Corpus::Reject, |_| Corpus::Keep) });
