//! The commit: ballots become rows, once each, and tallies move by exactly what the rows changed.
//!
//! This is the one way into `responses`. The unique key (question, voter) is the last word: what [`casts`]
//! inserts never changes again; where the poll allows it, [`changes`] keeps the row at the voter's latest
//! event. Digests tell our own vote delivered again from a second one.

mod casts;
mod changes;
mod crossings;
pub mod direct;
mod fault;
mod lookup;
mod places;
mod removal;
mod restoration;
mod stored;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, SmallInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::milestones::{self, Thresholds};
use crate::queues::MilestoneCrossed;
use crate::stream::StreamId;
use crate::tallies::{self, Deltas};
use crate::timeline;
use crate::vote::{AcceptedCast, AddressHash, Answer, Choices};

pub use fault::{ensure_partitions, is_missing_partition, is_own_fault};
pub use lookup::{ResponseRow, VoteStatus, answered_questions, is_counted, of_voter, status};

use changes::Ledgers;
use crossings::crossings;
pub(crate) use places::Place;
use places::Places;
pub(crate) use removal::remove;
pub use restoration::restore;
pub use stored::{Position, Relation, StoredEvent, stored};

/// What the commit made of a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its rows are new: it was counted now.
    Inserted,
    /// Its rows were there: it was counted before.
    Repeated,
    /// The voter, or the only voter of its address, has another ballot on one of its questions: it does not
    /// count.
    Refused,
    /// Its poll, question or choice does not exist: it can never be counted.
    Unplaceable,
    /// The results of its poll are final already, as after a loss of Redis: it comes too late.
    TooLate,
}

/// What a commit has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// What it made of each ballot.
    pub fates: Vec<Fate>,
    /// The milestones that it was the first to cross; they are recorded, and to be told.
    pub crossed: Vec<MilestoneCrossed>,
}

/// Commits `casts`, in the order in which they were accepted, and the highest stream ids of the shards
/// that they came from, as one transaction. Polls that set no milestones of their own have these.
///
/// # Errors
/// Any error rolls everything back; [`is_own_fault`] tells what the data are to blame for from what
/// should be tried again as it is.
pub async fn commit(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    progress: &[(u16, StreamId)],
    milestones: &Thresholds,
) -> QueryResult<Committed> {
    connection
        .transaction(async |connection| commit_within(connection, casts, progress, milestones).await)
        .await
}

/// The same within the caller's transaction.
async fn commit_within(
    connection: &mut AsyncPgConnection,
    casts: &[AcceptedCast],
    progress: &[(u16, StreamId)],
    milestones: &Thresholds,
) -> QueryResult<Committed> {
    let mut fates = vec![Fate::Unplaceable; casts.len()];
    let places = Places::resolve(connection, casts).await?;
    let placed = casts.iter().enumerate().filter_map(|(index, cast)| Placed::new(index, cast, &places));
    let (changeable, final_once_cast): (Vec<Placed<'_>>, Vec<Placed<'_>>) =
        placed.partition(|placed| placed.rows[0].place.changeable);
    // Rows first, each kind in the order of its keys, then tallies: no two commits lock each other out.
    let mut inserted = casts::insert(connection, &final_once_cast, &mut fates).await?;
    let mut ledgers = Ledgers::open(connection, &changeable).await?;
    let locked = tallies::lock(connection, &polls(&inserted, &changeable)).await?;
    casts::take_back(connection, &mut inserted, &locked.sealed, &mut fates).await?;
    ledgers.seal(&locked.sealed);
    let mut deltas = Deltas::default();
    for row in &inserted {
        deltas.replace(&row.place, Choices::default(), row.choices, row.submitted_at);
    }
    ledgers.record(&changeable, &mut fates);
    ledgers.write(connection, &mut deltas).await?;
    tallies::add(connection, &deltas).await?;
    timeline::book(connection, &deltas.bookings).await?;
    let crossings = crossings(&places, &locked, &deltas, milestones);
    let crossed = milestones::insert(connection, &crossings).await?;
    raise_progress(connection, progress).await?;
    Ok(Committed { fates, crossed })
}

/// The polls whose tallies may move, each once.
fn polls(inserted: &[Row], changeable: &[Placed<'_>]) -> Vec<i64> {
    let changeable = changeable.iter().flat_map(|placed| &placed.rows);
    let polls: BTreeSet<i64> = inserted.iter().chain(changeable).map(|row| row.place.poll).collect();
    polls.into_iter().collect()
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
    address: Option<i64>,
    order: i64,
}

impl Row {
    /// What no two rows share.
    fn key(&self) -> (i64, Uuid) {
        (self.place.question, self.voter)
    }
}

/// A ballot of which every answer has a place, with its rows, of which there is at least one.
#[derive(Debug)]
struct Placed<'a> {
    accepted: &'a AcceptedCast,
    rows: Vec<Row>,
}

impl<'a> Placed<'a> {
    /// `None` where one of the answers has no place.
    fn new(index: usize, accepted: &'a AcceptedCast, places: &Places) -> Option<Self> {
        let cast = &accepted.cast;
        let row = |answer: &Answer| {
            Some(Row {
                cast: index,
                place: places.of(cast.poll_id, cast.kind, answer)?,
                choices: answer.choices,
                voter: cast.voter.to_uuid(),
                digest: cast.digest.to_i64(),
                submitted_at: accepted.accepted_at,
                address: cast.address.map(AddressHash::to_i64),
                order: accepted.order,
            })
        };
        let rows = cast.ballot.answers().iter().map(row).collect::<Option<Vec<Row>>>()?;
        (!rows.is_empty()).then_some(Self { accepted, rows })
    }
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
async fn raise_progress(connection: &mut AsyncPgConnection, progress: &[(u16, StreamId)]) -> QueryResult<()> {
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

#[cfg(test)]
pub(crate) mod test_rows {
    use chrono::NaiveDate;

    use super::*;

    /// This question's place, where votes may be changed.
    pub(crate) fn place(question: i64) -> Place {
        Place {
            poll: 1,
            question,
            month: NaiveDate::default(),
            choice_count: 3,
            min_choices: 1,
            max_choices: 3,
            changeable: true,
            one_an_address: false,
        }
    }

    /// A row of this voter on this question, ready to be changed.
    pub(super) fn row(voter: u128, question: i64, choices: u64) -> Row {
        Row {
            cast: 0,
            place: place(question),
            choices: Choices(choices),
            voter: Uuid::from_u128(voter),
            digest: 0,
            submitted_at: DateTime::UNIX_EPOCH,
            address: None,
            order: 0,
        }
    }
}
