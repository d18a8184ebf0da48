//! How polls and voters stand, as direct casts find them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::DirectCast;
use crate::database::statement;
use crate::stream::accept::Outcome;
use crate::vote::{AddressHash, Choices, Digest};

/// How everything stands that some casts meet.
#[derive(Debug)]
pub(super) struct Standing {
    polls: HashMap<Uuid, PollStanding>,
    /// By the index of the cast, its voter's events on the poll.
    events: HashMap<usize, Vec<Event>>,
    /// By the index of the cast, positions of its questions that its address has answered.
    taken: HashMap<usize, Vec<u8>>,
}

/// How a poll stands, its row locked.
#[derive(Debug, Clone, Copy)]
struct PollStanding {
    id: i64,
    now: DateTime<Utc>,
    has_started: bool,
    is_open: bool,
}

/// An event of a voter that was counted.
#[derive(Debug, Clone, Copy)]
struct Event {
    /// The position of its question.
    position: u8,
    digest: Digest,
    /// What stands; `None` of an event that another one has replaced.
    choices: Option<Choices>,
}

statement! {
    LockPolls { poll_ids: [Uuid] => Array<SqlUuid> } -> (SqlUuid, BigInt, Timestamptz, Bool, Bool),
    "SELECT poll_id, id, clock_timestamp(), coalesce(starts_at <= clock_timestamp(), true), \
            closed_at IS NULL AND coalesce(ends_at > clock_timestamp(), true) \
     FROM polls WHERE poll_id = ANY(?) AND deleted_at IS NULL ORDER BY id FOR SHARE"
}

