//! Bytes per second of the prefilter and the detector, of a tree beside the mere reading of it, and the time of a
//! hook.
//!
//! All inputs are made here from a seed. Figures depend on the machine: compare rows of one run. `cargo bench` prints
//! them; on the machine where this was written (2 cores, AVX2) the prefilter took code at 5 GB/s a core.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says where")]
#![expect(clippy::disallowed_methods, reason = "the hook is timed as git runs it: a process")]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use keyward::examine::Examiner;
use keyward::prefilter::{Doors, Prefilter};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

fn main() {
    divan::main();
}

/// Bytes of a text that a mechanism is timed on.
const TEXT: usize = 4 << 20;

/// Files of the tree, and bytes of each: the mean of 24,000 files of real repositories.
const FILES: usize = 4_000;
const FILE: usize = 5_400;

const INPUTS: [&str; 4] = ["code", "base64", "hexadecimal", "credentials"];

/// A text of the kind that `name` says.
fn input(name: &str, bytes: usize) -> Vec<u8> {
    let mut random = Xorshift(0x5eed);
    let mut text = Vec::with_capacity(bytes + 128);
    while text.len() < bytes {
        match name {
            "code" => code_line(&mut random, &mut text),
            "base64" => random.line(BASE64, 76, &mut text),
            "hexadecimal" => random.line(&BASE64[26..36], 40, &mut text),
            _ => {
                text.extend_from_slice(b"AWS_ACCESS_KEY_ID=AKIA");
                random.line(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, &mut text);
                text.extend_from_slice(b"AWS_SECRET_ACCESS_KEY=");
                random.line(BASE64, 40, &mut text);
            }
        }
    }
    text
}

/// Words of 2 to 11 letters between the punctuation of a programming language.
fn code_line(random: &mut Xorshift, text: &mut Vec<u8>) {
    for _ in 0..3 + random.below(8) {
        for _ in 0..2 + random.below(10) {
            text.push(BASE64[random.below(52)]);
        }
        text.push(b" .(_,"[random.below(5)]);
    }
    text.extend_from_slice(b");\n");
}

#[divan::bench(args = INPUTS)]
fn prefilter(bencher: Bencher<'_, '_>, name: &str) {
    let (text, prefilter, mut hits) = (input(name, TEXT), Prefilter::new(), Vec::new());
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        hits.clear();
        prefilter.hits(black_box(&text), &mut hits);
        hits.len()
    });
}

#[divan::bench(args = INPUTS)]
fn examine(bencher: Bencher<'_, '_>, name: &str) {
    let (text, prefilter, mut examiner) = (input(name, TEXT), Prefilter::new(), Examiner::default());
    bencher
        .counter(BytesCount::of_slice(&text))
        .bench_local(|| examiner.examine(&prefilter, &mut black_box(&text[..])).unwrap().credentials.len());
}

/// What a process pays before it looks at anything.
#[divan::bench]
fn compile_the_doors() -> Prefilter {
    Prefilter::new()
}

/// The floor of a tree scan: open and read every file, on one thread.
#[divan::bench]
fn tree_read_only(bencher: Bencher<'_, '_>) {
    let tree = tree();
    let mut buffer = vec![0; 256 * 1024];
    bencher.counter(BytesCount::new(FILES * FILE)).bench_local(|| read_all(tree.path(), &mut buffer));
}

fn read_all(folder: &Path, buffer: &mut [u8]) -> usize {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            bytes += read_all(&entry.path(), buffer);
        } else {
            let mut file = fs::File::open(entry.path()).unwrap();
            bytes += std::iter::from_fn(|| file.read(buffer).ok().filter(|&read| read > 0)).sum::<usize>();
        }
    }
    bytes
}

/// The whole program over the same tree, on one thread.
#[divan::bench]
fn tree_scan(bencher: Bencher<'_, '_>) {
    let tree = tree();
    let mut keyward = Command::new(env!("CARGO_BIN_EXE_keyward"));
    keyward.args(["scan", "--quiet", "--threads", "1"]).arg(tree.path());
    bencher.counter(BytesCount::new(FILES * FILE)).bench_local(|| assert!(keyward.status().unwrap().success()));
}

fn tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    let text = input("code", FILE * 8);
    for file in 0..FILES {
        let folder = tree.path().join(format!("folder{}", file / 20));
        fs::create_dir_all(&folder).unwrap();
        let from = file % 7 * FILE;
        fs::write(folder.join(format!("file{file}.c")), &text[from..from + FILE]).unwrap();
    }
    tree
}

/// What git itself needs to say that something is staged.
#[divan::bench(args = [10, 10_000])]
fn staged_git_diff_quiet(bencher: Bencher<'_, '_>, tracked: usize) {
    let repository = repository(tracked);
    let mut git = Command::new("git");
    git.current_dir(repository.path()).args(["diff", "--cached", "--quiet"]);
    bencher.bench_local(|| git.status().unwrap());
}

/// The hook as git runs it, wherever it is installed.
#[divan::bench(args = [10, 10_000])]
fn staged_hook(bencher: Bencher<'_, '_>, tracked: usize) {
    let repository = repository(tracked);
    let mut hook = Command::new("git");
    hook.current_dir(repository.path()).args(["hook", "run", "pre-commit"]);
    bencher.bench_local(|| assert!(hook.status().unwrap().success()));
}

/// A repository with a commit of `tracked` files, one more file staged, and the hook.
fn repository(tracked: usize) -> tempfile::TempDir {
    let repository = tempfile::tempdir().unwrap();
    for file in 0..tracked {
        let folder = repository.path().join(format!("d{}", file / 100));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("f{file}")), format!("{file}\n")).unwrap();
    }
    let run = |program: &str, arguments: &[&str]| {
        let status = Command::new(program).args(arguments).current_dir(repository.path()).output().unwrap().status;
        assert!(status.success(), "{program} {arguments:?}");
    };
    run("git", &["init", "--quiet"]);
    run("git", &["add", "."]);
    run("git", &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "x"]);
    fs::write(repository.path().join("new.env"), "PORT=80\n").unwrap();
    run("git", &["add", "new.env"]);
    run(env!("CARGO_BIN_EXE_keyward"), &["hook", "install"]);
    repository
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789ghijklmnopqrstuvwxyz+/";

/// xorshift64*: the same inputs everywhere.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40).unwrap() % bound
    }

    fn line(&mut self, alphabet: &[u8], length: usize, text: &mut Vec<u8>) {
        for _ in 0..length {
            text.push(alphabet[self.below(alphabet.len())]);
        }
        text.push(b'\n');
    }
}
