//! keyward as its users meet it: the binary, over real files and real repositories.
#![expect(clippy::disallowed_methods, reason = "tests run git and keyward from outside")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![expect(unreachable_pub, reason = "a test binary has no public interface")]

mod archives;
#[cfg(feature = "aws")]
mod aws;
mod bad_input;
mod baseline;
mod binaries;
mod ci;
mod config;
mod doors;
mod formats;
mod history;
mod hook;
mod html;
mod index;
mod managers;
mod markers;
mod papers;
mod peers;
mod readme;
mod report;
mod staged;
mod support;
mod tree;
#[cfg(not(feature = "aws"))]
mod without_aws;
