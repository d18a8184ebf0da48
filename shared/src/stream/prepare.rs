//! Makes shards ready to take votes, at first and again after Redis came back empty.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use redis::{RedisResult, Script};
use uuid::Uuid;

use super::{StreamId, Streams};
use crate::keys;
use crate::poll::Poll;
use crate::redis::Connection;

static PREPARE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("prepare.lua")));

/// A mark that expires only makes the shard cold, which heals by itself.
const OPEN_MARK_SECONDS: u64 = 7 * 24 * 3600;
/// Marks and voters' hashes of a closed poll are kept for late retries of votes.
const CLOSED_SECONDS: u64 = 30 * 24 * 3600;
const CLOSED: &str = "closed";

/// Makes a stream and its group where they are missing. A stream made anew starts after `progress`, the highest id
/// that was ever committed from it; zero where that does not matter.
///
/// # Errors
/// When Redis can't be reached.
pub async fn ensure_stream(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    progress: StreamId,
) -> RedisResult<()> {
    PREPARE.key(streams.key(shard)).arg(streams.group()).arg(progress.to_string()).invoke_async(redis).await
}

/// Makes `shard` ready for `poll`: [`ensure_stream`], then the poll's mark where it is missing, `closed`
/// or `open` with the poll's times.
///
/// # Errors
/// When Redis can't be reached.
pub async fn ensure_mark(
    redis: &mut Connection,
    poll: &Poll,
    closed: bool,
    shard: u16,
    progress: StreamId,
) -> RedisResult<()> {
    let (mark, seconds) = match closed {
        true => (CLOSED.to_owned(), CLOSED_SECONDS),
        false => (open_mark(poll), OPEN_MARK_SECONDS),
    };
    PREPARE
        .key(keys::vote_stream(shard))
        .key(keys::open_mark(shard, poll.poll_id))
        .arg(keys::AGGREGATORS)
        .arg(progress.to_string())
        .arg(mark)
        .arg(seconds)
        .invoke_async(redis)
        .await
}

/// Marks `poll` closed on all its shards, then returns the last entry that each shard holds: once
/// everything up to these is committed, no accepted vote is missing.
///
/// # Errors
/// When Redis can't be reached.
pub async fn close_marks(redis: &mut Connection, poll: &Poll) -> RedisResult<Vec<StreamId>> {
    let mut pipeline = redis::pipe();
    for shard in 0..poll.shards {
        pipeline.set_ex(keys::open_mark(shard, poll.poll_id), CLOSED, CLOSED_SECONDS).ignore();
        for question in &poll.questions {
            let hashes = [keys::voters, keys::addresses].map(|key| key(shard, question.question_id));
            for hash in hashes {
                pipeline.expire(hash, CLOSED_SECONDS as i64).ignore();
            }
        }
    }
    // A shard that forgot that the poll is closed would take votes that nobody counts.
    pipeline.exec_async(&mut redis.lasting()).await?;
    last_ids(redis, poll.shards).await
}

/// Whether each of the poll's shards still says that it is closed.
///
/// # Errors
/// When Redis can't be reached.
pub async fn marks_are_closed(redis: &mut Connection, poll_id: Uuid, shards: u16) -> RedisResult<bool> {
    let mut pipeline = redis::pipe();
    for shard in 0..shards {
        pipeline.get(keys::open_mark(shard, poll_id));
    }
    let marks: Vec<Option<String>> = pipeline.query_async(redis).await?;
    Ok(marks.iter().all(|mark| mark.as_deref() == Some(CLOSED)))
}

/// Whether no shard holds an entry up to its id in `closing_ids` any more. Entries leave the stream only
/// once they are committed (or set aside as dead letters).
///
/// # Errors
/// When Redis can't be reached.
pub async fn is_drained(redis: &mut Connection, closing_ids: &[StreamId]) -> RedisResult<bool> {
    let mut pipeline = redis::pipe();
    for (shard, id) in (0..).zip(closing_ids) {
        pipeline.xrange_count(keys::vote_stream(shard), "-", id.to_string(), 1);
    }
    let entries: Vec<redis::Value> = pipeline.query_async(redis).await?;
    Ok(entries.iter().all(|entries| matches!(entries, redis::Value::Array(entries) if entries.is_empty())))
}

async fn last_ids(redis: &mut Connection, shards: u16) -> RedisResult<Vec<StreamId>> {
    let mut pipeline = redis::pipe();
    for shard in 0..shards {
        pipeline.cmd("XREVRANGE").arg(keys::vote_stream(shard)).arg("+").arg("-").arg("COUNT").arg(1);
    }
    let last: Vec<Vec<(String, redis::Value)>> = pipeline.query_async(redis).await?;
    let id = |entries: &Vec<(String, redis::Value)>| entries.first().and_then(|(id, _)| id.parse().ok());
    Ok(last.iter().map(|entries| id(entries).unwrap_or_default()).collect())
}

fn open_mark(poll: &Poll) -> String {
    if poll.starts_at.is_none() && poll.ends_at.is_none() {
        return "open".to_owned();
    }
    let milliseconds = |time: DateTime<Utc>| time.timestamp_millis().max(0);
    let starts = poll.starts_at.map_or(0, milliseconds);
    // Lua's numbers are exact up to 2^53.
    let ends = poll.ends_at.map_or((1 << 53) - 1, milliseconds);
    format!("open {starts} {ends}")
}
