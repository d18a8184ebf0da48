//! Opens polls at their start and closes them at their end, and finishes every closing, also those that others left
//! half-way.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use pollster_shared::closing::{self, Closing};
use pollster_shared::counts::{Counts, projection};
use pollster_shared::database::DatabaseError;
use pollster_shared::queues::{self, PollClosed};
use pollster_shared::redis::RedisResult;
use pollster_shared::{opening, tallies};

use super::{Context, JobError};
use crate::schedule::Scheduled;

/// A change is seen that much later than its time says, at most.
const COMMIT_TAKES: Duration = Duration::from_secs(2);
/// How far back a job looks when it starts: nobody may have been there to publish what changed.
const CATCH_UP: Duration = Duration::from_secs(600);

/// The job.
#[derive(Debug)]
pub(crate) struct Job {
    /// Up to when changes of state are published.
    told: Instant,
}

impl Default for Job {
    fn default() -> Self {
        let now = Instant::now();
        Self { told: now.checked_sub(CATCH_UP).unwrap_or(now) }
    }
}

impl Scheduled for Job {
    const NAME: &'static str = "deadlines";
    /// A poll is opened and closed within a second of its time, and final soon after its last vote is counted.
    const PERIOD: Duration = Duration::from_millis(250);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        // Each, though another fails.
        let stages = [
            open_due(context).await,
            close_due(context).await,
            finish(context).await,
            self.tell(context).await,
        ];
        stages.into_iter().collect()
    }
}

impl Job {
    /// Publishes the counts of polls whose state has changed since this last succeeded, whoever changed it:
    /// who did may have died before it could publish. Told again, the same counts are no news to anybody.
    async fn tell(&mut self, context: &Context) -> Result<(), JobError> {
        let started = Instant::now();
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        let since = self.told.elapsed() + COMMIT_TAKES;
        let polls = closing::changed_within(&mut connection, since).await?;
        let changed = tallies::read(&mut connection, &polls).await?;
        // Each, though another fails: its channel may be on a node of its own.
        let told = join_all(changed.iter().map(|counts| publish(context, counts))).await;
        told.into_iter().collect::<RedisResult<()>>()?;
        self.told = started;
        Ok(())
    }
}

async fn publish(context: &Context, counts: &Counts) -> RedisResult<()> {
    projection::publish(&mut context.aggregates.clone(), &context.channels, counts).await
}

/// Commits the start of polls whose start has come.
async fn open_due(context: &Context) -> Result<(), JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    for poll in opening::due(&mut connection).await? {
        opening::open(&mut connection, poll).await?;
    }
    Ok(())
}

/// Commits the close of polls whose end has come.
async fn close_due(context: &Context) -> Result<(), JobError> {
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    for poll in closing::due(&mut connection).await? {
        closing::close(&mut connection, poll).await?;
    }
    Ok(())
}

/// Takes every closing one stage further; one that fails does not stop the others.
async fn finish(context: &Context) -> Result<(), JobError> {
    let unfinished = {
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        closing::unfinished(&mut connection).await?
    };
    for closing in unfinished {
        if let Err(error) = advance(context, &closing).await {
            tracing::warn!(poll_id = %closing.poll.poll_id, %error, "finishing a closing failed");
        }
    }
    Ok(())
}

async fn advance(context: &Context, closing: &Closing) -> Result<(), JobError> {
    let poll_id = closing.poll.poll_id;
    let mut streams = context.streams.clone();
    let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
    if closing::finalize(&mut connection, &mut streams, closing).await? {
        tracing::info!(%poll_id, "results are final");
        // Where this fails, or somebody dies before it, the sweep says it.
        queues::enqueue(&mut streams, &PollClosed { poll_id, closed_at: closing.closed_at }).await?;
    }
    Ok(())
}
