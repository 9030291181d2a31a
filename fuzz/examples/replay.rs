//! Replays corpora and says how many inputs got as far as a judge: `cargo run --release --example replay -- text
//! corpus/text`.

use keyward_fuzz::{Reached, encodings, text};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io, panic};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, folder] = &arguments[..] else { return usage() };
    let hold: fn(&[u8]) -> Option<Reached> = match target.as_str() {
        "text" => |input| Some(text::hold(input)),
        "encodings" => encodings::hold,
        _ => return usage(),
    };
    match replay(hold, Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: replay text|encodings FOLDER");
    ExitCode::FAILURE
}

fn replay(hold: fn(&[u8]) -> Option<Reached>, folder: &Path) -> io::Result<()> {
    let (mut inputs, mut judged, mut kept, mut dismissed, mut broken) = (0, 0, 0, 0, 0);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let input = fs::read(&path)?;
        inputs += 1;
        let Ok(reached) = panic::catch_unwind(|| hold(&input)) else {
            broken += 1;
            println!("{} breaks the law", path.display());
            continue;
        };
        let reached = reached.unwrap_or_default();
        judged += usize::from(reached.judge());
        kept += usize::from(reached.kept);
        dismissed += usize::from(reached.dismissed);
    }
    println!("{inputs} inputs: {judged} reached a judge ({kept} kept, {dismissed} dismissed), {broken} broke the law");
    Ok(())
}
