//! Which accounts voted in which polls. Nothing stored says so: a response names a keyed hash of its voter's
//! subject, so whoever asks must know subjects and secret, and look each voter up in each question.
//!
//! What it costs: an index look-up a voter and question, 20,000 a statement. What it does not find: browsers' votes,
//! which are nobody's account's, and those in polls whose responses are in the archive only.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::max;
use diesel::sql_types::{Array, BigInt, Date, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryDsl, QueryResult, Queryable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::database::statement;
use crate::schema::polls;
use crate::vote::Voter;

/// Polls looked at by one statement.
const POLLS: i64 = 5000;
/// Questions looked at by one statement, for a page of voters.
const QUESTIONS: usize = 200;
/// The most voters that are looked up together.
pub const VOTERS: usize = 100;

/// SQL's condition that poll `p` took votes before `?`, and at or after `?`.
macro_rules! took_votes_within {
    () => {
        "p.deleted_at IS NULL AND least(coalesce(p.starts_at, p.created_at), p.closed_at) < ? \
         AND coalesce(least(p.closed_at, p.ends_at) >= ?, true)"
    };
}
pub(crate) use took_votes_within;

/// A question of a poll on which accounts vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Question {
    id: i64,
    poll: i64,
    month: NaiveDate,
}

/// A voter's part in a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Vote {
    /// The voter, as PostgreSQL keeps it.
    pub voter: Uuid,
    /// The poll's row.
    pub poll: i64,
    /// When they last answered one of its questions.
    pub at: DateTime<Utc>,
}

statement! {
    Questions {
        after: i64 => BigInt,
        through: i64 => BigInt,
        to: DateTime<Utc> => Timestamptz,
        from: DateTime<Utc> => Timestamptz,
    } -> (BigInt, BigInt, Date),
    concat!(
        "SELECT q.id, p.id, p.month FROM polls p JOIN questions q ON q.poll = p.id \
         WHERE p.id > ? AND p.id <= ? AND p.settings ->> 'voter_identity' = 'account' AND ",
        took_votes_within!()
    )
}

/// The questions of all polls on which accounts could vote at some time from `from` until before `to`: 24 bytes each.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn questions(
    connection: &mut AsyncPgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> QueryResult<Vec<Question>> {
    let last: Option<i64> = polls::table.select(max(polls::id)).first(connection).await?;
    let mut questions = Vec::new();
    let mut after = 0;
    while after < last.unwrap_or(0) {
        let through = after + POLLS;
        let page = Questions { after: &after, through: &through, to: &to, from: &from };
        questions.extend(page.load::<Question>(connection).await?);
        after = through;
    }
    Ok(questions)
}

statement! {
    Votes {
        months: [NaiveDate] => Array<Date>,
        questions: [i64] => Array<BigInt>,
        polls: [i64] => Array<BigInt>,
        voters: [Uuid] => Array<SqlUuid>,
    } -> (SqlUuid, BigInt, Timestamptz),
    "SELECT r.voter, k.poll, max(r.submitted_at) FROM unnest(?, ?, ?) AS k (month, question, poll) \
     JOIN responses r ON r.month = k.month AND r.question = k.question \
     WHERE r.voter = ANY(?) AND r.choices <> 0 GROUP BY r.voter, k.poll"
}

/// What of these questions these voters, at most [`VOTERS`], have answered and not revoked; each poll once or more.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn votes(
    connection: &mut AsyncPgConnection,
    questions: &[Question],
    voters: &[Voter],
) -> QueryResult<Vec<Vote>> {
    let voters: Vec<Uuid> = voters.iter().map(|voter| voter.to_uuid()).collect();
    let mut votes = Vec::new();
    for questions in questions.chunks(QUESTIONS) {
        let page = Votes {
            months: &questions.iter().map(|question| question.month).collect::<Vec<_>>(),
            questions: &questions.iter().map(|question| question.id).collect::<Vec<_>>(),
            polls: &questions.iter().map(|question| question.poll).collect::<Vec<_>>(),
            voters: &voters,
        };
        votes.extend(page.load::<Vote>(connection).await?);
    }
    Ok(votes)
}
