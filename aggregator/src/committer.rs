//! Commits batches: whatever is ready, merged, is one transaction.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::milestones::Thresholds;
use pollster_shared::queues::{self, MilestoneCrossed};
use pollster_shared::redis::Connection;
use pollster_shared::responses::{self, Fate};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::dead_letters::{self, DeadLetter};
use pollster_shared::stream::entry::{self, DecodeError};
use pollster_shared::stream::group::Entry;
use pollster_shared::stream::{StreamId, Streams};
use pollster_shared::traces::{TraceParent, Traces};
use pollster_shared::vote::AcceptedCast;
use tokio::sync::mpsc::{Receiver, Sender};
use uuid::Uuid;

use crate::metrics::Metrics;
use crate::{pause, traced};

const MIN_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// Entries by shard and id.
pub type Entries = Vec<(u16, StreamId)>;

/// What was committed, for the publisher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Entries to acknowledge.
    pub entries: Entries,
    /// The polls that the entries voted on, also those that were counted before.
    pub poll_ids: Vec<Uuid>,
    /// Where the traces of those that are traced are gone on with.
    pub traced: Vec<TraceParent>,
}

/// The stage that commits.
#[derive(Debug, Clone)]
pub struct Committer {
    pool: Pool,
    streams: Connection,
    max_deliveries: u32,
    milestones: Thresholds,
    metrics: Arc<Metrics>,
}

/// An entry that can be read.
#[derive(Debug)]
struct Decoded {
    entry: Entry,
    cast: AcceptedCast,
}

impl Committer {
    /// A committer that sets an entry aside after it failed `max_deliveries` times by its own fault. Polls that
    /// set no milestones of their own have these.
    pub fn new(
        pool: Pool,
        streams: Connection,
        max_deliveries: u32,
        milestones: Thresholds,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { pool, streams, max_deliveries, milestones, metrics }
    }

    /// Commits what comes in until the channel closes. Merges up to about `batch_size` entries.
    pub(crate) async fn run(
        mut self,
        batch_size: u32,
        mut batches: Receiver<Vec<Entry>>,
        committed: Sender<Committed>,
        shutdown: Shutdown,
        traces: Traces,
    ) {
        while let Some(mut batch) = batches.recv().await {
            while batch.len() < batch_size as usize
                && let Ok(more) = batches.try_recv()
            {
                batch.extend(more);
            }
            let traced = traced::Batch::begin(&batch);
            let mut done = self.commit(batch, &shutdown).await;
            done.traced = traced.committed(&traces, &done.entries);
            if committed.send(done).await.is_err() {
                return;
            }
        }
    }

    /// Commits `entries` however long it takes: outages are waited out. Once `shutdown` comes it is tried
    /// once more; what is not committed then stays pending for others.
    pub async fn commit(&mut self, entries: Vec<Entry>, shutdown: &Shutdown) -> Committed {
        let mut committed = Committed::default();
        let decoded = self.decode(entries).await;
        // Halves of batches that failed by their own fault, the next one last.
        let mut parts: Vec<&[Decoded]> = vec![&decoded];
        let (mut backoff, mut failures) = (MIN_BACKOFF, 0);
        while let Some(part) = parts.pop() {
            match self.commit_part(part).await {
                Ok(responses::Committed { fates, crossed }) => {
                    self.settle(part, &fates, &mut committed).await;
                    self.tell(&crossed).await;
                    (backoff, failures) = (MIN_BACKOFF, 0);
                }
                Err(DatabaseError::Query(error)) if responses::is_own_fault(&error) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    if !first.is_empty() {
                        parts.extend([second, first]);
                        continue;
                    }
                    failures += 1;
                    if failures < self.max_deliveries {
                        parts.push(part);
                    } else {
                        self.set_aside(&part[0].entry, &error.to_string(), failures).await;
                        failures = 0;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, ballots = part.len(), "commit failed, trying again");
                    if !pause(backoff, shutdown).await {
                        return committed;
                    }
                    self.mend(&error, part).await;
                    parts.push(part);
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
            }
        }
        committed
    }

    /// Makes a partition that `part` failed for: nobody else would make that of a month whose polls are archived.
    async fn mend(&self, error: &DatabaseError, part: &[Decoded]) {
        if !matches!(error, DatabaseError::Query(error) if responses::is_missing_partition(error)) {
            return;
        }
        let mended = async {
            let mut connection = self.pool.get().await?;
            let casts = part.iter().map(|decoded| &decoded.cast);
            Ok::<_, DatabaseError>(responses::ensure_partitions(&mut connection, casts).await?)
        };
        if let Err(error) = mended.await {
            tracing::warn!(%error, "partitions could not be made");
        }
    }

