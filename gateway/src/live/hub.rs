//! The hub: all polls that are watched here, a watch each. Whoever is behind finds only the newest counts
//! there, never a queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use pollster_shared::channels::Topic;
use pollster_shared::counts::Counts;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::bell::Bell;
use super::feed::Command;
use super::watch::{Offer, Watch};

/// How long a poll is watched after its last viewer has left: who reloads a page finds it still warm.
const LINGER: Duration = Duration::from_secs(5);

/// All watched polls of this gateway.
#[derive(Debug)]
pub(crate) struct Hub {
    watches: Mutex<HashMap<Uuid, Arc<Watch>>>,
    // Bounded by the number of polls that are watched, not by that of viewers.
    feed: mpsc::UnboundedSender<Command>,
    /// Least time between two releases of a poll's counts.
    interval: Duration,
}

/// A viewer's place at a watch.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) watch: Arc<Watch>,
    place: usize,
    /// Whether nobody watched the poll before.
    pub(super) is_first: bool,
}

impl Hub {
    /// A hub that tells viewers at most every `interval` what `feed` brings.
    pub(super) fn new(feed: mpsc::UnboundedSender<Command>, interval: Duration) -> Self {
        Self { watches: Mutex::default(), feed, interval }
    }

    /// Makes the owner of `bell` a viewer of a poll; the first one makes the feed subscribe to it.
    pub(super) fn join(self: &Arc<Self>, poll_id: Uuid, bell: Arc<Bell>) -> Place {
        let mut watches = self.watches();
        let watch = watches.get(&poll_id).cloned();
        let is_first = watch.is_none();
        let watch = watch.unwrap_or_else(|| {
            let watch = Arc::new(Watch::new(poll_id));
            watches.insert(poll_id, watch.clone());
            let _ = self.feed.send(Command::Watch(Topic::Poll(poll_id)));
            tokio::spawn(keep(self.clone(), watch.clone()));
            watch
        });
        let place = watch.join(bell);
        Place { watch, place, is_first }
    }

    /// Takes counts read from PostgreSQL, for the viewers of their poll.
    pub(crate) fn offer(&self, counts: Counts) {
        if let Some(watch) = self.get(counts.poll_id) {
            watch.offer(Offer::Counts(counts));
        }
    }

    /// Has the viewers of polls that are not found any more told so.
    pub(crate) fn offer_deleted(&self, poll_ids: impl IntoIterator<Item = Uuid>) {
        poll_ids.into_iter().filter_map(|id| self.get(id)).for_each(|watch| watch.offer(Offer::Deleted));
    }

    /// Takes a poll's counts as they were published, for its viewers.
    pub(super) fn offer_published(&self, poll_id: Uuid, message: Bytes) {
        let Some(watch) = self.get(poll_id) else { return };
        match Offer::published(message) {
            Ok(offer) => watch.offer(offer),
            Err(error) => tracing::warn!(%error, %poll_id, "published counts can't be read"),
        }
    }

    /// Whether anybody watches the poll here.
    pub(crate) fn is_watched(&self, poll_id: Uuid) -> bool {
        self.get(poll_id).is_some()
    }

    /// The newest version of a poll that is known here.
    pub(super) fn version_of(&self, poll_id: Uuid) -> Option<i64> {
        self.get(poll_id).and_then(|watch| watch.version())
    }

    /// The polls that are watched and were there when their viewers were told last; of one that is final, too, it
    /// can come that it is deleted.
    pub(super) fn watched(&self) -> Vec<Uuid> {
        let watches = self.watches();
        watches.values().filter(|watch| !watch.is_deleted()).map(|watch| watch.poll_id).collect()
    }

    /// Whether the poll is watched, without a feed, since nothing about its results can change.
    pub(super) fn is_final(&self, poll_id: Uuid) -> bool {
        self.get(poll_id).is_some_and(|watch| watch.is_final())
    }

    /// The watches that have viewers and can still change.
    pub(super) fn audiences(&self) -> HashMap<Uuid, Arc<Watch>> {
        let watches = self.watches();
        let audiences = watches.iter().filter(|(_, watch)| watch.viewers() > 0 && !watch.is_final());
        audiences.map(|(&poll_id, watch)| (poll_id, watch.clone())).collect()
    }

    fn get(&self, poll_id: Uuid) -> Option<Arc<Watch>> {
        self.watches().get(&poll_id).cloned()
    }

    /// Forgets a watch if it has no viewers; returns whether.
    fn forget(&self, watch: &Watch) -> bool {
        let mut watches = self.watches();
        // Nobody joins while the map is held.
        let is_abandoned = watch.viewers() == 0;
        if is_abandoned {
            watches.remove(&watch.poll_id);
            // Of a poll that is final the feed was told then.
            if !watch.is_final() {
                let _ = self.feed.send(Command::Unwatch(Topic::Poll(watch.poll_id)));
            }
        }
        is_abandoned
    }

    fn watches(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Watch>>> {
        // A map of watches is whole whatever happened to who held it.
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.watch.leave(self.place);
    }
}

/// Releases what is offered, the first at once and then at most every interval, until nobody watches any
/// more.
async fn keep(hub: Arc<Hub>, watch: Arc<Watch>) {
    let mut next_release = Instant::now();
    loop {
        if has_lingered(&watch).await && hub.forget(&watch) {
            return;
        }
        sleep_until(next_release).await;
        let now = Instant::now();
        if watch.release().await {
            next_release = now + hub.interval;
            if watch.is_final() {
                // Nothing can change any more: what viewers are left need no subscription.
                let _ = hub.feed.send(Command::Unwatch(Topic::Poll(watch.poll_id)));
            }
        }
    }
}

/// Waits until there may be something to release, or until the watch has lingered without viewers; returns
/// whether it has.
async fn has_lingered(watch: &Watch) -> bool {
    let Some(left) = watch.left() else {
        watch.changed.notified().await;
        return false;
    };
    let until = left + LINGER;
    // Of a busy poll there is always something to release: the clock decides, not which of the two came.
    let _ = timeout_at(until, watch.changed.notified()).await;
    Instant::now() >= until
}

#[cfg(test)]
mod tests;
