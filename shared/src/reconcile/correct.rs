//! Corrects tallies and timeline by the difference that one snapshot has shown.

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::sql_types::{Array, BigInt, Bool, SmallInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::listed::are_in_place;
use super::recount::Recounted;
use crate::counts::Counted;
use crate::database::statement;
use crate::tallies::{self, Deltas};

/// Makes this session the only one that corrects, until it ends: of two that found the same difference, the second
/// would add it again. Returns whether it is.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn become_only_corrector(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    let lock = sql::<Bool>("pg_try_advisory_lock(hashtextextended('reconcile --fix', 0))");
    diesel::select(lock).get_result(connection).await
}

/// Adds to tallies and timeline what they are off by, which keeps the votes that were committed since they were read,
/// and raises the poll's version. To be called by the only corrector. Returns whether it did: a poll whose responses
/// have gone since is left alone, for they may have gone while they were counted.
///
/// # Errors
/// When PostgreSQL fails; nothing has changed then.
pub async fn correct(connection: &mut AsyncPgConnection, recounted: &Recounted) -> QueryResult<bool> {
    let Recounted { poll, responses, tallies, .. } = recounted;
    connection
        .transaction(async |connection| {
            tallies::lock(connection, &[poll.id]).await?;
            if !are_in_place(connection, poll.poll_id).await? {
                return Ok(false);
            }
            tallies::add(connection, &Deltas::between(poll, tallies, responses)).await?;
            correct_timeline(connection, recounted).await?;
            Ok(true)
        })
        .await
}

statement! {
    Book {
        poll: i64 => BigInt,
        questions: [i64] => Array<BigInt>,
        positions: [i16] => Array<SmallInt>,
        votes: [i64] => Array<BigInt>,
    } -> (),
    "INSERT INTO poll_timeline AS t (poll, minute, question, position, votes) \
     SELECT ?, date_trunc('minute', now()), question, position, votes \
     FROM unnest(?, ?, ?) AS n (question, position, votes) ORDER BY question, position \
     ON CONFLICT (poll, minute, question, position) DO UPDATE SET votes = t.votes + excluded.votes"
}

/// Books the difference in the present minute: which one lacks it, nobody knows.
async fn correct_timeline(connection: &mut AsyncPgConnection, recounted: &Recounted) -> QueryResult<()> {
    let Recounted { poll, responses, timeline, .. } = recounted;
    let (mut questions, mut positions, mut votes) = (Vec::new(), Vec::new(), Vec::new());
    for question in &poll.questions {
        for (position, choice) in (0_i16..).zip(&question.choices) {
            let counted = Counted::Choice(choice.choice_id);
            let Some(booked) = timeline.get(&counted) else { continue };
            let missing = responses.of(counted) - booked;
            if missing != 0 {
                questions.push(question.id);
                positions.push(position);
                votes.push(missing);
            }
        }
    }
    if votes.is_empty() {
        return Ok(());
    }
    Book { poll: &poll.id, questions: &questions, positions: &positions, votes: &votes }
        .execute(connection)
        .await?;
    Ok(())
}
