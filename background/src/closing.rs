//! Closes polls whose end has come, and finishes every closing, also those that others left half-way.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pollster_shared::channels::Publisher;
use pollster_shared::closing::{self, Closing, ClosingError};
use pollster_shared::counts::{Counts, projection};
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::redis::{Connection, RedisResult};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::tallies;

use crate::pause;

/// A poll is closed within a second of its end, and final soon after its last vote is counted.
const PERIOD: Duration = Duration::from_millis(250);
/// A change is seen that much later than its time says, at most.
const COMMIT_TAKES: Duration = Duration::from_secs(2);
/// How far back a job looks when it starts.
const CATCH_UP: Duration = Duration::from_secs(600);

/// The closing job.
#[derive(Debug)]
pub(crate) struct Job {
    pool: Pool,
    streams: Connection,
    aggregates: Connection,
    channels: Publisher,
    /// Up to when changes of state are published.
    told: Instant,
}

#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Closing(#[from] ClosingError),
    #[error("Redis: {0}")]
    Redis(#[from] pollster_shared::redis::RedisError),
}

impl Job {
    /// A job that first publishes what changed in the last ten minutes: nobody may have been there to.
    pub(crate) fn new(pool: Pool, streams: Connection, aggregates: Connection, channels: Publisher) -> Self {
        let now = Instant::now();
        Self { pool, streams, aggregates, channels, told: now.checked_sub(CATCH_UP).unwrap_or(now) }
    }

    /// Works until the shutdown.
    pub(crate) async fn run(mut self, shutdown: Shutdown) {
        while pause(PERIOD, &shutdown).await {
            if let Err(error) = self.close_due().await {
                tracing::warn!(%error, "closing polls failed");
            }
            if let Err(error) = self.finish().await {
                tracing::warn!(%error, "finishing closings failed");
            }
            if let Err(error) = self.tell().await {
                tracing::warn!(%error, "publishing closings failed");
            }
        }
    }

    /// Commits the close of polls whose end has come.
    async fn close_due(&self) -> Result<(), JobError> {
        let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
        for poll in closing::due(&mut connection).await.map_err(DatabaseError::from)? {
            closing::close(&mut connection, poll).await.map_err(DatabaseError::from)?;
        }
        Ok(())
    }

    /// Takes every closing one stage further; one that fails does not stop the others.
    async fn finish(&mut self) -> Result<(), JobError> {
        let unfinished = {
            let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
            closing::unfinished(&mut connection).await.map_err(DatabaseError::from)?
        };
        for closing in unfinished {
            if let Err(error) = self.advance(&closing).await {
                tracing::warn!(poll_id = %closing.poll.poll_id, %error, "finishing a closing failed");
            }
        }
        Ok(())
    }

    async fn advance(&mut self, closing: &Closing) -> Result<(), JobError> {
        let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
        let finalized = closing::finalize(&mut connection, &mut self.streams, closing).await?;
        if finalized {
            tracing::info!(poll_id = %closing.poll.poll_id, "results are final");
        }
        Ok(())
    }

    /// Publishes the counts of polls whose state has changed since this last succeeded, whoever changed it:
    /// who did may have died before it could publish. Told again, the same counts are no news to anybody.
    async fn tell(&mut self) -> Result<(), JobError> {
        let started = Instant::now();
        let mut connection = self.pool.get().await.map_err(DatabaseError::from)?;
        let since = self.told.elapsed() + COMMIT_TAKES;
        let polls = closing::changed_within(&mut connection, since).await.map_err(DatabaseError::from)?;
        let changed = tallies::read(&mut connection, &polls).await.map_err(DatabaseError::from)?;
        // Each, though another fails: its channel may be on a node of its own.
        let told = join_all(changed.iter().map(|counts| self.publish(counts))).await;
        told.into_iter().collect::<RedisResult<()>>()?;
        self.told = started;
        Ok(())
    }

    async fn publish(&self, counts: &Counts) -> RedisResult<()> {
        projection::publish(&mut self.aggregates.clone(), &self.channels, counts).await
    }
}
