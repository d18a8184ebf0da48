//! The vote's one step that decides: accepted into the stream, or not.

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::stream::accept::{Attempt, Outcome, accept as ask};
use pollster_shared::stream::prepare;
use pollster_shared::stream::remembered::is_remembered;
use pollster_shared::vote::Cast;
use pollster_shared::{polls, responses};

use crate::app::App;
use crate::error::ApiError;

/// A shard that stays cold after this many attempts to prepare it is not to be had.
const ATTEMPTS: usize = 3;

/// A vote taken: the voter is told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// Now.
    Now,
    /// Before, under the same key.
    Before,
}

/// Accepts the vote, or says why not; `keyed` says whether its digest is over an idempotency key.
pub(crate) async fn accept(app: &App, poll: &Poll, cast: &Cast, keyed: bool) -> Result<Accepted, ApiError> {
    let mut streams = app.streams.clone();
    let mut attempt = Attempt { poll, cast, keyed, stream_max_len: app.config.stream_max_len, known: None };
    for _ in 0..ATTEMPTS {
        match ask(&mut streams, attempt).await? {
            Outcome::Accepted => return Ok(Accepted::Now),
            Outcome::Replayed => return accepted_before(app, poll).await,
            // Boxed, like all that is rare here: a vote's future stays small enough to be allocated fast.
            Outcome::Cold => Box::pin(warm(app, poll, cast)).await?,
            Outcome::Closed if keyed && Box::pin(is_committed(app, poll, cast)).await? => {
                return accepted_before(app, poll).await;
            }
            Outcome::Closed => return Err(ApiError::PollClosed),
            Outcome::NotStarted => return Err(ApiError::PollNotStarted),
            Outcome::Mismatch => return Err(ApiError::IdempotencyMismatch),
            Outcome::Overloaded => return Err(ApiError::Overloaded),
            // A Redis that lost its memory can't tell what was not answered from what it forgot.
            Outcome::Unknown => attempt.known = Some(Box::pin(answered_questions(app, poll, cast)).await?),
            Outcome::NotVoted => return Err(ApiError::VoteNotFound),
            Outcome::AlreadyVoted(positions) => {
                let question_id = |position: u8| poll.questions[usize::from(position)].question_id;
                return Err(ApiError::AlreadyVoted(positions.into_iter().map(question_id).collect()));
            }
        }
    }
    tracing::error!(poll_id = %poll.poll_id, "a shard stays cold");
    Err(ApiError::Unavailable)
}

/// What was accepted before is answered so also after the poll's end; but not once the poll was deleted.
async fn accepted_before(app: &App, poll: &Poll) -> Result<Accepted, ApiError> {
    Box::pin(app.definitions.require(poll)).await?;
    Ok(Accepted::Before)
}

/// Whether this very ballot was accepted before, under the same key, as far as Redis remembers.
pub(crate) async fn already_accepted(app: &App, poll: &Poll, cast: &Cast) -> Result<bool, ApiError> {
    Ok(is_remembered(&mut app.streams.clone(), poll, cast).await?)
}

/// Asks PostgreSQL's primary how the poll stands and makes the voter's shard ready for it.
async fn warm(app: &App, poll: &Poll, cast: &Cast) -> Result<(), ApiError> {
    let shard = poll.shard_of(cast.voter);
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    let state = state.ok_or(ApiError::PollNotFound)?;
    let progress = polls::shard_progress(&mut connection, shard).await.map_err(DatabaseError::from)?;
    let mut streams = app.streams.clone();
    prepare::ensure_mark(&mut streams, poll, state.closed_at.is_some(), shard, progress).await?;
    Ok(())
}

/// Whether this very ballot is counted already. Redis knows that as long as it remembers the voter; after
/// a loss of its memory PostgreSQL does, and a retry gets its first answer all the same.
async fn is_committed(app: &App, poll: &Poll, cast: &Cast) -> Result<bool, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let counted = responses::is_counted(&mut connection, poll, cast.voter, cast.digest).await;
    Ok(counted.map_err(DatabaseError::from)?)
}

/// The positions of the questions that the voter has answered as far as PostgreSQL knows, a bit each.
async fn answered_questions(app: &App, poll: &Poll, cast: &Cast) -> Result<u32, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let answered = responses::answered_questions(&mut connection, poll, cast.voter).await;
    Ok(answered.map_err(DatabaseError::from)?)
}
