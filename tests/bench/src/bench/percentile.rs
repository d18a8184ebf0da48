//! Percentiles of samples.

use std::time::Duration;

/// The sample that at least `percent` of all samples don't exceed (nearest rank); zero where there are
/// none. The samples must be sorted.
pub(super) fn percentile(sorted: &[Duration], percent: f64) -> Duration {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rank_is_taken() {
        let samples: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        for percent in [1, 50, 95, 99, 100] {
            assert_eq!(percentile(&samples, percent as f64), Duration::from_millis(percent));
        }
        assert_eq!(percentile(&samples[..3], 50.0), Duration::from_millis(2));
        assert_eq!(percentile(&samples[..1], 99.0), Duration::from_millis(1));
    }

    #[test]
    fn no_samples_give_zero() {
        assert_eq!(percentile(&[], 99.0), Duration::ZERO);
    }
}
