//! The parts of an archive that are written, but whose manifest is not: a killed job goes on after them.

use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::records::hash;
use super::{Key, Part};
use crate::poll::Poll;
use crate::responses::{Position, Relation};
use crate::schema::archive_parts;

/// A part in the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenPart {
    /// Its object.
    pub part: Part,
    /// Where its last row stands, after which the next part goes on.
    pub last: Position,
}

type Row = (i32, i64, i64, Vec<u8>, i64, Uuid, Option<i64>);

/// The parts of `relation` that were written, in order.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn written_parts(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
) -> QueryResult<Vec<WrittenPart>> {
    let rows: Vec<Row> = archive_parts::table
        .filter(archive_parts::poll.eq(poll.id))
        .filter(archive_parts::relation.eq(relation.name()))
        .order(archive_parts::part)
        .select((
            archive_parts::part,
            archive_parts::rows,
            archive_parts::bytes,
            archive_parts::sha256,
            archive_parts::last_question,
            archive_parts::last_voter,
            archive_parts::last_order,
        ))
        .load(connection)
        .await?;
    rows.into_iter().map(|row| written_part(poll, relation, row)).collect()
}

fn written_part(poll: &Poll, relation: Relation, row: Row) -> QueryResult<WrittenPart> {
    let (number, rows, bytes, sha256, question, voter, order) = row;
    let key = Key::Part { poll_id: poll.poll_id, relation, number: number as u32 };
    let part = Part { relation, key, rows: rows as u64, bytes: bytes as u64, sha256: hash(sha256)? };
    let last = Position { question: question as u8, voter, order: order.unwrap_or(0) };
    Ok(WrittenPart { part, last })
}

/// Notes that a part is in the storage. Noted before, that stays: written again it is the same.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn add_part(
    connection: &mut AsyncPgConnection,
    poll: i64,
    number: u32,
    written: &WrittenPart,
) -> QueryResult<()> {
    let WrittenPart { part, last } = written;
    let row = (
        archive_parts::poll.eq(poll),
        archive_parts::relation.eq(part.relation.name()),
        archive_parts::part.eq(number as i32),
        archive_parts::object_key.eq(part.key.to_string()),
        archive_parts::sha256.eq(part.sha256.0.to_vec()),
        archive_parts::bytes.eq(part.bytes as i64),
        archive_parts::rows.eq(part.rows as i64),
        archive_parts::last_question.eq(i64::from(last.question)),
        archive_parts::last_voter.eq(last.voter),
        archive_parts::last_order.eq(last.order),
    );
    let insert = diesel::insert_into(archive_parts::table).values(row).on_conflict_do_nothing();
    insert.execute(connection).await?;
    Ok(())
}

/// Forgets the parts that were written: they are written anew.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn forget_parts(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    diesel::delete(archive_parts::table.filter(archive_parts::poll.eq(poll))).execute(connection).await?;
    Ok(())
}
