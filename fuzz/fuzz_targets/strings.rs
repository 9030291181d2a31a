//! A pickle, a compiled Python module or a Java class, damaged in any way: its strings lie in it. The law is
//! [`keyward_fuzz::strings`].
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus { keyward_fuzz::strings::hold(data).map_or(Corpus::Reject, |_| Corpus::Keep) });
