//! Who casts which ballot, and in which order: the same for the same seed, on every machine.

use uuid::{Builder, Uuid};

/// A ballot's voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voter {
    /// The browser's token.
    pub token: Uuid,
    /// The vote's idempotency key.
    pub idempotency_key: Uuid,
}

impl Voter {
    /// The voter of the ballot at `place` in the file.
    pub fn of(seed: u64, place: usize) -> Self {
        let uuid = |purpose| Builder::from_random_bytes(derived(purpose, seed, place)).into_uuid();
        Self { token: uuid("token"), idempotency_key: uuid("idempotency key") }
    }
}

/// The places of `count` ballots, shuffled.
pub fn order(seed: u64, count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by_cached_key(|place| derived("order", seed, *place));
    places
}

/// Sixteen bytes that look random; a hash, so that they never change with a generator's version.
fn derived(purpose: &str, seed: u64, place: usize) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(purpose.as_bytes()).update(&seed.to_be_bytes()).update(&(place as u64).to_be_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_order_is_a_shuffle_that_never_changes_for_a_seed() {
        let shuffled = order(1, 1000);
        assert_eq!(shuffled[..4], [57, 706, 803, 115]);
        assert_ne!(shuffled, order(2, 1000));
        let mut sorted = shuffled;
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
    }

    #[test]
    fn voters_never_change_for_a_seed_and_are_all_different() {
        assert_eq!(Voter::of(1, 0).token.to_string(), "dc407733-a647-4f00-a8a5-ace9e90d91bf");
        let uuids = |seed| {
            (0..1000).flat_map(move |place| {
                let voter = Voter::of(seed, place);
                [voter.token, voter.idempotency_key]
            })
        };
        assert_eq!(uuids(1).chain(uuids(2)).collect::<HashSet<_>>().len(), 4000);
    }
}
