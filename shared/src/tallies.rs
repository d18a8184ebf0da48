//! The truth about counts: the tally rows in PostgreSQL.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, SmallInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::counts::{Counted, Counts};
use crate::database::statement;
use crate::poll::Poll;
use crate::responses::Place;
use crate::timeline::Bookings;
use crate::vote::Choices;

/// By how much the tallies of some polls move.
#[derive(Debug, Default)]
pub(crate) struct Deltas {
    /// Responses a poll.
    polls: BTreeMap<i64, i64>,
    questions: BTreeMap<i64, i64>,
    choices: BTreeMap<(i64, i16), i64>,
    /// What moves the choices, by when.
    pub(crate) bookings: Bookings,
}

impl Deltas {
    /// What is to be added to the poll's tallies so that those that are `found` become those that are `expected`.
    pub(crate) fn between(poll: &Poll, found: &Counts, expected: &Counts) -> Self {
        let difference = |counted| expected.of(counted) - found.of(counted);
        let mut deltas = Self::default();
        deltas.polls.insert(poll.id, expected.total_votes - found.total_votes);
        for question in &poll.questions {
            deltas.questions.insert(question.id, difference(Counted::Question(question.question_id)));
            for (position, choice) in (0..).zip(&question.choices) {
                let votes = difference(Counted::Choice(choice.choice_id));
                deltas.choices.insert((question.id, position), votes);
            }
        }
        deltas
    }

    /// Adds one response that held the choices `before` and holds `after` since the event of `at`; no choices are
    /// no response.
    pub(crate) fn replace(&mut self, place: &Place, before: Choices, after: Choices, at: DateTime<Utc>) {
        let responses = i64::from(!after.is_empty()) - i64::from(!before.is_empty());
        *self.polls.entry(place.poll).or_default() += responses;
        *self.questions.entry(place.question).or_default() += responses;
        for position in before.positions() {
            self.vote(place, position as i16, at, -1);
        }
        for position in after.positions() {
            self.vote(place, position as i16, at, 1);
        }
    }

    fn vote(&mut self, place: &Place, position: i16, at: DateTime<Utc>, votes: i64) {
        *self.choices.entry((place.question, position)).or_default() += votes;
        self.bookings.add(place, position, at, votes);
    }

    /// The polls, each with by how many responses it moves.
    pub(crate) fn polls(&self) -> impl Iterator<Item = (i64, i64)> {
        self.polls.iter().map(|(&poll, &responses)| (poll, responses))
    }
}

/// Tallies as they stood when a transaction locked them.
#[derive(Debug, Default)]
pub(crate) struct Locked {
    /// All responses of each poll.
    totals: BTreeMap<i64, i64>,
    /// The polls that no vote may change any more.
    pub(crate) sealed: Vec<i64>,
}

impl Locked {
    /// All responses of the poll, before what the transaction adds.
    pub(crate) fn total(&self, poll: i64) -> i64 {
        self.totals.get(&poll).copied().unwrap_or_default()
    }
}

statement! {
    Lock { polls: [i64] => Array<BigInt> } -> (BigInt, BigInt, Bool),
    "SELECT poll, total_votes, sealed FROM poll_tallies WHERE poll = ANY(?) ORDER BY poll FOR UPDATE"
}

/// Locks the tallies of these polls until the caller's transaction ends, in the order of their ids so that
/// two transactions can't deadlock.
pub(crate) async fn lock(connection: &mut AsyncPgConnection, polls: &[i64]) -> QueryResult<Locked> {
    if polls.is_empty() {
        return Ok(Locked::default());
    }
    let rows: Vec<(i64, i64, bool)> = Lock { polls }.load(connection).await?;
    let mut locked = Locked::default();
    for (poll, total_votes, sealed) in rows {
        locked.totals.insert(poll, total_votes);
        if sealed {
            locked.sealed.push(poll);
        }
    }
    Ok(locked)
}

statement! {
    Add {
        polls: [i64] => Array<BigInt>,
        responses_of_polls: [i64] => Array<BigInt>,
        questions: [i64] => Array<BigInt>,
        responses_of_questions: [i64] => Array<BigInt>,
        choice_questions: [i64] => Array<BigInt>,
        positions: [i16] => Array<SmallInt>,
        votes: [i64] => Array<BigInt>,
    } -> (),
    "WITH polls_raised AS ( \
        UPDATE poll_tallies t SET total_votes = t.total_votes + n.responses, version = t.version + 1 \
        FROM unnest(?, ?) AS n (poll, responses) WHERE t.poll = n.poll \
     ), questions_raised AS ( \
        UPDATE question_tallies t SET responses = t.responses + n.responses \
        FROM unnest(?, ?) AS n (question, responses) WHERE t.question = n.question \
     ) \
     UPDATE choice_tallies t SET votes = t.votes + n.votes \
     FROM unnest(?, ?, ?) AS n (question, position, votes) \
     WHERE t.question = n.question AND t.position = n.position"
}

