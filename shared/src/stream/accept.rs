//! Acceptance: one script in Redis that checks a ballot and enqueues it.

use std::sync::LazyLock;

use redis::{RedisResult, Script};
use uuid::Uuid;

use super::entry;
use crate::keys;
use crate::poll::{Poll, VoterIdentity};
use crate::redis::Connection;
use crate::traces::TraceParent;
use crate::vote::{Answer, Cast, Digest, Kind};

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
    /// There is nothing to revoke.
    NotVoted,
    /// Redis does not remember answers to all that a revoke is about: PostgreSQL must be asked for them.
    Unknown,
}

/// A cast on its way to be accepted.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The poll that it is for.
    pub poll: &'a Poll,
    /// The ballot; a revoke's names all of the poll's questions.
    pub cast: &'a Cast,
    /// Whether its digest is over an idempotency key.
    pub keyed: bool,
    /// Entries that the shard's stream may hold.
    pub stream_max_len: u64,
    /// Of a revoke: by question the digest of what the voter has answered, as far as PostgreSQL knows; `None` while it
    /// was not asked. Counts where Redis does not remember the voter.
    pub known: Option<&'a [Option<Digest>]>,
    /// Where the vote's trace is gone on with, where it is traced; travels with the entry.
    pub trace: Option<&'a TraceParent>,
}

/// Accepts a cast, or says why not; an accepted one is on as many replicas as are asked for.
///
/// # Errors
/// When Redis can't be reached or does not answer: whether the ballot was enqueued is then unknown.
pub async fn accept(redis: &mut Connection, attempt: Attempt<'_>) -> RedisResult<Outcome> {
    let Attempt { poll, cast, keyed, stream_max_len, known, trace } = attempt;
    let shard = poll.shard_of(cast.voter);
    let answers = cast.ballot.answers();
    let mut script = ACCEPT.prepare_invoke();
    script.key(keys::open_mark(shard, poll.poll_id)).key(keys::vote_stream(shard));
    for question_id in answered(poll, answers) {
        script.key(keys::voters(shard, question_id));
    }
    let mut voters = answers.len();
    if keyed {
        voters = poll.questions.len();
        for question_id in not_answered(poll, answers) {
            script.key(keys::voters(shard, question_id));
        }
    }
    if poll.settings.voter_identity == VoterIdentity::BrowserAndAddress {
        for question_id in answered(poll, answers) {
            script.key(keys::addresses(shard, question_id));
        }
    }
    script.arg(&cast.voter.0).arg(&cast.digest.0).arg(entry::encode(cast)).arg(stream_max_len);
    script.arg(answers.len()).arg(voters).arg(u8::from(keyed)).arg(kind_name(cast.kind));
    script.arg(&cast.address.map_or([0; 8], |address| address.0));
    script.arg(trace.map(TraceParent::to_string).unwrap_or_default());
    if cast.kind == Kind::Revoke {
        script.arg(entry::HEADER).arg(known.map(pack_known).unwrap_or_default());
    }
    let reply: Vec<u8> =
        script.invoke_async::<Vec<i64>>(&mut redis.lasting()).await?.into_iter().map(|n| n as u8).collect();
    Ok(outcome(&reply, answers))
}

/// Nine bytes a question: whether it is answered, and its answer's digest.
fn pack_known(known: &[Option<Digest>]) -> Vec<u8> {
    let question = |digest: &Option<Digest>| match digest {
        Some(digest) => [&b"1"[..], &digest.0].concat(),
        None => [&b"0"[..], &[0; 8]].concat(),
    };
    known.iter().flat_map(question).collect()
}

fn answered(poll: &Poll, answers: &[Answer]) -> impl Iterator<Item = Uuid> {
    answers.iter().map(|answer| poll.questions[usize::from(answer.question)].question_id)
}

fn not_answered(poll: &Poll, answers: &[Answer]) -> impl Iterator<Item = Uuid> {
    let is_answered = |position: usize| answers.iter().any(|answer| usize::from(answer.question) == position);
    let others = poll.questions.iter().enumerate().filter(move |(position, _)| !is_answered(*position));
    others.map(|(_, question)| question.question_id)
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Cast => "cast",
        Kind::Change => "change",
        Kind::Revoke => "revoke",
    }
}

fn outcome(reply: &[u8], answers: &[Answer]) -> Outcome {
    match reply {
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
        [8] => Outcome::NotVoted,
        [9] => Outcome::Unknown,
        _ => unreachable!("accept.lua replies one of its outcomes, not {reply:?}"),
    }
}
