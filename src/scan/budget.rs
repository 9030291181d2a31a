//! A scan that must be over in time: whoever asks on a server kills a hook that takes too long, and may then take the
//! push. Better refuse it.

use super::{Census, Outcome, run};
use crate::config::ScanSettings;
use crate::error::{Error, Result};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Runs the scan that `settings` ask for, over anything but standard input, if it ends within `budget`. If not, it is
/// left to end with the process.
///
/// # Errors
/// Those of [`run`], and where the time is over.
pub fn run_within(budget: Duration, settings: &ScanSettings, census: &Arc<Census>) -> Result<Outcome> {
    let (done, awaited) = channel();
    let (settings, worked) = (settings.clone(), Arc::clone(census));
    std::thread::spawn(move || {
        // Nobody waits any more once the time is over.
        let _ = done.send(run(&settings, &mut io::empty(), &worked));
    });
    match awaited.recv_timeout(budget) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => {
            census.stop.store(true, Ordering::Relaxed);
            let seconds = budget.as_secs();
            Err(Error::new(format!("the push could not be examined within {seconds} s, so it is refused"))
                .hint("push fewer commits at once, or on the server: git config keyward.timeBudget SECONDS"))
        }
        Err(RecvTimeoutError::Disconnected) => Err(Error::new("the scan broke off, so the push is refused")),
    }
}
