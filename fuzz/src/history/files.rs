//! Stores a pack and its index for the engine, which maps files.
//!
//! The files are new ones for every input and have no name any more once they are open, so none is cut off under a
//! mapping and none is left behind.

use super::NAME_LEN;
use super::input::{IndexKind, Stored};
use keyward::source::history::index::Index;
use keyward::source::history::pack::Pack;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::NamedTempFile;

/// Where files are memory.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
});

fn store(bytes: &[u8]) -> NamedTempFile {
    let mut file =
        tempfile::Builder::new().prefix("keyward-fuzz-").tempfile_in(&*FOLDER).expect("the folder is writable");
    file.write_all(bytes).expect("the folder has room");
    file
}

/// Opens what is stored; nothing where its first bytes are no longer those of a pack.
pub(super) fn open(stored: &Stored) -> Option<Pack> {
    let index = store(&index_of(stored));
    let index = Index::open(index.path(), NAME_LEN).expect("the index is as git writes it");
    let file = store(&stored.pack);
    let opened = Pack::open(file.path(), index);
    let is_pack = matches!(stored.pack.get(..8), Some(&[b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3]));
    assert_eq!(opened.is_ok(), is_pack, "{opened:?}");
    opened.ok()
}

/// The index, as gitformat-pack(5) has it.
fn index_of(stored: &Stored) -> Vec<u8> {
    let mut places = stored.places.clone();
    places.sort_unstable_by_key(|place| place.name);
    let up_to = |first: u8| places.iter().filter(|place| place.name[0] <= first).count();
    let fanout = (0..=255).flat_map(|first| be32(up_to(first) as u64));

    let mut index = Vec::new();
    match stored.index {
        IndexKind::Old => {
            index.extend(fanout);
            for place in &places {
                index.extend(be32(place.offset));
                index.extend(place.name);
            }
        }
        IndexKind::New | IndexKind::Large => {
            index.extend(*b"\xfftOc\0\0\0\x02");
            index.extend(fanout);
            index.extend(places.iter().flat_map(|place| place.name));
            index.extend(places.iter().flat_map(|place| place.checksum.to_be_bytes()));
            let is_large = stored.index == IndexKind::Large;
            let rows = (0..).map(|row| be32(1 << 31 | row));
            index.extend(rows.zip(&places).flat_map(|(row, place)| if is_large { row } else { be32(place.offset) }));
            index.extend(places.iter().filter(|_| is_large).flat_map(|place| place.offset.to_be_bytes()));
        }
    }
    // The engine does not judge the checksum of the index itself.
    index.extend([0; NAME_LEN]);
    index.extend([0; NAME_LEN]);
    index
}

fn be32(number: u64) -> [u8; 4] {
    u32::try_from(number).expect("a pack is small").to_be_bytes()
}
