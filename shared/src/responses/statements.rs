//! The SQL of `responses`, in the order in which a commit uses it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Row;
use crate::database::statement;
use crate::poll::Poll;
use crate::schema::responses;
use crate::stream::StreamId;
use crate::vote::{AcceptedCast, Choices, Digest, Voter};

/// The polls of a batch with their questions, resolved once a poll instead of once a row.
const KNOWN: &str = "known AS MATERIALIZED ( \
    SELECT ids.number::int4 AS poll_number, p.id AS poll, p.month, q.position, q.id AS question, \
           q.choice_count, q.min_choices, q.max_choices \
    FROM unnest(?) WITH ORDINALITY AS ids (poll_id, number) \
    JOIN polls p ON p.poll_id = ids.poll_id \
    JOIN questions q ON q.poll = p.id)";

/// A row that an insert has added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inserted {
    /// Its index among the rows given.
    pub(super) row: usize,
    pub(super) poll: i64,
    pub(super) question: i64,
}

statement! {
    Insert {
        poll_ids: [Uuid] => Array<SqlUuid>,
        poll_numbers: [i32] => Array<Integer>,
        positions: [i16] => Array<SmallInt>,
        voters: [Uuid] => Array<SqlUuid>,
        choices: [i64] => Array<BigInt>,
        digests: [i64] => Array<BigInt>,
        accepted_at: [DateTime<Utc>] => Array<Timestamptz>,
    } -> (BigInt, BigInt, BigInt),
    format!(
        "WITH {KNOWN}, answers AS MATERIALIZED ( \
            SELECT a.number, k.poll, k.month, k.question, a.choices, a.digest, a.submitted_at, a.voter \
            FROM unnest(?, ?, ?, ?, ?, ?) WITH ORDINALITY \
                 AS a (poll_number, position, voter, choices, digest, submitted_at, number) \
            JOIN known k ON k.poll_number = a.poll_number AND k.position = a.position \
            WHERE a.choices >> k.choice_count = 0 \
              AND bit_count(a.choices::bit(64)) BETWEEN k.min_choices AND k.max_choices \
        ), inserted AS ( \
            INSERT INTO responses (question, choices, digest, submitted_at, voter, month) \
            SELECT question, choices, digest, submitted_at, voter, month FROM answers \
            ORDER BY month, question, voter \
            ON CONFLICT DO NOTHING RETURNING question, voter \
        ) \
        SELECT a.number, a.poll, a.question FROM answers a JOIN inserted USING (question, voter)"
    )
}

/// Inserts `rows`, in the order of their key so that two commits can't lock each other out. What breaks
/// the question's own rules is left out, like what is there already.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    rows: &[Row],
) -> QueryResult<Vec<Inserted>> {
    let columns = Columns::new(casts, rows);
    let insert = Insert {
        poll_ids: &columns.poll_ids,
        poll_numbers: &columns.poll_numbers,
        positions: &columns.positions,
        voters: &columns.voters,
        choices: &columns.choices,
        digests: &columns.digests,
        accepted_at: &columns.accepted_at,
    };
    let added: Vec<(i64, i64, i64)> = insert.load(connection).await?;
    let added = added.into_iter();
    Ok(added.map(|(number, poll, question)| Inserted { row: number as usize - 1, poll, question }).collect())
}

statement! {
    Existing {
        poll_ids: [Uuid] => Array<SqlUuid>,
        poll_numbers: [i32] => Array<Integer>,
        positions: [i16] => Array<SmallInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (BigInt, BigInt),
    format!(
        "WITH {KNOWN} SELECT a.number, r.digest \
         FROM unnest(?, ?, ?) WITH ORDINALITY AS a (poll_number, position, voter, number) \
         JOIN known k ON k.poll_number = a.poll_number AND k.position = a.position \
         JOIN responses r ON r.month = k.month AND r.question = k.question AND r.voter = a.voter"
    )
}

/// The digests of the rows that stand where `rows` belong, by index.
pub(super) async fn existing(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    rows: &[Row],
) -> QueryResult<HashMap<usize, i64>> {
    let columns = Columns::new(casts, rows);
    let existing = Existing {
        poll_ids: &columns.poll_ids,
        poll_numbers: &columns.poll_numbers,
        positions: &columns.positions,
        voters: &columns.voters,
    };
    let found: Vec<(i64, i64)> = existing.load(connection).await?;
    Ok(found.into_iter().map(|(number, digest)| (number as usize - 1, digest)).collect())
}

statement! {
    Delete {
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (),
    "DELETE FROM responses r USING unnest(?, ?) AS d (question, voter), questions q, polls p \
     WHERE q.id = d.question AND p.id = q.poll \
       AND r.month = p.month AND r.question = d.question AND r.voter = d.voter"
}

/// Takes out again what this transaction has inserted.
pub(super) async fn delete(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    rows: &[Row],
    undone: &[Inserted],
) -> QueryResult<()> {
    if undone.is_empty() {
        return Ok(());
    }
    let questions: Vec<i64> = undone.iter().map(|row| row.question).collect();
    let voter = |row: &Inserted| casts[rows[row.row].cast].cast.voter.to_uuid();
    let voters: Vec<Uuid> = undone.iter().map(voter).collect();
    Delete { questions: &questions, voters: &voters }.execute(connection).await?;
    Ok(())
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

/// The columns of some rows, as arrays for `unnest`: `VALUES` would stop at 65,535 parameters.
struct Columns {
    poll_ids: Vec<Uuid>,
    /// Which of `poll_ids` each row belongs to, from 1.
    poll_numbers: Vec<i32>,
    positions: Vec<i16>,
    voters: Vec<Uuid>,
    choices: Vec<i64>,
    digests: Vec<i64>,
    accepted_at: Vec<DateTime<Utc>>,
}

impl Columns {
    fn new(casts: &[AcceptedCast], rows: &[Row]) -> Self {
        let mut numbers: HashMap<Uuid, i32> = HashMap::new();
        let mut columns = Self {
            poll_ids: Vec::new(),
            poll_numbers: Vec::with_capacity(rows.len()),
            positions: Vec::with_capacity(rows.len()),
            voters: Vec::with_capacity(rows.len()),
            choices: Vec::with_capacity(rows.len()),
            digests: Vec::with_capacity(rows.len()),
            accepted_at: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            let AcceptedCast { cast, accepted_at } = &casts[row.cast];
            let answer = &cast.ballot.answers()[row.answer];
            let number = *numbers.entry(cast.poll_id).or_insert_with(|| {
                columns.poll_ids.push(cast.poll_id);
                columns.poll_ids.len() as i32
            });
            columns.poll_numbers.push(number);
            columns.positions.push(i16::from(answer.question));
            columns.voters.push(cast.voter.to_uuid());
            columns.choices.push(answer.choices.0 as i64);
            columns.digests.push(cast.digest.to_i64());
            columns.accepted_at.push(*accepted_at);
        }
        columns
    }
}
