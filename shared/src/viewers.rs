//! How many watch a poll, over all gateways together: each reports its own viewers, which count for a while.

use std::sync::LazyLock;
use std::time::Duration;

use redis::{RedisResult, Script};
use uuid::Uuid;

use crate::keys;
use crate::redis::Connection;

static REPORT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("viewers.lua")));

/// How long a gateway's viewers count after its last report: those of one that died are gone then.
pub const LIFE: Duration = Duration::from_secs(15);

/// Reports that so many watch a poll at `gateway`, an id of its own; returns how many do at all gateways.
/// A gateway that reports none leaves nothing behind.
///
/// # Errors
/// When Redis fails.
pub async fn report(redis: &mut Connection, poll_id: Uuid, gateway: Uuid, viewers: u64) -> RedisResult<u64> {
    let mut script = REPORT.key(keys::viewers(poll_id));
    script.arg(gateway.as_bytes()).arg(viewers).arg(LIFE.as_secs());
    script.invoke_async(redis).await
}
