//! `keyward baseline`: people accept what a scan finds, and look after what they have accepted.
//!
//! What is accepted is a file in the work tree ([`crate::allow::baseline`]), which becomes everybody's by a commit; so each command
//! says what it wrote, and what to add to the next commit. Nothing is written unless all that was asked about could be looked at.

mod attributes;
mod change;
mod record;
mod show;

use crate::config::{BaselineAction, ConfigChoice};
use crate::error::{Error, Result};
use crate::source::Gap;
use crate::survey::Place;
use std::io::Write;

/// Does what is asked of `keyward baseline`, and says so.
///
/// # Errors
/// Where it cannot be done, and why nothing was written.
pub fn run(action: &BaselineAction, config: &ConfigChoice, out: &mut dyn Write) -> Result<()> {
    let place = Place::here(config)?;
    match action {
        BaselineAction::Create { terms, history } => change::create(&place, terms, *history, out),
        BaselineAction::Add { fingerprint, terms, history } => change::add(&place, fingerprint, terms, *history, out),
        BaselineAction::Update { history } => change::update(&place, *history, out),
        BaselineAction::Show => show::show(&place, out),
    }
}

/// The first of what was not examined, as the reason why nothing is written.
fn demand_all(gaps: &[Gap], consequence: &str) -> Result<()> {
    let Some(gap) = gaps.first() else { return Ok(()) };
    let more = if gaps.len() > 1 { format!("\nand {} more", gaps.len() - 1) } else { String::new() };
    let error = Error::new(format!("not everything could be examined, so {consequence}"))
        .because(format!("{}: {}{more}", gap.what, gap.why));
    Err(gap.hint.iter().fold(error, Error::hint))
}

/// A reader who has seen enough is no error.
fn said(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new("could not write the answer").because(error))
        }
        _ => Ok(()),
    }
}
