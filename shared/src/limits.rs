//! Rate limits shared between gateways: what each let through is added up in Redis, in batches.
//!
//! The state of a limit (GCRA) is one moment, the theoretical arrival time: how far it lies ahead is the
//! debt. Requests that cost `c` turn the moment `x` into `max(x + c, y)`, where `y` is the moment that they
//! alone give; so a batch of any length is added exactly, wherever it came from, by these two numbers. All
//! of it is told in durations from now, and Redis's clock is the one that counts: gateways whose clocks
//! disagree share limits all the same.

use std::sync::LazyLock;
use std::time::Duration;

use redis::{RedisResult, Script};

use crate::keys;
use crate::redis::Connection;

static ADD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limits/add.lua")));

/// What a gateway let through of one key since it last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Whose it is: 64 bits of a keyed hash.
    pub who: u64,
    /// How many requests, times what one costs: the interval at which they refill.
    pub cost: Duration,
    /// The debt that these requests alone leave now.
    pub alone: Duration,
}

/// Adds `usages` of the limit `scope`, a quota a `window`; returns what each key owes now, over all gateways.
///
/// The keys of one call are in different slots: on a Redis Cluster it takes one call a key.
///
/// # Errors
/// When Redis can't be reached or does not answer: whether they were added is then unknown.
pub async fn add(
    redis: &mut Connection,
    scope: &str,
    window: Duration,
    usages: &[Usage],
) -> RedisResult<Vec<Duration>> {
    let mut script = ADD.prepare_invoke();
    script.arg(microseconds(window));
    for usage in usages {
        script.key(keys::rate(scope, usage.who));
        script.arg(microseconds(usage.cost)).arg(microseconds(usage.alone));
    }
    let debts: Vec<u64> = script.invoke_async(redis).await?;
    Ok(debts.into_iter().map(Duration::from_micros).collect())
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
