//! The commit: ballots become rows, once each, and tallies move by exactly the rows that were new.
//!
//! This is the one way into `responses`. The unique key (question, voter) is the last word: a row that is
//! there already stays, and its digest says whether it is our own vote delivered again or a second vote.

mod rounds;
mod statements;

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use crate::poll::Poll;
use crate::stream::StreamId;
use crate::tallies::{self, Increments};
use crate::vote::{AcceptedCast, Choices, VoteId, Voter};

pub use statements::{ResponseRow, of_voter};
use statements::{delete, existing, insert, raise_progress};

/// What the commit made of a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its rows are new: it was counted now.
    Inserted,
    /// Its rows were there: it was counted before.
    Repeated,
    /// The voter has another ballot on one of its questions: it does not count.
    Refused,
    /// Its poll, question or choice does not exist: it can never be counted.
    Unplaceable,
}

/// Commits `casts`, in the order in which they were accepted, and the highest stream ids of the shards
/// that they came from, as one transaction. Returns the fate of each.
///
/// # Errors
/// Any error rolls everything back; [`is_own_fault`] tells what the data are to blame for from what
/// should be tried again as it is.
pub async fn commit(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    progress: &[(u16, StreamId)],
) -> QueryResult<Vec<Fate>> {
    connection
        .transaction(async |connection| {
            let mut fates = vec![Fate::Unplaceable; casts.len()];
            let mut increments = Increments::default();
            for round in rounds::split(casts) {
                commit_round(connection, casts, &round, &mut fates, &mut increments).await?;
            }
            tallies::add(connection, &increments).await?;
            raise_progress(connection, progress).await?;
            Ok(fates)
        })
        .await
}

/// Whether `error` is about the data themselves, so that trying the same again can't help. Outages,
/// deadlocks, time-outs, a missing partition are not.
pub fn is_own_fault(error: &Error) -> bool {
    use DatabaseErrorKind::{
        CheckViolation, ExclusionViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation,
    };
    match error {
        // A row without a partition is reported as a check violation that names no constraint.
        Error::DatabaseError(CheckViolation, information) => information.constraint_name().is_some(),
        Error::DatabaseError(kind, _) => {
            matches!(kind, ExclusionViolation | ForeignKeyViolation | NotNullViolation | UniqueViolation)
        }
        Error::SerializationError(_) => true,
        _ => false,
    }
}

/// What became of a vote, as far as PostgreSQL knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteStatus {
    /// Not committed yet.
    Accepted,
    /// Counted.
    Confirmed,
    /// Not counted: the voter has another ballot on one of its questions.
    Rejected,
}

/// Looks up what became of the vote `id` of `voter`.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn status(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
    id: VoteId,
) -> QueryResult<VoteStatus> {
    let answered: Vec<i64> =
        id.question_positions().filter_map(|position| poll.questions.get(position)).map(|q| q.id).collect();
    let rows = of_voter(connection, poll, voter).await?;
    let mut of_questions = rows.iter().filter(|row| answered.contains(&row.question)).peekable();
    Ok(if of_questions.peek().is_none() {
        VoteStatus::Accepted
    } else if of_questions.any(|row| row.digest == id.digest) {
        VoteStatus::Confirmed
    } else {
        VoteStatus::Rejected
    })
}

/// One ballot's answer as a row to insert: an index into the casts, and into the cast's answers.
#[derive(Debug, Clone, Copy)]
struct Row {
    cast: usize,
    answer: usize,
}

/// Commits ballots of which no two share a voter and question.
async fn commit_round(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    round: &[usize],
    fates: &mut [Fate],
    increments: &mut Increments,
) -> QueryResult<()> {
    let rows: Vec<Row> = round
        .iter()
        .flat_map(|&cast| {
            (0..casts[cast].cast.ballot.answers().len()).map(move |answer| Row { cast, answer })
        })
        .collect();
    let mut inserted = insert(connection, casts, &rows).await?;
    if inserted.len() < rows.len() {
        let found = existing(connection, casts, &rows).await?;
        settle(casts, round, &rows, &inserted, &found, fates);
        // All or none: what a ballot that does not count has inserted goes again.
        let (kept, undone) =
            inserted.into_iter().partition(|new| fates[rows[new.row].cast] == Fate::Inserted);
        inserted = kept;
        delete(connection, casts, &rows, &undone).await?;
    } else {
        round.iter().for_each(|&cast| fates[cast] = Fate::Inserted);
    }
    for new in &inserted {
        let Row { cast, answer } = rows[new.row];
        let Choices(choices) = casts[cast].cast.ballot.answers()[answer].choices;
        increments.add(new.poll, new.question, Choices(choices));
    }
    // A ballot without new rows touches its poll all the same, so that its counts are published again;
    // that needs no increment, the publisher takes the polls from the casts.
    Ok(())
}

/// Decides the fate of each ballot of a round of which some rows were not inserted. `found` holds the
/// digests of all rows that are there now, the inserted ones included, by row.
fn settle(
    casts: &[AcceptedCast],
    round: &[usize],
    rows: &[Row],
    inserted: &[statements::Inserted],
    found: &HashMap<usize, i64>,
    fates: &mut [Fate],
) {
    let mut new = vec![false; rows.len()];
    inserted.iter().for_each(|row| new[row.row] = true);
    round.iter().for_each(|&cast| fates[cast] = Fate::Repeated);
    for (index, row) in rows.iter().enumerate() {
        let own = casts[row.cast].cast.digest.to_i64();
        let fate = match found.get(&index) {
            None => Fate::Unplaceable,
            Some(&digest) if digest != own => Fate::Refused,
            Some(_) if new[index] => Fate::Inserted,
            Some(_) => Fate::Repeated,
        };
        fates[row.cast] = worse(fates[row.cast], fate);
    }
}

/// Of the fates of a ballot's answers the one that is the ballot's.
fn worse(one: Fate, other: Fate) -> Fate {
    let rank = |fate| match fate {
        Fate::Repeated => 0,
        Fate::Inserted => 1,
        Fate::Refused => 2,
        Fate::Unplaceable => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}
