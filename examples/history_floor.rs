//! The floor of a history scan: every object of every pack inflated and built upon its base, and nothing looked at.
//!
//! `cargo run --release --example history_floor -- OBJECTS [THREADS]`, where OBJECTS is a folder like `.git/objects`.
//! Beside `keyward scan --history -j THREADS` it says what looking costs.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example is its own program")]

use keyward::git::Kind;
use keyward::prefilter::Copied;
use keyward::source::history::fault::Fault;
use keyward::source::history::forest::Forest;
use keyward::source::history::index::Index;
use keyward::source::history::pack::{Entry, Pack};
use keyward::source::history::walk::{Object, Visitor, walk};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts.
#[derive(Default)]
struct Floor {
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Visitor for Floor {
    type Memo = ();

    fn visit(&self, object: Object<'_>, _built_on: Option<(&(), &[Copied])>) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(object.bytes.len() as u64, Ordering::Relaxed);
    }

    fn too_large(&self, _entry: Entry, _kind: Kind) {}

    fn fault(&self, entry: Entry, fault: Fault) {
        eprintln!("entry {entry}: {fault}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let objects = arguments.get(1).ok_or("usage: history_floor OBJECTS [THREADS]")?;
    let threads = arguments.get(2).map_or(Ok(0), |threads| threads.parse())?;
    let floor = Floor::default();
    for file in std::fs::read_dir(Path::new(objects).join("pack"))? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            let pack = Pack::open(&path.with_extension("pack"), Index::open(&path, 20)?)?;
            let forest = Forest::of(&pack);
            rayon::ThreadPoolBuilder::new().num_threads(threads).build()?.install(|| walk(&pack, &forest, &floor));
        }
    }
    println!("{} objects, {} bytes", floor.objects.into_inner(), floor.bytes.into_inner());
    Ok(())
}
