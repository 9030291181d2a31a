//! Replays corpora and says what their inputs reached: `cargo run --release --example replay -- text corpus/text`.

use keyward_fuzz::history::Walked;
use keyward_fuzz::sqlite::Reading;
use keyward_fuzz::{Reached, encodings, history, sqlite, strings, text};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io, panic};

/// What is counted, and how often it was reached.
type Counts = Vec<(&'static str, usize)>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, folder] = &arguments[..] else { return usage() };
    let hold: fn(&[u8]) -> Counts = match target.as_str() {
        "text" => |input| judged(text::hold(input)),
        "encodings" => |input| judged(encodings::hold(input).unwrap_or_default()),
        "history" => |input| history::hold(input).map_or_else(|| vec![("put aside", 1)], walked),
        "sqlite" => |input| sqlite::hold(input).map_or_else(|| vec![("put aside", 1)], read),
        "strings" => |input| strings::hold(input).map_or_else(|| vec![("put aside", 1)], strung),
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
    eprintln!("usage: replay text|encodings|history|sqlite|strings FOLDER");
    ExitCode::FAILURE
}

fn judged(reached: Reached) -> Counts {
    [("reached a judge", reached.judge()), ("kept", reached.kept), ("dismissed", reached.dismissed)]
        .map(|(what, is_so)| (what, usize::from(is_so)))
        .into()
}

fn walked(walked: Walked) -> Counts {
    vec![
        ("objects", walked.visited),
        ("of them deltas", walked.deltas),
        ("too large", walked.large),
        ("faulty", walked.faulty),
        ("hits", walked.hits),
        ("of them inherited", walked.inherited),
    ]
}

fn read(reading: Reading) -> Counts {
    let Reading { trees, freed, values, faults } = reading;
    vec![("tables and indexes", trees), ("parts that were deleted", freed), ("values", values), ("faults", faults)]
}

fn strung((places, is_whole): (usize, bool)) -> Counts {
    vec![("places in strings", places), ("whole", usize::from(is_whole))]
}

fn replay(hold: fn(&[u8]) -> Counts, folder: &Path) -> io::Result<()> {
    let (mut inputs, mut broken, mut sums) = (0, 0, Counts::new());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let input = fs::read(&path)?;
        inputs += 1;
        let Ok(counts) = panic::catch_unwind(|| hold(&input)) else {
            broken += 1;
            println!("{} breaks the law", path.display());
            continue;
        };
        for (what, count) in counts {
            match sums.iter_mut().find(|(counted, _)| *counted == what) {
                Some((_, sum)) => *sum += count,
                None => sums.push((what, count)),
            }
        }
    }
    let sums: Vec<_> = sums.into_iter().map(|(what, sum)| format!("{sum} {what}")).collect();
    println!("{inputs} inputs, {broken} broke the law: {}", sums.join(", "));
    Ok(())
}
