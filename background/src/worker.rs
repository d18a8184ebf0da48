//! Works on a queue: reads its entries as a member of the consumer group, takes over those of workers that died,
//! and takes them off once they are handled.
//!
//! ```text
//! intake: read, reclaim ──> a task an entry: attempt until done ──> acknowledged, or set aside
//!                           in hand: kept from being reclaimed meanwhile
//! ```
//!
//! An entry stays in its stream until it is done with, so a crash anywhere only repeats work.

mod attempt;
mod in_hand;
mod intake;

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::queues::{Event, Queue, SHARDS};
use pollster_shared::redis::RedisResult;
use pollster_shared::shutdown::{Shutdown, TaskTracker};
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{StreamId, Streams};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::jobs::{Context, JobError};
use in_hand::InHand;

/// Entries handled at once by a worker, so that a slow one holds up no other.
const SLOTS: usize = 16;
/// What is not finished so long after the shutdown is left to others.
const DRAIN: Duration = Duration::from_secs(15);

/// A job that acts on what a queue carries.
pub(crate) trait Handle: Send + Sync + 'static {
    /// What its entries say.
    type Event: Event;

    /// Does what the event asks for. May be called again for one that was handled before, also at the same time by
    /// another worker: that must change nothing.
    fn handle(
        &self,
        context: &Context,
        event: Self::Event,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// A member of a queue's consumer group.
struct Worker<H> {
    context: Context,
    handler: H,
    queue: Queue,
    consumer: String,
    slots: Semaphore,
    in_hand: InHand,
    tasks: TaskTracker,
    shutdown: Shutdown,
}

/// Works until the shutdown, then finishes what is in hand.
pub(crate) async fn work<H: Handle>(context: Context, handler: H, shutdown: Shutdown) {
    let worker = Arc::new(Worker {
        context,
        handler,
        queue: H::Event::QUEUE,
        consumer: uuid::Uuid::now_v7().simple().to_string(),
        slots: Semaphore::new(SLOTS),
        in_hand: InHand::default(),
        tasks: TaskTracker::new(),
        shutdown,
    });
    let work = async {
        tokio::join!(worker.read(), worker.reclaim());
        worker.drain().await;
    };
    tokio::select! {
        () = work => {}
        () = worker.hold() => {}
    }
    worker.leave().await;
}

impl<H: Handle> Worker<H> {
    /// Starts on entries, each in a task of its own; those that are in hand already come a second time.
    fn take(self: &Arc<Self>, entries: Vec<Entry>) {
        for entry in entries {
            let Some(held) = self.in_hand.take(entry.shard, entry.id) else { continue };
            let worker = self.clone();
            self.tasks.spawn(async move {
                worker.process(entry).await;
                drop(held);
            });
        }
    }

    /// Keeps what is in hand from being taken over, for ever.
    async fn hold(&self) {
        let mut ticks = tokio::time::interval(self.context.delivery.claim_idle() / 3);
        loop {
            ticks.tick().await;
            for shard in 0..SHARDS {
                let ids = self.in_hand.of_shard(shard);
                if let Err(error) = self.hold_shard(shard, &ids).await {
                    tracing::debug!(shard, %error, "what is in hand may be taken over");
                }
            }
        }
    }

    async fn hold_shard(&self, shard: u16, ids: &[StreamId]) -> RedisResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        group::hold(&mut self.context.streams.clone(), self.streams(), shard, &self.consumer, ids).await
    }

    async fn drain(&self) {
        self.tasks.close();
        if timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(queue = self.queue.name(), "entries in hand are left to other workers");
        }
    }

    /// Leaves the group, where nothing is pending: what is will be claimed by others under our name.
    async fn leave(&self) {
        let mut streams = self.context.streams.clone();
        for shard in 0..SHARDS {
            if let Err(error) = group::leave(&mut streams, self.streams(), shard, &self.consumer).await {
                tracing::warn!(queue = self.queue.name(), shard, %error, "could not leave the group");
                return;
            }
        }
    }

    fn streams(&self) -> Streams {
        Streams::Jobs(self.queue)
    }
}
