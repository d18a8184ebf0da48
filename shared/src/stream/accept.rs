//! Acceptance: one script in Redis that checks a ballot and enqueues it.

use std::sync::LazyLock;

use redis::{RedisResult, Script};

use super::entry;
use crate::keys;
use crate::poll::Poll;
use crate::redis::Connection;
use crate::vote::Cast;

static ACCEPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("accept.lua")));

/// What became of a ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Enqueued: it counts.
    Accepted,
    /// The same ballot under the same key was accepted before: the first answer holds.
    Replayed,
    /// The key was used before with another ballot.
    Mismatch,
    /// The shard does not know the poll: see [`super::prepare`], then try again.
    Cold,
    /// The poll takes no votes any more.
    Closed,
    /// The poll takes no votes yet.
    NotStarted,
    /// The voter answered these questions, given by their positions in the poll, before.
    AlreadyVoted(Vec<u8>),
    /// The shard's stream is at its bound.
    Overloaded,
}

/// Accepts `cast` to `poll`, or says why not; `keyed` says whether its digest is over an idempotency key.
///
/// # Errors
/// When Redis can't be reached or does not answer: whether the ballot was enqueued is then unknown.
pub async fn accept(
    redis: &mut Connection,
    poll: &Poll,
    cast: &Cast,
    keyed: bool,
    stream_max_len: u64,
) -> RedisResult<Outcome> {
    let shard = cast.voter.shard(poll.shards);
    let answers = cast.ballot.answers();
    let is_answered = |position: usize| answers.iter().any(|answer| usize::from(answer.question) == position);

    let mut script = ACCEPT.prepare_invoke();
    script.key(keys::open_mark(shard, poll.poll_id)).key(keys::vote_stream(shard));
    for answer in answers {
        script.key(keys::voters(shard, poll.questions[usize::from(answer.question)].question_id));
    }
    if keyed {
        let others = poll.questions.iter().enumerate().filter(|(position, _)| !is_answered(*position));
        others.for_each(|(_, question)| {
            script.key(keys::voters(shard, question.question_id));
        });
    }
    script.arg(&cast.voter.0).arg(&cast.digest.0).arg(entry::encode(cast)).arg(stream_max_len);
    script.arg(answers.len()).arg(u8::from(keyed));

    let reply: Vec<u8> = script.invoke_async::<Vec<i64>>(redis).await?.into_iter().map(|n| n as u8).collect();
    Ok(match reply.as_slice() {
        [0] => Outcome::Accepted,
        [1] => Outcome::Replayed,
        [2] => Outcome::Mismatch,
        [3] => Outcome::Cold,
        [4] => Outcome::Closed,
        [5] => Outcome::NotStarted,
        [6, indexes @ ..] => {
            Outcome::AlreadyVoted(indexes.iter().map(|&index| answers[usize::from(index)].question).collect())
        }
        [7] => Outcome::Overloaded,
        _ => unreachable!("accept.lua replies one of its outcomes, not {reply:?}"),
    })
}
