//! Entries that could not be committed, set aside with their error.

use std::sync::LazyLock;

use redis::{RedisResult, Script};

use super::group::Entry;
use crate::keys::{self, AGGREGATORS};
use crate::redis::Connection;

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

static SET_ASIDE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("set_aside.lua")));

/// Moves an entry from its stream to the shard's dead letters, in one step; once, however often the entry
/// was delivered.
///
/// # Errors
/// When Redis can't be reached: the entry is then still pending.
pub async fn set_aside(redis: &mut Connection, letter: &DeadLetter) -> RedisResult<()> {
    SET_ASIDE
        .key(keys::vote_stream(letter.entry.shard))
        .key(keys::dead_votes(letter.entry.shard))
        .arg(AGGREGATORS)
        .arg(letter.entry.id.to_string())
        .arg(&letter.error)
        .arg(letter.deliveries)
        .arg(&letter.entry.packed)
        .invoke_async(redis)
        .await
}
