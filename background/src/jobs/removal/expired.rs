//! Responses of archived polls whose time is up.

use std::time::{Duration, Instant};

use pollster_shared::archive::{self, Store};
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, PollName};
use pollster_shared::retention::{self, Reason};
use uuid::Uuid;

use super::pages;
use crate::jobs::JobError;

/// Removes the responses of every archived poll whose time is up; one that fails does not stop the others.
pub(super) async fn remove_all(
    pool: &Pool,
    store: &Store,
    retention: Duration,
    until: Instant,
) -> Result<(), JobError> {
    let mut after = 0;
    loop {
        let expired = {
            let mut connection = pool.get().await.map_err(DatabaseError::from)?;
            retention::expired(&mut connection, retention, after).await?
        };
        let Some((last, _)) = expired.last() else { return Ok(()) };
        after = *last;
        for (_, poll_id) in expired {
            if Instant::now() >= until {
                return Ok(());
            }
            if let Err(error) = remove(pool, store, poll_id, until).await {
                tracing::error!(%poll_id, %error, "responses of an archived poll can't be removed");
            }
        }
    }
}

async fn remove(pool: &Pool, store: &Store, poll_id: Uuid, until: Instant) -> Result<(), JobError> {
    let Some(poll) = begin(pool, store, poll_id).await? else { return Ok(()) };
    if pages::remove(pool, &poll, Reason::Archived, until).await? {
        let mut connection = pool.get().await.map_err(DatabaseError::from)?;
        retention::finish(&mut connection, poll.id).await?;
        tracing::info!(%poll_id, "responses are in the archive only");
    }
    Ok(())
}

/// Makes sure that the poll's archive is there, and notes that its responses are in it only; `None` where they are to
/// stay. Also asked of one whose removal was begun before: what is left of it goes only while the archive is there.
pub(super) async fn begin(pool: &Pool, store: &Store, poll_id: Uuid) -> Result<Option<Poll>, JobError> {
    let mut connection = pool.get().await.map_err(DatabaseError::from)?;
    let Some(poll) = polls::find(&mut connection, &PollName::Id(poll_id)).await? else { return Ok(None) };
    let Some(recorded) = archive::find(&mut connection, poll.id).await? else { return Ok(None) };
    // No connection is kept while the storage is asked.
    drop(connection);
    let manifest = archive::open(store, poll_id, &recorded).await?;
    archive::present(store, &manifest).await?;
    let mut connection = pool.get().await.map_err(DatabaseError::from)?;
    Ok(retention::begin(&mut connection, poll.id).await?.then_some(poll))
}
