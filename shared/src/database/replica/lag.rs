//! How far one server is behind another, from positions in what the one writes and the other replays.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Positions that are remembered: of an hour, at one a second. A replica that is further behind is known to be so by
/// the last position that it replayed.
const REMEMBERED: usize = 3600;

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Lag {
    /// When the primary was where; oldest first, and only where the replica is not yet known to be.
    written: VecDeque<(Instant, i64)>,
    /// When the primary was where the replica is.
    replayed: Option<Instant>,
}

impl Lag {
    /// The primary had written up to `position` at that time, or later.
    pub(super) fn written(&mut self, at: Instant, position: i64) {
        // A standby that took over may begin before what its predecessor wrote last.
        while self.written.back().is_some_and(|(_, last)| *last > position) {
            self.written.pop_back();
        }
        if self.written.len() == REMEMBERED {
            self.written.pop_front();
        }
        self.written.push_back((at, position));
    }

    /// The replica has replayed up to `position`.
    pub(super) fn replayed(&mut self, position: i64) {
        while let Some((at, _)) = self.written.front().filter(|(_, written)| *written <= position) {
            self.replayed = Some(*at);
            self.written.pop_front();
        }
    }

    /// How far it is behind at most; `None` while nothing is known.
    pub(super) fn at(&self, now: Instant) -> Option<Duration> {
        self.replayed.map(|replayed| now.duration_since(replayed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock(Instant);

    impl Clock {
        fn second(&self, number: u64) -> Instant {
            self.0 + Duration::from_secs(number)
        }
    }

    fn seconds(lag: &Lag, clock: &Clock, now: u64) -> Option<u64> {
        lag.at(clock.second(now)).map(|lag| lag.as_secs())
    }

    #[test]
    fn the_lag_is_the_age_of_the_newest_position_that_was_replayed() {
        let (mut lag, clock) = (Lag::default(), Clock(Instant::now()));
        assert_eq!(seconds(&lag, &clock, 0), None);
        for second in 0..10 {
            lag.written(clock.second(second), 100 * second as i64);
        }
        assert_eq!(seconds(&lag, &clock, 9), None);
        lag.replayed(350);
        assert_eq!(seconds(&lag, &clock, 9), Some(6));
        lag.replayed(350);
        assert_eq!(seconds(&lag, &clock, 12), Some(9));
        lag.replayed(900);
        assert_eq!(seconds(&lag, &clock, 12), Some(3));
    }

    #[test]
    fn a_primary_that_writes_nothing_leaves_nobody_behind() {
        let (mut lag, clock) = (Lag::default(), Clock(Instant::now()));
        for second in 0..100 {
            lag.written(clock.second(second), 7);
            lag.replayed(7);
            assert_eq!(seconds(&lag, &clock, second), Some(0));
        }
    }

    #[test]
    fn a_new_primary_that_begins_further_back_is_followed() {
        let (mut lag, clock) = (Lag::default(), Clock(Instant::now()));
        lag.written(clock.second(0), 100);
        lag.replayed(100);
        lag.written(clock.second(1), 900);
        lag.written(clock.second(2), 200);
        lag.replayed(200);
        assert_eq!(seconds(&lag, &clock, 2), Some(0));
    }

    #[test]
    fn a_replica_that_stands_still_costs_no_more_with_time() {
        let (mut lag, clock) = (Lag::default(), Clock(Instant::now()));
        lag.written(clock.second(0), 0);
        lag.replayed(0);
        for second in 1..10_000 {
            lag.written(clock.second(second), second as i64);
        }
        assert_eq!(lag.written.len(), REMEMBERED);
        assert_eq!(seconds(&lag, &clock, 10_000), Some(10_000));
        lag.replayed(9_999);
        assert_eq!(seconds(&lag, &clock, 10_000), Some(1));
    }
}
