//! Votes with Redis and PostgreSQL as an installation may have them.

use serde::Serialize;

use super::Phase;

/// A topology beside one Redis and one PostgreSQL.
#[derive(Debug, Clone, Serialize)]
pub struct TopologyRates {
    /// Which.
    pub topology: String,
    /// Votes accepted a second there, the median of the rounds.
    pub accepted_per_second: f64,
    /// The same with one Redis and one PostgreSQL.
    pub single_per_second: f64,
    /// The rate as a part of that of the same round with one of each: the smallest, the median, the largest.
    pub ratios: [f64; 3],
    /// How long an accepted vote's request took at the 50th percentile, in milliseconds: the median of the rounds.
    pub p50_ms: f64,
    /// At the 99th.
    pub p99_ms: f64,
    /// Votes not accepted there.
    pub failed: u64,
}

impl TopologyRates {
    /// Of these rounds, each with one of each and then there.
    pub(in crate::bench) fn of(topology: String, rounds: Vec<[Phase; 2]>) -> Self {
        let of = |figure: &dyn Fn(&[Phase; 2]) -> f64| spread(rounds.iter().map(figure).collect());
        let median = |figure: &dyn Fn(&[Phase; 2]) -> f64| of(figure)[1];
        Self {
            topology,
            accepted_per_second: median(&|[_, there]| there.accepted_per_second),
            single_per_second: median(&|[single, _]| single.accepted_per_second),
            ratios: of(&|[single, there]| there.accepted_per_second / single.accepted_per_second),
            p50_ms: median(&|[_, there]| there.latency.p50_ms),
            p99_ms: median(&|[_, there]| there.latency.p99_ms),
            failed: rounds.iter().map(|[_, there]| there.failed).sum(),
        }
    }
}

/// The smallest, the median, the largest.
pub(super) fn spread(mut numbers: Vec<f64>) -> [f64; 3] {
    numbers.sort_by(f64::total_cmp);
    [0, numbers.len() / 2, numbers.len() - 1].map(|place| numbers[place])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::votes::Window;

    #[test]
    fn each_round_is_compared_with_itself() {
        let phase = |votes| {
            let latencies = vec![Duration::from_millis(votes as u64); votes];
            Phase::of(Window { latencies, failed: 1 }, Duration::from_secs(1))
        };
        let rounds = [[100, 50], [10, 9], [40, 30]].map(|round| round.map(phase));
        let rates = TopologyRates::of("Cluster".to_owned(), rounds.into());
        assert_eq!((rates.accepted_per_second, rates.single_per_second), (30.0, 40.0));
        assert_eq!((rates.ratios, rates.failed), ([0.5, 0.75, 0.9], 3));
        assert_eq!((rates.p50_ms, rates.p99_ms), (30.0, 30.0));
    }
}
