//! Entries that could not be processed, set aside with their error until an operator decides on them.

#[cfg(test)]
mod fuzz;
mod search;

use std::sync::LazyLock;

use redis::streams::{StreamId as Reply, StreamRangeReply};
use redis::{AsyncCommands, FromRedisValue, RedisResult, Script};

use super::group::Entry;
use super::{StreamId, Streams};
use crate::redis::Connection;

pub use search::of_poll;

/// An entry that failed alone, by an error of its own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The entry, under its original id.
    pub entry: Entry,
    /// Why it could not be processed.
    pub error: String,
    /// How often it was tried alone.
    pub deliveries: u32,
}

/// A dead letter in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place among the shard's dead letters.
    pub id: StreamId,
    /// The letter.
    pub letter: DeadLetter,
}

static SET_ASIDE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("set_aside.lua")));
static REQUEUE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("requeue.lua")));

/// Moves an entry from its stream to the shard's dead letters, in one step; once, however often the entry
/// was delivered.
///
/// # Errors
/// When Redis can't be reached: the entry is then still pending.
pub async fn set_aside(redis: &mut Connection, streams: Streams, letter: &DeadLetter) -> RedisResult<()> {
    SET_ASIDE
        .key(streams.key(letter.entry.shard))
        .key(streams.dead_key(letter.entry.shard))
        .arg(streams.group())
        .arg(letter.entry.id.to_string())
        .arg(&letter.error)
        .arg(letter.deliveries)
        .arg(streams.field())
        .arg(&letter.entry.packed)
        .invoke_async(redis)
        .await
}

/// Up to `count` of a shard's dead letters, oldest first, that come after the one at `after`; from the first on where
/// that is zero.
///
/// # Errors
/// When Redis can't be reached.
pub async fn list(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    after: StreamId,
    count: usize,
) -> RedisResult<Vec<Kept>> {
    let letters: StreamRangeReply =
        redis.xrange_count(streams.dead_key(shard), format!("({after}"), "+", count).await?;
    Ok(letters.ids.iter().map(|reply| read(streams, shard, reply)).collect())
}

/// One of a shard's dead letters; `None` where it is not there any more.
///
/// # Errors
/// When Redis can't be reached.
pub async fn find(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    id: StreamId,
) -> RedisResult<Option<Kept>> {
    let id = id.to_string();
    let letters: StreamRangeReply = redis.xrange(streams.dead_key(shard), &id, &id).await?;
    Ok(letters.ids.first().map(|reply| read(streams, shard, reply)))
}

/// Takes a dead letter off. Returns whether it was there.
///
/// # Errors
/// When Redis can't be reached.
pub async fn discard(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    id: StreamId,
) -> RedisResult<bool> {
    redis.xdel(streams.dead_key(shard), &[id.to_string()]).await
}

/// Adds the entry of a dead letter to its stream anew and takes the letter off, in one step. Returns whether it was
/// there.
///
/// # Errors
/// When Redis can't be reached.
pub async fn requeue(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    id: StreamId,
) -> RedisResult<bool> {
    REQUEUE
        .key(streams.key(shard))
        .key(streams.dead_key(shard))
        .arg(id.to_string())
        .arg(streams.field())
        .invoke_async(redis)
        .await
}

/// The shards that have dead letters, each with how many.
///
/// # Errors
/// When Redis can't be reached.
pub async fn counts(redis: &mut Connection, streams: Streams) -> RedisResult<Vec<(u16, u64)>> {
    let mut pipeline = redis::pipe();
    for shard in streams.shards() {
        pipeline.xlen(streams.dead_key(shard));
    }
    let counts: Vec<u64> = pipeline.query_async(redis).await?;
    Ok(streams.shards().zip(counts).filter(|(_, count)| *count > 0).collect())
}

fn read(streams: Streams, shard: u16, reply: &Reply) -> Kept {
    let id = |text: String| text.parse().unwrap_or_default();
    let entry =
        Entry { shard, id: id(field(reply, "id")), packed: field(reply, streams.field()), trace: None };
    let letter = DeadLetter { entry, error: field(reply, "error"), deliveries: field(reply, "deliveries") };
    Kept { id: id(reply.id.clone()), letter }
}

/// A field of a letter; empty where it is missing, as in one that somebody else wrote.
fn field<T: FromRedisValue + Default>(reply: &Reply, name: &str) -> T {
    reply.get(name).unwrap_or_default()
}
