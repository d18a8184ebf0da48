//! What follows a poll's end, recorded once in one transaction: the notification that it is closed, and that it is due
//! for the archive.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::dsl::{IntervalDsl, now};
use diesel::sql_types::{Nullable, Timestamptz};
use diesel::{
    ExpressionMethods, IntoSql, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult,
    Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

use crate::counts::Counts;
use crate::notifications::{self, NewNotification};
use crate::queues::PollClosed;
use crate::schema::{archivals, polls};
use crate::tallies;

/// A row of `polls` as far as its end goes.
#[derive(Queryable, Selectable)]
#[diesel(table_name = polls)]
struct Ended {
    id: i64,
    poll_id: Uuid,
    creator: Option<i64>,
    title: String,
    closed_at: Option<DateTime<Utc>>,
    finalized_at: Option<DateTime<Utc>>,
}

/// Records the end of the poll, if its results are final and that is not recorded already. It is due for the archive
/// `archive_after` it became final. Returns the notification's id, `None` where nothing was to be recorded.
///
/// # Errors
/// When PostgreSQL fails; nothing has changed then.
pub async fn record(
    connection: &mut AsyncPgConnection,
    poll_id: Uuid,
    archive_after: Duration,
) -> QueryResult<Option<Uuid>> {
    connection
        .transaction(async |connection| {
            let Some(ended) = lock(connection, poll_id).await? else { return Ok(None) };
            let (Some(closed_at), Some(finalized_at)) = (ended.closed_at, ended.finalized_at) else {
                return Ok(None);
            };
            let Some(counts) = tallies::read(connection, &[poll_id]).await?.pop() else { return Ok(None) };
            let notified = notify(connection, &ended, closed_at, &counts).await?;
            diesel::update(polls::table.filter(polls::id.eq(ended.id)))
                .set(polls::closing_recorded_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
                .execute(connection)
                .await?;
            diesel::insert_into(archivals::table)
                .values((archivals::poll.eq(ended.id), archivals::due_at.eq(finalized_at + archive_after)))
                .on_conflict_do_nothing()
                .execute(connection)
                .await?;
            Ok(notified)
        })
        .await
}

/// Locks the poll against being recorded by another; `None` where it is recorded, or gone.
async fn lock(connection: &mut AsyncPgConnection, poll_id: Uuid) -> QueryResult<Option<Ended>> {
    polls::table
        .filter(polls::poll_id.eq(poll_id))
        .filter(polls::closing_recorded_at.is_null())
        .filter(polls::deleted_at.is_null())
        .select(Ended::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()
}

async fn notify(
    connection: &mut AsyncPgConnection,
    ended: &Ended,
    closed_at: DateTime<Utc>,
    counts: &Counts,
) -> QueryResult<Option<Uuid>> {
    let new = NewNotification {
        event: format!("poll_closed:{}", ended.poll_id),
        kind: notifications::POLL_CLOSED,
        poll: Some(ended.id),
        recipient: ended.creator,
        message: &message(&ended.title, counts.total_votes),
        data: json!({
            "poll_id": ended.poll_id,
            "closed_at": closed_at,
            "total_votes": counts.total_votes,
            "results": counts.results,
        }),
    };
    notifications::record(connection, &new).await
}

/// Polls that have been final for longer than `age`, and whose end is not recorded: their news was lost.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn unrecorded(connection: &mut AsyncPgConnection, age: Duration) -> QueryResult<Vec<PollClosed>> {
    let since = now.into_sql::<Nullable<Timestamptz>>() - (age.as_secs() as i32).seconds();
    let rows: Vec<(Uuid, DateTime<Utc>)> = polls::table
        .filter(polls::finalized_at.lt(since))
        .filter(polls::closing_recorded_at.is_null())
        .filter(polls::deleted_at.is_null())
        .order(polls::id)
        .select((polls::poll_id, polls::closed_at.assume_not_null()))
        .limit(super::BATCH)
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(poll_id, closed_at)| PollClosed { poll_id, closed_at }).collect())
}

fn message(title: &str, votes: i64) -> String {
    let unit = if votes == 1 { "vote" } else { "votes" };
    format!("“{title}” is closed: {} {unit}.", notifications::grouped(votes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_is_closed_with_how_many_votes() {
        assert_eq!(message("Lunch?", 1), "“Lunch?” is closed: 1 vote.");
        assert_eq!(message("Lunch?", 1234), "“Lunch?” is closed: 1,234 votes.");
    }
}
