//! Waiting for a condition, with a deadline.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::{StackError, interrupted};

/// How often a condition is looked at: short, for tests start many servers.
const STEP: Duration = Duration::from_millis(10);

/// Calls `check` until it gives a value, and returns it. `what` and `log` are for the error.
///
/// # Errors
/// `TooSlow` after `deadline`, `Interrupted` by a signal (see [`crate::stop_on_signals`]), and
/// whatever `check` fails with.
pub fn until<T>(
    what: &str,
    deadline: Duration,
    log: &Path,
    mut check: impl FnMut() -> Result<Option<T>, StackError>,
) -> Result<T, StackError> {
    regardless(what, deadline, log, || match check()? {
        None if interrupted() => Err(StackError::Interrupted),
        found => Ok(found),
    })
}

/// The same for the way down, which goes on after a signal.
pub(crate) fn regardless<T>(
    what: &str,
    deadline: Duration,
    log: &Path,
    mut check: impl FnMut() -> Result<Option<T>, StackError>,
) -> Result<T, StackError> {
    let start = Instant::now();
    loop {
        if let Some(value) = check()? {
            return Ok(value);
        }
        if start.elapsed() > deadline {
            let (what, log) = (what.to_owned(), log.to_owned());
            return Err(StackError::TooSlow { what, seconds: deadline.as_secs(), log });
        }
        std::thread::sleep(STEP);
    }
}
