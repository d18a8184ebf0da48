//! The start of a poll: from `starts_at` on it takes votes by itself, and those who watch it are told.

use diesel::dsl::now;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel::{ExpressionMethods, IntoSql, QueryDsl, QueryResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::schema::polls as table;
use crate::tallies;

/// The most polls that one pass takes on.
const BATCH: i64 = 500;

/// Polls whose start has come by PostgreSQL's clock and is not recorded yet.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn due(connection: &mut AsyncPgConnection) -> QueryResult<Vec<i64>> {
    table::table
        .filter(table::opened_at.is_null())
        .filter(table::starts_at.le(now.into_sql::<Nullable<Timestamptz>>()))
        .filter(table::closed_at.is_null())
        .select(table::id)
        .limit(BATCH)
        .load(connection)
        .await
}

/// Records that the poll has opened, if it is not recorded already, as a new version of its results.
///
/// # Errors
/// When PostgreSQL fails; the poll is then as it was.
pub async fn open(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    connection
        .transaction(async |connection| {
            let unopened = table::table.filter(table::id.eq(poll)).filter(table::opened_at.is_null());
            let opened = diesel::update(unopened)
                .set(table::opened_at.eq(now.into_sql::<Nullable<Timestamptz>>()))
                .execute(connection)
                .await?;
            if opened > 0 {
                tallies::raise_version(connection, poll).await?;
            }
            Ok(())
        })
        .await
}
