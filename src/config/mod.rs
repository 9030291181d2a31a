//! What a run is asked to do: the meaning of the flags ([`settings`]), and what a config file says ([`mod@file`]).
//!
//! A config is read from bytes and a name alone, so that it can come from a disk as well as from a revision; which
//! one counts is [`crate::scan::policy`]'s to find out. What is wrong in it is told all at once ([`problem`]), and
//! a config in which something is wrong is never followed in part.

mod document;
pub mod file;
pub mod policy;
pub mod problem;
pub mod respond;
mod rule;
pub mod settings;

pub use policy::{Exclusion, Policy, Switches};
pub use settings::*;
