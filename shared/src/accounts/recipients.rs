//! The accounts that asked for digests and nudges, a page at a time.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, Queryable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::choices::DigestChoice;
use crate::database::statement;
use crate::schema::users;

/// An account that is to be told something.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Recipient {
    /// Its id inside PostgreSQL.
    pub id: i64,
    /// Its id outside.
    pub user_id: Uuid,
    /// What access tokens call it.
    pub subject: String,
}

statement! {
    // 'off' by name, so that the index of the others serves.
    WithDigest { choice: DigestChoice => Text, after: i64 => BigInt, limit: i64 => BigInt }
        -> (BigInt, SqlUuid, Text),
    "SELECT id, user_id, subject FROM users WHERE digest <> 'off' AND digest = ? AND id > ? ORDER BY id LIMIT ?"
}

/// The first `limit` accounts after this row that want digests so often, in the order of their rows.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn with_digest(
    connection: &mut AsyncPgConnection,
    choice: DigestChoice,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<Recipient>> {
    WithDigest { choice: &choice, after: &after, limit: &limit }.load(connection).await
}

/// How many accounts want digests so often.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn number_with_digest(
    connection: &mut AsyncPgConnection,
    choice: DigestChoice,
) -> QueryResult<i64> {
    users::table.filter(users::digest.eq(choice)).count().get_result(connection).await
}

statement! {
    WithNudges { since: DateTime<Utc> => Timestamptz, after: i64 => BigInt, limit: i64 => BigInt }
        -> (BigInt, SqlUuid, Text),
    "SELECT id, user_id, subject FROM users u WHERE nudges AND NOT EXISTS ( \
        SELECT FROM notifications n WHERE n.recipient = u.id AND n.type = 'nudge' AND n.created_at >= ? \
     ) AND id > ? ORDER BY id LIMIT ?"
}

/// The first `limit` accounts after this row that want nudges and got none since then, in the order of their rows.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn with_nudges(
    connection: &mut AsyncPgConnection,
    since: DateTime<Utc>,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<Recipient>> {
    WithNudges { since: &since, after: &after, limit: &limit }.load(connection).await
}
