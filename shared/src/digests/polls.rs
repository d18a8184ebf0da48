//! The polls that digests list.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};
use diesel::{QueryResult, Queryable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Span;
use crate::database::statement;
use crate::participation::took_votes_within;

/// The most polls of an account that are looked at.
const MOST: i64 = 1000;

/// A poll as a digest tells it.
#[derive(Debug, Clone, Queryable)]
pub struct Summary {
    /// The poll's row.
    pub id: i64,
    /// The row of the account that made it, if one did.
    pub creator: Option<i64>,
    /// Its short name in links.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Where it stands: `active`, `closed` or `archived`.
    pub status: String,
    /// Its responses.
    pub total_votes: i64,
    /// Whether these are its creator's to know only, for now.
    pub is_hidden: bool,
}

statement! {
    Made {
        creators: [i64] => Array<BigInt>,
        to: DateTime<Utc> => Timestamptz,
        from: DateTime<Utc> => Timestamptz,
        most: i64 => BigInt,
    } -> (BigInt, BigInt),
    concat!(
        "SELECT c.creator, newest.id FROM unnest(?) AS c (creator) CROSS JOIN LATERAL ( \
            SELECT p.id FROM polls p WHERE p.creator = c.creator AND ",
        took_votes_within!(),
        " ORDER BY p.id DESC LIMIT ? \
         ) newest"
    )
}

/// The polls that these accounts made and that took votes in `span`, the newest 1,000 of each: the account's row and
/// the poll's.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn made(
    connection: &mut AsyncPgConnection,
    creators: &[i64],
    span: &Span,
) -> QueryResult<Vec<(i64, i64)>> {
    Made { creators, to: &span.to, from: &span.from, most: &MOST }.load(connection).await
}

statement! {
    Summaries { polls: [i64] => Array<BigInt> }
        -> (BigInt, Nullable<BigInt>, Text, Text, Text, BigInt, Bool),
    "SELECT p.id, p.creator, p.slug, p.title, \
        CASE WHEN p.archived_at IS NOT NULL THEN 'archived' WHEN state.is_over THEN 'closed' ELSE 'active' END, \
        t.total_votes, p.settings ->> 'result_visibility' = 'after_close' AND NOT state.is_over \
     FROM polls p JOIN poll_tallies t ON t.poll = p.id \
     CROSS JOIN LATERAL (SELECT coalesce(least(p.closed_at, p.ends_at) <= now(), false) AS is_over) state \
     WHERE p.id = ANY(?)"
}

/// These polls as they stand now.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn summaries(connection: &mut AsyncPgConnection, polls: &[i64]) -> QueryResult<Vec<Summary>> {
    Summaries { polls }.load(connection).await
}
