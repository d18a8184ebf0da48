//! The entries that a worker is busy with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pollster_shared::stream::StreamId;

/// A set of entries, by shard and id. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct InHand(Arc<Mutex<BTreeSet<(u16, StreamId)>>>);

/// An entry in the set, for as long as this lives.
#[derive(Debug)]
pub(super) struct Held {
    in_hand: InHand,
    entry: (u16, StreamId),
}

impl InHand {
    /// Puts an entry into the set; `None` where it is there already.
    pub(super) fn take(&self, shard: u16, id: StreamId) -> Option<Held> {
        let entry = (shard, id);
        self.lock().insert(entry).then(|| Held { in_hand: self.clone(), entry })
    }

    /// The entries of a shard.
    pub(super) fn of_shard(&self, shard: u16) -> Vec<StreamId> {
        self.lock().iter().filter(|(of, _)| *of == shard).map(|(_, id)| *id).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(u16, StreamId)>> {
        // A set of ids is valid whatever happened to who held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.in_hand.lock().remove(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_in_hand_once_until_it_is_let_go() {
        let in_hand = InHand::default();
        let id = StreamId { milliseconds: 1, sequence: 2 };
        let held = in_hand.take(3, id);
        assert!(held.is_some() && in_hand.take(3, id).is_none());
        assert_eq!((in_hand.of_shard(3), in_hand.of_shard(2)), (vec![id], vec![]));
        drop(held);
        assert_eq!(in_hand.of_shard(3), []);
    }
}
