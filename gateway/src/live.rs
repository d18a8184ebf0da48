//! Live results, whatever the way down to their viewers: a watch a poll, fed by one subscription in Redis.
//!
//! ```text
//! Redis channel ──> feed ──> hub: a watch a poll ──> subscriptions ──> WebSockets, server-sent events
//! ```
//!
//! A viewer is a task with a [`Bell`]. Its watches ring it when they release counts, the [`Pulse`] when it is
//! time for a ping or to go; then it asks its [`Subscription`]s what to send. No queue, no channel and no timer
//! a viewer: who is behind finds the newest counts, and only those.

mod bell;
mod feed;
mod frame;
mod hub;
mod message;
mod pulse;
mod roster;
#[cfg(test)]
mod samples;
mod subscription;
mod update;
mod viewers;
mod watch;

pub(crate) use bell::{Bell, Call};
pub(crate) use feed::Feed;
pub(crate) use hub::Hub;
pub(crate) use pulse::{Beating, Pulse};
pub(crate) use subscription::{Next, Subscription};
pub(crate) use update::CLOSED;
pub(crate) use viewers::count_viewers;

#[cfg(test)]
pub(crate) use subscription::tests::subscription;
