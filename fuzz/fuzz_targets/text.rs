//! Any text, through a large window and a small one: the window's size changes nothing, every span runs forward, and
//! nothing panics. The law is [`keyward_fuzz::text`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    keyward_fuzz::text::hold(data);
});
