//! What a run says while it runs.

use std::fmt::Display;
use std::time::Instant;

/// Prints lines, each with the seconds since the run began.
#[derive(Debug, Clone)]
pub struct Report {
    started: Instant,
}

impl Default for Report {
    /// The run begins now.
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Report {
    /// Prints a line.
    pub fn say(&self, line: impl Display) {
        println!("{:>6.1} s  {line}", self.started.elapsed().as_secs_f64());
    }
}
