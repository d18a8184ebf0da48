//! Counts that were committed past Redis, and that somebody who reaches it still has to publish.

use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;

/// A poll whose counts are to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpublished {
    poll: i64,
    version: i64,
    /// Its public id.
    pub poll_id: Uuid,
}

statement! {
    Note { polls: [i64] => Array<BigInt> } -> (),
    "INSERT INTO unpublished_counts AS u (poll, version) \
     SELECT poll, version FROM poll_tallies WHERE poll = ANY(?) ORDER BY poll \
     ON CONFLICT (poll) DO UPDATE SET version = excluded.version WHERE u.version < excluded.version"
}

statement! {
    List { limit: i64 => BigInt } -> (BigInt, BigInt, SqlUuid),
    "SELECT u.poll, u.version, p.poll_id FROM unpublished_counts u JOIN polls p ON p.id = u.poll \
     ORDER BY u.poll LIMIT ?"
}

statement! {
    Remove { polls: [i64] => Array<BigInt>, versions: [i64] => Array<BigInt> } -> (),
    "DELETE FROM unpublished_counts u USING unnest(?, ?) AS p (poll, version) \
     WHERE u.poll = p.poll AND u.version = p.version"
}

/// Notes that the present versions of these polls are not published, in the transaction that raised them.
pub(crate) async fn note(connection: &mut AsyncPgConnection, polls: &[i64]) -> QueryResult<()> {
    Note { polls }.execute(connection).await?;
    Ok(())
}

/// What is to be published, up to `limit` polls.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn list(connection: &mut AsyncPgConnection, limit: u16) -> QueryResult<Vec<Unpublished>> {
    let rows: Vec<(i64, i64, Uuid)> = List { limit: &i64::from(limit) }.load(connection).await?;
    Ok(rows.into_iter().map(|(poll, version, poll_id)| Unpublished { poll, version, poll_id }).collect())
}

/// Takes off what was published after it was listed. A poll whose counts have moved on since stays.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remove(connection: &mut AsyncPgConnection, published: &[Unpublished]) -> QueryResult<()> {
    let polls: Vec<i64> = published.iter().map(|unpublished| unpublished.poll).collect();
    let versions: Vec<i64> = published.iter().map(|unpublished| unpublished.version).collect();
    Remove { polls: &polls, versions: &versions }.execute(connection).await?;
    Ok(())
}
