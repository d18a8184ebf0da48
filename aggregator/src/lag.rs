//! Measures what waits in the streams.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use pollster_shared::redis::{Connection, RedisResult, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::Streams;
use pollster_shared::stream::group::{self, Backlog};
use tokio::sync::watch;

use crate::metrics::{Metrics, ShardLabel};
use crate::pause;
use crate::shards::Serving;

const PERIOD: Duration = Duration::from_secs(2);
/// An entry that has waited for so long, in seconds, in a shard that others must serve, is served by nobody.
const UNSERVED: f64 = 30.0;

/// The gauges of all shards, also those that others must serve: whether anybody does shows nowhere else.
#[derive(Debug)]
pub(crate) struct Lag {
    pub(crate) streams: Connection,
    pub(crate) shards: watch::Receiver<Serving>,
    pub(crate) metrics: Arc<Metrics>,
    /// Shards that were told of since they are served by nobody.
    pub(crate) unserved: BTreeSet<u16>,
}

impl Lag {
    /// Sets the gauges every two seconds until the shutdown.
    pub(crate) async fn run(mut self, shutdown: Shutdown) {
        while pause(PERIOD, &shutdown).await {
            if let Err(error) = self.measure().await {
                tracing::debug!(%error, "measuring the lag failed");
            }
        }
    }

    async fn measure(&mut self) -> RedisResult<()> {
        let Serving { served, others } = self.shards.borrow().clone();
        let backlogs = group::backlog(&mut self.streams, Streams::Votes, &served).await?;
        for (&shard, backlog) in served.iter().zip(&backlogs) {
            self.set(shard, backlog);
        }
        for &shard in others.iter() {
            match group::backlog(&mut self.streams, Streams::Votes, &[shard]).await {
                Ok(backlogs) => self.tell(shard, &backlogs[0]),
                // Nobody has voted there yet.
                Err(error) if is_missing_group(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Tells, once, of a shard whose votes nobody takes.
    fn tell(&mut self, shard: u16, backlog: &Backlog) {
        let age = self.set(shard, backlog);
        if age < UNSERVED {
            self.unserved.remove(&shard);
        } else if self.unserved.insert(shard) {
            tracing::warn!(shard, seconds = age, "votes wait in a shard that is left to other aggregators");
        }
    }

    /// Sets the gauges of a shard; returns the age of its oldest entry in seconds.
    fn set(&self, shard: u16, backlog: &Backlog) -> f64 {
        let label = ShardLabel { shard };
        let age = backlog.oldest.map_or(0.0, |id| (Utc::now() - id.added_at()).as_seconds_f64()).max(0.0);
        self.metrics.lag.get_or_create(&label).set(backlog.lag as i64);
        self.metrics.pending.get_or_create(&label).set(backlog.pending as i64);
        self.metrics.oldest_seconds.get_or_create(&label).set(age);
        age
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{TimeDelta, Utc};
    use pollster_shared::stream::StreamId;

    use super::*;

    /// What a shard holds whose oldest entry has waited for so long.
    fn waiting(seconds: i64) -> Backlog {
        let since = Utc::now() - TimeDelta::seconds(seconds);
        let oldest = StreamId { milliseconds: since.timestamp_millis() as u64, sequence: 0 };
        Backlog { lag: 1, pending: 0, oldest: Some(oldest) }
    }

    #[tokio::test]
    async fn a_shard_is_told_of_while_nobody_serves_it() {
        let serving = Serving { served: Arc::new([0]), others: Arc::new([1]) };
        let mut lag = Lag {
            streams: pollster_shared::redis::connection("redis://127.0.0.1:1").unwrap(),
            shards: watch::channel(serving).1,
            metrics: Arc::default(),
            unserved: BTreeSet::new(),
        };
        lag.tell(1, &waiting(20));
        assert!(lag.unserved.is_empty(), "others may be busy");
        lag.tell(1, &waiting(40));
        assert!(lag.unserved.contains(&1));
        assert!(lag.metrics.oldest_seconds.get_or_create(&ShardLabel { shard: 1 }).get() >= 40.0);
        lag.tell(1, &Backlog::default());
        assert!(lag.unserved.is_empty());
    }
}
