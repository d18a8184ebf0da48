//! Closes polls whose end has come, and finishes every closing, also those that others left half-way.

use std::time::Duration;

use pollster_shared::closing::{self, Closing, ClosingError};
use pollster_shared::counts::projection;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::redis::Connection;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::tallies;

use crate::pause;

/// A poll is closed within a second of its end, and final soon after its last vote is counted.
const PERIOD: Duration = Duration::from_millis(250);

/// The closing job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) pool: Pool,
    pub(crate) streams: Connection,
    pub(crate) aggregates: Connection,
    pub(crate) pubsub: Connection,
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
    /// Works until the shutdown.
    pub(crate) async fn run(mut self, shutdown: Shutdown) {
        while pause(PERIOD, &shutdown).await {
            if let Err(error) = self.close_due().await {
                tracing::warn!(%error, "closing polls failed");
            }
            if let Err(error) = self.finish().await {
                tracing::warn!(%error, "finishing closings failed");
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
        // Marks just set and results just final are both news.
        if finalized || closing.closing_ids.is_none() {
            let poll_id = closing.poll.poll_id;
            for counts in tallies::read(&mut connection, &[poll_id]).await.map_err(DatabaseError::from)? {
                projection::publish(&mut self.aggregates, &mut self.pubsub, &counts).await?;
            }
        }
        if finalized {
            tracing::info!(poll_id = %closing.poll.poll_id, "results are final");
        }
        Ok(())
    }
}
