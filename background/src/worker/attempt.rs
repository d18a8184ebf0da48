//! What a worker does with one entry: tries until it is done with.

use std::time::Duration;

use pollster_shared::redis::RedisResult;
use pollster_shared::stream::dead_letters::{self, DeadLetter};
use pollster_shared::stream::group::{self, Entry};

use super::{Handle, Worker};
use crate::jobs::{JobError, caught};
use crate::metrics::Outcome;
use crate::pause;

const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// How trying ended.
enum End {
    /// It is handled.
    Done,
    /// It is to blame itself, so often.
    Poison { error: String, failures: u32 },
    /// The shutdown came first: it stays pending for others.
    Left,
}

impl<H: Handle> Worker<H> {
    /// Handles an entry, once there is a slot for it, and takes it off its stream.
    pub(super) async fn process(&self, entry: Entry) {
        let Ok(_slot) = self.slots.acquire().await else { return };
        let end = match serde_json::from_slice(&entry.packed) {
            Ok(event) => self.attempt(&entry, event).await,
            Err(error) => End::Poison { error: format!("entry is malformed: {error}"), failures: 1 },
        };
        let taken_off = match end {
            End::Done => {
                group::acknowledge(&self.context.streams, self.streams(), &[(entry.shard, entry.id)]).await
            }
            End::Poison { error, failures } => self.set_aside(&entry, error, failures).await,
            End::Left => return,
        };
        if let Err(error) = taken_off {
            tracing::warn!(queue = self.queue.name(), id = %entry.id, %error, "entry stays pending");
        }
    }

    /// Tries until the event is handled, has failed by its own fault too often, or the shutdown comes. Outages are
    /// waited out, however long they take.
    async fn attempt(&self, entry: &Entry, event: H::Event) -> End {
        let (mut failures, mut backoff) = (0, MIN_BACKOFF);
        while !self.shutdown.is_cancelled() {
            let handled = caught(self.handler.handle(&self.context, event.clone())).await;
            self.context.metrics.handled(self.queue, outcome(&handled));
            let Err(error) = handled else { return End::Done };
            tracing::warn!(queue = self.queue.name(), id = %entry.id, %error, "an entry could not be handled");
            failures += u32::from(error.is_own_fault());
            if failures >= self.context.delivery.max_deliveries {
                return End::Poison { error: error.to_string(), failures };
            }
            pause(backoff, &self.shutdown).await;
            backoff = (backoff * 2).min(MAX_BACKOFF);
        }
        End::Left
    }

    async fn set_aside(&self, entry: &Entry, error: String, failures: u32) -> RedisResult<()> {
        tracing::error!(queue = self.queue.name(), id = %entry.id, error, "entry set aside as a dead letter");
        let letter = DeadLetter { entry: entry.clone(), error, deliveries: failures };
        dead_letters::set_aside(&mut self.context.streams.clone(), self.streams(), &letter).await?;
        self.context.metrics.set_aside(self.queue);
        Ok(())
    }
}

fn outcome(handled: &Result<(), JobError>) -> Outcome {
    match handled {
        Ok(()) => Outcome::Done,
        Err(error) if error.is_own_fault() => Outcome::Failed,
        Err(_) => Outcome::Delayed,
    }
}
