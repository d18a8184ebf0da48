//! What makes the drain of a backlog worth no figure.

use super::counts::Left;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum ScalingError {
    /// A vote that can't be cast.
    #[error("a vote of the backlog was not accepted: {0}")]
    Refused(String),
    /// Before the drain.
    #[error("{votes} votes were accepted, but the streams hold {left}")]
    NotWaiting {
        /// Votes answered 202.
        votes: u32,
        /// What there is instead.
        left: Left,
    },
    /// It was over before all aggregators had begun.
    #[error("{votes} votes are too few for {aggregators} aggregators; `--backlog` takes more")]
    TooFew {
        /// Those of the backlog.
        votes: u32,
        /// Those that were started.
        aggregators: usize,
    },
    /// Nothing moves any more.
    #[error("{counted} of {votes} votes were counted, then none for {seconds} s")]
    Stuck {
        /// By all aggregators.
        counted: u64,
        /// Those of the backlog.
        votes: u32,
        /// How long it stood still.
        seconds: u64,
    },
    /// After the drain.
    #[error("every vote was counted, but the streams hold {0}")]
    Left(Left),
    /// The one thing that must not happen.
    #[error("{0} are not what was accepted")]
    Miscounted(&'static str),
}
