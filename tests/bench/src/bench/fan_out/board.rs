//! How many votes each viewer of a crowd was shown last, to be read from another thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// Of a viewer that was shown nothing yet.
const NOTHING: u64 = u64::MAX;

/// A number a viewer.
#[derive(Debug)]
pub(super) struct Board(Vec<AtomicU64>);

impl Board {
    pub(super) fn new(viewers: usize) -> Self {
        Self(std::iter::repeat_with(|| AtomicU64::new(NOTHING)).take(viewers).collect())
    }

    pub(super) fn viewers(&self) -> usize {
        self.0.len()
    }

    pub(super) fn tell(&self, viewer: usize, votes: u64) {
        self.0[viewer].store(votes, Ordering::Relaxed);
    }

    /// How many were shown nothing, or fewer votes than these.
    pub(super) fn behind(&self, votes: u64) -> usize {
        let shown = self.0.iter().map(|shown| shown.load(Ordering::Relaxed));
        shown.filter(|&shown| shown == NOTHING || shown < votes).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_shown_nothing_is_behind_even_no_votes() {
        let board = Board::new(3);
        board.tell(0, 0);
        board.tell(1, 7);
        assert_eq!([0, 1, 7, 8].map(|votes| board.behind(votes)), [1, 2, 2, 3]);
    }
}
