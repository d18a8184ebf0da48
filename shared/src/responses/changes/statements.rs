//! The SQL of votes that may be changed, in the order in which a commit uses it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Key;
use super::ledger::{Event, Logged};
use crate::database::statement;
use crate::responses::{Row, column};
use crate::vote::Choices;

statement! {
    Ensure {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (),
    "INSERT INTO responses (month, question, voter, choices, digest, submitted_at) \
     SELECT month, question, voter, 0, 0, now() FROM unnest(?, ?, ?) AS r (month, question, voter) \
     ORDER BY month, question, voter ON CONFLICT DO NOTHING"
}

/// Makes empty rows where there are none, so that they can be locked. They hold no event yet.
pub(super) async fn ensure(connection: &mut AsyncPgConnection, rows: &[Row]) -> QueryResult<()> {
    let ensure = Ensure {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
    };
    ensure.execute(connection).await?;
    Ok(())
}

statement! {
    Lock {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (Date, BigInt, SqlUuid, BigInt, BigInt, Timestamptz, Nullable<BigInt>, Nullable<BigInt>),
    "SELECT r.month, r.question, r.voter, r.choices, r.digest, r.submitted_at, r.address, r.event_order \
     FROM unnest(?, ?, ?) AS k (month, question, voter) \
     JOIN responses r ON r.month = k.month AND r.question = k.question AND r.voter = k.voter \
     ORDER BY r.month, r.question, r.voter FOR UPDATE OF r"
}

type LockedRow = (NaiveDate, i64, Uuid, i64, i64, DateTime<Utc>, Option<i64>, Option<i64>);

/// Locks the rows of these keys; returns the event that each one holds, if any. A vote without an order was cast
/// before events had one: it is the first.
pub(super) async fn lock(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<impl Iterator<Item = (Key, Event)> + use<>> {
    let lock = Lock {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
    };
    let locked: Vec<LockedRow> = lock.load(connection).await?;
    Ok(locked.into_iter().filter_map(
        |(month, question, voter, choices, digest, submitted_at, address, order)| {
            let choices = Choices(choices as u64);
            let order = order.or((!choices.is_empty()).then_some(0))?;
            let event = Event { choices, digest, submitted_at, address, order };
            Some(((month, question, voter), event))
        },
    ))
}

statement! {
    FindLogged {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (Date, BigInt, SqlUuid, BigInt, BigInt, Bool),
    "SELECT k.month, k.question, k.voter, c.event_order, c.digest, c.refused \
     FROM unnest(?, ?, ?) AS k (month, question, voter) \
     JOIN response_changes c ON c.question = k.question AND c.voter = k.voter"
}

/// What the log holds of the voters and questions of these rows.
pub(in crate::responses) async fn logged(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<impl Iterator<Item = (Key, Logged)> + use<>> {
    let find = FindLogged {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
    };
    let found: Vec<(NaiveDate, i64, Uuid, i64, i64, bool)> = find.load(connection).await?;
    Ok(found.into_iter().map(|(month, question, voter, order, digest, refused)| {
        ((month, question, voter), Logged { order, digest, refused })
    }))
}

statement! {
    Log {
        questions: [i64] => Array<BigInt>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        addresses: [Option<i64>] => Array<Nullable<BigInt>>,
        orders: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
        refused: [bool] => Array<Bool>,
    } -> (),
    "INSERT INTO response_changes \
        (question, choices, digest, submitted_at, address, event_order, voter, refused) \
     SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
        AS e (question, choices, digest, submitted_at, address, event_order, voter, refused) \
     ORDER BY question, voter, event_order ON CONFLICT DO NOTHING"
}

/// Logs events that their rows do not hold, each with whether it was refused; once, however often.
pub(super) async fn log(connection: &mut AsyncPgConnection, events: &[(Row, bool)]) -> QueryResult<()> {
    if events.is_empty() {
        return Ok(());
    }
    let (rows, refused): (Vec<Row>, Vec<bool>) = events.iter().copied().unzip();
    let log = Log {
        questions: &column(&rows, |row| row.place.question),
        choices: &column(&rows, |row| row.choices.0 as i64),
        digests: &column(&rows, |row| row.digest),
        submitted_at: &column(&rows, |row| row.submitted_at),
        addresses: &column(&rows, |row| row.address),
        orders: &column(&rows, |row| row.order),
        voters: &column(&rows, |row| row.voter),
        refused: &refused,
    };
    log.execute(connection).await?;
    Ok(())
}

/// Logs casts that were accepted and do not count.
pub(in crate::responses) async fn log_refused(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<()> {
    let refused: Vec<(Row, bool)> = rows.iter().map(|row| (*row, true)).collect();
    log(connection, &refused).await
}

statement! {
    Update {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        addresses: [Option<i64>] => Array<Nullable<BigInt>>,
        orders: [i64] => Array<BigInt>,
    } -> (),
    "UPDATE responses r SET choices = e.choices, digest = e.digest, submitted_at = e.submitted_at, \
            address = e.address, event_order = e.event_order \
     FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
        AS e (month, question, voter, choices, digest, submitted_at, address, event_order) \
     WHERE r.month = e.month AND r.question = e.question AND r.voter = e.voter"
}

/// Writes the events that stand now into their rows, which this transaction has locked.
pub(super) async fn update(connection: &mut AsyncPgConnection, rows: &[Row]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let update = Update {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
        choices: &column(rows, |row| row.choices.0 as i64),
        digests: &column(rows, |row| row.digest),
        submitted_at: &column(rows, |row| row.submitted_at),
        addresses: &column(rows, |row| row.address),
        orders: &column(rows, |row| row.order),
    };
    update.execute(connection).await?;
    Ok(())
}
