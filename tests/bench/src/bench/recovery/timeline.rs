//! What a viewer was shown, and when.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::error::RecoveryError;
use super::phase::{PHASES, Votes, sum};

/// A viewer's frames, in their order.
#[derive(Debug, Default)]
pub(super) struct Timeline(Vec<(Instant, Votes)>);

impl Timeline {
    pub(super) fn note(&mut self, at: Instant, votes: Votes) {
        self.0.push((at, votes));
    }

    /// From `since` until the first frame that holds a vote of the phase.
    ///
    /// # Errors
    /// [`RecoveryError::NoFrame`] where none does.
    pub(super) fn moved_after(&self, since: Instant, phase: usize) -> Result<Duration, RecoveryError> {
        self.holds_after(since, phase..phase + 1, 1)
    }

    /// From `since` until the first frame that holds more votes than those before.
    ///
    /// # Errors
    /// [`RecoveryError::NoFrame`] where none does.
    pub(super) fn rose_after(&self, since: Instant) -> Result<Duration, RecoveryError> {
        let before = self.0.iter().take_while(|(at, _)| *at < since);
        let most = before.map(|(_, votes)| sum(votes, 0..PHASES)).max().unwrap_or_default();
        self.holds_after(since, 0..PHASES, most + 1)
    }

    /// From `since` until a frame holds at least so many votes of these phases.
    ///
    /// # Errors
    /// [`RecoveryError::NoFrame`] where none does.
    pub(super) fn holds_after(
        &self,
        since: Instant,
        phases: Range<usize>,
        votes: u64,
    ) -> Result<Duration, RecoveryError> {
        let holds = |(at, shown): &&(Instant, Votes)| *at >= since && sum(shown, phases.clone()) >= votes;
        self.0.iter().find(holds).map(|(at, _)| *at - since).ok_or(RecoveryError::NoFrame { votes, phases })
    }

    /// The longest time between two frames of which the later one holds more votes and came after `since`.
    pub(super) fn longest_still(&self, since: Instant) -> Duration {
        let mut higher: Vec<(Instant, u64)> = Vec::new();
        for (at, votes) in &self.0 {
            let total = sum(votes, 0..PHASES);
            if higher.last().is_none_or(|(_, before)| total > *before) {
                higher.push((*at, total));
            }
        }
        let pairs = higher.windows(2).filter(|pair| pair[1].0 >= since);
        pairs.map(|pair| pair[1].0 - pair[0].0).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::phase::{AFTER, AWAY, BEFORE};
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn timeline(start: Instant, frames: &[(u64, Votes)]) -> Timeline {
        Timeline(frames.iter().map(|(at, votes)| (start + ms(*at), *votes)).collect())
    }

    #[test]
    fn counts_move_with_the_first_frame_that_holds_a_vote_of_the_phase() {
        let start = Instant::now();
        let frames = [(10, [5, 0, 0]), (20, [6, 0, 0]), (30, [6, 1, 0]), (40, [7, 2, 1])];
        let timeline = timeline(start, &frames);
        assert_eq!(timeline.moved_after(start + ms(15), AWAY).unwrap(), ms(15));
        assert_eq!(timeline.moved_after(start + ms(15), AFTER).unwrap(), ms(25));
        let since = start + ms(35);
        assert_eq!(timeline.moved_after(since, AWAY).unwrap(), ms(5), "an earlier frame is no movement");
        assert!(matches!(
            timeline.moved_after(start + ms(41), AFTER),
            Err(RecoveryError::NoFrame { votes: 1, .. })
        ));
    }

    #[test]
    fn counts_rise_with_the_first_frame_that_holds_more_votes_than_before() {
        let start = Instant::now();
        let timeline = timeline(start, &[(10, [5, 0, 0]), (20, [5, 0, 0]), (30, [6, 0, 0])]);
        assert_eq!(timeline.rose_after(start + ms(15)).unwrap(), ms(15));
        assert!(timeline.rose_after(start + ms(31)).is_err());
    }

    #[test]
    fn earlier_votes_are_counted_once_a_frame_holds_all_of_them() {
        let start = Instant::now();
        let frames = [(10, [5, 0, 0]), (20, [6, 3, 4]), (30, [7, 3, 9])];
        let timeline = timeline(start, &frames);
        assert_eq!(timeline.holds_after(start, BEFORE..AFTER, 9).unwrap(), ms(20));
        assert_eq!(timeline.holds_after(start, BEFORE..AFTER, 10).unwrap(), ms(30));
        assert!(timeline.holds_after(start, BEFORE..AFTER, 11).is_err());
    }

    #[test]
    fn counts_stand_still_until_a_frame_holds_more_votes() {
        let start = Instant::now();
        let frames = [(0, [1, 0, 0]), (500, [2, 0, 0]), (510, [3, 0, 0]), (600, [3, 0, 0]), (700, [3, 0, 1])];
        let timeline = timeline(start, &frames);
        assert_eq!(timeline.longest_still(start + ms(505)), ms(190), "a frame of the same votes is none");
        assert_eq!(timeline.longest_still(start), ms(500));
        assert_eq!(timeline.longest_still(start + ms(701)), Duration::ZERO);
    }
}
