//! Responses counted anew, in slices within one snapshot.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Date, SmallInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use super::{Difference, ReconcileError, What, differences, paired};
use crate::counts::{Counted, Counts};
use crate::database::statement;
use crate::poll::{Choice, Poll, Question};
use crate::polls::{self, PollName};
use crate::tallies;
use crate::vote::Choices;

/// The most responses that one statement counts: even where each comes from a disk, far within the time that a
/// statement has.
pub const SLICE: i64 = 20_000;
/// While a snapshot is held, PostgreSQL keeps what was replaced since, for every table. A poll of ten million
/// responses takes seconds.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Reads the primary key in its order, whatever a plan for unknown values makes of the limit. The savepoint is where
/// each slice goes back to, so that no table stays locked: a partition may be dropped meanwhile.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                     SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL jit = off; \
                     SAVEPOINT slice";
const GO_BACK: &str = "ROLLBACK TO SAVEPOINT slice";

/// Votes a choice over all minutes. Nothing where they need not be those of the poll: made before they were kept, or
/// not voted on.
pub(super) type Timeline = BTreeMap<Counted, i64>;

/// A poll's responses on their way to being counted. Dropped half-way, its connection goes with it.
pub struct Recount {
    connection: AsyncPgConnection,
    began: Instant,
    poll: Poll,
    tallies: Counts,
    timeline: Timeline,
    counted: BTreeMap<Counted, i64>,
    /// Position of the question that the next slice is of.
    question: usize,
    /// The last voter of the slice before.
    voter: Uuid,
}

/// What one snapshot held of a poll.
#[derive(Debug)]
pub struct Recounted {
    pub(super) poll: Poll,
    /// As the responses say.
    pub(super) responses: Counts,
    pub(super) tallies: Counts,
    pub(super) timeline: Timeline,
}

impl Recount {
    /// Takes a snapshot, on a connection that serves nothing else meanwhile. `None` where there is no such poll.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn begin(mut connection: AsyncPgConnection, poll_id: Uuid) -> QueryResult<Option<Self>> {
        connection.batch_execute(BEGIN).await?;
        let poll = polls::find(&mut connection, &PollName::Id(poll_id)).await?;
        let tallies = tallies::read(&mut connection, &[poll_id]).await?.pop();
        let (Some(poll), Some(tallies)) = (poll, tallies) else { return Ok(None) };
        let timeline = timeline(&mut connection, &poll).await?;
        connection.batch_execute(GO_BACK).await?;
        let counted = nothing(&poll);
        Ok(Some(Self {
            connection,
            began: Instant::now(),
            poll,
            tallies,
            timeline,
            counted,
            question: 0,
            voter: Uuid::nil(),
        }))
    }

    /// Counts on, [`SLICE`] responses at most. Returns how many there were, `None` after the last.
    ///
    /// # Errors
    /// When PostgreSQL fails, or the snapshot is ten minutes old.
    pub async fn slice(&mut self) -> Result<Option<u64>, ReconcileError> {
        let Some(question) = self.poll.questions.get(self.question) else { return Ok(None) };
        if self.began.elapsed() > MAX_AGE {
            return Err(ReconcileError::TooLong(MAX_AGE));
        }
        let slice =
            Slice { month: &self.poll.month, question: &question.id, after: &self.voter, limit: &SLICE };
        let groups: Vec<(i64, i64, Uuid)> = slice.load(&mut self.connection).await?;
        self.connection.batch_execute(GO_BACK).await?;
        let mut rows = 0;
        for &(choices, responses, _) in &groups {
            add(&mut self.counted, question, Choices(choices as u64), responses);
            rows += responses;
        }
        match groups.as_slice() {
            &[(.., last), ..] if rows == SLICE => self.voter = last,
            _ => (self.question, self.voter) = (self.question + 1, Uuid::nil()),
        }
        Ok(Some(rows as u64))
    }

    /// Ends the snapshot, after the last slice. Returns the connection with what was counted.
    ///
    /// # Errors
    /// When PostgreSQL fails.
    pub async fn end(self) -> QueryResult<(AsyncPgConnection, Recounted)> {
        let Self { mut connection, poll, tallies, timeline, counted, .. } = self;
        connection.batch_execute("ROLLBACK").await?;
        let is_of_question = |(counted, _): &(&Counted, &i64)| matches!(counted, Counted::Question(_));
        let total_votes = counted.iter().filter(is_of_question).map(|(_, responses)| responses).sum();
        let responses = Counts { total_votes, results: counted, ..tallies.clone() };
        Ok((connection, Recounted { poll, responses, tallies, timeline }))
    }
}