/// Adds `deltas` and raises the version of each poll in them, within the transaction that has locked these
/// polls.
pub(crate) async fn add(connection: &mut AsyncPgConnection, deltas: &Deltas) -> QueryResult<()> {
    if deltas.polls.is_empty() {
        return Ok(());
    }
    let (polls, responses_of_polls): (Vec<i64>, Vec<i64>) = deltas.polls.iter().unzip();
    let (questions, responses_of_questions): (Vec<i64>, Vec<i64>) = deltas.questions.iter().unzip();
    let (choices, votes): (Vec<(i64, i16)>, Vec<i64>) = deltas.choices.iter().unzip();
    let (choice_questions, positions): (Vec<i64>, Vec<i16>) = choices.into_iter().unzip();
    let add = Add {
        polls: &polls,
        responses_of_polls: &responses_of_polls,
        questions: &questions,
        responses_of_questions: &responses_of_questions,
        choice_questions: &choice_questions,
        positions: &positions,
        votes: &votes,
    };
    add.execute(connection).await?;
    Ok(())
}

statement! {
    RaiseVersion { poll: i64 => BigInt } -> (),
    "UPDATE poll_tallies SET version = version + 1 WHERE poll = ?"
}

/// Raises a poll's version alone: its status has changed, not its counts.
pub(crate) async fn raise_version(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    RaiseVersion { poll: &poll }.execute(connection).await?;
    Ok(())
}

statement! {
    RaiseVersionAbove { version: i64 => BigInt, poll_id: Uuid => SqlUuid } -> (),
    "UPDATE poll_tallies t SET version = greatest(t.version, ?) + 1 FROM polls p WHERE p.id = t.poll AND p.poll_id = ?"
}

/// Raises a poll's version above `version`, which somebody was told although it never was.
pub(crate) async fn raise_version_above(
    connection: &mut AsyncPgConnection,
    poll_id: Uuid,
    version: i64,
) -> QueryResult<()> {
    RaiseVersionAbove { version: &version, poll_id: &poll_id }.execute(connection).await?;
    Ok(())
}

statement! {
    Seal { poll: i64 => BigInt } -> (),
    "UPDATE poll_tallies SET version = version + 1, sealed = true WHERE poll = ?"
}

/// Raises a poll's version for the last time.
pub(crate) async fn seal(connection: &mut AsyncPgConnection, poll: i64) -> QueryResult<()> {
    Seal { poll: &poll }.execute(connection).await?;
    Ok(())
}

statement! {
    Read { poll_ids: [Uuid] => Array<SqlUuid> } ->
    (SqlUuid, BigInt, BigInt, (Bool, Bool, Bool, Bool), SqlUuid, BigInt, Array<SqlUuid>, Array<BigInt>),
    "SELECT p.poll_id, t.version, t.total_votes, p.closed_at IS NOT NULL, p.finalized_at IS NOT NULL, \
            p.archived_at IS NOT NULL, p.deleted_at IS NOT NULL, q.question_id, qt.responses, c.choice_ids, c.votes \
     FROM polls p \
     JOIN poll_tallies t ON t.poll = p.id \
     JOIN questions q ON q.poll = p.id \
     JOIN question_tallies qt ON qt.question = q.id \
     JOIN LATERAL ( \
        SELECT array_agg(c.choice_id) AS choice_ids, array_agg(ct.votes) AS votes \
        FROM choices c JOIN choice_tallies ct USING (question, position) WHERE c.question = q.id \
     ) c ON true \
     WHERE p.poll_id = ANY(?)"
}

statement! {
    Versions { poll_ids: [Uuid] => Array<SqlUuid> } -> (SqlUuid, BigInt),
    "SELECT p.poll_id, t.version FROM polls p JOIN poll_tallies t ON t.poll = p.id WHERE p.poll_id = ANY(?)"
}

/// The versions of the polls with these public ids: cheaper by far than their counts.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn versions(
    connection: &mut AsyncPgConnection,
    poll_ids: &[Uuid],
) -> QueryResult<Vec<(Uuid, i64)>> {
    Versions { poll_ids }.load(connection).await
}

type ReadRow = (Uuid, i64, i64, (bool, bool, bool, bool), Uuid, i64, Vec<Uuid>, Vec<i64>);

/// All counts of the polls with these public ids, each at one version. One statement, so that counts
/// and version are of one snapshot; to see one's own commit it must come after it.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn read(connection: &mut AsyncPgConnection, poll_ids: &[Uuid]) -> QueryResult<Vec<Counts>> {
    let rows: Vec<ReadRow> = Read { poll_ids }.load(connection).await?;
    let mut polls: HashMap<Uuid, Counts> = HashMap::with_capacity(poll_ids.len());
    for (poll_id, version, total_votes, state, question_id, responses, choice_ids, votes) in rows {
        let (closed, finalized, archived, deleted) = state;
        let counts = polls.entry(poll_id).or_insert_with(|| Counts {
            poll_id,
            version,
            total_votes,
            closed,
            finalized,
            archived,
            deleted,
            results: BTreeMap::new(),
        });
        counts.results.insert(Counted::Question(question_id), responses);
        counts.results.extend(choice_ids.into_iter().map(Counted::Choice).zip(votes));
    }
    Ok(polls.into_values().collect())
}
