//! The hub's feed: what comes over the channels of the watched polls, and, where something may have been
//! missed, their counts from PostgreSQL.
//!
//! ```text
//! Redis channels ──> feed ─────────────────────────────────────────> hub
//!                     └─ subscribed, again or at first ─> refresh ───> hub
//!                                    every few seconds ─> sweep ─┘
//! ```

mod refresh;
mod sweep;

use std::collections::HashMap;
use std::sync::Arc;

use pollster_shared::channels::{Event, Subscriber};
use pollster_shared::shutdown::Shutdown;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::hub::Command;
use crate::app::App;
use refresh::{Reason, Refresh};

/// Commands followed together.
const BATCH: usize = 10_000;

/// The task that subscribes.
#[derive(Debug)]
pub(crate) struct Feed {
    channels: Subscriber,
    commands: UnboundedReceiver<Command>,
}

impl Feed {
    pub(crate) fn new(channels: Subscriber, commands: UnboundedReceiver<Command>) -> Self {
        Self { channels, commands }
    }

    /// Relays until the shutdown.
    pub(crate) async fn run(self, app: Arc<App>, shutdown: Shutdown) {
        let (refresh, refreshing) = refresh::start(app.clone());
        tokio::select! {
            () = self.relay(&app, &refresh) => {}
            () = refreshing => {}
            () = sweep::run(&app, &refresh) => {}
            () = shutdown.cancelled() => {}
        }
    }

    async fn relay(mut self, app: &App, refresh: &Refresh) {
        let mut commands = Vec::new();
        loop {
            tokio::select! {
                event = self.channels.next() => match event {
                    Event::Message { poll_id, payload } => app.hub.offer_published(poll_id, payload),
                    // Only now that nothing more can be missed.
                    Event::Subscribed(poll_ids) => refresh.ask(Reason::Subscribed, poll_ids),
                    Event::Lost(poll_ids) => {
                        tracing::info!(polls = poll_ids.len(), "live counts are interrupted");
                    }
                },
                taken = self.commands.recv_many(&mut commands, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    self.follow(&commands);
                    commands.clear();
                    app.metrics.watched_polls.set(self.channels.watched() as i64);
                }
            }
        }
    }

    /// Follows commands, of those for one poll the last: viewers may have come and gone meanwhile.
    fn follow(&mut self, commands: &[Command]) {
        let last: HashMap<Uuid, Command> =
            commands.iter().map(|command| (command.poll_id(), *command)).collect();
        let (watch, unwatch): (Vec<Command>, Vec<Command>) =
            last.into_values().partition(|command| matches!(command, Command::Watch(_)));
        unwatch.iter().for_each(|command| self.channels.unwatch(command.poll_id()));
        self.channels.watch(watch.iter().map(Command::poll_id));
    }
}