impl Recounted {
    /// The number of responses.
    pub fn responses(&self) -> i64 {
        self.responses.total_votes
    }

    /// The tallies, and sums of the timeline, that are not what the responses say.
    pub fn differences(&self) -> Vec<Difference> {
        let poll_id = self.responses.poll_id;
        let tallies = differences(poll_id, What::Tallies, paired(&self.responses, &self.tallies));
        let votes = self.timeline.iter();
        let votes = votes.map(|(counted, &votes)| (counted.to_string(), self.responses.of(*counted), votes));
        tallies.chain(differences(poll_id, What::Timeline, votes)).collect()
    }
}

/// Everything of the poll that is counted, at 0.
fn nothing(poll: &Poll) -> BTreeMap<Counted, i64> {
    let of_question = |question: &Question| {
        let choices = question.choices.iter().map(|choice| Counted::Choice(choice.choice_id));
        choices.chain([Counted::Question(question.question_id)]).collect::<Vec<_>>()
    };
    poll.questions.iter().flat_map(of_question).map(|counted| (counted, 0)).collect()
}

/// Adds that many responses to `question` that chose these; one that was revoked chose nothing and is none.
fn add(counted: &mut BTreeMap<Counted, i64>, question: &Question, choices: Choices, responses: i64) {
    if choices.is_empty() {
        return;
    }
    *counted.entry(Counted::Question(question.question_id)).or_default() += responses;
    for choice in choices.positions().filter_map(|position| question.choices.get(position)) {
        *counted.entry(Counted::Choice(choice.choice_id)).or_default() += responses;
    }
}

async fn timeline(connection: &mut AsyncPgConnection, poll: &Poll) -> QueryResult<Timeline> {
    let sums: Vec<(i64, i16, i64)> = Sums { poll: &poll.id }.load(connection).await?;
    if sums.is_empty() {
        return Ok(Timeline::new());
    }
    let sums: BTreeMap<(i64, i16), i64> =
        sums.into_iter().map(|(question, position, votes)| ((question, position), votes)).collect();
    let of_question = |question: &Question| {
        let choices = (0_i16..).zip(&question.choices);
        let sum = |(position, choice): (i16, &Choice)| {
            (Counted::Choice(choice.choice_id), sums.get(&(question.id, position)).copied().unwrap_or(0))
        };
        choices.map(sum).collect::<Vec<_>>()
    };
    Ok(poll.questions.iter().flat_map(of_question).collect())
}

statement! {
    Sums { poll: i64 => BigInt } -> (BigInt, SmallInt, BigInt),
    // Votes are booked by the minute since migration 6.
    "SELECT t.question, t.position, sum(t.votes)::bigint FROM polls p JOIN poll_timeline t ON t.poll = p.id \
     WHERE p.id = ? AND p.created_at > ( \
        SELECT run_on FROM __diesel_schema_migrations WHERE version = '20261122000006' \
     ) GROUP BY t.question, t.position"
}

statement! {
    Slice { month: NaiveDate => Date, question: i64 => BigInt, after: Uuid => SqlUuid, limit: i64 => BigInt } ->
    (BigInt, BigInt, SqlUuid),
    "WITH slice AS MATERIALIZED ( \
        SELECT voter, choices FROM responses WHERE month = ? AND question = ? AND voter > ? \
        ORDER BY voter LIMIT ? \
     ) SELECT choices, count(*), (SELECT voter FROM slice ORDER BY voter DESC LIMIT 1) \
     FROM slice GROUP BY choices"
}
