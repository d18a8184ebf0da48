//! The phases of a repetition, each the place of its votes' choice.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Before the fault.
pub(super) const BEFORE: usize = 0;
/// While what died is away.
pub(super) const AWAY: usize = 1;
/// After its return.
pub(super) const AFTER: usize = 2;
/// How many there are.
pub(super) const PHASES: usize = 3;

/// The phase that it is now, to be told by the one that measures to the voters' thread.
#[derive(Debug, Clone, Default)]
pub(super) struct PhaseSwitch(Arc<AtomicUsize>);

impl PhaseSwitch {
    pub(super) fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, phase: usize) {
        self.0.store(phase, Ordering::Relaxed);
    }
}

/// Votes by phase.
pub(super) type Votes = [u64; PHASES];

/// All votes of these phases.
pub(super) fn sum(votes: &Votes, phases: Range<usize>) -> u64 {
    votes[phases].iter().sum()
}
