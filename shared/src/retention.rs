//! How long responses stay in PostgreSQL: those of archived polls until their time is up, those of deleted polls
//! until no vote can come any more.
//!
//! `archives.removed_at` is set before the first row is removed, `cleared_at` after the last one: between the two a
//! poll's rows are there in part, and whoever needs all of them reads the archive. A restore sets `held` first; each
//! page is removed under a lock on the archive's record, so none goes after that.

use std::time::Duration;

use diesel::dsl::now;
use diesel::sql_types::{BigInt, Double, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::poll::Poll;
use crate::responses::{self, Position, Relation};
use crate::schema::{archives, polls};

/// Why a poll's rows may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They are in the archive, and their time is up.
    Archived,
    /// The poll was deleted.
    Deleted,
}

/// How far a poll's removal got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A page is gone, up to this row.
    UpTo(Position),
    /// Nothing is left.
    Done,
    /// The poll was restored meanwhile: its rows stay.
    Held,
}

/// Who archives a poll sees within three seconds that it lost its lease on it, and what is being published is.
const NOTICED: Duration = Duration::from_secs(5);
/// The most polls that are listed at once.
const BATCH: i64 = 100;

/// Whether the responses of a poll are in the archive only, or on their way to be.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn is_removed(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    let removed = archives::table.filter(archives::poll.eq(poll)).filter(archives::removed_at.is_not_null());
    diesel::select(diesel::dsl::exists(removed)).get_result(connection).await
}

statement! {
    Expired { seconds: f64 => Double, after: i64 => BigInt, limit: i64 => BigInt } -> (BigInt, SqlUuid),
    "SELECT p.id, p.poll_id FROM archives a JOIN polls p ON p.id = a.poll \
     WHERE a.cleared_at IS NULL AND NOT a.held AND a.archived_at <= now() - make_interval(secs => ?) \
       AND p.deleted_at IS NULL AND p.id > ? ORDER BY p.id LIMIT ?"
}

/// Some of the archived polls whose responses may go after `retention`, or are going: those with rows after `after`,
/// each with its row and public id, in the order of their rows.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn expired(
    connection: &mut AsyncPgConnection,
    retention: Duration,
    after: i64,
) -> QueryResult<Vec<(i64, Uuid)>> {
    Expired { seconds: &retention.as_secs_f64(), after: &after, limit: &BATCH }.load(connection).await
}

statement! {
    Deleted { seconds: f64 => Double, after: i64 => BigInt, limit: i64 => BigInt } -> (BigInt, SqlUuid),
    "SELECT id, poll_id FROM polls \
     WHERE deleted_at <= now() - make_interval(secs => ?) AND finalized_at IS NOT NULL AND id > ? \
     ORDER BY id LIMIT ?"
}

/// Some of the deleted polls that no vote can be on its way to any more, in the same way; those that were deleted so
/// long ago that whoever worked on them then has noticed.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn deleted(connection: &mut AsyncPgConnection, after: i64) -> QueryResult<Vec<(i64, Uuid)>> {
    Deleted { seconds: &NOTICED.as_secs_f64(), after: &after, limit: &BATCH }.load(connection).await
}

/// Notes that the responses of an archived poll are in the archive only from now on. Returns whether they are: not
/// where the poll is held.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn begin(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    let archive = archives::table.filter(archives::poll.eq(poll)).filter(archives::held.eq(false));
    diesel::update(archive.filter(archives::removed_at.is_null()))
        .set(archives::removed_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
        .execute(connection)
        .await?;
    diesel::select(diesel::dsl::exists(archive)).get_result(connection).await
}

/// Removes a page of a poll's rows, up to `limit` of those after `after`.
///
/// # Errors
/// When PostgreSQL fails; the page is then still there.
pub async fn remove(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    reason: Reason,
    relation: Relation,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Step> {
    connection
        .transaction(async |connection| {
            if reason == Reason::Archived && !may_remove(connection, poll.id).await? {
                return Ok(Step::Held);
            }
            let last = responses::remove(connection, poll, relation, after, limit).await?;
            QueryResult::Ok(last.map_or(Step::Done, Step::UpTo))
        })
        .await
}

/// Whether the rows of an archived poll may go, until the caller's transaction ends.
async fn may_remove(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    let archive: Option<i64> = archives::table
        .filter(archives::poll.eq(poll))
        .filter(archives::held.eq(false))
        .filter(archives::removed_at.is_not_null())
        .select(archives::poll)
        .for_share()
        .first(connection)
        .await
        .optional()?;
    Ok(archive.is_some())
}

/// Notes that no row of an archived poll is left. Returns whether this call did.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn finish(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    let archive = archives::table
        .filter(archives::poll.eq(poll))
        .filter(archives::held.eq(false))
        .filter(archives::removed_at.is_not_null())
        .filter(archives::cleared_at.is_null());
    let cleared = diesel::update(archive)
        .set(archives::cleared_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
        .execute(connection)
        .await?;
    Ok(cleared > 0)
}

/// Keeps the responses of an archived poll from being removed, whatever the retention says, until it is archived
/// again by hand. Returns whether it has an archive.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn hold(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    let archive = archives::table.filter(archives::poll.eq(poll));
    Ok(diesel::update(archive).set(archives::held.eq(true)).execute(connection).await? > 0)
}

/// Notes that all responses of a held poll are there again.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn restored(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    let nothing = || None::<chrono::DateTime<chrono::Utc>>;
    diesel::update(archives::table.filter(archives::poll.eq(poll)).filter(archives::held.eq(true)))
        .set((archives::removed_at.eq(nothing()), archives::cleared_at.eq(nothing())))
        .execute(connection)
        .await?;
    Ok(())
}

statement! {
    RemoveTimeline { poll: i64 => BigInt, limit: i64 => BigInt } -> (),
    "DELETE FROM poll_timeline \
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM poll_timeline WHERE poll = ? LIMIT ?))"
}

/// Removes up to `limit` rows of a deleted poll's statistics; returns how many went.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remove_timeline(
    connection: &mut AsyncPgConnection,
    poll: i64,
    limit: usize,
) -> QueryResult<usize> {
    RemoveTimeline { poll: &poll, limit: &(limit as i64) }.execute(connection).await
}

/// Removes what is left of a deleted poll, after all that may be much is gone.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remove_poll(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    let gone = polls::table.filter(polls::id.eq(poll)).filter(polls::deleted_at.is_not_null());
    diesel::delete(gone).execute(connection).await?;
    Ok(())
}
