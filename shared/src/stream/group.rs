//! The consumer groups: read, claim, hold, acknowledge, leave.

use std::sync::LazyLock;
use std::time::Duration;

use futures_util::future::try_join_all;
use redis::streams::StreamReadOptions;
use redis::{AsyncCommands, RedisResult, Script, Value};

use super::{StreamId, Streams, reply};
use crate::redis::{Connection, Dedicated};
use crate::traces::TraceParent;

/// An entry as it stands in a shard's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shard whose stream holds it.
    pub shard: u16,
    /// Its place in the stream.
    pub id: StreamId,
    /// What it says: a packed vote event, see [`super::entry`], or a job's event as JSON; empty where the entry has no
    /// such field.
    pub packed: Vec<u8>,
    /// Where its vote's trace is gone on with, where that is traced.
    pub trace: Option<TraceParent>,
}

/// The groups of these shards that one read may ask for.
pub fn readable_together<'a>(redis: &Connection, shards: &'a [u16]) -> std::slice::Chunks<'a, u16> {
    shards.chunks(if redis.is_cluster() { 1 } else { shards.len().max(1) })
}

/// A connection for reads of `shards`, at least one, which must be readable together.
///
/// # Errors
/// When the server that has them can't be found or reached.
pub async fn connection(redis: &Connection, streams: Streams, shards: &[u16]) -> RedisResult<Dedicated> {
    redis.dedicated(&streams.key(shards[0])).await
}

/// Reads up to `count` new entries of each of `shards` of `streams` for `consumer`, after waiting for some for at
/// most `block`.
///
/// # Errors
/// When Redis can't be reached; with code `NOGROUP` where a stream or its group is gone.
pub async fn read(
    redis: &mut Dedicated,
    streams: Streams,
    shards: &[u16],
    consumer: &str,
    count: usize,
    block: Duration,
) -> RedisResult<Vec<Entry>> {
    let options = StreamReadOptions::default()
        .group(streams.group(), consumer)
        .count(count)
        .block(block.as_millis() as usize);
    let keys: Vec<String> = shards.iter().map(|&shard| streams.key(shard)).collect();
    let new = vec![">"; keys.len()];
    let read: Value = redis.connection().xread_options(&keys, &new, &options).await?;
    let shard_of = |key: &[u8]| keys.iter().position(|stream| stream.as_bytes() == key);
    let mut entries = Vec::new();
    for stream in reply::list(read) {
        let [key, of_stream] = reply::tuple(stream)?;
        let Value::BulkString(key) = key else { continue };
        let Some(index) = shard_of(&key) else { continue };
        entries.extend(reply::entries(streams, shards[index], of_stream));
    }
    Ok(entries)
}

/// One step of taking over entries of `shard` that their consumer has held for longer than `min_idle`.
/// Returns them with the cursor to go on from, `None` at the end.
///
/// # Errors
/// When Redis can't be reached; with code `NOGROUP` where the stream or its group is gone.
pub async fn claim(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    consumer: &str,
    min_idle: Duration,
    cursor: StreamId,
    count: usize,
) -> RedisResult<(Vec<Entry>, Option<StreamId>)> {
    let claimed: Value = redis::cmd("XAUTOCLAIM")
        .arg(streams.key(shard))
        .arg(streams.group())
        .arg(consumer)
        .arg(min_idle.as_millis() as u64)
        .arg(cursor.to_string())
        .arg("COUNT")
        .arg(count)
        .query_async(redis)
        .await?;
    // The third part names entries that were deleted while pending: nothing is left of them.
    let [next, claimed, _deleted] = reply::tuple(claimed)?;
    let next = reply::stream_id(&next).unwrap_or_default();
    Ok((reply::entries(streams, shard, claimed).collect(), (next != StreamId::default()).then_some(next)))
}

