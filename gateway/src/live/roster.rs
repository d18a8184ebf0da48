//! Who is to be told: the bells of many viewers, rung a few at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;

use super::bell::{Bell, Call};

/// Bells rung before others get their turn: about as many tasks as the runtime polls between two looks at
/// its sockets. Ten thousand viewers woken at once would hold up every vote that arrives meanwhile.
const SLICE: usize = 64;

/// A set of bells.
#[derive(Debug, Default)]
pub(super) struct Roster(Mutex<Slab<Arc<Bell>>>);

impl Roster {
    /// Enters a bell; returns its place, to [`leave`](Self::leave) with.
    pub(super) fn join(&self, bell: Arc<Bell>) -> usize {
        self.bells().insert(bell)
    }

    /// Removes the bell at `place`; returns whether it was the last one.
    pub(super) fn leave(&self, place: usize) -> bool {
        let mut bells = self.bells();
        bells.remove(place);
        let was_last = bells.is_empty();
        if was_last {
            // What thousands took is not kept for none.
            *bells = Slab::new();
        }
        was_last
    }

    pub(super) fn len(&self) -> usize {
        self.bells().len()
    }

    /// Rings all bells, and lets other tasks run in between. Who joins meanwhile may be rung or not.
    pub(super) async fn ring(&self, reason: Call) {
        let mut from = 0;
        while let Some(next) = self.ring_slice(from, reason) {
            from = next;
            tokio::task::yield_now().await;
        }
    }

    /// Rings the bells at some places from `from` on; returns where the next ones begin, if there are any.
    fn ring_slice(&self, from: usize, reason: Call) -> Option<usize> {
        let bells = self.bells();
        let end = from + SLICE;
        (from..end).filter_map(|place| bells.get(place)).for_each(|bell| bell.ring(reason));
        (end < bells.capacity()).then_some(end)
    }

    fn bells(&self) -> MutexGuard<'_, Slab<Arc<Bell>>> {
        // A set of bells is whole whatever happened to who held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;

    use super::*;

    fn is_rung(bell: &Bell) -> bool {
        poll_fn(|cx| bell.poll_rung(cx)).now_or_never().is_some()
    }

    #[tokio::test]
    async fn all_who_are_there_are_told() {
        let roster = Roster::default();
        let bells: Vec<Arc<Bell>> = std::iter::repeat_with(Arc::default).take(5 * SLICE + 1).collect();
        let places: Vec<usize> = bells.iter().map(|bell| roster.join(bell.clone())).collect();
        roster.leave(places[0]);
        roster.leave(places[SLICE]);
        roster.ring(Call::NEWS).await;
        let told: Vec<usize> = (0..bells.len()).filter(|&number| is_rung(&bells[number])).collect();
        assert_eq!(told.len(), bells.len() - 2);
        assert!(!told.contains(&0) && !told.contains(&SLICE));
    }

    #[tokio::test]
    async fn others_get_their_turn_while_many_are_told() {
        let roster = Arc::new(Roster::default());
        (0..10 * SLICE).for_each(|_| {
            roster.join(Arc::default());
        });
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = turns.clone();
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        roster.ring(Call::NEWS).await;
        assert!(turns.load(Ordering::Relaxed) >= 9);
        other.abort();
    }

    #[test]
    fn the_last_to_leave_is_known_and_leaves_nothing_behind() {
        let roster = Roster::default();
        let places: Vec<usize> = (0..100).map(|_| roster.join(Arc::default())).collect();
        let (last, others) = places.split_last().unwrap();
        assert!(others.iter().all(|&place| !roster.leave(place)));
        assert!(roster.leave(*last));
        assert_eq!((roster.len(), roster.bells().capacity()), (0, 0));
    }
}
