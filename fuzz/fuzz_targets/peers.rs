//! A file of another scanner's, of any of the kinds: reading it never panics, and what is converted of it can be read again.
#![no_main]

use keyward::allow::Day;
use keyward::config::file;
use keyward::peers::convert::{Source, convert};
use keyward::peers::{Peer, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&kind, content)) = data.split_first() else { return };
    let peer = Peer::ALL[usize::from(kind) % Peer::ALL.len()];
    let reading = read(peer, content, &|_| Ok(Some(content.to_vec())));
    let sources = [Source { name: peer.name().to_owned(), reading }];
    let text = convert(&sources, &[], Day::today(), true).text;
    assert!(!file::read(text.as_bytes(), "converted", Day::today()).has_errors(), "{text}");
});
