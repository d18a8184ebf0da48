//! Subscribes and publishes as the programs do, without the programs: nothing else could bring what is heard.

use std::collections::{HashMap, HashSet};

use pollster_integration::DEADLINE;
use pollster_shared::channels::{Event, Publisher, Subscriber};
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

/// A subscriber and a publisher on the same server.
pub(super) struct Listener {
    subscriber: Subscriber,
    publisher: Publisher,
    published: usize,
}

impl Listener {
    pub(super) fn new(url: &str) -> Self {
        let (subscriber, publisher) = (Subscriber::new(url).unwrap(), Publisher::new(url).unwrap());
        Self { subscriber, publisher, published: 0 }
    }

    /// Watches so many polls.
    pub(super) async fn watching(url: &str, polls: usize) -> (Self, Vec<Uuid>) {
        let mut listener = Self::new(url);
        let polls: Vec<Uuid> = (0..polls).map(|_| Uuid::now_v7()).collect();
        listener.subscriber.watch(polls.iter().copied());
        listener.subscribed(&polls).await;
        (listener, polls)
    }

    pub(super) fn unwatch(&mut self, poll: Uuid) {
        self.subscriber.unwatch(poll);
    }

    pub(super) fn watch(&mut self, poll: Uuid) {
        self.subscriber.watch([poll]);
    }

    /// Waits until it has been told of each of these polls that its subscription stands.
    pub(super) async fn subscribed(&mut self, polls: &[Uuid]) {
        let mut awaited: HashSet<Uuid> = polls.iter().copied().collect();
        let deadline = Instant::now() + DEADLINE;
        while !awaited.is_empty() {
            let what = format!("{} subscriptions", awaited.len());
            if let Event::Subscribed(standing) = self.next(&what, deadline).await {
                awaited.retain(|poll| !standing.contains(poll));
            }
        }
    }

    /// Waits until it has noticed that a server is lost.
    pub(super) async fn loses_sight(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while !matches!(self.next("a loss", deadline).await, Event::Lost(_)) {}
    }

    /// Publishes something new to each of these polls, and waits until it has come.
    pub(super) async fn hears(&mut self, polls: &[Uuid]) {
        self.published += 1;
        let mut awaited: HashMap<Uuid, String> =
            polls.iter().map(|poll| (*poll, format!("{poll} {}", self.published))).collect();
        for (poll, message) in &awaited {
            self.publish(*poll, message).await;
        }
        let deadline = Instant::now() + DEADLINE;
        while !awaited.is_empty() {
            let what = format!("{} messages", awaited.len());
            let Event::Message { poll_id, payload } = self.next(&what, deadline).await else { continue };
            // Others may be of a publish that was tried again though it had succeeded.
            if awaited.get(&poll_id).is_some_and(|message| message.as_bytes() == payload) {
                awaited.remove(&poll_id);
            }
        }
    }

    /// Fails where something can be published.
    pub(super) async fn cannot_publish(&self, poll: Uuid) {
        let published = timeout(DEADLINE, self.publisher.publish(poll, String::new())).await;
        assert!(published.expect("an answer").is_err());
    }

    /// A cluster may refuse for a moment after it was hurt.
    async fn publish(&self, poll: Uuid, message: &str) {
        let published = async {
            while self.publisher.publish(poll, message.to_owned()).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, published).await.expect("the channel's node takes messages again");
    }

    async fn next(&mut self, what: &str, deadline: Instant) -> Event {
        timeout_at(deadline, self.subscriber.next()).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }
}
