//! Where a worker's entries come from: new ones, and those of workers that died.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use pollster_shared::queues::SHARDS;
use pollster_shared::redis::{RedisResult, is_missing_group};
use pollster_shared::stream::{StreamId, group, prepare};

use super::{Handle, Worker};
use crate::pause;

/// A read in flight can't be called back, so this is what a shutdown may wait for it.
const BLOCK: Duration = Duration::from_millis(250);
const RETRY: Duration = Duration::from_millis(200);
/// A consumer that nobody has heard of for so long, and that holds nothing, is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(600);

impl<H: Handle> Worker<H> {
    /// Takes new entries of all shards until the shutdown.
    pub(super) async fn read(self: &Arc<Self>) {
        let shards: Vec<u16> = (0..SHARDS).collect();
        let together = group::readable_together(&self.context.streams, &shards);
        join_all(together.map(|shards| self.read_shards(shards))).await;
    }

    async fn read_shards(self: &Arc<Self>, shards: &[u16]) {
        while !self.shutdown.is_cancelled() {
            let Err(error) = self.read_on(shards).await else { continue };
            tracing::warn!(queue = self.queue.name(), error, "reading the queue failed");
            pause(RETRY, &self.shutdown).await;
        }
    }

    /// Reads over one connection until the shutdown or an error.
    async fn read_on(self: &Arc<Self>, shards: &[u16]) -> Result<(), String> {
        // At the start, and again whenever something was wrong: Redis may have come back empty.
        self.ensure_streams().await.map_err(|error| error.to_string())?;
        let connected = group::connection(&self.context.streams, self.streams(), shards).await;
        let mut connection = connected.map_err(|error| error.to_string())?;
        while let Some(free) = self.free_slots().await {
            // The server's limit is a stream's, not a read's.
            let count = free.div_ceil(usize::from(SHARDS));
            let streams = self.streams();
            match group::read(&mut connection, streams, shards, &self.consumer, count, BLOCK).await {
                // The server that has them may be another by now.
                Ok(entries) if entries.is_empty() && !connection.is_current() => return Ok(()),
                Ok(entries) => self.take(entries),
                Err(error) if is_missing_group(&error) => {
                    self.ensure_streams().await.map_err(|error| error.to_string())?;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    /// Looks for entries that their worker has neither finished nor held on to, every half idle time until the
    /// shutdown.
    pub(super) async fn reclaim(self: &Arc<Self>) {
        while pause(self.context.delivery.claim_idle() / 2, &self.shutdown).await {
            for shard in 0..SHARDS {
                match self.claim_shard(shard).await {
                    Ok(()) => {}
                    // The reader makes it anew.
                    Err(error) if is_missing_group(&error) => {}
                    Err(error) => {
                        tracing::warn!(queue = self.queue.name(), shard, %error, "reclaiming failed");
                        break;
                    }
                }
            }
        }
    }

    async fn claim_shard(self: &Arc<Self>, shard: u16) -> RedisResult<()> {
        let (mut redis, streams) = (self.context.streams.clone(), self.streams());
        let idle = self.context.delivery.claim_idle();
        let mut cursor = StreamId::default();
        // One call looks at a part of the pending entries only: the cursor says where to go on.
        while let Some(free) = self.free_slots().await {
            let (claimed, next) =
                group::claim(&mut redis, streams, shard, &self.consumer, idle, cursor, free).await?;
            if !claimed.is_empty() {
                tracing::info!(
                    queue = self.queue.name(),
                    shard,
                    entries = claimed.len(),
                    "took over entries"
                );
                self.context.metrics.reclaimed(self.queue, claimed.len());
                self.take(claimed);
            }
            let Some(next) = next else { break };
            cursor = next;
        }
        group::remove_idle(&mut redis, streams, shard, FORGET_AFTER).await
    }

    /// Waits until another entry can be handled; how many can. `None` at the shutdown.
    async fn free_slots(&self) -> Option<usize> {
        let free = self.shutdown.run_until_cancelled(self.slots.acquire()).await?;
        drop(free);
        Some(self.slots.available_permits().max(1))
    }

    /// Makes streams and groups where they are missing.
    async fn ensure_streams(&self) -> RedisResult<()> {
        let mut redis = self.context.streams.clone();
        for shard in 0..SHARDS {
            prepare::ensure_stream(&mut redis, self.streams(), shard, StreamId::default()).await?;
        }
        Ok(())
    }
}
