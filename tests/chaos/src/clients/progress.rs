//! How much was done so far, for people who wait.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::history::Answer;

/// Counters of a run.
#[derive(Debug, Default)]
pub struct Progress {
    attempts: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    unknown: AtomicU64,
    sightings: AtomicU64,
}

/// What they stand at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Attempts to vote.
    pub attempts: u64,
    /// Those that were accepted.
    pub accepted: u64,
    /// Those that were refused, or did not leave.
    pub refused: u64,
    /// Those whose outcome is unknown.
    pub unknown: u64,
    /// Counts shown to viewers and readers.
    pub sightings: u64,
}

impl Progress {
    /// What was done so far.
    pub fn told(&self) -> Told {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Told {
            attempts: read(&self.attempts),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            unknown: read(&self.unknown),
            sightings: read(&self.sightings),
        }
    }

    pub(super) fn note(&self, answer: &Answer) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let counter = match answer {
            Answer::Accepted { .. } => &self.accepted,
            Answer::Refused { .. } | Answer::NotSent => &self.refused,
            Answer::Unavailable(_) | Answer::Nothing => &self.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn saw(&self) {
        self.sightings.fetch_add(1, Ordering::Relaxed);
    }
}
