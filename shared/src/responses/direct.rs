//! Casts that no stream takes, while Redis is gone: decided and committed in one transaction, by the rules of the
//! acceptance script and through the one commit.
//!
//! Whether such a poll is open is asked under a lock on its row, which a close has to wait for. Among its voter's events
//! a direct cast has the place of its moment: what the streams still hold of the voter came before it, what Redis takes
//! once it is back comes after it.

mod standing;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::result::Error;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use uuid::Uuid;

use super::{Fate, commit_within};
use crate::milestones::Thresholds;
use crate::poll::{Poll, VoterIdentity};
use crate::stream::StreamId;
use crate::stream::accept::Outcome;
use crate::unpublished;
use crate::vote::{AcceptedCast, AddressHash, Cast, Voter};

use standing::Standing;

/// How often another commit may come between before that is an error: each of them leaves one voter fewer to do it.
const ATTEMPTS: u32 = 10;

/// A cast to be committed at once.
#[derive(Debug, Clone)]
pub struct DirectCast {
    cast: Cast,
    /// Whether its digest is over an idempotency key.
    keyed: bool,
    /// The month of its poll, which is where its responses are.
    month: NaiveDate,
    /// The poll's questions, by their ids inside PostgreSQL.
    questions: Vec<i64>,
    one_an_address: bool,
}

/// Who may vote once on a poll: no two of one batch share any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Once {
    /// A voter.
    Voter(Uuid, Voter),
    /// An address, where the poll asks it.
    Address(Uuid, AddressHash),
}

impl DirectCast {
    /// The cast as one on `poll`; `keyed` says whether its digest is over an idempotency key.
    pub fn new(poll: &Poll, cast: &Cast, keyed: bool) -> Self {
        Self {
            cast: cast.clone(),
            keyed,
            month: poll.month,
            questions: poll.questions.iter().map(|question| question.id).collect(),
            one_an_address: poll.settings.voter_identity == VoterIdentity::BrowserAndAddress,
        }
    }

    /// The public id of its poll.
    pub fn poll_id(&self) -> Uuid {
        self.cast.poll_id
    }

    /// Whom it may come from once.
    pub fn once(&self) -> impl Iterator<Item = Once> {
        let voter = Once::Voter(self.cast.poll_id, self.cast.voter);
        let address = self.cast.address.filter(|_| self.one_an_address);
        [voter].into_iter().chain(address.map(|address| Once::Address(self.cast.poll_id, address)))
    }
}

/// Commits `casts`, of which no two share a [`Once`], as one transaction. Returns what became of each, in the words
/// of the acceptance script: `Accepted` is counted now, `Replayed` was before; `Closed` also where the poll is gone;
/// `Overloaded` where the voter has revoked, after which a vote is a change, which waits for Redis. Polls that set no
/// milestones of their own have these; what is crossed is recorded, and told by who looks for it.
///
/// # Errors
/// Any error rolls everything back.
pub async fn commit(
    connection: &mut AsyncPgConnection,
    casts: &[DirectCast],
    milestones: &Thresholds,
) -> QueryResult<Vec<Outcome>> {
    for _ in 1..ATTEMPTS {
        match try_commit(connection, casts, milestones).await {
            Err(Error::RollbackTransaction) => {}
            committed => return committed,
        }
    }
    try_commit(connection, casts, milestones).await
}

/// The place of a cast committed at this moment: stream ids go by Redis's clock, this by PostgreSQL's, which is as good
/// where they differ by less than a voter takes between two votes. No entry has the last sequence of a millisecond.
fn order(now: DateTime<Utc>) -> i64 {
    StreamId { milliseconds: now.timestamp_millis() as u64, sequence: u64::MAX }.order()
}

/// Rolls back where another commit came between the look and the commit.
async fn try_commit(
    connection: &mut AsyncPgConnection,
    casts: &[DirectCast],
    milestones: &Thresholds,
) -> QueryResult<Vec<Outcome>> {
    connection
        .transaction(async |connection| {
            let standing = Standing::read(connection, casts).await?;
            let outcomes: Vec<Outcome> =
                casts.iter().enumerate().map(|(index, cast)| standing.decide(index, cast)).collect();
            let accepted: Vec<AcceptedCast> = casts
                .iter()
                .zip(&outcomes)
                .filter(|(_, outcome)| **outcome == Outcome::Accepted)
                .map(|(direct, _)| AcceptedCast {
                    cast: direct.cast.clone(),
                    accepted_at: standing.now(direct),
                    order: order(standing.now(direct)),
                })
                .collect();
            if accepted.is_empty() {
                return Ok(outcomes);
            }
            let committed = commit_within(connection, &accepted, &[], milestones).await?;
            // An aggregator has just committed an earlier ballot of one of the voters: that must be seen first.
            if committed.fates.iter().any(|fate| *fate != Fate::Inserted) {
                return Err(Error::RollbackTransaction);
            }
            unpublished::note(connection, &standing.polls()).await?;
            Ok(outcomes)
        })
        .await
}
