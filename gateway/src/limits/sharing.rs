//! Limits over all gateways: what was let through here is told to Redis in batches, and what is owed over
//! all gateways is learnt from the answer. No request waits for that.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::limits;
use pollster_shared::redis::{self, Connection, RedisResult};
use pollster_shared::shutdown::Shutdown;

use super::Limits;
use super::limiter::Limiter;
use crate::app::App;

/// How often is shared: what two gateways may let through before they know of each other.
const INTERVAL: Duration = Duration::from_millis(100);
/// Keys of one script call: half a millisecond of Redis's time.
const BATCH: usize = 500;

/// Shares until `end`. While Redis is away each gateway limits alone, and what is to be shared waits in the
/// tables, which are bounded and forget what refills.
pub(crate) async fn share(app: Arc<App>, end: Shutdown) {
    let mut redis = app.aggregates.clone();
    while end.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
        if let Err(error) = share_all(&app.limits, &mut redis).await {
            tracing::debug!(%error, "limits are not shared");
        }
    }
}

async fn share_all(limits: &Limits, redis: &mut Connection) -> RedisResult<()> {
    for limiter in limits.limiters() {
        // What is queued meanwhile is for the next time.
        let batches = limiter.queued().div_ceil(BATCH);
        if batches > 0 {
            // So that nothing is taken out of the table in vain: what was sent and not answered is not
            // sent again, for it may have been added. It is forgiven instead.
            redis::ping(redis).await?;
        }
        for _ in 0..batches {
            share_batch(limits, limiter, redis).await?;
        }
    }
    Ok(())
}

async fn share_batch(limits: &Limits, limiter: &Limiter, redis: &mut Connection) -> RedisResult<()> {
    let now = limits.now();
    let usages = limiter.take(BATCH, now);
    if usages.is_empty() {
        return Ok(());
    }
    let debts = limits::add(redis, limiter.name(), limiter.window(), &usages).await?;
    for (usage, debt) in usages.iter().zip(debts) {
        limiter.learn(usage.who, debt, now);
    }
    Ok(())
}
