//! Publishes the counts of what was committed, then acknowledges it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use pollster_shared::counts::Counts;
use pollster_shared::counts::projection;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::redis::{Connection, RedisResult};
use pollster_shared::stream::{StreamId, group};
use pollster_shared::tallies;
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

use crate::committer::Committed;
use crate::metrics::Metrics;

/// For how long after its last vote a poll is swept.
const RECENT: Duration = Duration::from_secs(30);

/// The stage that publishes.
#[derive(Debug, Clone)]
pub struct Publisher {
    pool: Pool,
    streams: Connection,
    aggregates: Connection,
    pubsub: Connection,
    metrics: Arc<Metrics>,
    /// When each poll was last voted on: what the sweep looks at.
    recent: Arc<Mutex<HashMap<Uuid, Instant>>>,
}

impl Publisher {
    /// A publisher that reads tallies through `pool`, which must lead to the primary.
    pub fn new(
        pool: Pool,
        streams: Connection,
        aggregates: Connection,
        pubsub: Connection,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { pool, streams, aggregates, pubsub, metrics, recent: Arc::default() }
    }

    /// Publishes and acknowledges what comes in until the channel closes.
    pub(crate) async fn run(mut self, mut committed: Receiver<Committed>) {
        while let Some(mut batch) = committed.recv().await {
            while let Ok(more) = committed.try_recv() {
                batch.entries.extend(more.entries);
                batch.poll_ids.extend(more.poll_ids);
            }
            batch.poll_ids.sort_unstable();
            batch.poll_ids.dedup();
            match self.publish(&batch.poll_ids).await {
                Ok(()) => self.observe_visible(&batch.entries),
                // The sweep mends it; it must not keep entries from being acknowledged.
                Err(error) => {
                    tracing::warn!(%error, polls = batch.poll_ids.len(), "publishing counts failed");
                }
            }
            if let Err(error) = self.acknowledge(&batch.entries).await {
                tracing::warn!(%error, entries = batch.entries.len(), "acknowledging failed");
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
        self.recent().extend(poll_ids.iter().map(|&poll_id| (poll_id, now)));
        for counts in self.read(poll_ids).await? {
            projection::publish(&mut self.aggregates, &mut self.pubsub, &counts).await?;
        }
        Ok(())
    }

    /// Acknowledges entries that are committed.
    ///
    /// # Errors
    /// When Redis fails; the entries are then delivered again, which changes nothing.
    pub async fn acknowledge(&mut self, entries: &[(u16, StreamId)]) -> RedisResult<()> {
        group::acknowledge(&mut self.streams, entries).await
    }

    /// Publishes the polls voted on lately whose counts in Redis are behind or gone.
    ///
    /// # Errors
    /// When PostgreSQL or Redis fails.
    pub(crate) async fn publish_what_is_behind(&mut self) -> Result<(), PublishError> {
        let poll_ids: Vec<Uuid> = {
            let mut recent = self.recent();
            recent.retain(|_, touched| touched.elapsed() < RECENT);
            recent.keys().copied().collect()
        };
        if poll_ids.is_empty() {
            return Ok(());
        }
        let truth = self.read(&poll_ids).await?;
        let polls: Vec<Uuid> = truth.iter().map(|counts| counts.poll_id).collect();
        let published = projection::versions(&mut self.aggregates, &polls).await?;
        for (counts, published) in truth.iter().zip(published) {
            if published.is_none_or(|version| version < counts.version) {
                tracing::info!(poll_id = %counts.poll_id, version = counts.version, "counts were behind");
                projection::publish(&mut self.aggregates, &mut self.pubsub, counts).await?;
            }
        }
        Ok(())
    }

    async fn read(&self, poll_ids: &[Uuid]) -> Result<Vec<Counts>, DatabaseError> {
        let mut connection = self.pool.get().await?;
        Ok(tallies::read(&mut connection, poll_ids).await?)
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Instant>> {
        // Times of touch are valid whatever happened to who held them.
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
