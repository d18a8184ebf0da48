//! Takes over entries whose consumer died or hangs.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::redis::{Connection, RedisResult, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{StreamId, Streams};
use tokio::sync::mpsc::Sender;

use crate::metrics::Metrics;
use crate::pause;

/// A consumer that nobody has heard of for so long, and that holds nothing, is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// The stage that claims.
#[derive(Debug)]
pub(crate) struct Reclaim {
    pub(crate) streams: Connection,
    pub(crate) shards: Arc<[u16]>,
    pub(crate) consumer: String,
    pub(crate) idle: Duration,
    pub(crate) batch_size: u32,
    pub(crate) metrics: Arc<Metrics>,
}

impl Reclaim {
    /// Looks at all shards every quarter of the idle time until the shutdown: so soon after that time a dead consumer's
    /// entries go on.
    pub(crate) async fn run(mut self, entries: Sender<Vec<Entry>>, shutdown: Shutdown) {
        while pause(self.idle / 4, &shutdown).await {
            for shard in self.shards.clone().iter() {
                match self.claim_shard(*shard, &entries, &shutdown).await {
                    Ok(()) => {}
                    // The reader makes it anew.
                    Err(error) if is_missing_group(&error) => {}
                    Err(error) => {
                        tracing::warn!(shard, %error, "reclaiming failed");
                        break;
                    }
                }
            }
        }
    }

    async fn claim_shard(
        &mut self,
        shard: u16,
        entries: &Sender<Vec<Entry>>,
        shutdown: &Shutdown,
    ) -> RedisResult<()> {
        let count = self.batch_size as usize;
        let mut cursor = Some(StreamId::default());
        // One call looks at a part of the pending entries only: the cursor says where to go on.
        while let Some(from) = cursor.filter(|_| !shutdown.is_cancelled()) {
            let (claimed, next) = group::claim(
                &mut self.streams,
                Streams::Votes,
                shard,
                &self.consumer,
                self.idle,
                from,
                count,
            )
            .await?;
            if !claimed.is_empty() {
                tracing::info!(shard, entries = claimed.len(), "took over entries");
                self.metrics.reclaimed.inc_by(claimed.len() as u64);
                // Blocks while the committer is busy, so an outage does not pile up what is claimed.
                let _ = entries.send(claimed).await;
            }
            cursor = next;
        }
        group::remove_idle(&mut self.streams, Streams::Votes, shard, FORGET_AFTER).await
    }
}
