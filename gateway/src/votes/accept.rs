//! The vote's one step that decides: accepted into the stream, or not.

use pollster_shared::database::DatabaseError;
use pollster_shared::poll::Poll;
use pollster_shared::polls::{self, State};
use pollster_shared::redis::{RedisError, is_refused};
use pollster_shared::responses;
use pollster_shared::stream::accept::{Attempt, Outcome, accept as ask};
use pollster_shared::stream::remembered::is_remembered;
use pollster_shared::stream::{StreamId, prepare};
use pollster_shared::traces::{Span, SpanKind};
use pollster_shared::vote::{Cast, Digest, Kind};

use super::sender::Sender;
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
    /// It counts already: it was committed past the stream.
    Confirmed,
}

/// Why a vote did not get into the stream.
#[derive(Debug)]
enum NotAccepted {
    /// As the voter is told.
    Refused(ApiError),
    /// Redis failed: it may even be in the stream.
    Redis(RedisError),
}

impl From<ApiError> for NotAccepted {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<RedisError> for NotAccepted {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

/// Accepts the sender's vote, or says why not. While Redis is gone a cast is committed to PostgreSQL instead; changes
/// and revokes wait.
pub(super) async fn accept(sender: &Sender<'_>, poll: &Poll, cast: &Cast) -> Result<Accepted, ApiError> {
    match enqueue(sender, poll, cast).await {
        Ok(accepted) => Ok(accepted),
        Err(NotAccepted::Refused(error)) => Err(error),
        Err(NotAccepted::Redis(error)) if cast.kind == Kind::Cast => {
            tracing::debug!(%error, "a vote goes past Redis");
            let written = Box::pin(write(sender, poll, cast)).await;
            // What is refused here may be in the stream all the same, and count in the end.
            if is_refused(&error) { written } else { written.map_err(|_| ApiError::Unavailable) }
        }
        Err(NotAccepted::Redis(error)) => Err(error.into()),
    }
}

async fn enqueue(sender: &Sender<'_>, poll: &Poll, cast: &Cast) -> Result<Accepted, NotAccepted> {
    let (app, keyed) = (sender.app, sender.key.is_some());
    let span = sender.trace.and_then(|trace| trace.child("accept vote", SpanKind::Producer));
    let trace = span.as_ref().map(Span::parent);
    let mut streams = app.streams.clone();
    let mut known = None;
    for _ in 0..ATTEMPTS {
        let stream_max_len = app.config.stream_max_len;
        let (known_digests, trace) = (known.as_deref(), trace.as_ref());
        let attempt = Attempt { poll, cast, keyed, stream_max_len, known: known_digests, trace };
        match ask(&mut streams, attempt).await? {
            Outcome::Accepted => return Ok(Accepted::Now),
            Outcome::Replayed => return Ok(accepted_before(app, poll).await?),
            // Boxed, like all that is rare here: a vote's future stays small enough to be allocated fast.
            Outcome::Cold => Box::pin(warm(app, poll, cast)).await?,
            Outcome::Closed if keyed && Box::pin(is_committed(app, poll, cast)).await? => {
                return Ok(accepted_before(app, poll).await?);
            }
            // A Redis that lost its memory can't tell what was not answered from what it forgot.
            Outcome::Unknown => known = Some(Box::pin(answered_questions(app, poll, cast)).await?),
            refused => return Err(refusal(poll, refused).into()),
        }
    }
    tracing::error!(poll_id = %poll.poll_id, "a shard stays cold");
    Err(ApiError::Unavailable.into())
}

/// Commits the vote past Redis.
async fn write(sender: &Sender<'_>, poll: &Poll, cast: &Cast) -> Result<Accepted, ApiError> {
    let _traced = sender.trace.and_then(|trace| trace.child("commit vote past Redis", SpanKind::Client));
    match sender.app.direct_votes.commit(poll, cast, sender.key.is_some()).await? {
        Outcome::Accepted | Outcome::Replayed => Ok(Accepted::Confirmed),
        refused => Err(refusal(poll, refused)),
    }
}

/// What a voter is told whose vote was not taken.
fn refusal(poll: &Poll, outcome: Outcome) -> ApiError {
    match outcome {
        Outcome::Closed => ApiError::PollClosed,
        Outcome::NotStarted => ApiError::PollNotStarted,
        Outcome::Mismatch => ApiError::IdempotencyMismatch,
        Outcome::Overloaded => ApiError::Overloaded,
        Outcome::NotVoted => ApiError::VoteNotFound,
        Outcome::AlreadyVoted(positions) => {
            let question_id = |position: u8| poll.questions[usize::from(position)].question_id;
            ApiError::AlreadyVoted(positions.into_iter().map(question_id).collect())
        }
        Outcome::Accepted | Outcome::Replayed | Outcome::Cold | Outcome::Unknown => {
            unreachable!("{outcome:?} refuses nothing")
        }
    }
}

/// What was accepted before is answered so also after the poll's end; but not once the poll was deleted.
async fn accepted_before(app: &App, poll: &Poll) -> Result<Accepted, ApiError> {
    Box::pin(app.definitions.require(poll)).await?;
    Ok(Accepted::Before)
}

/// Whether this very ballot was accepted before, under the same key: as far as Redis remembers, or PostgreSQL, where
/// Redis is gone.
pub(crate) async fn already_accepted(app: &App, poll: &Poll, cast: &Cast) -> Result<bool, ApiError> {
    match is_remembered(&mut app.streams.clone(), poll, cast).await {
        Ok(is_remembered) => Ok(is_remembered),
        Err(error) => {
            tracing::debug!(%error, "PostgreSQL is asked for an earlier vote");
            is_committed(app, poll, cast).await
        }
    }
}

/// Asks PostgreSQL's primary how the poll stands and makes the voter's shard ready for it.
async fn warm(app: &App, poll: &Poll, cast: &Cast) -> Result<(), NotAccepted> {
    let shard = poll.shard_of(cast.voter);
    let (state, progress) = standing(app, poll, shard).await?;
    let mut streams = app.streams.clone();
    prepare::ensure_mark(&mut streams, poll, state.closed_at.is_some(), shard, progress).await?;
    Ok(())
}

/// How the poll stands, and the highest id ever committed from the shard.
async fn standing(app: &App, poll: &Poll, shard: u16) -> Result<(State, StreamId), ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let state = polls::state(&mut connection, poll.poll_id).await.map_err(DatabaseError::from)?;
    let progress = polls::shard_progress(&mut connection, shard).await.map_err(DatabaseError::from)?;
    Ok((state.ok_or(ApiError::PollNotFound)?, progress))
}

/// Whether this very ballot is counted already. Redis knows that as long as it remembers the voter; after
/// a loss of its memory PostgreSQL does, and a retry gets its first answer all the same.
async fn is_committed(app: &App, poll: &Poll, cast: &Cast) -> Result<bool, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let counted = responses::is_counted(&mut connection, poll, cast.voter, cast.digest).await;
    Ok(counted.map_err(DatabaseError::from)?)
}

/// By question the digest of what the voter has answered, as far as PostgreSQL knows.
async fn answered_questions(app: &App, poll: &Poll, cast: &Cast) -> Result<Vec<Option<Digest>>, ApiError> {
    let mut connection = app.pool.get().await.map_err(DatabaseError::from)?;
    let answered = responses::answered_questions(&mut connection, poll, cast.voter).await;
    Ok(answered.map_err(DatabaseError::from)?)
}
