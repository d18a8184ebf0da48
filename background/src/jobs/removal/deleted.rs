//! Polls that were deleted: once no vote can be on its way to one any more, all of it goes.

use std::time::Instant;

use pollster_shared::archive::Store;
use pollster_shared::counts::projection;
use pollster_shared::database::DatabaseError;
use pollster_shared::polls::{self, PollName};
use pollster_shared::retention::{self, Reason};
use pollster_shared::stream::forget::forget;
use uuid::Uuid;

use super::pages;
use crate::jobs::{Context, JobError};

/// Removes every deleted poll that is final; one that fails does not stop the others.
pub(super) async fn remove_all(context: &Context, store: &Store, until: Instant) -> Result<(), JobError> {
    let mut after = 0;
    loop {
        let deleted = {
            let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
            retention::deleted(&mut connection, after).await?
        };
        let Some((last, _)) = deleted.last() else { return Ok(()) };
        after = *last;
        for (_, poll_id) in deleted {
            if Instant::now() >= until {
                return Ok(());
            }
            if let Err(error) = remove(context, store, poll_id, until).await {
                tracing::error!(%poll_id, %error, "a deleted poll can't be removed yet");
            }
        }
    }
}

/// Removes all that there is of the poll. Its row, by which an unfinished removal is found, goes last.
async fn remove(context: &Context, store: &Store, poll_id: Uuid, until: Instant) -> Result<(), JobError> {
    let Context { pool, streams, aggregates, .. } = context;
    let found = {
        let mut connection = pool.get().await.map_err(DatabaseError::from)?;
        polls::find_with_deleted(&mut connection, &PollName::Id(poll_id)).await?
    };
    let Some(poll) = found else { return Ok(()) };
    store.remove(poll_id).await?;
    if !pages::remove(pool, &poll, Reason::Deleted, until).await? {
        return Ok(());
    }
    pages::remove_timeline(pool, &poll).await?;
    forget(&mut streams.clone(), &poll).await?;
    projection::remove(&mut aggregates.clone(), poll_id).await?;
    let mut connection = pool.get().await.map_err(DatabaseError::from)?;
    retention::remove_poll(&mut connection, poll.id).await?;
    tracing::info!(%poll_id, "a deleted poll is removed");
    Ok(())
}
