//! Takes a poll's rows out again, a page at a time: those of archived and of deleted polls.

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Position, Relation};
use crate::database::statement;
use crate::poll::Poll;

statement! {
    RemoveResponses {
        month: NaiveDate => Date,
        question: i64 => BigInt,
        after: Uuid => SqlUuid,
        limit: i64 => BigInt,
        month_of_page: NaiveDate => Date,
        question_of_page: i64 => BigInt,
    } -> (SqlUuid, BigInt),
    // One by one from the index, after those that are dead already.
    "WITH page AS MATERIALIZED ( \
        SELECT voter FROM responses WHERE month = ? AND question = ? AND voter > ? ORDER BY voter LIMIT ? \
     ), removed AS ( \
        DELETE FROM responses r USING page WHERE r.month = ? AND r.question = ? AND r.voter = page.voter \
     ) SELECT voter, 0::bigint FROM page ORDER BY voter DESC LIMIT 1"
}

statement! {
    RemoveChanges {
        question: i64 => BigInt,
        after: Uuid => SqlUuid,
        order: i64 => BigInt,
        limit: i64 => BigInt,
        question_of_page: i64 => BigInt,
    } -> (SqlUuid, BigInt),
    "WITH page AS MATERIALIZED ( \
        SELECT voter, event_order FROM response_changes \
        WHERE question = ? AND (voter, event_order) > (?, ?) ORDER BY voter, event_order LIMIT ? \
     ), removed AS ( \
        DELETE FROM response_changes c USING page \
        WHERE c.question = ? AND c.voter = page.voter AND c.event_order = page.event_order \
     ) SELECT voter, event_order FROM page ORDER BY voter DESC, event_order DESC LIMIT 1"
}

/// Removes up to `limit` rows of the poll that come after `after`, or from the first one on. Returns the last of
/// them, `None` where there are none left.
///
/// # Errors
/// When PostgreSQL fails.
pub(crate) async fn remove(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Option<Position>> {
    let first = after.map_or(0, |after| after.question);
    for question in first..poll.questions.len() as u8 {
        // No voter is all zeros, and no event of a voter comes before the smallest order.
        let start = Position { question, voter: Uuid::nil(), order: i64::MIN };
        let after = after.filter(|after| after.question == question).unwrap_or(start);
        let last = of_question(connection, poll, relation, after, limit as i64).await?;
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

async fn of_question(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
    after: Position,
    limit: i64,
) -> QueryResult<Option<Position>> {
    let Position { question, voter, order } = after;
    let id = poll.questions[usize::from(question)].id;
    let last: Vec<(Uuid, i64)> = match relation {
        Relation::Responses => {
            let remove = RemoveResponses {
                month: &poll.month,
                question: &id,
                after: &voter,
                limit: &limit,
                month_of_page: &poll.month,
                question_of_page: &id,
            };
            remove.load(connection).await?
        }
        Relation::Changes => {
            let remove = RemoveChanges {
                question: &id,
                after: &voter,
                order: &order,
                limit: &limit,
                question_of_page: &id,
            };
            remove.load(connection).await?
        }
    };
    Ok(last.into_iter().next().map(|(voter, order)| Position { question, voter, order }))
}
