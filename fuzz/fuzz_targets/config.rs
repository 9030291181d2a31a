//! Any config. What must hold is [`keyward_fuzz::config`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    keyward_fuzz::config::hold(data);
});
