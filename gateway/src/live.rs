//! Live results, whatever the way down to their viewers: a watch a poll, fed by one subscription in Redis.
//!
//! ```text
//! Redis channels ──> feed ─┬> hub: a watch a poll ──> subscriptions ──> WebSockets, server-sent events
//!                          └> inboxes of signed-in viewers ──────────> WebSockets
//! ```
//!
//! A viewer is a task with a [`Bell`]. Its watches ring it when they release counts, the [`Pulse`] when it is
//! time for a ping or to go; then it asks its [`Subscription`]s what to send. No queue, no channel and no timer
//! a viewer: who is behind finds the newest counts, and only those. Whoever is signed in has an [`Inbox`] besides,
//! with the notifications that wait.

mod bell;
mod feed;
mod frame;
mod hub;
mod inboxes;
mod message;
mod pulse;
mod roster;
#[cfg(test)]
mod samples;
mod subscription;
mod update;
mod viewers;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::channels::Subscriber;
use tokio::sync::mpsc::unbounded_channel;

pub(crate) use bell::{Bell, Call};
pub(crate) use feed::Feed;
pub(crate) use hub::Hub;
pub(crate) use inboxes::{Inbox, Inboxes};
pub(crate) use pulse::{Beating, Pulse};
pub(crate) use subscription::{Next, Subscription};
pub(crate) use update::CLOSED;
pub(crate) use viewers::count_viewers;

#[cfg(test)]
pub(crate) use subscription::tests::subscription;

/// A hub that tells viewers at most every `interval`, the inboxes of accounts, and the feed that brings to both what
/// comes over the channels.
pub(crate) fn open(channels: Subscriber, interval: Duration) -> (Arc<Hub>, Arc<Inboxes>, Feed) {
    // Taken at once, in batches: the feed waits for nothing else. What comes to wait is bounded by the polls and accounts
    // whose first viewers come, or last ones go, meanwhile.
    let (feed, commands) = unbounded_channel();
    let inboxes = Inboxes::new(feed.clone());
    (Arc::new(Hub::new(feed, interval)), Arc::new(inboxes), Feed::new(channels, commands))
}
