//! Entries that could not be committed, set aside with their error.

use redis::RedisResult;
use redis::aio::ConnectionLike;

use super::group::Entry;
use crate::keys::{self, AGGREGATORS, ENTRY_FIELD};

/// An entry that failed alone, by an error of its own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The entry, under its original id.
    pub entry: Entry,
    /// Why it could not be committed.
    pub error: String,
    /// How often it was tried alone.
    pub deliveries: u32,
}

/// Moves an entry from its stream to the shard's dead letters, in one step.
///
/// # Errors
/// When Redis can't be reached: the entry is then still pending.
pub async fn set_aside(redis: &mut impl ConnectionLike, letter: &DeadLetter) -> RedisResult<()> {
    let stream = keys::vote_stream(letter.entry.shard);
    let id = letter.entry.id.to_string();
    let mut pipeline = redis::pipe();
    pipeline
        .atomic()
        .cmd("XADD")
        .arg(keys::dead_votes(letter.entry.shard))
        .arg("*")
        .arg(&[("id", id.as_str()), ("error", letter.error.as_str())])
        .arg("deliveries")
        .arg(letter.deliveries)
        .arg(ENTRY_FIELD)
        .arg(&letter.entry.packed)
        .ignore()
        .xack(&stream, AGGREGATORS, &[&id])
        .ignore()
        .xdel(&stream, &[&id])
        .ignore();
    pipeline.exec_async(redis).await
}
