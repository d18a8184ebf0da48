//! The commit: ballots become rows, once each, and tallies move by exactly the rows that were new.
//!
//! This is the one way into `responses`. The unique key (question, voter) is the last word: a row that is
//! there already stays, and its digest says whether it is our own vote delivered again or a second vote.

mod places;
mod rounds;
mod statements;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use uuid::Uuid;

use crate::poll::Poll;
use crate::stream::StreamId;
use crate::tallies::{self, Increments};
use crate::vote::{AcceptedCast, Answer, Choices, VoteId, Voter};

pub use statements::{ResponseRow, of_voter};

use places::{Place, Places};
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
    /// The results of its poll are final already, as after a loss of Redis: it comes too late.
    TooLate,
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
            let mut inserted = Vec::with_capacity(casts.len());
            let places = Places::resolve(connection, casts).await?;
            for round in rounds::split(casts) {
                let rows = round.into_iter().filter_map(|index| rows_of(index, &casts[index], &places));
                inserted.extend(insert_round(connection, rows.flatten().collect(), &mut fates).await?);
            }
            let sealed = tallies::lock(connection, &polls_of(&inserted)).await?;
            let late: Vec<Row> = inserted.extract_if(.., |row| sealed.contains(&row.place.poll)).collect();
            late.iter().for_each(|row| fates[row.cast] = Fate::TooLate);
            delete(connection, &late).await?;
            tallies::add(connection, &increments(&inserted)).await?;
            raise_progress(connection, progress).await?;
            Ok(fates)
        })
        .await
}

/// The polls of some rows, each once.
fn polls_of(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.place.poll).collect::<BTreeSet<_>>().into_iter().collect()
}

/// By how much new rows raise the tallies.
fn increments(inserted: &[Row]) -> Increments {
    let mut increments = Increments::default();
    for row in inserted {
        increments.add(row.place.poll, row.place.question, row.choices);
    }
    increments
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

/// One ballot's answer, as the row that it becomes.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// Index of the ballot among the casts.
    cast: usize,
    place: Place,
    choices: Choices,
    voter: Uuid,
    digest: i64,
    submitted_at: DateTime<Utc>,
}

impl Row {
    /// What no two rows share.
    fn key(&self) -> (i64, Uuid) {
        (self.place.question, self.voter)
    }
}

/// The rows of a ballot, or `None` where one of its answers has no place.
fn rows_of(index: usize, accepted: &AcceptedCast, places: &Places) -> Option<Vec<Row>> {
    let AcceptedCast { cast, accepted_at } = accepted;
    let row = |answer: &Answer| {
        Some(Row {
            cast: index,
            place: places.of(cast.poll_id, answer)?,
            choices: answer.choices,
            voter: cast.voter.to_uuid(),
            digest: cast.digest.to_i64(),
            submitted_at: *accepted_at,
        })
    };
    cast.ballot.answers().iter().map(row).collect()
}

/// Inserts the rows of ballots of which no two share a voter and question. Returns those that count.
async fn insert_round(
    connection: &mut AsyncPgConnection,
    mut rows: Vec<Row>,
    fates: &mut [Fate],
) -> QueryResult<Vec<Row>> {
    // In the order of their key, so that two commits can't lock each other out.
    rows.sort_unstable_by_key(|row| (row.place.month, row.key()));
    let inserted = insert(connection, &rows).await?;
    if inserted.len() == rows.len() {
        rows.iter().for_each(|row| fates[row.cast] = Fate::Inserted);
        return Ok(rows);
    }
    let inserted: HashSet<(i64, Uuid)> = inserted.into_iter().collect();
    let found = existing(connection, &rows).await?;
    settle(&rows, &inserted, &found, fates);
    // All or none: what a ballot that does not count has inserted goes again.
    rows.retain(|row| inserted.contains(&row.key()));
    let undone: Vec<Row> = rows.extract_if(.., |row| fates[row.cast] != Fate::Inserted).collect();
    delete(connection, &undone).await?;
    Ok(rows)
}

/// Decides the fate of each ballot of a round of which some rows were not inserted. `found` holds the
/// digests of all rows that are there now, the inserted ones included.
fn settle(
    rows: &[Row],
    inserted: &HashSet<(i64, Uuid)>,
    found: &HashMap<(i64, Uuid), i64>,
    fates: &mut [Fate],
) {
    rows.iter().for_each(|row| fates[row.cast] = Fate::Repeated);
    for row in rows {
        let fate = match found.get(&row.key()) {
            None => Fate::Unplaceable,
            Some(&digest) if digest != row.digest => Fate::Refused,
            Some(_) if inserted.contains(&row.key()) => Fate::Inserted,
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
        Fate::Unplaceable | Fate::TooLate => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}
