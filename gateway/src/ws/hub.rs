//! The hub: a watch a poll. Whoever is behind finds only the newest counts there, never a queue.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pollster_shared::config::StartError;
use pollster_shared::counts::Counts;
use pollster_shared::shutdown::TaskTracker;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use super::feed::Feed;
use super::messages::ServerMessage;

/// A poll's newest counts, encoded once for all its viewers.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) version: i64,
    /// Whether the poll was closed.
    pub(crate) closed: bool,
    /// Whether nothing can change any more.
    pub(crate) finalized: bool,
    pub(crate) results: Utf8Bytes,
    /// Sent after the results once they are final.
    pub(crate) poll_closed: Utf8Bytes,
    /// Sent instead to those who may not see the results.
    pub(crate) poll_closed_hidden: Utf8Bytes,
}

/// What the feed must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Watch(Uuid),
    Unwatch(Uuid),
}

/// All watched polls of this gateway.
#[derive(Debug)]
pub(crate) struct Hub {
    polls: Mutex<HashMap<Uuid, watch::Sender<Option<Update>>>>,
    // Bounded by the number of polls that are watched, not by that of viewers.
    feed: mpsc::UnboundedSender<Command>,
    connections: TaskTracker,
}

impl Hub {
    /// A hub, and the feed from Redis at `url` that keeps it up to date.
    pub(crate) fn new(url: &str) -> Result<(Self, Feed), StartError> {
        let (feed, commands) = mpsc::unbounded_channel();
        let hub = Self { polls: Mutex::default(), feed, connections: TaskTracker::new() };
        Ok((hub, Feed::new(url, commands)?))
    }

    /// Watches a poll; the first viewer makes the feed subscribe to it.
    pub(crate) fn watch(&self, poll_id: Uuid) -> watch::Receiver<Option<Update>> {
        match self.polls().entry(poll_id) {
            Entry::Occupied(poll) => poll.get().subscribe(),
            Entry::Vacant(poll) => {
                let (sender, receiver) = watch::channel(None);
                poll.insert(sender);
                let _ = self.feed.send(Command::Watch(poll_id));
                receiver
            }
        }
    }

    /// Notes that a viewer has dropped its watch; after the last one the feed unsubscribes.
    pub(crate) fn leave(&self, poll_id: Uuid) {
        let mut polls = self.polls();
        if polls.get(&poll_id).is_some_and(|sender| sender.receiver_count() == 0) {
            polls.remove(&poll_id);
            let _ = self.feed.send(Command::Unwatch(poll_id));
        }
    }

    /// Tells the viewers of a poll, if the counts are newer than what they have been told.
    pub(crate) fn offer(&self, counts: &Counts) {
        let polls = self.polls();
        let Some(sender) = polls.get(&counts.poll_id) else { return };
        sender.send_if_modified(|newest| {
            if newest.as_ref().is_some_and(|newest| newest.version >= counts.version) {
                return false;
            }
            *newest = Some(Update {
                version: counts.version,
                closed: counts.closed,
                finalized: counts.finalized,
                results: ServerMessage::Results(counts.into()).encode(),
                poll_closed: ServerMessage::PollClosed(counts.into()).encode(),
                poll_closed_hidden: ServerMessage::PollClosedHidden { poll_id: counts.poll_id }.encode(),
            });
            true
        });
    }

    /// The polls that are watched.
    pub(crate) fn watched(&self) -> Vec<Uuid> {
        self.polls().keys().copied().collect()
    }

    /// A guard that the drain waits for.
    pub(crate) fn connection(&self) -> impl Drop + Send + use<> {
        self.connections.token()
    }

    /// Waits until every connection has ended.
    pub(crate) async fn drained(&self) {
        self.connections.close();
        self.connections.wait().await;
    }

    fn polls(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<Option<Update>>>> {
        // A map of watches is whole whatever happened to who held it.
        self.polls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
