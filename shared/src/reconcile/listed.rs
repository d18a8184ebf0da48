//! Which polls are reconciled, and which of them need not be again.

use diesel::dsl::sql;
use diesel::sql_types::{Array, BigInt, Bool};
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryResult,
    Queryable,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::schema::{archives, poll_tallies, polls, reconciliations};

/// Which polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All.
    All,
    /// The one with this public id.
    One(Uuid),
    /// Those that can have gone wrong since they were last found exact: every poll that is not final or whose
    /// version is another, and, once a day, the others up to their archiving.
    Due,
}

/// A poll to be reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Listed {
    /// The row's id inside PostgreSQL.
    pub id: i64,
    /// The public id.
    pub poll_id: Uuid,
    /// Its version, before it is reconciled.
    pub version: i64,
    /// Whether its responses are in PostgreSQL, not in the archive alone.
    pub has_responses: bool,
}

/// Polls a page.
const PAGE: i64 = 200;

/// A page of the polls with an id above `after`, by their ids; an empty one is the last.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn listed(
    connection: &mut AsyncPgConnection,
    selection: Selection,
    after: i64,
) -> QueryResult<Vec<Listed>> {
    let polls = polls::table
        .inner_join(poll_tallies::table.on(poll_tallies::poll.eq(polls::id)))
        .left_join(archives::table.on(archives::poll.eq(polls::id)))
        .left_join(reconciliations::table.on(reconciliations::poll.eq(polls::id)))
        .filter(polls::id.gt(after))
        .filter(polls::deleted_at.is_null())
        .select((polls::id, polls::poll_id, poll_tallies::version, archives::removed_at.nullable().is_null()))
        .order(polls::id)
        .limit(PAGE)
        .into_boxed();
    let polls = match selection {
        Selection::All => polls,
        Selection::One(poll_id) => polls.filter(polls::poll_id.eq(poll_id)),
        Selection::Due => polls.filter(sql::<Bool>(IS_DUE)),
    };
    polls.load(connection).await
}

const IS_DUE: &str = "(polls.finalized_at IS NULL OR reconciliations.poll IS NULL \
                       OR reconciliations.version <> poll_tallies.version \
                       OR polls.archived_at IS NULL AND reconciliations.checked_at < now() - interval '1 day')";

/// How many responses these polls have, as their tallies say.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn responses(connection: &mut AsyncPgConnection, selection: Selection) -> QueryResult<i64> {
    let totals = poll_tallies::table
        .inner_join(polls::table.on(polls::id.eq(poll_tallies::poll)))
        .select(sql::<BigInt>("coalesce(sum(total_votes), 0)::bigint"))
        .into_boxed();
    let totals = match selection {
        Selection::One(poll_id) => totals.filter(polls::poll_id.eq(poll_id)),
        Selection::All | Selection::Due => totals,
    };
    totals.first(connection).await
}

/// Whether the poll's responses are still in PostgreSQL, and meant to be.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn are_in_place(connection: &mut AsyncPgConnection, poll_id: Uuid) -> QueryResult<bool> {
    let in_place: Option<bool> = polls::table
        .left_join(archives::table.on(archives::poll.eq(polls::id)))
        .filter(polls::poll_id.eq(poll_id))
        .filter(polls::deleted_at.is_null())
        .select(archives::removed_at.nullable().is_null())
        .first(connection)
        .await
        .optional()?;
    Ok(in_place.unwrap_or(false))
}

statement! {
    Remember { polls: [i64] => Array<BigInt>, versions: [i64] => Array<BigInt> } -> (),
    // Polls may have gone meanwhile.
    "INSERT INTO reconciliations (poll, version) \
     SELECT n.poll, n.version FROM unnest(?, ?) AS n (poll, version) JOIN polls p ON p.id = n.poll ORDER BY n.poll \
     ON CONFLICT (poll) DO UPDATE SET version = excluded.version, checked_at = excluded.checked_at"
}

/// Remembers that these polls were found exact, at the version that they were listed with or a later one.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn remember(connection: &mut AsyncPgConnection, exact: &[Listed]) -> QueryResult<()> {
    let polls: Vec<i64> = exact.iter().map(|poll| poll.id).collect();
    let versions: Vec<i64> = exact.iter().map(|poll| poll.version).collect();
    Remember { polls: &polls, versions: &versions }.execute(connection).await?;
    Ok(())
}
