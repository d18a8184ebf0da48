//! Partitions of months that are over and archived: dropping one costs no more than a file, however many responses
//! it holds.

use std::time::Duration;

use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use pollster_shared::archive::Store;
use pollster_shared::database::{self, DatabaseError, Pool};
use pollster_shared::partitions;

use super::expired;
use crate::jobs::JobError;

/// Drops the partitions of which no response need stay; returns the months of those. One that fails does not stop
/// the others.
///
/// # Errors
/// When PostgreSQL fails, or the first month that can't be dropped for another reason.
pub(crate) async fn drop_all(
    pool: &Pool,
    store: &Store,
    database_url: &str,
    retention: Duration,
) -> Result<Vec<NaiveDate>, JobError> {
    let months = {
        let mut connection = pool.get().await.map_err(DatabaseError::from)?;
        partitions::droppable(&mut connection, retention).await?
    };
    if months.is_empty() {
        return Ok(months);
    }
    // Of its own: it may wait for votes to end, for longer than a session of the pool may.
    let mut connection = database::connect_unbounded(database_url).await?;
    let (mut dropped, mut failure) = (Vec::new(), None);
    for month in months {
        match drop_one(pool, store, &mut connection, month).await {
            Ok(true) => dropped.push(month),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%month, %error, "a month's partition can't be dropped");
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(dropped), Err)
}

/// Drops a month's partition unless somebody restores a poll of it; returns whether.
async fn drop_one(
    pool: &Pool,
    store: &Store,
    connection: &mut AsyncPgConnection,
    month: NaiveDate,
) -> Result<bool, JobError> {
    if !partitions::try_lock(connection, month).await? {
        return Ok(false);
    }
    let dropped = drop_locked(pool, store, connection, month).await;
    partitions::unlock(connection, month).await?;
    dropped
}

async fn drop_locked(
    pool: &Pool,
    store: &Store,
    connection: &mut AsyncPgConnection,
    month: NaiveDate,
) -> Result<bool, JobError> {
    for poll_id in partitions::uncleared(connection, month).await? {
        if expired::begin(pool, store, poll_id).await?.is_none() {
            return Ok(false);
        }
    }
    if !partitions::is_removed(connection, month).await? {
        return Ok(false);
    }
    partitions::drop(connection, month).await?;
    tracing::info!(%month, "the responses of a month are in the archive only");
    Ok(true)
}
