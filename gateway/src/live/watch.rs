//! The watch of one poll: its newest counts, and who is told of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use pollster_shared::counts::Counts;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use super::bell::{Bell, Call};
use super::frame::Frame;
use super::roster::Roster;
use super::update::Update;

/// A poll that somebody watches here. Counts that come in are offered; of those offered since the last
/// release only the newest is ever read, encoded and released.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) poll_id: Uuid,
    viewers: Roster,
    state: Mutex<State>,
    /// Woken when there is something to release, and when the last viewer has left.
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    offered: Option<Offer>,
    released: Option<Arc<Update>>,
    viewer_count: Option<Arc<ViewerCount>>,
    /// Whether viewers were told that the poll is gone.
    deleted: bool,
    /// When the last viewer left.
    left: Option<Instant>,
}

impl State {
    fn version(&self) -> Option<i64> {
        if self.deleted {
            return Some(LAST_VERSION);
        }
        let offered = self.offered.as_ref().map(Offer::version);
        offered.max(self.released.as_ref().map(|update| update.version))
    }

    fn release(&mut self, poll_id: Uuid) -> bool {
        let Some(offer) = self.offered.take() else { return false };
        match offer.read() {
            Ok(Some(update)) => self.released = Some(Arc::new(update)),
            Ok(None) => self.deleted = true,
            Err(error) => {
                tracing::warn!(%error, %poll_id, "published counts can't be read");
                return false;
            }
        }
        true
    }
}

/// Counts that nobody has been told yet.
#[derive(Debug)]
pub(super) enum Offer {
    /// Read from PostgreSQL.
    Counts(Counts),
    /// As they were published: read in full only if nothing newer comes before the next release.
    Published { version: i64, message: Bytes },
    /// The poll was deleted, as is known without counts that say so.
    Deleted,
}

/// Nothing comes after the poll was deleted.
const LAST_VERSION: i64 = i64::MAX;

/// What is read at once of every published message.
#[derive(Deserialize)]
struct Head {
    version: i64,
}

/// How many watch the poll, on all gateways together.
#[derive(Debug)]
pub(crate) struct ViewerCount {
    pub(crate) count: u64,
    pub(crate) frame: Frame,
}

impl Offer {
    /// A published message.
    pub(super) fn published(message: Bytes) -> serde_json::Result<Self> {
        let Head { version } = serde_json::from_slice(&message)?;
        Ok(Self::Published { version, message })
    }

    fn version(&self) -> i64 {
        match self {
            Self::Counts(counts) => counts.version,
            Self::Published { version, .. } => *version,
            Self::Deleted => LAST_VERSION,
        }
    }

    /// What viewers are told, `None` of a poll that was deleted.
    fn read(self) -> serde_json::Result<Option<Update>> {
        let counts = match self {
            Self::Counts(counts) => counts,
            Self::Published { message, .. } => serde_json::from_slice(&message)?,
            Self::Deleted => return Ok(None),
        };
        Ok((!counts.deleted).then(|| Update::from(&counts)))
    }
}

impl Watch {
    pub(super) fn new(poll_id: Uuid) -> Self {
        Self { poll_id, viewers: Roster::default(), state: Mutex::default(), changed: Notify::new() }
    }

    /// The newest counts that viewers were told.
    pub(crate) fn released(&self) -> Option<Arc<Update>> {
        self.state().released.clone()
    }

    /// How many watched the poll when they were counted last.
    pub(crate) fn viewer_count(&self) -> Option<Arc<ViewerCount>> {
        self.state().viewer_count.clone()
    }

    /// Enters a viewer; returns its place.
    pub(super) fn join(&self, bell: Arc<Bell>) -> usize {
        self.viewers.join(bell)
    }

    /// Removes the viewer at `place`.
    pub(super) fn leave(&self, place: usize) {
        if self.viewers.leave(place) {
            self.state().left = Some(Instant::now());
            self.changed.notify_one();
        }
    }

    /// Viewers on this gateway.
    pub(super) fn viewers(&self) -> usize {
        self.viewers.len()
    }

    /// Since when nobody watches; `None` while somebody does.
    pub(super) fn left(&self) -> Option<Instant> {
        if self.viewers() > 0 { None } else { self.state().left }
    }

    /// The newest version that is known here, told or not.
    pub(super) fn version(&self) -> Option<i64> {
        self.state().version()
    }

    /// Whether viewers were told all that there will be: the final counts, or that the poll is gone.
    pub(super) fn is_final(&self) -> bool {
        let state = self.state();
        state.deleted || state.released.as_ref().is_some_and(|update| update.closing.is_some())
    }

    /// Whether viewers were told that the poll is gone.
    pub(super) fn is_deleted(&self) -> bool {
        self.state().deleted
    }

    /// Takes counts to be released, unless what is known is as new.
    pub(super) fn offer(&self, offer: Offer) {
        let mut state = self.state();
        if state.version().is_none_or(|known| known < offer.version()) {
            state.offered = Some(offer);
            self.changed.notify_one();
        }
    }

    /// Tells all viewers of the newest counts that were offered, if any were; returns whether.
    pub(super) async fn release(&self) -> bool {
        let is_news = self.state().release(self.poll_id);
        if is_news {
            self.viewers.ring(Call::NEWS).await;
        }
        is_news
    }

    /// Tells all viewers how many they are.
    pub(super) async fn tell_viewer_count(&self, viewer_count: ViewerCount) {
        self.state().viewer_count = Some(Arc::new(viewer_count));
        self.viewers.ring(Call::NEWS).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each of its fields is whole whatever happened to who held it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
