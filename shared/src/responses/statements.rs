//! The SQL of `responses`, in the order in which a commit uses it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Date, Nullable, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Place, Row};
use crate::database::statement;
use crate::poll::Poll;
use crate::schema::responses;
use crate::stream::StreamId;
use crate::vote::{Choices, Digest, Voter};

statement! {
    FindPlaces { poll_ids: [Uuid] => Array<SqlUuid> } ->
    (SqlUuid, SmallInt, BigInt, BigInt, Date, SmallInt, SmallInt, SmallInt),
    "SELECT p.poll_id, q.position, p.id, q.id, p.month, q.choice_count, q.min_choices, q.max_choices \
     FROM polls p JOIN questions q ON q.poll = p.id WHERE p.poll_id = ANY(?)"
}

type PlaceRow = (Uuid, i16, i64, i64, NaiveDate, i16, i16, i16);

/// The questions of these polls, by the poll's public id and the question's position.
pub(super) async fn places(
    connection: &mut AsyncPgConnection,
    poll_ids: &[Uuid],
) -> QueryResult<impl Iterator<Item = ((Uuid, u8), Place)> + use<>> {
    let rows: Vec<PlaceRow> = FindPlaces { poll_ids }.load(connection).await?;
    let place = |(poll_id, position, poll, question, month, choice_count, min_choices, max_choices)| {
        let position: i16 = position;
        ((poll_id, position as u8), Place { poll, question, month, choice_count, min_choices, max_choices })
    };
    Ok(rows.into_iter().map(place))
}

statement! {
    Insert {
        questions: [i64] => Array<BigInt>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        submitted_at: [DateTime<Utc>] => Array<Timestamptz>,
        voters: [Uuid] => Array<SqlUuid>,
        months: [NaiveDate] => Array<Date>,
    } -> (Nullable<Array<BigInt>>, Nullable<Array<SqlUuid>>),
    "WITH inserted AS ( \
        INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?) AS r (question, choices, digest, submitted_at, voter, month) \
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
    Delete {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (),
    "DELETE FROM responses r USING unnest(?, ?, ?) AS k (month, question, voter) \
     WHERE r.month = k.month AND r.question = k.question AND r.voter = k.voter"
}

/// Takes out again what this transaction has inserted.
pub(super) async fn delete(connection: &mut AsyncPgConnection, rows: &[Row]) -> QueryResult<()> {
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

fn column<T>(rows: &[Row], value: impl Fn(&Row) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

statement! {
    RaiseProgress {
        shards: [i16] => Array<SmallInt>,
        milliseconds: [i64] => Array<BigInt>,
        sequences: [i64] => Array<BigInt>,
    } -> (),
    "INSERT INTO shard_progress AS p (shard, milliseconds, sequence) \
     SELECT * FROM unnest(?, ?, ?) AS n (shard, milliseconds, sequence) ORDER BY shard \
     ON CONFLICT (shard) DO UPDATE SET milliseconds = excluded.milliseconds, sequence = excluded.sequence \
     WHERE (p.milliseconds, p.sequence) < (excluded.milliseconds, excluded.sequence)"
}

/// Raises the highest committed id of each shard, never lowers it.
pub(super) async fn raise_progress(
    connection: &mut AsyncPgConnection,
    progress: &[(u16, StreamId)],
) -> QueryResult<()> {
    if progress.is_empty() {
        return Ok(());
    }
    let shards: Vec<i16> = progress.iter().map(|(shard, _)| *shard as i16).collect();
    let milliseconds: Vec<i64> = progress.iter().map(|(_, id)| id.milliseconds as i64).collect();
    let sequences: Vec<i64> = progress.iter().map(|(_, id)| id.sequence as i64).collect();
    let raise = RaiseProgress { shards: &shards, milliseconds: &milliseconds, sequences: &sequences };
    raise.execute(connection).await?;
    Ok(())
}

/// A voter's response to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseRow {
    /// The question's id inside PostgreSQL.
    pub question: i64,
    /// What was chosen.
    pub choices: Choices,
    /// The digest of the ballot that it came with.
    pub digest: Digest,
}

/// All responses of `voter` to `poll`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn of_voter(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
) -> QueryResult<Vec<ResponseRow>> {
    let questions: Vec<i64> = poll.questions.iter().map(|question| question.id).collect();
    let rows: Vec<(i64, i64, i64)> = responses::table
        .filter(responses::month.eq(poll.month))
        .filter(responses::question.eq_any(questions))
        .filter(responses::voter.eq(voter.to_uuid()))
        .select((responses::question, responses::choices, responses::digest))
        .load(connection)
        .await?;
    let row = |(question, choices, digest): (i64, i64, i64)| ResponseRow {
        question,
        choices: Choices(choices as u64),
        digest: Digest::from_i64(digest),
    };
    Ok(rows.into_iter().map(row).collect())
}
