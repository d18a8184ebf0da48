//! Subscribes and publishes as the programs do, without the programs: nothing else could bring what is heard.

use std::collections::{HashMap, HashSet};

use pollster_integration::DEADLINE;
use pollster_shared::channels::{AccountTopic, Event, Publisher, Subscriber, Topic};
use pollster_shared::vote::HashSecret;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

/// A topic that nobody else has.
pub(super) fn topic(of_poll: bool) -> Topic {
    let id = Uuid::now_v7();
    let secret = HashSecret::new("the hash secret of listeners");
    if of_poll { Topic::Poll(id) } else { Topic::Account(AccountTopic::new(&secret, &id.to_string())) }
}

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

    /// Watches so many topics, polls and accounts in turn.
    pub(super) async fn watching(url: &str, topics: usize) -> (Self, Vec<Topic>) {
        let mut listener = Self::new(url);
        let topics: Vec<Topic> = (0..topics).map(|number| topic(number % 2 == 0)).collect();
        listener.subscriber.watch(topics.iter().copied());
        listener.subscribed(&topics).await;
        (listener, topics)
    }

    pub(super) fn unwatch(&mut self, topic: Topic) {
        self.subscriber.unwatch(topic);
    }

    pub(super) fn watch(&mut self, topic: Topic) {
        self.subscriber.watch([topic]);
    }

    /// Waits until it has been told of each of these topics that its subscription stands.
    pub(super) async fn subscribed(&mut self, topics: &[Topic]) {
        let mut awaited: HashSet<Topic> = topics.iter().copied().collect();
        let deadline = Instant::now() + DEADLINE;
        while !awaited.is_empty() {
            let what = format!("{} subscriptions", awaited.len());
            if let Event::Subscribed(standing) = self.next(&what, deadline).await {
                awaited.retain(|topic| !standing.contains(topic));
            }
        }
    }

    /// Waits until it has noticed that a server is lost.
    pub(super) async fn loses_sight(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while !matches!(self.next("a loss", deadline).await, Event::Lost(_)) {}
    }

    /// Publishes something new to each of these topics, and waits until it has come.
    pub(super) async fn hears(&mut self, topics: &[Topic]) {
        self.published += 1;
        let mut awaited: HashMap<Topic, String> =
            topics.iter().map(|topic| (*topic, format!("{topic:?} {}", self.published))).collect();
        for (topic, message) in &awaited {
            self.publish(*topic, message).await;
        }
        let deadline = Instant::now() + DEADLINE;
        while !awaited.is_empty() {
            let what = format!("{} messages", awaited.len());
            let Event::Message { topic, payload } = self.next(&what, deadline).await else { continue };
            // Others may be of a publish that was tried again though it had succeeded.
            if awaited.get(&topic).is_some_and(|message| message.as_bytes() == payload) {
                awaited.remove(&topic);
            }
        }
    }

    /// Fails where something can be published.
    pub(super) async fn cannot_publish(&self, topic: Topic) {
        let published = timeout(DEADLINE, self.publisher.publish(topic, String::new())).await;
        assert!(published.expect("an answer").is_err());
    }

    /// A cluster may refuse for a moment after it was hurt.
    async fn publish(&self, topic: Topic, message: &str) {
        let published = async {
            while self.publisher.publish(topic, message.to_owned()).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, published).await.expect("the channel's node takes messages again");
    }

    async fn next(&mut self, what: &str, deadline: Instant) -> Event {
        timeout_at(deadline, self.subscriber.next()).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }
}
