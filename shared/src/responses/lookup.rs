//! What PostgreSQL knows of a voter's votes.

use diesel::{ExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::poll::Poll;
use crate::schema::{response_changes, responses};
use crate::vote::{Choices, Digest, VoteId, Voter};

/// A voter's response to one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseRow {
    /// The question's id inside PostgreSQL.
    pub question: i64,
    /// What was chosen; nothing where it was revoked.
    pub choices: Choices,
    /// The digest of the ballot that it came with.
    pub digest: Digest,
}

/// All responses of `voter` to `poll`, revoked ones too.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn of_voter(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
) -> QueryResult<Vec<ResponseRow>> {
    let rows: Vec<(i64, i64, i64)> = responses::table
        .filter(responses::month.eq(poll.month))
        .filter(responses::question.eq_any(question_ids(poll)))
        .filter(responses::voter.eq(voter.to_uuid()))
        .select((responses::question, responses::choices, responses::digest))
        .load(connection)
        .await?;
    let row = |(question, choices, digest): (i64, i64, i64)| ResponseRow {
        question,
        choices: Choices(choices as u64),
        digest: Digest::from_i64(digest),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// By question of the poll the digest of what `voter` has answered and not revoked.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn answered_questions(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
) -> QueryResult<Vec<Option<Digest>>> {
    let rows = of_voter(connection, poll, voter).await?;
    let answer = |id: i64| rows.iter().find(|row| row.question == id && !row.choices.is_empty());
    Ok(poll.questions.iter().map(|question| answer(question.id).map(|row| row.digest)).collect())
}

/// What became of a vote, as far as PostgreSQL knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoteStatus {
    /// Not committed yet.
    Accepted,
    /// Counted.
    Confirmed,
    /// Counted until the voter changed or revoked it.
    Replaced,
    /// Not counted: the voter, or their address, has another ballot on one of its questions.
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
    let mut rows = of_voter(connection, poll, voter).await?;
    rows.retain(|row| answered.contains(&row.question));
    if rows.iter().any(|row| row.digest == id.digest) {
        return Ok(VoteStatus::Confirmed);
    }
    Ok(match was_refused(connection, poll, voter, id.digest).await? {
        Some(false) => VoteStatus::Replaced,
        Some(true) => VoteStatus::Rejected,
        None if rows.is_empty() || poll.settings.allow_vote_change => VoteStatus::Accepted,
        None => VoteStatus::Rejected,
    })
}

/// Whether the ballot of this digest is, or was until it was replaced, counted.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn is_counted(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
    digest: Digest,
) -> QueryResult<bool> {
    let rows = of_voter(connection, poll, voter).await?;
    Ok(rows.iter().any(|row| row.digest == digest)
        || was_refused(connection, poll, voter, digest).await? == Some(false))
}

/// Of a vote that the log holds, whether it was refused.
async fn was_refused(
    connection: &mut AsyncPgConnection,
    poll: &Poll,
    voter: Voter,
    digest: Digest,
) -> QueryResult<Option<bool>> {
    let refused: Vec<bool> = response_changes::table
        .filter(response_changes::question.eq_any(question_ids(poll)))
        .filter(response_changes::voter.eq(voter.to_uuid()))
        .filter(response_changes::digest.eq(digest.to_i64()))
        .select(response_changes::refused)
        .load(connection)
        .await?;
    Ok((!refused.is_empty()).then(|| refused.iter().all(|refused| *refused)))
}

fn question_ids(poll: &Poll) -> Vec<i64> {
    poll.questions.iter().map(|question| question.id).collect()
}
