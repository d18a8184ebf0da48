//! An aggregator whose every stage is a call.

use std::sync::Arc;
use std::time::Duration;

use pollster_aggregator::committer::{Committed, Committer};
use pollster_aggregator::metrics::Metrics;
use pollster_aggregator::publisher::Publisher;
use pollster_shared::milestones::Thresholds;
use pollster_shared::polls;
use pollster_shared::redis::{Dedicated, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{StreamId, Streams, prepare};
use prometheus_client::registry::Registry;

use super::bed::Bed;

/// Failures after which an entry is set aside.
pub(crate) const MAX_DELIVERIES: u32 = 3;
/// Milestones of polls that set none.
pub(crate) const MILESTONES: [i64; 3] = [5, 10, 100];

/// One consumer with its committer and publisher.
pub(crate) struct Worker<'a> {
    bed: &'a Bed,
    pub(crate) name: String,
    shards: Vec<u16>,
    connection: Dedicated,
    committer: Committer,
    publisher: Publisher,
    registry: Registry,
}

impl<'a> Worker<'a> {
    /// A consumer of the first `shards`.
    pub(crate) async fn new(bed: &'a Bed, name: &str, shards: u16) -> Self {
        let metrics = Arc::new(Metrics::default());
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let (pool, redis) = (bed.pool.clone(), bed.redis.clone());
        let milestones = Thresholds::from(MILESTONES.to_vec());
        let committer =
            Committer::new(pool.clone(), redis.clone(), MAX_DELIVERIES, milestones, metrics.clone());
        let publisher = Publisher::new(pool, redis, bed.channels.clone(), metrics);
        let (name, shards): (_, Vec<u16>) = (name.to_owned(), (0..shards).collect());
        let connection = group::connection(&bed.redis, Streams::Votes, &shards).await.unwrap();
        Self { bed, name, shards, connection, committer, publisher, registry }
    }

    /// Reads what is new in all shards; where a stream or group is gone, makes it.
    pub(crate) async fn read(&mut self) -> Vec<Entry> {
        let block = Duration::from_millis(1);
        loop {
            match group::read(&mut self.connection, Streams::Votes, &self.shards, &self.name, 1000, block)
                .await
            {
                Ok(entries) => return entries,
                Err(error) if is_missing_group(&error) => self.ensure_streams().await,
                Err(error) => panic!("reading failed: {error}"),
            }
        }
    }

    async fn ensure_streams(&self) {
        let mut connection = self.bed.pool.get().await.unwrap();
        for &shard in &self.shards {
            let progress = polls::shard_progress(&mut connection, shard).await.unwrap();
            let redis = &mut self.bed.redis.clone();
            prepare::ensure_stream(redis, Streams::Votes, shard, progress).await.unwrap();
        }
    }

    /// Takes over all pending entries of all consumers, however fresh, `step` at once.
    pub(crate) async fn claim_by(&mut self, step: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.ensure_streams().await;
        for &shard in &self.shards {
            let mut cursor = Some(StreamId::default());
            while let Some(from) = cursor {
                let mut redis = self.bed.redis.clone();
                let (streams, idle) = (Streams::Votes, Duration::ZERO);
                let claimed = group::claim(&mut redis, streams, shard, &self.name, idle, from, step).await;
                let (claimed, next) = claimed.unwrap();
                entries.extend(claimed);
                cursor = next;
            }
        }
        entries
    }

    pub(crate) async fn claim(&mut self) -> Vec<Entry> {
        self.claim_by(1000).await
    }

    pub(crate) async fn commit(&mut self, entries: Vec<Entry>) -> Committed {
        self.committer.commit(entries, &Shutdown::new()).await
    }

    pub(crate) async fn publish(&mut self, committed: &Committed) {
        self.publisher.publish(&committed.poll_ids).await.unwrap();
    }

    pub(crate) async fn acknowledge(&mut self, committed: &Committed) {
        group::acknowledge(&self.bed.redis, Streams::Votes, &committed.entries).await.unwrap();
    }

    /// All stages over these entries.
    pub(crate) async fn run_through(&mut self, entries: Vec<Entry>) -> Committed {
        let committed = self.commit(entries).await;
        self.publish(&committed).await;
        self.acknowledge(&committed).await;
        committed
    }

    /// Takes over and reads everything there is, and runs it through.
    pub(crate) async fn drain(&mut self) {
        let mut entries = self.claim().await;
        entries.extend(self.read().await);
        self.run_through(entries).await;
    }

    /// What a counter of the worker's metrics says.
    pub(crate) fn counter(&self, name: &str) -> u64 {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(&format!("{name}_total ")));
        value.unwrap_or_else(|| panic!("no counter {name} in\n{text}")).parse().unwrap()
    }
}
