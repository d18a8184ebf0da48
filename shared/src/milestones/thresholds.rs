//! The numbers of responses that are milestones.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// The most thresholds of a poll.
pub const MAX_THRESHOLDS: usize = 20;
/// What a threshold may be, in responses.
pub const THRESHOLD: RangeInclusive<i64> = 1..=1_000_000_000_000;

/// Numbers of responses that are milestones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thresholds(Vec<i64>);

impl Thresholds {
    /// Those that a poll crosses as it moves from `before` to `after` responses.
    pub(crate) fn crossed(&self, before: i64, after: i64) -> impl Iterator<Item = i64> {
        self.0.iter().copied().filter(move |threshold| before < *threshold && *threshold <= after)
    }
}

impl From<Vec<i64>> for Thresholds {
    /// Thresholds that were checked before.
    fn from(thresholds: Vec<i64>) -> Self {
        Self(thresholds)
    }
}

impl FromStr for Thresholds {
    type Err = String;

    /// Reads numbers separated by commas; an empty text holds none.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let parsed: Option<Vec<i64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
        parsed.and_then(distinct).map(Self).ok_or_else(|| {
            format!(
                "takes up to {MAX_THRESHOLDS} whole numbers from {} to {}, each once, with commas between them, for \
                 instance 100,1000",
                THRESHOLD.start(),
                THRESHOLD.end()
            )
        })
    }
}

/// The thresholds in order, `None` where they are none, too many or not distinct.
fn distinct(mut thresholds: Vec<i64>) -> Option<Vec<i64>> {
    thresholds.sort_unstable();
    let fit = thresholds.iter().all(|threshold| THRESHOLD.contains(threshold));
    let differ = thresholds.windows(2).all(|pair| pair[0] != pair[1]);
    (fit && differ && thresholds.len() <= MAX_THRESHOLDS).then_some(thresholds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossed(thresholds: &[i64], before: i64, after: i64) -> Vec<i64> {
        Thresholds::from(thresholds.to_vec()).crossed(before, after).collect()
    }

    #[test]
    fn a_threshold_is_crossed_by_reaching_it() {
        assert_eq!(crossed(&[100], 99, 100), [100]);
        assert_eq!(crossed(&[100], 98, 99), [0; 0]);
        assert_eq!(crossed(&[100], 100, 101), [0; 0], "reached before");
        assert_eq!(crossed(&[100], 0, 5000), [100]);
    }

    #[test]
    fn a_commit_may_cross_several_and_on_the_way_down_none() {
        assert_eq!(crossed(&[1, 10, 100, 1000], 5, 100), [10, 100]);
        assert_eq!(crossed(&[10, 100], 100, 5), [0; 0]);
        assert_eq!(crossed(&[], 0, 1_000_000), [0; 0]);
    }

    #[test]
    fn thresholds_are_read_from_a_list() {
        assert_eq!("1000, 100".parse(), Ok(Thresholds(vec![100, 1000])));
        assert_eq!("".parse(), Ok(Thresholds(vec![])));
        let many = (1..=21).map(|number: i64| number.to_string()).collect::<Vec<_>>().join(",");
        for bad in ["0", "-1", "1.5", "1e3", "100,", ",", "5,6,5", "1000000000001", "many", &many] {
            assert!(bad.parse::<Thresholds>().is_err(), "{bad}");
        }
    }
}
