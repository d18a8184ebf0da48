//! Entries that were read and not acknowledged: who wants to choose among them lists them first. A list is cheap, while
//! each entry that is taken over is written to the append-only file and to replicas.

use std::time::Duration;

use redis::{RedisResult, Value};

use super::group::Entry;
use super::{StreamId, Streams, reply};
use crate::redis::Connection;

/// A pending entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Its place in the stream.
    pub id: StreamId,
    /// Since when its consumer has done nothing with it.
    pub idle: Duration,
}

/// Up to `count` pending entries of `shard`, whoever has them, in the order of their ids from after `after` on.
///
/// # Errors
/// When Redis can't be reached; with code `NOGROUP` where the stream or its group is gone.
pub async fn list(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    after: StreamId,
    count: usize,
) -> RedisResult<Vec<Pending>> {
    let listed: Vec<(String, Value, u64, Value)> = redis::cmd("XPENDING")
        .arg(streams.key(shard))
        .arg(streams.group())
        .arg(format!("({after}"))
        .arg("+")
        .arg(count)
        .query_async(redis)
        .await?;
    let pending = |(id, _, idle, _): (String, _, u64, _)| {
        Some(Pending { id: id.parse().ok()?, idle: Duration::from_millis(idle) })
    };
    Ok(listed.into_iter().filter_map(pending).collect())
}

/// Takes over those of `ids`, at least one, that their consumer has held for longer than `min_idle`, still.
///
/// # Errors
/// When Redis can't be reached; with code `NOGROUP` where the stream or its group is gone.
pub async fn take_over(
    redis: &mut Connection,
    streams: Streams,
    shard: u16,
    consumer: &str,
    min_idle: Duration,
    ids: &[StreamId],
) -> RedisResult<Vec<Entry>> {
    let ids: Vec<String> = ids.iter().map(StreamId::to_string).collect();
    let taken: Value = redis::cmd("XCLAIM")
        .arg(streams.key(shard))
        .arg(streams.group())
        .arg(consumer)
        .arg(min_idle.as_millis() as u64)
        .arg(&ids)
        .query_async(redis)
        .await?;
    Ok(reply::entries(streams, shard, taken).collect())
}
