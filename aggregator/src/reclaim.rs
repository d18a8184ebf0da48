//! Takes over entries whose consumer died or hangs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pollster_shared::redis::{Connection, RedisResult, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::entry::{self, DecodeError};
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::pending::{self, Pending};
use pollster_shared::stream::{StreamId, Streams};
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::pause;
use crate::shards::Serving;

/// A consumer that nobody has heard of for so long, and that holds nothing, is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(600);

/// The stage that claims.
#[derive(Debug)]
pub(crate) struct Reclaim {
    pub(crate) streams: Connection,
    pub(crate) shards: watch::Receiver<Serving>,
    pub(crate) consumer: String,
    pub(crate) idle: Duration,
    pub(crate) batch_size: u32,
    pub(crate) metrics: Arc<Metrics>,
    /// Pending entries of a newer encoding, by shard and in order. Claimed once they are left alone, for newer
    /// aggregators: claiming them over and over would take them from these, and costs Redis a write each.
    pub(crate) too_new: HashMap<u16, Vec<StreamId>>,
}

impl Reclaim {
    /// Looks at all shards every quarter of the idle time until the shutdown: so soon after that time a dead consumer's
    /// entries go on.
    pub(crate) async fn run(mut self, entries: Sender<Vec<Entry>>, shutdown: Shutdown) {
        while pause(self.idle / 4, &shutdown).await {
            let shards = self.shards.borrow().served.clone();
            for &shard in shards.iter() {
                match self.claim_shard(shard, &entries, &shutdown).await {
                    Ok(()) => {}
                    // The reader makes it anew.
                    Err(error) if is_missing_group(&error) => {}
                    Err(error) => {
                        tracing::warn!(shard, %error, "reclaiming failed");
                        break;
                    }
                }
            }
            self.metrics.too_new.set(self.too_new.values().map(Vec::len).sum::<usize>() as i64);
        }
    }

    async fn claim_shard(
        &mut self,
        shard: u16,
        entries: &Sender<Vec<Entry>>,
        shutdown: &Shutdown,
    ) -> RedisResult<()> {
        let count = self.batch_size as usize;
        let known = self.too_new.remove(&shard).unwrap_or_default();
        let (mut too_new, mut after) = (Vec::new(), StreamId::default());
        while !shutdown.is_cancelled() {
            let listed = pending::list(&mut self.streams, Streams::Votes, shard, after, count).await?;
            let Some(last) = listed.last() else { break };
            after = last.id;
            let is_known = |pending: &Pending| known.binary_search(&pending.id).is_ok();
            let (still_too_new, others): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_known);
            too_new.extend(still_too_new.iter().map(|pending| pending.id));
            let idle = others.iter().filter(|pending| pending.idle > self.idle);
            let claimed = self.take_over(shard, idle.map(|pending| pending.id).collect()).await?;
            let (newer, readable): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_too_new);
            too_new.extend(newer.iter().map(|entry| entry.id));
            if !readable.is_empty() {
                // Blocks while the committer is busy, so an outage does not pile up what is claimed.
                let _ = entries.send(readable).await;
            }
        }
        too_new.sort_unstable();
        self.too_new.insert(shard, too_new);
        group::remove_idle(&mut self.streams, Streams::Votes, shard, FORGET_AFTER).await
    }

    /// Takes over those of `ids` that nobody else took over meanwhile.
    async fn take_over(&mut self, shard: u16, ids: Vec<StreamId>) -> RedisResult<Vec<Entry>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (redis, consumer) = (&mut self.streams, &self.consumer);
        let taken = pending::take_over(redis, Streams::Votes, shard, consumer, self.idle, &ids).await?;
        if !taken.is_empty() {
            tracing::info!(shard, entries = taken.len(), "took over entries");
            self.metrics.reclaimed.inc_by(taken.len() as u64);
        }
        Ok(taken)
    }
}

fn is_too_new(entry: &Entry) -> bool {
    matches!(entry::decode(&entry.packed), Err(DecodeError::Newer(_)))
}
