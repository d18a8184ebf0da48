//! The deletion of a poll: from its commit on nobody is told of it any more. What is left of it is removed by a
//! job, once every vote that was accepted before is out of the streams.

use diesel::dsl::now;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel::{ExpressionMethods, IntoSql, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::schema::{archivals, notifications, polls};
use crate::tallies;

/// Deletes the poll, and closes it where it was not; with it go what its people were to be told and its place
/// among those to be archived. Returns whether this call did.
///
/// # Errors
/// When PostgreSQL fails; the poll is then as it was.
pub async fn delete(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<bool> {
    connection
        .transaction(async |connection| {
            let time = || now.into_sql::<Nullable<Timestamptz>>();
            let there = polls::table.filter(polls::id.eq(poll)).filter(polls::deleted_at.is_null());
            let deleted =
                diesel::update(there).set(polls::deleted_at.eq(time())).execute(connection).await? > 0;
            if deleted {
                let open = polls::table.filter(polls::id.eq(poll)).filter(polls::closed_at.is_null());
                diesel::update(open).set(polls::closed_at.eq(time())).execute(connection).await?;
                diesel::delete(notifications::table.filter(notifications::poll.eq(poll)))
                    .execute(connection)
                    .await?;
                diesel::delete(archivals::table.filter(archivals::poll.eq(poll))).execute(connection).await?;
                tallies::raise_version(connection, poll).await?;
            }
            QueryResult::Ok(deleted)
        })
        .await
}
