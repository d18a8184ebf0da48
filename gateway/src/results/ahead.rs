//! Versions that were shown before Redis had them.

use std::time::Duration;

use moka::future::Cache;
use pollster_shared::counts::Counts;
use uuid::Uuid;

/// Polls that are held at once.
const CAPACITY: u64 = 10_000;
/// Long after Redis is back the counts there have caught up.
const HELD: Duration = Duration::from_secs(600);

/// The versions of counts that were read from PostgreSQL and could not be left in Redis. What Redis has kept may be
/// older, until somebody publishes; who was shown the newer must not be shown that.
#[derive(Debug)]
pub(crate) struct AheadOfRedis(Cache<Uuid, i64>);

impl Default for AheadOfRedis {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(HELD).build())
    }
}

impl AheadOfRedis {
    /// Notes counts that are shown without being in Redis.
    pub(super) async fn note(&self, counts: &Counts) {
        let newest = self.version(counts.poll_id).await.map_or(counts.version, |it| it.max(counts.version));
        self.0.insert(counts.poll_id, newest).await;
    }

    /// The newest version of the poll that was shown so.
    pub(super) async fn version(&self, poll_id: Uuid) -> Option<i64> {
        self.0.get(&poll_id).await
    }
}