/// Keeps entries of `shard` that are being worked on from being claimed by others: sets their idle time to zero. Those
/// that `consumer` does not hold any more stay with whoever does.
///
/// # Errors
/// When Redis can't be reached; with code `NOGROUP` where the stream or its group is gone.
pub async fn hold(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    consumer: &str,
    ids: &[StreamId],
) -> RedisResult<()> {
    static HOLD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("hold.lua")));
    let mut script = HOLD.key(streams.key(shard));
    script.arg(streams.group()).arg(consumer);
    for id in ids {
        script.arg(id.to_string());
    }
    script.invoke_async(redis).await
}

/// Acknowledges and deletes entries that are done with, in one step a shard, all shards at once.
///
/// # Errors
/// When Redis can't be reached: the entries are then delivered again, which changes nothing.
pub async fn acknowledge(
    redis: &Connection,
    streams: Streams,
    entries: &[(u16, StreamId)],
) -> RedisResult<()> {
    let mut by_shard = entries.to_vec();
    by_shard.sort_unstable();
    let shards = by_shard.chunk_by(|a, b| a.0 == b.0).map(|of_shard| {
        let stream = streams.key(of_shard[0].0);
        let ids: Vec<String> = of_shard.iter().map(|(_, id)| id.to_string()).collect();
        let mut redis = redis.clone();
        async move {
            let mut pipeline = redis::pipe();
            pipeline.atomic().xack(&stream, streams.group(), &ids).ignore().xdel(&stream, &ids).ignore();
            pipeline.exec_async(&mut redis).await
        }
    });
    try_join_all(shards).await?;
    Ok(())
}

/// Takes `consumer` off the group of `shard` unless it still has pending entries, which would be lost.
///
/// # Errors
/// When Redis can't be reached.
pub async fn leave(redis: &mut Connection, streams: Streams, shard: u16, consumer: &str) -> RedisResult<()> {
    static LEAVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("leave.lua")));
    LEAVE.key(streams.key(shard)).arg(streams.group()).arg(consumer).invoke_async(redis).await
}

/// Takes off the group of `shard` every consumer that has nothing pending and was not seen for `idle`.
///
/// # Errors
/// When Redis can't be reached.
pub async fn remove_idle(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    idle: Duration,
) -> RedisResult<()> {
    let consumers: redis::streams::StreamInfoConsumersReply =
        redis.xinfo_consumers(streams.key(shard), streams.group()).await?;
    let gone = consumers.consumers.iter().filter(|c| c.pending == 0 && c.idle as u128 > idle.as_millis());
    for consumer in gone {
        leave(redis, streams, shard, &consumer.name).await?;
    }
    Ok(())
}

/// What a shard's stream holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Entries that no consumer has read yet.
    pub lag: u64,
    /// Entries read and not yet acknowledged.
    pub pending: u64,
    /// The oldest entry.
    pub oldest: Option<StreamId>,
}

/// What the streams of `shards` hold. Entries are deleted as they are acknowledged, so what a stream
/// holds beyond the pending ones is unread; the server's own `lag` is unknown after deletions.
///
/// # Errors
/// When Redis can't be reached or a group is gone.
pub async fn backlog(redis: &mut Connection, streams: Streams, shards: &[u16]) -> RedisResult<Vec<Backlog>> {
    let mut pipeline = redis::pipe();
    for &shard in shards {
        let stream = streams.key(shard);
        pipeline.xlen(&stream).cmd("XPENDING").arg(&stream).arg(streams.group());
        pipeline.xrange_count(&stream, "-", "+", 1);
    }
    type Pending = (u64, Option<String>, Option<String>, redis::Value);
    type First = Vec<(String, redis::Value)>;
    let replies: Vec<redis::Value> = pipeline.query_async(redis).await?;
    let mut backlogs = Vec::with_capacity(shards.len());
    for reply in replies.chunks_exact(3) {
        let length: u64 = redis::from_redis_value(reply[0].clone())?;
        let (pending, ..): Pending = redis::from_redis_value(reply[1].clone())?;
        let first: First = redis::from_redis_value(reply[2].clone())?;
        let oldest = first.first().and_then(|(id, _)| id.parse().ok());
        backlogs.push(Backlog { lag: length.saturating_sub(pending), pending, oldest });
    }
    Ok(backlogs)
}
