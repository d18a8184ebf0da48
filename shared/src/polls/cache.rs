//! Definitions cached in Redis, for gateways that do not hold them yet.

use redis::{AsyncCommands, RedisResult};
use uuid::Uuid;

use crate::keys;
use crate::poll::Poll;
use crate::redis::Connection;

const LIFE_SECONDS: u64 = 24 * 3600;

/// The definition that Redis holds of this poll.
///
/// # Errors
/// When Redis can't be reached.
pub async fn load_cached(redis: &mut Connection, poll_id: Uuid) -> RedisResult<Option<Poll>> {
    let json: Option<Vec<u8>> = redis.get(keys::definition(poll_id)).await?;
    // What an older or newer program wrote and we can't read is as good as absent.
    Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// Has Redis forget the definition of a poll that was deleted.
///
/// # Errors
/// When Redis can't be reached.
pub async fn remove_cached(redis: &mut Connection, poll_id: Uuid) -> RedisResult<()> {
    redis.unlink(keys::definition(poll_id)).await
}

/// Lets Redis hold the definition for a day.
///
/// # Errors
/// When Redis can't be reached.
pub async fn store_cached(redis: &mut Connection, poll: &Poll) -> RedisResult<()> {
    let json = serde_json::to_vec(poll).unwrap_or_else(|_| unreachable!("a definition is plain data"));
    redis.set_ex(keys::definition(poll.poll_id), json, LIFE_SECONDS).await
}
