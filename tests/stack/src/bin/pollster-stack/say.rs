//! Progress, a line a step.

use std::fmt::Display;
use std::io::Write as _;

/// Prints a line; a reader that has gone away (`make run | head`) is no reason to end.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
