//! What a poll's votes have left behind, read in the order of its keys, a page at a time: for the archive, for
//! exports, for counting anew.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::database::statement;
use crate::poll::Poll;
use crate::vote::Choices;

/// Which of a poll's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Each voter's latest event: `responses`.
    Responses,
    /// The events before it, and those that were refused: `response_changes`.
    Changes,
}

impl Relation {
    /// Both, in the order in which they are archived.
    pub const ALL: [Self; 2] = [Self::Responses, Self::Changes];

    /// Its name in the archive.
    pub fn name(self) -> &'static str {
        match self {
            Self::Responses => "responses",
            Self::Changes => "changes",
        }
    }
}

/// One event of a vote, without its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredEvent {
    /// The question's position in its poll, from 0.
    pub question: u8,
    /// Who voted.
    pub voter: Uuid,
    /// What was chosen; nothing where the vote was revoked.
    pub choices: Choices,
    /// Half idempotency key, half ballot.
    pub digest: i64,
    /// When it was accepted.
    pub submitted_at: DateTime<Utc>,
    /// Its place among the voter's events; always there in `response_changes`, and where votes may be changed.
    pub order: Option<i64>,
    /// Whether it was accepted as a second vote and never counted.
    pub refused: bool,
}

/// After which event to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The question's position in its poll.
    pub question: u8,
    /// The voter.
    pub voter: Uuid,
    /// The event's order, 0 where it has none.
    pub order: i64,
}

impl StoredEvent {
    /// Where it stands.
    pub fn position(&self) -> Position {
        Position { question: self.question, voter: self.voter, order: self.order.unwrap_or(0) }
    }
}

type Row = (SqlUuid, BigInt, BigInt, Timestamptz, Nullable<BigInt>, Bool);
type Loaded = (Uuid, i64, i64, DateTime<Utc>, Option<i64>, bool);

statement! {
    Responses { month: NaiveDate => Date, question: i64 => BigInt, after: Uuid => SqlUuid, limit: i64 => BigInt } -> Row,
    // A row without an event was made to be locked, and has nothing in it.
    "SELECT voter, choices, digest, submitted_at, event_order, false FROM responses \
     WHERE month = ? AND question = ? AND voter > ? AND (choices <> 0 OR event_order IS NOT NULL) \
     ORDER BY voter LIMIT ?"
}

statement! {
    Changes { question: i64 => BigInt, after: Uuid => SqlUuid, order: i64 => BigInt, limit: i64 => BigInt } -> Row,
    "SELECT voter, choices, digest, submitted_at, event_order, refused FROM response_changes \
     WHERE question = ? AND (voter, event_order) > (?, ?) ORDER BY voter, event_order LIMIT ?"
}

/// Up to `limit` events of the poll that come after `after`, or from the first one on, ordered by question, voter
/// and order. Fewer than `limit` do not mean the end: none do.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn stored(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Vec<StoredEvent>> {
    let first = after.map_or(0, |after| after.question);
    for question in first..poll.questions.len() as u8 {
        // No voter is all zeros, and no event of a voter comes before the smallest order.
        let start = Position { question, voter: Uuid::nil(), order: i64::MIN };
        let after = after.filter(|after| after.question == question).unwrap_or(start);
        let events = of_question(connection, poll, relation, after, limit as i64).await?;
        if !events.is_empty() {
            return Ok(events);
        }
    }
    Ok(Vec::new())
}

async fn of_question(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    relation: Relation,
    after: Position,
    limit: i64,
) -> QueryResult<Vec<StoredEvent>> {
    let Position { question, voter, order } = after;
    let id = poll.questions[usize::from(question)].id;
    let rows: Vec<Loaded> = match relation {
        Relation::Responses => {
            let read = Responses { month: &poll.month, question: &id, after: &voter, limit: &limit };
            read.load(connection).await?
        }
        Relation::Changes => {
            let read = Changes { question: &id, after: &voter, order: &order, limit: &limit };
            read.load(connection).await?
        }
    };
    let event = |(voter, choices, digest, submitted_at, order, refused): Loaded| StoredEvent {
        question,
        voter,
        choices: Choices(choices as u64),
        digest,
        submitted_at,
        order,
        refused,
    };
    Ok(rows.into_iter().map(event).collect())
}