statement! {
    FindEvents {
        casts: [i32] => Array<Integer>,
        positions: [i16] => Array<SmallInt>,
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (Integer, SmallInt, BigInt, BigInt, Bool),
    "WITH k AS MATERIALIZED ( \
        SELECT * FROM unnest(?, ?, ?, ?, ?) AS k (cast_index, position, month, question, voter) \
     ) SELECT k.cast_index, k.position, r.digest, r.choices, true FROM k \
     JOIN responses r ON r.month = k.month AND r.question = k.question AND r.voter = k.voter \
     UNION ALL SELECT k.cast_index, k.position, c.digest, c.choices, false FROM k \
     JOIN response_changes c ON c.question = k.question AND c.voter = k.voter WHERE NOT c.refused"
}

statement! {
    FindTaken {
        casts: [i32] => Array<Integer>,
        positions: [i16] => Array<SmallInt>,
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
        addresses: [i64] => Array<BigInt>,
    } -> (Integer, SmallInt),
    "SELECT k.cast_index, k.position \
     FROM unnest(?, ?, ?, ?, ?, ?) AS k (cast_index, position, month, question, voter, address) \
     JOIN responses r ON r.month = k.month AND r.question = k.question AND r.address = k.address \
          AND r.one_an_address AND r.voter <> k.voter"
}

impl Standing {
    /// Locks the polls' rows, then reads what their voters and addresses have answered.
    pub(super) async fn read(connection: &mut AsyncPgConnection, casts: &[DirectCast]) -> QueryResult<Self> {
        Ok(Self {
            polls: lock_polls(connection, casts).await?,
            events: find_events(connection, casts).await?,
            taken: find_taken(connection, casts).await?,
        })
    }

    /// PostgreSQL's clock when the cast's poll was locked.
    pub(super) fn now(&self, cast: &DirectCast) -> DateTime<Utc> {
        self.polls.get(&cast.cast.poll_id).map_or_else(Utc::now, |poll| poll.now)
    }

    /// The polls, by their ids inside PostgreSQL.
    pub(super) fn polls(&self) -> Vec<i64> {
        self.polls.values().map(|poll| poll.id).collect()
    }

    /// What becomes of the cast of this index: the order of the checks is that of the acceptance script.
    pub(super) fn decide(&self, index: usize, direct: &DirectCast) -> Outcome {
        let events = self.events.get(&index).map_or(&[][..], Vec::as_slice);
        let digest = direct.cast.digest;
        if events.iter().any(|event| event.digest == digest) {
            return Outcome::Replayed;
        }
        if direct.keyed && events.iter().any(|event| event.digest.0[..4] == digest.0[..4]) {
            return Outcome::Mismatch;
        }
        match self.polls.get(&direct.cast.poll_id) {
            Some(PollStanding { has_started: false, is_open: true, .. }) => return Outcome::NotStarted,
            Some(PollStanding { is_open: true, .. }) => {}
            _ => return Outcome::Closed,
        }
        self.decide_by_answers(index, direct, events)
    }

    fn decide_by_answers(&self, index: usize, direct: &DirectCast, events: &[Event]) -> Outcome {
        let stands = |position: u8| {
            let of_question = events.iter().filter(move |event| event.position == position);
            of_question.filter_map(|event| event.choices).next()
        };
        let is_taken = |position| self.taken.get(&index).is_some_and(|taken| taken.contains(&position));
        let positions = || direct.cast.ballot.answers().iter().map(|answer| answer.question);
        let already: Vec<u8> = positions()
            .filter(|&position| stands(position).is_some_and(|it| !it.is_empty()) || is_taken(position))
            .collect();
        if !already.is_empty() {
            return Outcome::AlreadyVoted(already);
        }
        match positions().any(|position| stands(position).is_some()) {
            true => Outcome::Overloaded,
            false => Outcome::Accepted,
        }
    }
}

async fn lock_polls(
    connection: &mut AsyncPgConnection,
    casts: &[DirectCast],
) -> QueryResult<HashMap<Uuid, PollStanding>> {
    let mut poll_ids: Vec<Uuid> = casts.iter().map(|direct| direct.cast.poll_id).collect();
    poll_ids.sort_unstable();
    poll_ids.dedup();
    let rows: Vec<(Uuid, i64, DateTime<Utc>, bool, bool)> =
        LockPolls { poll_ids: &poll_ids }.load(connection).await?;
    let standing =
        |(poll_id, id, now, has_started, is_open)| (poll_id, PollStanding { id, now, has_started, is_open });
    Ok(rows.into_iter().map(standing).collect())
}

/// Questions of casts, as columns.
#[derive(Default)]
struct Columns {
    casts: Vec<i32>,
    positions: Vec<i16>,
    months: Vec<NaiveDate>,
    questions: Vec<i64>,
    voters: Vec<Uuid>,
}

impl Columns {
    fn push(&mut self, index: usize, direct: &DirectCast, position: usize) {
        self.casts.push(index as i32);
        self.positions.push(position as i16);
        self.months.push(direct.month);
        self.questions.push(direct.questions[position]);
        self.voters.push(direct.cast.voter.to_uuid());
    }
}

/// What the voters did on all of their polls' questions: a key may have been used for another.
async fn find_events(
    connection: &mut AsyncPgConnection,
    casts: &[DirectCast],
) -> QueryResult<HashMap<usize, Vec<Event>>> {
    let mut columns = Columns::default();
    for (index, direct) in casts.iter().enumerate() {
        (0..direct.questions.len()).for_each(|position| columns.push(index, direct, position));
    }
    let Columns { casts, positions, months, questions, voters } = &columns;
    let rows: Vec<(i32, i16, i64, i64, bool)> =
        FindEvents { casts, positions, months, questions, voters }.load(connection).await?;
    let mut events: HashMap<usize, Vec<Event>> = HashMap::new();
    for (cast, position, digest, choices, stands) in rows {
        let choices = stands.then_some(Choices(choices as u64));
        let event = Event { position: position as u8, digest: Digest::from_i64(digest), choices };
        events.entry(cast as usize).or_default().push(event);
    }
    Ok(events)
}

/// Which of the questions answered the senders' addresses have answered before, where an address may once.
async fn find_taken(
    connection: &mut AsyncPgConnection,
    casts: &[DirectCast],
) -> QueryResult<HashMap<usize, Vec<u8>>> {
    let (mut columns, mut addresses) = (Columns::default(), Vec::new());
    for (index, direct) in casts.iter().enumerate().filter(|(_, direct)| direct.one_an_address) {
        let Some(address) = direct.cast.address.map(AddressHash::to_i64) else { continue };
        for answer in direct.cast.ballot.answers() {
            columns.push(index, direct, usize::from(answer.question));
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Ok(HashMap::new());
    }
    let Columns { casts, positions, months, questions, voters } = &columns;
    let find = FindTaken { casts, positions, months, questions, voters, addresses: &addresses };
    let rows: Vec<(i32, i16)> = find.load(connection).await?;
    let mut taken: HashMap<usize, Vec<u8>> = HashMap::new();
    for (cast, position) in rows {
        taken.entry(cast as usize).or_default().push(position as u8);
    }
    Ok(taken)
}
