//! Bytes per second of a history, beside its floor: the same objects inflated and built, and nothing looked at.
//!
//! The repository is made here from a seed: versions of files of code, each a small edit of the one before, in deltas. What
//! real repositories cost, `cargo run --release --example history_floor` tells beside `keyward scan --history`.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]
#![expect(clippy::disallowed_methods, reason = "the scan is timed as people run it: a process")]

use divan::Bencher;
use divan::counter::BytesCount;
use keyward::git::Kind;
use keyward::prefilter::{Copied, Doors, Hit, Prefilter};
use keyward::source::history::fault::Fault;
use keyward::source::history::forest::Forest;
use keyward::source::history::index::Index;
use keyward::source::history::pack::{Entry, Pack};
use keyward::source::history::walk::{Object, Visitor, walk};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    divan::main();
}

/// Files, versions of each, and lines of each version.
const FILES: usize = 40;
const VERSIONS: usize = 100;
const LINES: usize = 600;

/// What is done with every object.
trait Work: Sync {
    fn whole(&self, bytes: &[u8]) -> Vec<Hit>;
    fn built(&self, bytes: &[u8], copies: &[Copied], old: &[Hit]) -> Vec<Hit>;
}

struct Floor;

impl Work for Floor {
    fn whole(&self, _bytes: &[u8]) -> Vec<Hit> {
        Vec::new()
    }

    fn built(&self, _bytes: &[u8], _copies: &[Copied], _old: &[Hit]) -> Vec<Hit> {
        Vec::new()
    }
}

/// Looks at every object whole.
struct Whole(Prefilter);

impl Work for Whole {
    fn whole(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.0.hits(bytes, &mut hits);
        hits
    }

    fn built(&self, bytes: &[u8], _copies: &[Copied], _old: &[Hit]) -> Vec<Hit> {
        self.whole(bytes)
    }
}

/// Inherits hits.
struct Inherited(Whole);

impl Work for Inherited {
    fn whole(&self, bytes: &[u8]) -> Vec<Hit> {
        self.0.whole(bytes)
    }

    fn built(&self, bytes: &[u8], copies: &[Copied], old: &[Hit]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.0.0.inherit(bytes, copies, old, &mut hits);
        hits
    }
}

struct Engine<'w>(&'w dyn Work);

impl Visitor for Engine<'_> {
    type Memo = Vec<Hit>;

    fn visit(&self, object: Object<'_>, built_on: Option<(&Vec<Hit>, &[Copied])>) -> Vec<Hit> {
        match built_on {
            Some((old, copies)) => self.0.built(object.bytes, copies, old),
            None => self.0.whole(object.bytes),
        }
    }

    fn too_large(&self, _entry: Entry, _kind: Kind) {}

    fn fault(&self, entry: Entry, fault: Fault) {
        panic!("entry {entry}: {fault}");
    }
}

/// The engine by itself, on one thread.
#[divan::bench(args = ["floor", "inherited", "whole"])]
fn engine(bencher: Bencher<'_, '_>, what: &str) {
    let (repository, bytes) = repository();
    let files = std::fs::read_dir(repository.path().join(".git/objects/pack")).unwrap();
    let index = files.map(|file| file.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "idx"));
    let index = index.unwrap();
    let pack = Pack::open(&index.with_extension("pack"), Index::open(&index, 20).unwrap()).unwrap();
    let forest = Forest::of(&pack);
    let work: Box<dyn Work> = match what {
        "floor" => Box::new(Floor),
        "inherited" => Box::new(Inherited(Whole(Prefilter::new()))),
        _ => Box::new(Whole(Prefilter::new())),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| pool.install(|| walk(&pack, &forest, &Engine(work.as_ref()))));
}

/// The whole program, on one thread.
#[divan::bench]
fn scan(bencher: Bencher<'_, '_>) {
    let (repository, bytes) = repository();
    let mut keyward = Command::new(env!("CARGO_BIN_EXE_keyward"));
    keyward.current_dir(repository.path()).args(["scan", "--history", "--quiet", "--threads", "1"]);
    bencher.counter(BytesCount::new(bytes)).bench_local(|| assert!(keyward.status().unwrap().success()));
}

/// A repository with one pack, and the bytes of its files' versions.
fn repository() -> (tempfile::TempDir, usize) {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"], "");
    git(folder.path(), &["config", "fastimport.unpackLimit", "0"], "");
    let (mut stream, mut bytes) = (String::new(), 0);
    for file in 0..FILES {
        for version in 0..VERSIONS {
            let text = text(file, version);
            bytes += text.len();
            writeln!(stream, "blob\nmark :{}\ndata {}\n{text}", file * VERSIONS + version + 1, text.len()).unwrap();
        }
    }
    for version in 0..VERSIONS {
        write!(stream, "commit refs/heads/main\ncommitter A <a@example.org> {version} +0000\ndata 1\nx\n").unwrap();
        for file in 0..FILES {
            writeln!(stream, "M 100644 :{} folder{}/file{file}", file * VERSIONS + version + 1, file % 7).unwrap();
        }
    }
    git(folder.path(), &["fast-import", "--quiet"], &stream);
    (folder, bytes)
}

/// Lines of code, of which every version changes a few.
fn text(file: usize, version: usize) -> String {
    (0..LINES).fold(String::new(), |mut text, line| {
        let last_change = if line % 90 == version % 90 { 1000 + version } else { line % 90 };
        writeln!(text, "    let value_{line} = compute({file}, {}, \"{last_change}\");", line * 7919 % 1009).unwrap();
        text
    })
}

fn git(folder: &Path, arguments: &[&str], input: &str) {
    let mut git = Command::new("git").current_dir(folder).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    git.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    assert!(git.wait().unwrap().success());
}
