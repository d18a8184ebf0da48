//! The feed of hub and inboxes: what comes over the channels of the watched polls and accounts, and, where
//! something may have been missed of a poll, its counts from PostgreSQL.
//!
//! ```text
//! Redis channels ──> feed ─────────────────────────────────────────> hub, inboxes
//!                     └─ subscribed, again or at first ─> refresh ───> hub
//!                                    every few seconds ─> sweep ─┘
//! ```

mod refresh;
mod sweep;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use pollster_shared::channels::{Event, Subscriber, Topic};
use pollster_shared::shutdown::Shutdown;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use crate::app::App;
use refresh::{Reason, Refresh};

/// Commands followed together.
const BATCH: usize = 10_000;

/// What the feed must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Watch(Topic),
    Unwatch(Topic),
}

impl Command {
    fn topic(&self) -> Topic {
        match self {
            Self::Watch(topic) | Self::Unwatch(topic) => *topic,
        }
    }
}

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
                    Event::Message { topic, payload } => relay(app, topic, payload),
                    // Only now that nothing more can be missed.
                    Event::Subscribed(topics) => refresh.ask(Reason::Subscribed, polls(&topics)),
                    Event::Lost(topics) => {
                        tracing::info!(channels = topics.len(), "live counts are interrupted");
                    }
                },
                taken = self.commands.recv_many(&mut commands, BATCH) => {
                    if taken == 0 {
                        return;
                    }
                    self.follow(&commands);
                    commands.clear();
                    app.metrics.watched_polls.set(self.channels.watched_polls() as i64);
                }
            }
        }
    }

    /// Follows commands, of those for one topic the last: viewers may have come and gone meanwhile.
    fn follow(&mut self, commands: &[Command]) {
        let last: HashMap<Topic, Command> =
            commands.iter().map(|command| (command.topic(), *command)).collect();
        let (watch, unwatch): (Vec<Command>, Vec<Command>) =
            last.into_values().partition(|command| matches!(command, Command::Watch(_)));
        unwatch.iter().for_each(|command| self.channels.unwatch(command.topic()));
        self.channels.watch(watch.iter().map(Command::topic));
    }
}

/// Passes on what was published.
fn relay(app: &App, topic: Topic, message: Bytes) {
    match topic {
        Topic::Poll(poll_id) => app.hub.offer_published(poll_id, message),
        Topic::Account(account) => app.inboxes.deliver(account, &message),
    }
}

/// The polls among these topics. What an account was told meanwhile it reads by itself.
fn polls(topics: &[Topic]) -> Vec<Uuid> {
    let poll = |topic: &Topic| match topic {
        Topic::Poll(poll_id) => Some(*poll_id),
        Topic::Account(_) => None,
    };
    topics.iter().filter_map(poll).collect()
}
