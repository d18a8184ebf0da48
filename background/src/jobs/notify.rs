//! Delivers notifications, each on every way that was chosen, until it was delivered or is given up.
//!
//! ```text
//! queue: what was recorded just now ──> claim ──> a place in its channel's lane ──> attempt ──> mark
//! sweep: whatever is due ─────────────────┘             └─ none free: put off
//! ```
//!
//! A claim is a lease: a delivery is worked on by one worker, and comes due again should that die. So is what failed,
//! after growing pauses. A delivery that was made and could not be marked is made twice, under the same id.

mod config;
mod deliverer;
mod email;
mod in_app;
mod lanes;
mod mark;
mod metrics;
mod sent;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use pollster_shared::database::DatabaseError;
use pollster_shared::notifications::deliveries::{self, Channel};
use pollster_shared::queues::Notify;
use tokio::time::Instant;

use super::{Context, JobError};
use crate::schedule::Scheduled;
use crate::worker::Handle;
pub(crate) use config::NotifyConfig;
pub(crate) use deliverer::Deliverer;

/// Delivers what the queue tells of, what was given up as well: an entry that comes again asks for that.
#[derive(Debug)]
pub(crate) struct Worker(pub(crate) Arc<Deliverer>);

impl Handle for Worker {
    type Event = Notify;

    async fn handle(&self, context: &Context, event: Notify) -> Result<(), JobError> {
        let claimed = {
            let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
            deliveries::claim(&mut connection, event.notification_id).await?
        };
        self.0.take(context, claimed).await
    }
}

/// Delivers whatever is due: what failed before, and what nobody told of or died with.
#[derive(Debug)]
pub(crate) struct Sweep(pub(crate) Arc<Deliverer>);

impl Scheduled for Sweep {
    const NAME: &'static str = "notify";
    const PERIOD: Duration = Duration::from_secs(1);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        // A channel that stands still holds up no other.
        try_join_all(Channel::ALL.map(|channel| self.sweep(context, channel))).await?;
        Ok(())
    }
}

impl Sweep {
    /// Starts on what is due of a channel as places in its lane come free, for a period at most.
    async fn sweep(&self, context: &Context, channel: Channel) -> Result<(), JobError> {
        let until = Instant::now() + Self::PERIOD;
        while let Some(free) = self.0.free_places(channel, until).await {
            let claimed = {
                let mut connection = context.pool.get().await.map_err(DatabaseError::from)?;
                deliveries::claim_due(&mut connection, channel, free).await?
            };
            if claimed.is_empty() {
                break;
            }
            self.0.take(context, claimed).await?;
        }
        Ok(())
    }
}
