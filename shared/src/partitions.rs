//! The partitions of `responses`, one a month of polls, and how a whole month is dropped.
//!
//! Detaching concurrently takes no lock that a vote waits for; killed in between, it is gone on with. A month's lock
//! keeps apart who drops it and who begins to restore a poll of it: each holds it on a connection of its own.

use std::time::Duration;

use chrono::NaiveDate;
use diesel::sql_types::{Bool, Date, Double, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryResult, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What is locked of a month.
const LOCK: &str = "hashtextextended('pollster:responses:' || $1::text, 0)";

#[derive(QueryableByName)]
struct Month {
    #[diesel(sql_type = Date)]
    month: NaiveDate,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

#[derive(QueryableByName)]
struct Table {
    /// Whether it is being detached; null where it is detached.
    #[diesel(sql_type = Nullable<Bool>)]
    detaching: Option<bool>,
}

#[derive(QueryableByName)]
struct Poll {
    #[diesel(sql_type = SqlUuid)]
    poll_id: Uuid,
}

/// The months that are over and of which no response need stay: every poll is deleted and final, or archived for
/// longer than `retention` and not held. Detached partitions that were not dropped are among them.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn droppable(
    connection: &mut AsyncPgConnection,
    retention: Duration,
) -> QueryResult<Vec<NaiveDate>> {
    // A day more than the month: no clock is so far behind that a poll of it could still be made.
    let months = "SELECT month FROM ( \
            SELECT to_date(substr(relname, 11), 'YYYY_MM') AS month FROM pg_class \
            WHERE relkind = 'r' AND relname ~ '^responses_[0-9]{4}_[0-9]{2}$' AND pg_table_is_visible(oid) \
         ) tables \
         WHERE month + interval '1 month 1 day' < now() AND NOT EXISTS ( \
            SELECT FROM polls p LEFT JOIN archives a ON a.poll = p.id \
            WHERE p.month = tables.month \
              AND NOT (p.deleted_at IS NOT NULL AND p.finalized_at IS NOT NULL) \
              AND (a.poll IS NULL OR a.held OR a.archived_at > now() - make_interval(secs => $1)) \
         ) ORDER BY month";
    let months = diesel::sql_query(months).bind::<Double, _>(retention.as_secs_f64());
    Ok(months.load::<Month>(connection).await?.into_iter().map(|it| it.month).collect())
}

/// The archived polls of a month whose responses are not removed yet.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn uncleared(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<Vec<Uuid>> {
    let polls = "SELECT p.poll_id FROM polls p JOIN archives a ON a.poll = p.id \
                 WHERE p.month = $1 AND p.deleted_at IS NULL AND a.cleared_at IS NULL ORDER BY p.id";
    let polls = diesel::sql_query(polls).bind::<Date, _>(month);
    Ok(polls.load::<Poll>(connection).await?.into_iter().map(|it| it.poll_id).collect())
}

/// Whether the responses of every poll of the month are in the archive only, or the poll is deleted: asked once more
/// under the month's lock.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn is_removed(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<bool> {
    let removed = "SELECT NOT EXISTS ( \
            SELECT FROM polls p LEFT JOIN archives a ON a.poll = p.id \
            WHERE p.month = $1 AND NOT (p.deleted_at IS NOT NULL AND p.finalized_at IS NOT NULL) \
              AND (a.removed_at IS NULL OR a.held) \
         ) AS yes";
    let removed: Answer = diesel::sql_query(removed).bind::<Date, _>(month).get_result(connection).await?;
    Ok(removed.yes)
}

/// Takes the month's lock for as long as the connection stands, or returns `false` where somebody else has it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn try_lock(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<bool> {
    let lock = diesel::sql_query(format!("SELECT pg_try_advisory_lock({LOCK}) AS yes"));
    let taken: Answer = lock.bind::<Text, _>(month.to_string()).get_result(connection).await?;
    Ok(taken.yes)
}

/// Takes the month's lock for as long as the connection stands, after whoever has it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn lock(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    let lock = diesel::sql_query(format!("SELECT pg_advisory_lock({LOCK})"));
    lock.bind::<Text, _>(month.to_string()).execute(connection).await?;
    Ok(())
}

/// Gives the month's lock back.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn unlock(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    let unlock = diesel::sql_query(format!("SELECT pg_advisory_unlock({LOCK})"));
    unlock.bind::<Text, _>(month.to_string()).execute(connection).await?;
    Ok(())
}

/// Drops the month's partition, from wherever an earlier call left it. The caller holds its lock.
///
/// # Errors
/// When PostgreSQL fails; called again it goes on.
pub async fn drop(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    let name = name(month);
    let Some(table) = find(connection, &name).await? else { return Ok(()) };
    if let Some(detaching) = table.detaching {
        let how = if detaching { "FINALIZE" } else { "CONCURRENTLY" };
        execute(connection, format!("ALTER TABLE responses DETACH PARTITION {name} {how}")).await?;
    }
    execute(connection, format!("DROP TABLE IF EXISTS {name}")).await
}

/// Drops what is left of the month's partition if it was, in part, taken out of `responses`. The caller holds its
/// lock.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn drop_leftover(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    match find(connection, &name(month)).await? {
        Some(Table { detaching: Some(false) }) | None => Ok(()),
        Some(_) => drop(connection, month).await,
    }
}

fn name(month: NaiveDate) -> String {
    format!("responses_{}", month.format("%Y_%m"))
}

async fn find(connection: &mut AsyncPgConnection, name: &str) -> QueryResult<Option<Table>> {
    let find = "SELECT i.inhdetachpending AS detaching FROM pg_class c \
                LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = 'responses'::regclass \
                WHERE c.oid = to_regclass($1)";
    diesel::sql_query(find).bind::<Text, _>(name).get_result(connection).await.optional()
}

async fn execute(connection: &mut AsyncPgConnection, statement: String) -> QueryResult<()> {
    diesel::sql_query(statement).execute(connection).await?;
    Ok(())
}
