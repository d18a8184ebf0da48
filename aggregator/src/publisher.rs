//! Publishes the counts of what was committed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::Utc;
use futures_util::future::join_all;
use pollster_shared::channels;
use pollster_shared::counts::Counts;
use pollster_shared::counts::projection;
use pollster_shared::database::{DatabaseError, Pool, PooledConnection};
use pollster_shared::redis::Connection;
use pollster_shared::stream::StreamId;
use pollster_shared::traces::Traces;
use pollster_shared::{tallies, unpublished};
use tokio::sync::mpsc::{Receiver, Sender};
use uuid::Uuid;

use crate::committer::{Committed, Entries};
use crate::metrics::Metrics;
use crate::traced;

/// For how long after its last vote a poll is swept.
const RECENT: Duration = Duration::from_secs(30);
/// Polls that the sweep reads and tells at once: after an outage there may be many.
const AT_ONCE: u16 = 500;

/// The stage that publishes.
#[derive(Debug, Clone)]
pub struct Publisher {
    pool: Pool,
    aggregates: Connection,
    channels: channels::Publisher,
    metrics: Arc<Metrics>,
    /// What the sweep looks at.
    recent: Arc<Mutex<HashMap<Uuid, Recent>>>,
}

/// A poll that was voted on lately.
#[derive(Debug, Clone, Copy)]
struct Recent {
    voted_on: Instant,
    /// The newest version that those who watch were told by us. The hash alone does not say: telling may
    /// have failed after it was written.
    told: i64,
}

impl Publisher {
    /// A publisher that reads tallies through `pool`, which must lead to the primary.
    pub fn new(
        pool: Pool,
        aggregates: Connection,
        channels: channels::Publisher,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { pool, aggregates, channels, metrics, recent: Arc::default() }
    }

    /// Publishes what comes in until the channel closes, and sends on what may be acknowledged.
    pub(crate) async fn run(
        mut self,
        mut committed: Receiver<Committed>,
        published: Sender<Entries>,
        traces: Traces,
    ) {
        while let Some(mut batch) = committed.recv().await {
            while let Ok(more) = committed.try_recv() {
                batch.entries.extend(more.entries);
                batch.poll_ids.extend(more.poll_ids);
                batch.traced.extend(more.traced);
            }
            batch.poll_ids.sort_unstable();
            batch.poll_ids.dedup();
            let began = SystemTime::now();
            match self.publish(&batch.poll_ids).await {
                Ok(()) => {
                    self.observe_visible(&batch.entries);
                    traced::published(&traces, &batch.traced, batch.poll_ids.len(), began);
                }
                // The sweep mends it; it must not keep entries from being acknowledged.
                Err(error) => {
                    tracing::warn!(%error, polls = batch.poll_ids.len(), "publishing counts failed");
                }
            }
            if published.send(batch.entries).await.is_err() {
                return;
            }
        }
    }

    /// Publishes the present counts of these polls.
    ///
    /// # Errors
    /// When PostgreSQL or Redis fails; the sweep publishes them then.
    pub async fn publish(&mut self, poll_ids: &[Uuid]) -> Result<(), PublishError> {
        if poll_ids.is_empty() {
            return Ok(());
        }
        let now = Instant::now();
        {
            let mut recent = self.recent();
            for &poll_id in poll_ids {
                recent.entry(poll_id).or_insert(Recent { voted_on: now, told: -1 }).voted_on = now;
            }
        }
        let truth = self.read(poll_ids).await?;
        self.tell_all(truth.iter()).await
    }

    /// Tells each, though another fails: its channel may be on a node of its own.
    async fn tell_all(&self, all: impl Iterator<Item = &Counts>) -> Result<(), PublishError> {
        join_all(all.map(|counts| self.tell(counts))).await.into_iter().collect()
    }

    async fn tell(&self, counts: &Counts) -> Result<(), PublishError> {
        projection::publish(&mut self.aggregates.clone(), &self.channels, counts).await?;
        if let Some(recent) = self.recent().get_mut(&counts.poll_id) {
            recent.told = recent.told.max(counts.version);
        }
        Ok(())
    }

    /// Publishes the polls voted on lately whose counts in Redis are behind or gone, or were not told.
    ///
    /// # Errors
    /// When PostgreSQL or Redis fails.
    pub(crate) async fn publish_what_is_behind(&mut self) -> Result<(), PublishError> {
        let poll_ids: Vec<Uuid> = self.recent().keys().copied().collect();
        for some in poll_ids.chunks(usize::from(AT_ONCE)) {
            self.publish_those_behind(some).await?;
        }
        // Not before: an outage may last longer than that.
        self.recent().retain(|_, recent| recent.voted_on.elapsed() < RECENT);
        Ok(())
    }

    async fn publish_those_behind(&mut self, poll_ids: &[Uuid]) -> Result<(), PublishError> {
        let truth = self.read(poll_ids).await?;
        let polls: Vec<Uuid> = truth.iter().map(|counts| counts.poll_id).collect();
        let published = projection::versions(&mut self.aggregates, &polls).await?;
        let mut untold = Vec::new();
        for (counts, published) in truth.iter().zip(published) {
            let is_behind = published.is_none_or(|version| version < counts.version);
            if is_behind {
                tracing::info!(poll_id = %counts.poll_id, version = counts.version, "counts were behind");
            }
            let told = self.recent().get(&counts.poll_id).map_or(-1, |recent| recent.told);
            if is_behind || told < counts.version {
                untold.push(counts);
            }
        }
        self.tell_all(untold.into_iter()).await
    }

    /// Publishes what gateways committed past Redis.
    ///
    /// # Errors
    /// When PostgreSQL or Redis fails; what was not published is still to be.
    pub(crate) async fn publish_what_went_past_redis(&mut self) -> Result<(), PublishError> {
        let listed = unpublished::list(&mut *self.connection().await?, AT_ONCE).await;
        let listed = listed.map_err(DatabaseError::from)?;
        if listed.is_empty() {
            return Ok(());
        }
        let poll_ids: Vec<Uuid> = listed.iter().map(|unpublished| unpublished.poll_id).collect();
        self.publish(&poll_ids).await?;
        let removed = unpublished::remove(&mut *self.connection().await?, &listed).await;
        Ok(removed.map_err(DatabaseError::from)?)
    }

    async fn read(&self, poll_ids: &[Uuid]) -> Result<Vec<Counts>, DatabaseError> {
        Ok(tallies::read(&mut *self.connection().await?, poll_ids).await?)
    }

    async fn connection(&self) -> Result<PooledConnection<'_>, DatabaseError> {
        Ok(self.pool.get().await?)
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Recent>> {
        // What is noted of a poll is valid whatever happened to who held it.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn observe_visible(&self, entries: &[(u16, StreamId)]) {
        let now = Utc::now();
        for (_, id) in entries {
            self.metrics.visible_seconds.observe((now - id.added_at()).as_seconds_f64().max(0.0));
        }
    }
}

/// What can keep counts from being published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis failed.
    #[error("Redis: {0}")]
    Redis(#[from] pollster_shared::redis::RedisError),
}
