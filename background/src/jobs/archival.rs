//! Acts on polls whose results are final: records that as a notification, and that they are due for the archive.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use pollster_shared::closing;
use pollster_shared::database::DatabaseError;
use pollster_shared::queues::{self, PollClosed};
use uuid::Uuid;

use super::record::deliver;
use super::{Context, JobError};
use crate::schedule::Scheduled;
use crate::worker::Handle;

/// The worker.
#[derive(Debug)]
pub(crate) struct Record {
    /// How long after its results are final a poll is archived.
    pub(crate) archive_after: Duration,
}

impl Handle for Record {
    type Event = PollClosed;

    async fn handle(&self, context: &Context, event: PollClosed) -> Result<(), JobError> {
        let recorded = {
            let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
            closing::record(&mut connection, event.poll_id, self.archive_after).await?
        };
        let Some(notification_id) = recorded else { return Ok(()) };
        tracing::info!(poll_id = %event.poll_id, "its end is recorded");
        deliver(context, notification_id).await;
        Ok(())
    }
}

/// Finds polls whose news was lost: who made their results final died before it could say so, or Redis was emptied.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// Polls that were enqueued again, and when.
    enqueued: HashMap<Uuid, Instant>,
}

/// An entry is handled long before that.
const LOST_AFTER: Duration = Duration::from_secs(5);
/// What a sweep has enqueued waits for a worker, most likely: not every sweep adds it again.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

impl Scheduled for Sweep {
    const NAME: &'static str = "archival-sweep";
    const PERIOD: Duration = Duration::from_secs(2);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        let unrecorded = {
            let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
            closing::unrecorded(&mut connection, LOST_AFTER).await?
        };
        if unrecorded.is_empty() {
            return Ok(());
        }
        let mut streams = context.streams.clone();
        let dead: Vec<PollClosed> = queues::dead(&mut streams).await?;
        self.enqueued.retain(|_, at| at.elapsed() < AGAIN_AFTER);
        let mut lost = unrecorded;
        lost.retain(|event| !self.enqueued.contains_key(&event.poll_id));
        lost.retain(|event| !dead.iter().any(|dead| dead.poll_id == event.poll_id));
        for event in lost {
            queues::enqueue(&mut streams, &event).await?;
            tracing::info!(poll_id = %event.poll_id, "its end was not recorded, enqueued again");
            self.enqueued.insert(event.poll_id, Instant::now());
        }
        Ok(())
    }
}
