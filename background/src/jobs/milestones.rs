//! Makes notifications of the milestones that polls cross.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use pollster_shared::database::DatabaseError;
use pollster_shared::milestones::{self, Milestone, MilestoneKey};
use pollster_shared::notifications::{self, NewNotification};
use pollster_shared::queues::MilestoneCrossed;
use serde_json::json;
use uuid::Uuid;

use super::record::deliver;
use super::{Context, JobError};
use crate::schedule::Scheduled;
use crate::worker::Handle;

/// After this time a milestone that was crossed is not on its way any more.
const OVERDUE: Duration = Duration::from_secs(5);
/// The most that the sweep does at once; the others wait for the next time.
const SWEPT: usize = 500;

/// Handles the milestones that the commits tell of.
#[derive(Debug)]
pub(crate) struct Worker;

impl Handle for Worker {
    type Event = MilestoneCrossed;

    async fn handle(&self, context: &Context, event: MilestoneCrossed) -> Result<(), JobError> {
        let MilestoneCrossed { poll_id, threshold, .. } = event;
        notify(context, MilestoneKey { poll_id, threshold }).await
    }
}

/// Handles those that nobody told of, or that were lost on their way: an aggregator died after its commit, or Redis
/// was away. It needs no queue for that, so what fails again and again does not fill one.
#[derive(Debug)]
pub(crate) struct Sweep;

impl Scheduled for Sweep {
    const NAME: &'static str = "milestones";
    const PERIOD: Duration = Duration::from_secs(5);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        let overdue = {
            let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
            milestones::unrecorded(&mut connection, OVERDUE, SWEPT).await?
        };
        for milestone in overdue {
            let MilestoneKey { poll_id, threshold } = milestone;
            match notify(context, milestone).await {
                Ok(()) => tracing::info!(%poll_id, threshold, "milestone found by the sweep"),
                Err(error) => {
                    tracing::warn!(%poll_id, threshold, %error, "a milestone could not be recorded");
                }
            }
        }
        Ok(())
    }
}

/// Records the milestone's notification, unless that was done, and has it delivered.
async fn notify(context: &Context, key: MilestoneKey) -> Result<(), JobError> {
    let recorded = {
        let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
        connection.transaction(async |connection| record(connection, key).await).await?
    };
    if let Some(notification_id) = recorded {
        deliver(context, notification_id).await;
    }
    Ok(())
}

/// Records the notification, and of the milestone that it was, within the caller's transaction. `None` where both
/// were done before.
async fn record(connection: &mut AsyncPgConnection, key: MilestoneKey) -> QueryResult<Option<Uuid>> {
    let MilestoneKey { poll_id, threshold } = key;
    let Some(milestone) = milestones::set_recorded(connection, key).await? else { return Ok(None) };
    let Milestone { poll, creator, title, total_votes } = milestone;
    let new = NewNotification {
        event: format!("milestone:{poll_id}:{threshold}"),
        kind: notifications::MILESTONE,
        poll: Some(poll),
        recipient: creator,
        message: &message(&title, threshold),
        data: json!({"poll_id": poll_id, "threshold": threshold, "total_votes": total_votes}),
    };
    notifications::record(connection, &new).await
}

fn message(title: &str, threshold: i64) -> String {
    let votes = if threshold == 1 { "vote" } else { "votes" };
    format!("“{title}” has reached {} {votes}.", notifications::grouped(threshold))
}