    /// Reads the entries; what can never be read is set aside, what is too new is left to others.
    async fn decode(&mut self, entries: Vec<Entry>) -> Vec<Decoded> {
        let mut decoded = Vec::with_capacity(entries.len());
        let mut too_new = 0;
        for entry in entries {
            match entry::decode(&entry.packed) {
                Ok(cast) => {
                    let (accepted_at, order) = (entry.id.added_at(), entry.id.order());
                    let cast = AcceptedCast { cast, accepted_at, order };
                    decoded.push(Decoded { entry, cast });
                }
                Err(DecodeError::Newer(_)) => too_new += 1,
                Err(error @ DecodeError::Malformed) => self.set_aside(&entry, &error.to_string(), 1).await,
            }
        }
        if too_new > 0 {
            tracing::warn!(entries = too_new, "left pending for an aggregator of a newer release");
        }
        // Across shards too, the first accepted is the first to count.
        decoded.sort_by_key(|decoded| decoded.entry.id);
        decoded
    }

    async fn commit_part(&self, part: &[Decoded]) -> Result<responses::Committed, DatabaseError> {
        if part.is_empty() {
            return Ok(responses::Committed::default());
        }
        let casts: Vec<AcceptedCast> = part.iter().map(|decoded| decoded.cast.clone()).collect();
        let mut connection = self.pool.get().await?;
        Ok(responses::commit(&mut connection, &casts, &highest_ids(part), &self.milestones).await?)
    }

    async fn settle(&mut self, part: &[Decoded], fates: &[Fate], committed: &mut Committed) {
        let now = Utc::now();
        self.metrics.batch_rows.observe(part.len() as f64);
        for (decoded, fate) in part.iter().zip(fates) {
            match fate {
                Fate::Inserted => {
                    let lag = (now - decoded.cast.accepted_at).as_seconds_f64();
                    self.metrics.commit_seconds.observe(lag.max(0.0));
                    self.metrics.inserted.inc()
                }
                Fate::Repeated => self.metrics.duplicates.inc(),
                Fate::Refused => self.metrics.refused.inc(),
                Fate::Unplaceable => {
                    self.set_aside(&decoded.entry, "no such poll, question or choice", 1).await;
                    continue;
                }
                Fate::TooLate => {
                    self.set_aside(&decoded.entry, "the results of its poll are final", 1).await;
                    continue;
                }
            };
            committed.entries.push((decoded.entry.shard, decoded.entry.id));
            let poll_id = decoded.cast.cast.poll_id;
            if !committed.poll_ids.contains(&poll_id) {
                committed.poll_ids.push(poll_id);
            }
        }
    }

    /// Says which milestones were crossed. What can't be said now is found by the background's sweep.
    async fn tell(&mut self, crossed: &[MilestoneCrossed]) {
        for milestone in crossed {
            let MilestoneCrossed { poll_id, threshold, .. } = milestone;
            tracing::info!(%poll_id, threshold, "milestone crossed");
            if let Err(error) = queues::enqueue(&mut self.streams, milestone).await {
                tracing::warn!(%error, crossed = crossed.len(), "telling of milestones is left to the sweep");
                return;
            }
        }
    }

    /// Moves an entry to the dead letters; where Redis fails it stays pending and is tried again later.
    async fn set_aside(&mut self, entry: &Entry, error: &str, deliveries: u32) {
        let letter = DeadLetter { entry: entry.clone(), error: error.to_owned(), deliveries };
        match dead_letters::set_aside(&mut self.streams, Streams::Votes, &letter).await {
            Ok(()) => {
                self.metrics.dead_letters.inc();
                tracing::error!(shard = entry.shard, id = %entry.id, error, "entry set aside as a dead letter");
            }
            Err(failure) => {
                tracing::warn!(shard = entry.shard, id = %entry.id, error = %failure, "could not set entry aside");
            }
        }
    }
}

/// The highest id of each shard in `part`, which is ascending by id, ascending by shard.
fn highest_ids(part: &[Decoded]) -> Vec<(u16, StreamId)> {
    let mut highest = std::collections::BTreeMap::new();
    for Decoded { entry, .. } in part {
        highest.insert(entry.shard, entry.id);
    }
    highest.into_iter().collect()
}
