//! Measures what waits in the streams.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use pollster_shared::redis::Connection;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::{Streams, group};

use crate::metrics::{Metrics, ShardLabel};
use crate::pause;

const PERIOD: Duration = Duration::from_secs(2);

/// Sets the gauges every two seconds until the shutdown.
pub(crate) async fn run(
    mut streams: Connection,
    shards: Arc<[u16]>,
    metrics: Arc<Metrics>,
    shutdown: Shutdown,
) {
    while pause(PERIOD, &shutdown).await {
        let backlogs = match group::backlog(&mut streams, Streams::Votes, &shards).await {
            Ok(backlogs) => backlogs,
            Err(error) => {
                tracing::debug!(%error, "measuring the lag failed");
                continue;
            }
        };
        let now = Utc::now();
        for (&shard, backlog) in shards.iter().zip(backlogs) {
            let label = ShardLabel { shard };
            let age = backlog.oldest.map_or(0.0, |id| (now - id.added_at()).as_seconds_f64());
            metrics.lag.get_or_create(&label).set(backlog.lag as i64);
            metrics.pending.get_or_create(&label).set(backlog.pending as i64);
            metrics.oldest_seconds.get_or_create(&label).set(age.max(0.0));
        }
    }
}
