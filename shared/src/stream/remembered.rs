//! What acceptance remembers of a voter.

use redis::RedisResult;

use crate::keys;
use crate::poll::Poll;
use crate::redis::Connection;
use crate::vote::{Cast, Voter};

/// Whether this very ballot was accepted before, as far as Redis remembers.
///
/// # Errors
/// When Redis fails.
pub async fn is_remembered(redis: &mut Connection, poll: &Poll, cast: &Cast) -> RedisResult<bool> {
    let shard = poll.shard_of(cast.voter);
    let mut asked = redis::pipe();
    for answer in cast.ballot.answers() {
        let question = &poll.questions[usize::from(answer.question)];
        asked.hget(keys::voters(shard, question.question_id), &cast.voter.0);
    }
    let remembered: Vec<Option<Vec<u8>>> = asked.query_async(redis).await?;
    // Where votes may be changed, the digests of the last few are kept one after the other.
    let mut digests =
        remembered.iter().flatten().flat_map(|digests| digests.chunks_exact(cast.digest.0.len()));
    Ok(digests.any(|digest| digest == cast.digest.0))
}

/// Whether the voter has answered any question of `poll`, as far as Redis remembers.
///
/// # Errors
/// When Redis can't be reached.
pub async fn has_voted(redis: &mut Connection, poll: &Poll, voter: Voter) -> RedisResult<bool> {
    let shard = poll.shard_of(voter);
    let mut pipeline = redis::pipe();
    for question in &poll.questions {
        pipeline.hget(keys::voters(shard, question.question_id), &voter.0);
    }
    let remembered: Vec<Option<Vec<u8>>> = pipeline.query_async(redis).await?;
    // An odd length ends with the sign of a revoke.
    Ok(remembered.iter().flatten().any(|digests| digests.len() % 2 == 0))
}
