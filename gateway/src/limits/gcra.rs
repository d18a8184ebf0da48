//! The generic cell rate algorithm in its form as virtual scheduling (ITU-T Recommendation I.371).
//!
//! Its whole state is one moment, the theoretical arrival time (TAT): when the next request would be due,
//! had all of them come evenly spaced. How far it lies ahead is the debt, which shrinks as time passes.
//! Times are nanoseconds from any one moment on.

use std::time::Duration;

/// A limit of so many requests a window: that many at once, then one every window / quota.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gcra {
    quota: u32,
    /// T of the recommendation: what a request adds to the debt.
    interval: u64,
    /// τ: the largest debt with which a request conforms.
    tolerance: u64,
}

impl Gcra {
    /// `quota` requests every `window`, neither of them 0.
    pub(crate) fn new(quota: u32, window: Duration) -> Self {
        let interval = nanoseconds(window) / u64::from(quota);
        Self { quota, interval, tolerance: interval * u64::from(quota - 1) }
    }

    pub(super) fn quota(&self) -> u32 {
        self.quota
    }

    /// What a request costs.
    pub(super) fn interval(&self) -> u64 {
        self.interval
    }

    /// The debt of a burst of the whole quota.
    pub(super) fn burst(&self) -> u64 {
        self.tolerance + self.interval
    }

    /// Whether one more request conforms.
    pub(crate) fn conforms(&self, tat: u64, now: u64) -> bool {
        tat <= now + self.tolerance
    }

    /// The TAT after one more request.
    pub(crate) fn after(&self, tat: u64, now: u64) -> u64 {
        tat.max(now) + self.interval
    }

    /// How many requests conform now, one right after the other.
    pub(super) fn remaining(&self, tat: u64, now: u64) -> u64 {
        match (now + self.tolerance).checked_sub(tat.max(now)) {
            Some(slack) => slack / self.interval + 1,
            None => 0,
        }
    }

    /// How long until one more conforms than now, with some debt.
    pub(super) fn until_next(&self, tat: u64, now: u64) -> u64 {
        let slack_for_next = self.remaining(tat, now) * self.interval;
        (tat.max(now) + slack_for_next).saturating_sub(now + self.tolerance)
    }
}

/// `duration` in nanoseconds; windows are far from the bound.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// The moments at which requests at `arrivals` are let through.
    fn let_through(gcra: &Gcra, arrivals: &[u64]) -> Vec<u64> {
        let mut tat = 0;
        let mut passed = Vec::new();
        for &now in arrivals {
            if gcra.conforms(tat, now) {
                tat = gcra.after(tat, now);
                passed.push(now);
            }
        }
        passed
    }

    /// The most requests between two moments: a burst, and what refills meanwhile.
    fn most(gcra: &Gcra, from: u64, to: u64) -> u64 {
        u64::from(gcra.quota()) + (to - from) / gcra.interval()
    }

    fn arrivals() -> impl Strategy<Value = Vec<u64>> {
        // Mostly a rush, sometimes a pause.
        let gap = prop_oneof![4 => 0..SECOND / 2, 1 => 0..30 * SECOND];
        prop::collection::vec(gap, 1..200).prop_map(|gaps| {
            let mut now = 0;
            let sum = |gap| {
                now += gap;
                now
            };
            gaps.into_iter().map(sum).collect()
        })
    }

    proptest! {
        #[test]
        fn no_span_lets_through_more_than_a_burst_and_what_refills(
            quota in 1..100_u32, arrivals in arrivals()
        ) {
            let gcra = Gcra::new(quota, Duration::from_secs(60));
            let passed = let_through(&gcra, &arrivals);
            for (first, from) in passed.iter().enumerate() {
                for (last, to) in passed.iter().enumerate().skip(first) {
                    let count = (last - first + 1) as u64;
                    prop_assert!(count <= most(&gcra, *from, *to), "{count} from {from} to {to}");
                }
            }
        }

        #[test]
        fn nothing_is_refused_below_the_limit(quota in 1..100_u32, arrivals in arrivals()) {
            let gcra = Gcra::new(quota, Duration::from_secs(60));
            let passed = let_through(&gcra, &arrivals);
            for refused in arrivals.iter().filter(|now| !passed.contains(now)) {
                let before: Vec<u64> = passed.iter().copied().filter(|now| now <= refused).collect();
                let is_full = |first: usize| {
                    let with_it = (before.len() - first + 1) as u64;
                    with_it > most(&gcra, before[first], *refused)
                };
                prop_assert!((0..before.len()).any(is_full), "refused at {refused} after {before:?}");
            }
        }

        #[test]
        fn what_is_told_to_remain_is_let_through_and_no_more(
            quota in 1..100_u32, arrivals in arrivals()
        ) {
            let gcra = Gcra::new(quota, Duration::from_secs(60));
            let mut tat = 0;
            for now in arrivals {
                let mut at_once = 0;
                let mut probe = tat;
                while gcra.conforms(probe, now) {
                    probe = gcra.after(probe, now);
                    at_once += 1;
                }
                prop_assert_eq!(gcra.remaining(tat, now), at_once);
                if gcra.conforms(tat, now) {
                    tat = gcra.after(tat, now);
                }
                let (wait, remaining) = (gcra.until_next(tat, now), gcra.remaining(tat, now));
                prop_assert!(wait > 0);
                prop_assert_eq!(gcra.remaining(tat, now + wait - 1), remaining);
                prop_assert_eq!(gcra.remaining(tat, now + wait), remaining + 1);
            }
        }
    }

    #[test]
    fn the_largest_quota_refills_in_less_than_a_microsecond_each() {
        let gcra = Gcra::new(100_000_000, Duration::from_secs(60));
        assert_eq!(gcra.interval(), 600);
        assert_eq!(gcra.remaining(gcra.after(0, SECOND), SECOND), 99_999_999);
        assert!(!gcra.conforms(SECOND + gcra.burst(), SECOND));
        assert!(gcra.conforms(SECOND + gcra.burst(), SECOND + 600));
    }
}
