//! Why there are no figures of a recovery.

use std::io;
use std::ops::Range;

use pollster_stack::StackError;

use crate::bench::fan_out::FanOutError;
use crate::bench::viewer::ViewerError;

/// What went wrong; wrong counts above all.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Servers or programs.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The voters, or the counts in the end.
    #[error(transparent)]
    Votes(#[from] FanOutError),
    /// The viewer, which no fault is to cut off.
    #[error(transparent)]
    Viewer(#[from] ViewerError),
    /// The system's, on the benchmark's own side.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The viewer's thread panicked.
    #[error("a thread of the benchmark failed")]
    Thread,
    /// Counts that stand still for good.
    #[error("the viewer was shown {shown} of {votes} votes within {seconds} s")]
    Behind {
        /// Votes that it was shown last.
        shown: u64,
        /// Votes that were accepted.
        votes: u64,
        /// How long they were awaited.
        seconds: u64,
    },
    /// Nothing to measure by.
    #[error("no frame held {votes} votes of the phases {phases:?} after the return")]
    NoFrame {
        /// How many were looked for.
        votes: u64,
        /// In which phases.
        phases: Range<usize>,
    },
}
