//! Containers of every format, hostile ones: what they hold stays within the limits, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| keyward_fuzz::archives::stay_within_their_limits(input));
