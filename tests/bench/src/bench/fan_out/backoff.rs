//! When a viewer that lost its gateway connects again: exponential backoff with full jitter.

use std::time::Duration;

use uuid::Uuid;

/// The longest pause before the first try.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause of all.
const LONGEST: Duration = Duration::from_secs(30);

/// A pause before the try of this number from 0: anything up to a bound that doubles with every try.
pub(super) fn pause(tries: u32) -> Duration {
    let part = Uuid::new_v4().as_bytes()[0];
    bound(tries).mul_f64(f64::from(part) / 255.0)
}

fn bound(tries: u32) -> Duration {
    FIRST.saturating_mul(1 << tries.min(16)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_until_the_longest() {
        let bounds = [0, 1, 2, 4, 5, 40].map(|tries| bound(tries).as_secs());
        assert_eq!(bounds, [1, 2, 4, 16, 30, 30]);
    }

    #[test]
    fn pauses_are_spread_over_all_up_to_the_bound() {
        let pauses: Vec<_> = (0..2000).map(|_| pause(2)).collect();
        let quarters = (0..4).map(|quarter| {
            let within = Duration::from_secs(quarter)..=Duration::from_secs(quarter + 1);
            pauses.iter().filter(|pause| within.contains(*pause)).count()
        });
        assert!(quarters.clone().all(|count| count > 300), "{:?}", quarters.collect::<Vec<_>>());
    }
}
