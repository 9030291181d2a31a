//! Progress on a terminal, for scans that last: nothing is drawn in the first half second, and nothing elsewhere.

use crate::scan::Census;
use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A scan that is over by then shows no progress.
const PATIENCE: Duration = Duration::from_millis(500);

/// Time between two drawings.
const PACE: Duration = Duration::from_millis(100);

/// Runs `work` while a line on standard error tells how far it is.
pub fn watch<T>(census: &Census, work: impl FnOnce() -> T) -> T {
    let done = (Mutex::new(false), Condvar::new());
    std::thread::scope(|scope| {
        scope.spawn(|| draw(census, &done));
        // Also if the work panics: else the drawing would never end.
        let _done = Done(&done);
        work()
    })
}

struct Done<'d>(&'d (Mutex<bool>, Condvar));

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }
}

fn draw(census: &Census, done: &(Mutex<bool>, Condvar)) {
    let started = Instant::now();
    if is_done(done, PATIENCE) {
        return;
    }
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner());
    while !is_done(done, PACE) {
        bar.set_message(message(census, started.elapsed()));
        bar.tick();
    }
    bar.finish_and_clear();
}

fn is_done(done: &(Mutex<bool>, Condvar), wait: Duration) -> bool {
    let guard = done.0.lock().unwrap_or_else(PoisonError::into_inner);
    done.1.wait_timeout_while(guard, wait, |done| !*done).is_ok_and(|(done, _)| *done)
}

fn message(census: &Census, elapsed: Duration) -> String {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (texts, bytes) = (count(&census.texts), count(&census.bytes));
    let rate = u64::try_from(u128::from(bytes) * 1000 / elapsed.as_millis().max(1)).unwrap_or(u64::MAX);
    let (objects, expected) = (count(&census.objects), count(&census.expected));
    if expected == 0 {
        return format!("{} files, {} ({}/s)", HumanCount(texts), HumanBytes(bytes), HumanBytes(rate));
    }
    let done = format!("{} of {} objects", HumanCount(objects), HumanCount(expected));
    let left = match expected.checked_sub(objects) {
        Some(left @ 1..) if objects > 0 => {
            let millis = elapsed.as_millis() * u128::from(left) / u128::from(objects);
            format!("{} left", HumanDuration(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))))
        }
        _ => "looking for who brought what was found".to_owned(),
    };
    format!("{done}, {} ({}/s), {left}", HumanBytes(bytes), HumanBytes(rate))
}
