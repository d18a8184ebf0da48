//! The end of a poll, in stages that each can be done again: close, mark, drain, finalize.
//!
//! `closed_at` is committed first, then every shard's mark says `closed`, then each shard's last id is
//! noted. When everything up to these ids is committed the results are final. Whoever finds a closing
//! left half-way goes on from where it stands.

mod recording;

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::dsl::now;
use diesel::sql_types::{Double, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, IntoSql, NullableExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use redis::RedisError;
use uuid::Uuid;

use crate::database::statement;
use crate::poll::Poll;
use crate::polls::{self, PollName};
use crate::redis::Connection;
use crate::schema::polls as table;
use crate::stream::{StreamId, prepare};
use crate::tallies;

pub use recording::{record, unrecorded};

/// What can stop a stage.
#[derive(Debug, thiserror::Error)]
pub enum ClosingError {
    /// PostgreSQL failed.
    #[error("PostgreSQL: {0}")]
    Database(#[from] diesel::result::Error),
    /// Redis failed.
    #[error("Redis: {0}")]
    Redis(#[from] RedisError),
}

/// A poll on its way from closed to final.
#[derive(Debug, Clone)]
pub struct Closing {
    /// The poll.
    pub poll: Poll,
    /// Since when it takes no votes.
    pub closed_at: DateTime<Utc>,
    /// The last entry of each shard once its mark said closed; `None` while marks are not set.
    pub closing_ids: Option<Vec<StreamId>>,
}

/// Closes the poll, if it is not closed already: no vote that comes after the marks are set is accepted.
/// Returns whether this call closed it.
///
/// # Errors
/// When PostgreSQL fails; the poll is then as it was.
pub async fn close(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let open = table::table.filter(table::id.eq(poll)).filter(table::closed_at.is_null());
            let closed = diesel::update(open)
                .set(table::closed_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
                .execute(connection)
                .await?;
            if closed > 0 {
                tallies::raise_version(connection, poll).await?;
            }
            QueryResult::Ok(closed > 0)
        })
        .await
}

/// Polls whose end has come by PostgreSQL's clock and that are not closed yet.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn due(connection: &mut AsyncPgConnection) -> QueryResult<Vec<i64>> {
    table::table
        .filter(table::closed_at.is_null())
        .filter(table::ends_at.le(now.into_sql::<Nullable<Timestamptz>>()))
        .select(table::id)
        .limit(BATCH)
        .load(connection)
        .await
}

/// Polls that are closed and not yet final, deleted ones too: what was accepted must be gone before they are.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn unfinished(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Closing>> {
    let rows: Vec<(Uuid, DateTime<Utc>, Option<Vec<String>>)> = table::table
        .filter(table::closed_at.is_not_null())
        .filter(table::finalized_at.is_null())
        .order(table::id)
        .select((table::poll_id, table::closed_at.assume_not_null(), table::closing_ids))
        .limit(BATCH)
        .load(connection)
        .await?;
    let mut closings = Vec::with_capacity(rows.len());
    for (poll_id, closed_at, closing_ids) in rows {
        let Some(poll) = polls::find_with_deleted(connection, &PollName::Id(poll_id)).await? else {
            continue;
        };
        let parse = |ids: Vec<String>| ids.iter().map(|id| id.parse().unwrap_or_default()).collect();
        closings.push(Closing { poll, closed_at, closing_ids: closing_ids.map(parse) });
    }
    Ok(closings)
}

statement! {
    ChangedWithin {
        opened: f64 => Double,
        closed: f64 => Double,
        finalized: f64 => Double,
        archived: f64 => Double,
        deleted: f64 => Double,
    } -> (SqlUuid,),
    "SELECT poll_id FROM polls \
     WHERE opened_at > now() - make_interval(secs => ?) OR closed_at > now() - make_interval(secs => ?) \
        OR finalized_at > now() - make_interval(secs => ?) OR archived_at > now() - make_interval(secs => ?) \
        OR deleted_at > now() - make_interval(secs => ?)"
}

/// Polls that opened, were closed, became final, were archived or deleted less than `ago`, by whomever: who did may
/// have died before it was published.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn changed_within(connection: &mut AsyncPgConnection, ago: Duration) -> QueryResult<Vec<Uuid>> {
    let seconds = ago.as_secs_f64();
    let changed = ChangedWithin {
        opened: &seconds,
        closed: &seconds,
        finalized: &seconds,
        archived: &seconds,
        deleted: &seconds,
    };
    let changed: Vec<(Uuid,)> = changed.load(connection).await?;
    Ok(changed.into_iter().map(|(poll_id,)| poll_id).collect())
}

/// Marks the closed poll on all its shards and notes each shard's last id.
///
/// # Errors
/// When PostgreSQL or Redis fails; done again later, it picks up everything accepted until then.
pub async fn mark(
    connection: &mut AsyncPgConnection,
    streams: &mut Connection,
    poll: &Poll,
) -> Result<(), ClosingError> {
    let closing_ids = prepare::close_marks(streams, poll).await?;
    let closing_ids: Vec<String> = closing_ids.iter().map(ToString::to_string).collect();
    diesel::update(table::table.filter(table::id.eq(poll.id)).filter(table::finalized_at.is_null()))
        .set(table::closing_ids.eq(closing_ids))
        .execute(connection)
        .await?;
    Ok(())
}

/// Finalizes the poll's results if every vote accepted before the close is counted: raises the version
/// once more and sets `finalized_at`. Returns whether this call did.
///
/// # Errors
/// When PostgreSQL or Redis fails; nothing has changed then.
pub async fn finalize(
    connection: &mut AsyncPgConnection,
    streams: &mut Connection,
    closing: &Closing,
) -> Result<bool, ClosingError> {
    let Closing { poll, closing_ids: Some(closing_ids), .. } = closing else {
        mark(connection, streams, &closing.poll).await?;
        return Ok(false);
    };
    if !prepare::is_drained(streams, closing_ids).await? {
        return Ok(false);
    }
    // A Redis that came back empty may have been told "open" by a gateway that had asked before the
    // close: what it let in meanwhile counts, so the last ids must be noted anew.
    if !prepare::marks_are_closed(streams, poll.poll_id, poll.shards).await? {
        mark(connection, streams, poll).await?;
        return Ok(false);
    }
    Ok(set_final(connection, poll.id).await?)
}

async fn set_final(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let unfinished = table::table.filter(table::id.eq(poll)).filter(table::finalized_at.is_null());
            let finalized = diesel::update(unfinished)
                .set(table::finalized_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
                .execute(connection)
                .await?;
            if finalized > 0 {
                tallies::seal(connection, poll).await?;
            }
            QueryResult::Ok(finalized > 0)
        })
        .await
}

/// How many of these polls are not final yet.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn count_unfinished(connection: &mut AsyncPgConnection, polls: &[i64]) -> QueryResult<usize> {
    let unfinished: i64 = table::table
        .filter(table::id.eq_any(polls))
        .filter(table::finalized_at.is_null())
        .count()
        .get_result(connection)
        .await?;
    Ok(unfinished as usize)
}

/// The most polls that one pass takes on.
const BATCH: i64 = 500;
