//! The counts in Redis: a hash a poll that is only ever replaced by a newer version, and its channel.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use redis::{AsyncCommands, RedisResult, Script};
use uuid::Uuid;

use super::{Counted, Counts};
use crate::channels::{Publisher, Topic};
use crate::keys;
use crate::redis::Connection;

/// Fields that hashes of older programs do not have.
const ARCHIVED: &str = "archived";
const DELETED: &str = "deleted";

static PUBLISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("publish.lua")));

/// A hash that nobody wrote or rebuilt for so long goes; it is rebuilt from PostgreSQL when asked for.
const LIFE_SECONDS: u64 = 7 * 24 * 3600;
/// The hash of a deleted poll only spares asking PostgreSQL; none is to outlast the poll's removal for long.
const DELETED_LIFE_SECONDS: u64 = 60;

/// Stores `counts` unless newer ones are there. Returns whether they are the newest now.
///
/// # Errors
/// When Redis can't be reached.
pub async fn store(aggregates: &mut Connection, counts: &Counts) -> RedisResult<bool> {
    let mut script = PUBLISH.key(keys::counts(counts.poll_id));
    let life = if counts.deleted { DELETED_LIFE_SECONDS } else { LIFE_SECONDS };
    script.arg(counts.version).arg(life).arg("total").arg(counts.total_votes);
    script.arg("closed").arg(u8::from(counts.closed)).arg("final").arg(u8::from(counts.finalized));
    script.arg(ARCHIVED).arg(u8::from(counts.archived)).arg(DELETED).arg(u8::from(counts.deleted));
    for (counted, votes) in &counts.results {
        script.arg(counted.to_string()).arg(votes);
    }
    script.invoke_async(aggregates).await
}

/// Stores `counts` and, unless newer ones are there, tells all who watch the poll.
///
/// # Errors
/// When Redis can't be reached.
pub async fn publish(aggregates: &mut Connection, channels: &Publisher, counts: &Counts) -> RedisResult<()> {
    if store(aggregates, counts).await? {
        let message = serde_json::to_string(counts).unwrap_or_else(|_| unreachable!("counts are plain data"));
        channels.publish(Topic::Poll(counts.poll_id), message).await?;
    }
    Ok(())
}

/// The counts of a poll, `None` where Redis does not hold them.
///
/// # Errors
/// When Redis can't be reached.
pub async fn load(aggregates: &mut Connection, poll_id: Uuid) -> RedisResult<Option<Counts>> {
    let fields: HashMap<String, i64> = aggregates.hgetall(keys::counts(poll_id)).await?;
    Ok(from_fields(poll_id, &fields))
}

/// The versions of the counts that Redis holds of these polls, `None` where it holds none.
///
/// # Errors
/// When Redis can't be reached.
pub async fn versions(aggregates: &mut Connection, poll_ids: &[Uuid]) -> RedisResult<Vec<Option<i64>>> {
    let mut pipeline = redis::pipe();
    for &poll_id in poll_ids {
        pipeline.hget(keys::counts(poll_id), "version");
    }
    pipeline.query_async(aggregates).await
}

/// Whether the poll was deleted, `None` where Redis does not hold its counts.
///
/// # Errors
/// When Redis can't be reached.
pub async fn is_deleted(aggregates: &mut Connection, poll_id: Uuid) -> RedisResult<Option<bool>> {
    let (version, deleted): (Option<i64>, Option<u8>) =
        aggregates.hmget(keys::counts(poll_id), &["version", DELETED]).await?;
    Ok(version.map(|_| deleted == Some(1)))
}

/// Removes all that is held of a deleted poll beside its counts' truth: counts, viewers, definition.
///
/// # Errors
/// When Redis can't be reached.
pub async fn remove(aggregates: &mut Connection, poll_id: Uuid) -> RedisResult<()> {
    aggregates.unlink(&[keys::counts(poll_id), keys::viewers(poll_id), keys::definition(poll_id)]).await
}

fn from_fields(poll_id: Uuid, fields: &HashMap<String, i64>) -> Option<Counts> {
    let results: BTreeMap<Counted, i64> =
        fields.iter().filter_map(|(field, &count)| Some((field.parse().ok()?, count))).collect();
    let is_set = |field| fields.get(field).is_some_and(|value| *value != 0);
    Some(Counts {
        poll_id,
        version: *fields.get("version")?,
        total_votes: *fields.get("total")?,
        closed: *fields.get("closed")? != 0,
        finalized: *fields.get("final")? != 0,
        archived: is_set(ARCHIVED),
        deleted: is_set(DELETED),
        results,
    })
}
