//! Votes over time: what each choice gained and lost a minute, kept beside the tallies by the commit that moves
//! them.
//!
//! A vote is booked in the minute (UTC) of its acceptance. A change books what the old choices lose, too, in its own
//! minute: a minute may be negative, and over all minutes a choice's votes always add up to its tally. Of a voter's
//! events that one commit folds together, the difference is booked in the minute of the last.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, SmallInt, Timestamptz};
use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::poll::Poll;
use crate::responses::Place;
use crate::schema::poll_timeline;

/// Poll, minute, question and position: the primary key of `poll_timeline`.
type Key = (i64, DateTime<Utc>, i64, i16);

/// What a commit adds to the timeline.
#[derive(Debug, Default)]
pub(crate) struct Bookings(BTreeMap<Key, i64>);

impl Bookings {
    /// Adds votes, fewer than 0 where they are taken away, for the choice at `position`.
    pub(crate) fn add(&mut self, place: &Place, position: i16, at: DateTime<Utc>, votes: i64) {
        *self.0.entry((place.poll, minute(at), place.question, position)).or_default() += votes;
    }
}

/// The beginning of the minute.
fn minute(at: DateTime<Utc>) -> DateTime<Utc> {
    // Fails for times beyond what 64 bits of nanoseconds hold only, until the year 2262.
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

statement! {
    Book {
        polls: [i64] => Array<BigInt>,
        minutes: [DateTime<Utc>] => Array<Timestamptz>,
        questions: [i64] => Array<BigInt>,
        positions: [i16] => Array<SmallInt>,
        votes: [i64] => Array<BigInt>,
    } -> (),
    "INSERT INTO poll_timeline AS t (poll, minute, question, position, votes) \
     SELECT * FROM unnest(?, ?, ?, ?, ?) AS n (poll, minute, question, position, votes) \
     ORDER BY poll, minute, question, position \
     ON CONFLICT (poll, minute, question, position) DO UPDATE SET votes = t.votes + excluded.votes"
}

/// Writes the bookings, within the transaction that has locked the tallies of their polls.
pub(crate) async fn book(connection: &mut AsyncPgConnection, bookings: &Bookings) -> QueryResult<()> {
    // A change back within the minute leaves nothing to be said.
    let moved: Vec<(Key, i64)> =
        bookings.0.iter().filter(|(_, votes)| **votes != 0).map(|(key, votes)| (*key, *votes)).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let book = Book {
        polls: &column(&moved, |((poll, ..), _)| *poll),
        minutes: &column(&moved, |((_, minute, ..), _)| *minute),
        questions: &column(&moved, |((_, _, question, _), _)| *question),
        positions: &column(&moved, |((.., position), _)| *position),
        votes: &column(&moved, |(_, votes)| *votes),
    };
    book.execute(connection).await?;
    Ok(())
}

fn column<T>(moved: &[(Key, i64)], value: impl Fn(&(Key, i64)) -> T) -> Vec<T> {
    moved.iter().map(value).collect()
}

/// A minute of a poll in which something moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minute {
    /// Its beginning.
    pub at: DateTime<Utc>,
    /// Votes by choice, fewer than 0 where more was taken away than given.
    pub votes: BTreeMap<Uuid, i64>,
}

/// Some of a poll's minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The minutes, ascending.
    pub minutes: Vec<Minute>,
    /// The minute at which the next page begins, `None` on the last page.
    pub next: Option<DateTime<Utc>>,
}

/// The most votes of a choice and minute that a page holds: about a megabyte as JSON, and more than the choices of
/// any poll.
const PAGE_ROWS: usize = 20_000;

type Row = (DateTime<Utc>, i64, i16, i64);

/// The first page of the poll's minutes that begin at `from` or later, and before `to`, where these are given.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn read(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> QueryResult<Page> {
    let mut query = poll_timeline::table
        .filter(poll_timeline::poll.eq(poll.id))
        .filter(poll_timeline::votes.ne(0))
        .into_boxed();
    if let Some(from) = from {
        query = query.filter(poll_timeline::minute.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(poll_timeline::minute.lt(to));
    }
    // One more than a page holds tells whether there is a next one.
    let rows: Vec<Row> = query
        .order((poll_timeline::minute, poll_timeline::question, poll_timeline::position))
        .limit(PAGE_ROWS as i64 + 1)
        .select((
            poll_timeline::minute,
            poll_timeline::question,
            poll_timeline::position,
            poll_timeline::votes,
        ))
        .load(connection)
        .await?;
    Ok(page(poll, &rows, PAGE_ROWS))
}

/// The whole minutes among `rows`, of which there are more than `limit` where others follow.
fn page(poll: &Poll, rows: &[Row], limit: usize) -> Page {
    let next = rows.get(limit).map(|(minute, ..)| *minute);
    let whole = rows.iter().take_while(|(minute, ..)| next.is_none_or(|next| *minute < next));
    let mut minutes: Vec<Minute> = Vec::new();
    for &(at, question, position, votes) in whole {
        let Some(choice_id) = choice_id(poll, question, position) else { continue };
        match minutes.last_mut().filter(|minute| minute.at == at) {
            Some(minute) => minute.votes.extend([(choice_id, votes)]),
            None => minutes.push(Minute { at, votes: BTreeMap::from([(choice_id, votes)]) }),
        }
    }
    Page { minutes, next }
}

fn choice_id(poll: &Poll, question: i64, position: i16) -> Option<Uuid> {
    let question = poll.questions.iter().find(|candidate| candidate.id == question)?;
    Some(question.choices.get(usize::try_from(position).ok()?)?.choice_id)
}

#[cfg(test)]
mod tests;
