//! How much of an archive is looked at: the same flags wherever something is examined.

use crate::archive::Limits;
use clap::Args;
use std::time::Duration;

/// For `--help`: what is borne where nothing is said.
pub(super) const DEFAULTS: &str = "\
Archives are opened: zip (jar, whl, docx, apk, ...), tar, images of docker and
the OCI, gzip, bzip2, xz, zstd and zlib. So much of each file, with all that is
nested in it, is looked at unless flags say otherwise; more makes the scan
incomplete (exit 2) and is named:
                  a commit's hook   keyward scan   keyward ci
  inside each other             6              8           12
  entries                  50,000        200,000      500,000
  MiB unpacked                256          1,024        8,192
  times its size              200            200        1,000
  seconds                       4              8          120
SQLite databases, and the logs beside them, are read by row, pickles, compiled
Python modules and Java classes by string. Databases and zip archives in files of
their own may be of any size; where they come as a stream (in an archive, on
standard input), up to 64 MiB, pickles, modules and classes up to 128 MiB.";

#[derive(Debug, Args)]
#[command(next_help_heading = "Archives")]
pub(super) struct ArchiveArgs {
    /// Open archives inside each other to this depth; a .tar.gz is two
    #[arg(long = "archive-depth", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    depth: Option<u32>,

    /// Look at so many entries of an archive
    #[arg(long = "archive-entries", value_name = "N")]
    entries: Option<u64>,

    /// Unpack so many MiB of an archive
    #[arg(long = "archive-size", value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    size: Option<u64>,

    /// Unpack a stream of more than 32 MiB to so many times its size
    #[arg(long = "archive-ratio", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    ratio: Option<u64>,

    /// Spend so many seconds on an archive
    #[arg(long = "archive-time", value_name = "SECONDS")]
    time: Option<u64>,
}

impl ArchiveArgs {
    /// What is typed, and for the rest what is usual.
    pub(super) fn over(&self, usual: Limits) -> Limits {
        Limits {
            depth: self.depth.unwrap_or(usual.depth),
            entries: self.entries.unwrap_or(usual.entries),
            bytes: self.size.map_or(usual.bytes, |mib| mib << 20),
            ratio: self.ratio.unwrap_or(usual.ratio),
            time: self.time.map_or(usual.time, Duration::from_secs),
        }
    }
}
