//! The SQL of votes that are final, in the order in which a commit uses it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::responses::{Row, column};

statement! {
    Insert {
        questions: [i64] => Array<BigInt>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        voters: [Uuid] => Array<SqlUuid>,
        months: [NaiveDate] => Array<Date>,
        addresses: [Option<i64>] => Array<Nullable<BigInt>>,
        one_an_address: [bool] => Array<Bool>,
    } -> (Nullable<Array<BigInt>>, Nullable<Array<SqlUuid>>),
    "WITH inserted AS ( \
        INSERT INTO responses \
            (question, choices, digest, submitted_at, voter, month, address, one_an_address) \
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) \
            AS r (question, choices, digest, submitted_at, voter, month, address, one_an_address) \
        ORDER BY month, question, voter ON CONFLICT DO NOTHING RETURNING question, voter \
     ) SELECT array_agg(question), array_agg(voter) FROM inserted"
}

/// Inserts rows that are not there yet; returns the keys of those that it inserted. Arrays both ways:
/// `VALUES` would stop at 65,535 parameters, and a row each would cost more to send than to insert.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<Vec<(i64, Uuid)>> {
    let insert = Insert {
        questions: &column(rows, |row| row.place.question),
        choices: &column(rows, |row| row.choices.0 as i64),
        digests: &column(rows, |row| row.digest),
        submitted_at: &column(rows, |row| row.submitted_at),
        voters: &column(rows, |row| row.voter),
        months: &column(rows, |row| row.place.month),
        addresses: &column(rows, |row| row.address),
        one_an_address: &column(rows, |row| row.place.one_an_address),
    };
    let (questions, voters): (Option<Vec<i64>>, Option<Vec<Uuid>>) = insert.get_result(connection).await?;
    Ok(questions.unwrap_or_default().into_iter().zip(voters.unwrap_or_default()).collect())
}

statement! {
    Existing {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (BigInt, SqlUuid, BigInt),
    "SELECT r.question, r.voter, r.digest FROM unnest(?, ?, ?) AS k (month, question, voter) \
     JOIN responses r ON r.month = k.month AND r.question = k.question AND r.voter = k.voter"
}

/// The digests of the rows that stand where `rows` belong, by key.
pub(super) async fn existing(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<HashMap<(i64, Uuid), i64>> {
    let existing = Existing {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
    };
    let found: Vec<(i64, Uuid, i64)> = existing.load(connection).await?;
    Ok(found.into_iter().map(|(question, voter, digest)| ((question, voter), digest)).collect())
}

statement! {
    AddressesTaken {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
        addresses: [Option<i64>] => Array<Nullable<BigInt>>,
    } -> (BigInt, SqlUuid),
    "SELECT k.question, k.voter FROM unnest(?, ?, ?, ?) AS k (month, question, voter, address) \
     JOIN responses r ON r.month = k.month AND r.question = k.question AND r.address = k.address \
          AND r.one_an_address AND r.voter <> k.voter"
}

/// Of `rows` those whose address has another voter's vote already, by question and voter.
pub(super) async fn addresses_taken(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<HashSet<(i64, Uuid)>> {
    if rows.iter().all(|row| !row.place.one_an_address) {
        return Ok(HashSet::new());
    }
    let taken = AddressesTaken {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
        addresses: &column(rows, |row| row.address.filter(|_| row.place.one_an_address)),
    };
    Ok(taken.load(connection).await?.into_iter().collect())
}

statement! {
    Delete {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (),
    "DELETE FROM responses r USING unnest(?, ?, ?) AS k (month, question, voter) \
     WHERE r.month = k.month AND r.question = k.question AND r.voter = k.voter"
}

/// Takes out again what this transaction has inserted.
pub(in crate::responses) async fn delete(
    connection: &mut AsyncPgConnection,
    rows: &[Row],
) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let delete = Delete {
        months: &column(rows, |row| row.place.month),
        questions: &column(rows, |row| row.place.question),
        voters: &column(rows, |row| row.voter),
    };
    delete.execute(connection).await?;
    Ok(())
}
