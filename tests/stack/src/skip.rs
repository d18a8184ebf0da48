//! Tests that can't be done here.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Says in a line that a test is skipped, and why. On the process's own standard error: what a test prints is shown only
/// if it fails, and who reads the results is to see this.
pub fn skipped(why: impl Display) {
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    // Nothing is left to do where even the line can't be written.
    let _ = writeln!(stderr(), "skipped: {test}: {why}");
}
