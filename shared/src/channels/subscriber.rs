//! The subscribing side.

use std::collections::HashMap;
use std::time::Duration;

use super::holds::Holds;
use super::link::{Answer, Link, LinkId, Report};
use super::topic::Topic;
use crate::keys;
use crate::redis::server::Server;
use crate::redis::slots::{Address, Slots, slot_of};
use crate::redis::topology;
use bytes::Bytes;
use redis::{PushInfo, PushKind, RedisResult, Value};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

/// Before what failed is tried again: soon for who watches, seldom for a cluster that is electing.
const RETRY: Duration = Duration::from_millis(250);

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something was published on the topic's channel.
    Message {
        /// The topic.
        topic: Topic,
        /// What was published, as it came.
        payload: Bytes,
    },
    /// The subscriptions of these topics stand from now on, for the first time or again: what was published
    /// before may have been missed.
    Subscribed(Vec<Topic>),
    /// The server that had these topics' channels is gone, or has them no more. They are asked for again.
    Lost(Vec<Topic>),
}

/// Keeps the channels of some topics subscribed to, whatever happens to the servers: it connects when first
/// needed, and again after every loss, and follows channels to where their slots move.
#[derive(Debug)]
pub struct Subscriber {
    server: Server,
    holds: Holds,
    links: HashMap<Address, Link>,
    next_link: LinkId,
    slots: Slots,
    /// Whether the slots must be asked for before more is subscribed to.
    slots_in_doubt: bool,
    asking: bool,
    attempts: usize,
    retry_at: Option<Instant>,
    reports: UnboundedReceiver<Report>,
    reporting: UnboundedSender<Report>,
}

impl Subscriber {
    /// A subscriber on what `url` leads to.
    ///
    /// # Errors
    /// When it is not a Redis URL.
    pub fn new(url: &str) -> RedisResult<Self> {
        let server = Server::parse(url)?;
        // Bounded by the messages that may wait, a link, and the answers that links owe.
        let (reporting, reports) = unbounded_channel();
        Ok(Self {
            slots: server.known_slots(),
            slots_in_doubt: server.is_discovered(),
            server,
            holds: Holds::default(),
            links: HashMap::new(),
            next_link: 0,
            asking: false,
            attempts: 0,
            retry_at: None,
            reports,
            reporting,
        })
    }

    /// Watches these topics too. [`Event::Subscribed`] tells when their subscriptions stand, also of one that was
    /// watched before.
    pub fn watch(&mut self, topics: impl IntoIterator<Item = Topic>) {
        topics.into_iter().for_each(|topic| self.holds.watch(topic));
        self.settle();
    }

    /// Watches the topic no more.
    pub fn unwatch(&mut self, topic: Topic) {
        let Some(holder) = self.holds.unwatch(topic) else { return };
        if let Some(link) = self.links.values().find(|link| link.id == holder) {
            link.unsubscribe(topic);
        }
    }

    /// The number of polls that it watches.
    pub fn watched_polls(&self) -> usize {
        self.holds.polls()
    }

    /// What happens next. To drop the future before is to lose nothing.
    pub async fn next(&mut self) -> Event {
        loop {
            let retry_at = self.retry_at;
            tokio::select! {
                Some(report) = self.reports.recv() => {
                    if let Some(event) = self.take(report) {
                        return event;
                    }
                }
                () = sleep_until(retry_at.unwrap_or_else(Instant::now)), if retry_at.is_some() => {
                    self.retry_at = None;
                    self.settle();
                }
            }
        }
    }

    /// Asks for the channels that nobody is asked for, each where its slot is.
    fn settle(&mut self) {
        if !self.holds.any_adrift() || self.retry_at.is_some() || self.asking {
            return;
        }
        if self.slots_in_doubt {
            return self.ask_for_slots();
        }
        for topic in self.holds.take_adrift() {
            match self.slots.owner(slot_of(keys::channel(topic).as_bytes())).cloned() {
                Some(owner) => self.ask_for(topic, owner),
                None => {
                    self.holds.set_adrift(topic);
                    self.doubt_slots();
                }
            }
        }
    }

    fn ask_for(&mut self, topic: Topic, owner: Address) {
        let link = self.links.entry(owner).or_insert_with_key(|owner| {
            self.next_link += 1;
            Link::open(self.next_link, self.server.clone(), owner.clone(), self.reporting.clone())
        });
        self.holds.ask_for(topic, link.id);
        link.subscribe(topic);
    }

    fn take(&mut self, report: Report) -> Option<Event> {
        match report {
            Report::Pushed(link, push, _place) => self.take_push(link, push),
            Report::Answered(link, answer) => self.take_answer(link, answer),
            Report::Lost(link, error) => self.lose(link, &error.to_string()),
            Report::Slots(slots) => {
                self.take_slots(slots);
                None
            }
        }
    }

    fn take_push(&mut self, link: LinkId, push: PushInfo) -> Option<Event> {
        let mut data = push.data.into_iter();
        let topic = data.next().and_then(|channel| keys::topic(&bytes_of(channel)?));
        match (push.kind, topic) {
            (PushKind::Message | PushKind::SMessage, Some(topic)) if self.holds.is_watched(topic) => {
                let payload = data.next().and_then(bytes_of)?.into();
                Some(Event::Message { topic, payload })
            }
            (PushKind::Subscribe | PushKind::SSubscribe, Some(topic)) => {
                self.holds.confirm(topic, link);
                None
            }
            (PushKind::Unsubscribe | PushKind::SUnsubscribe, Some(topic)) => self.leave(topic, link),
            (PushKind::Disconnection, _) => self.lose(link, "the server closed the connection"),
            _ => None,
        }
    }

    /// The server has ended a subscription: it gave the slot away, or is a replica now. Asked again as such it would
    /// take the subscription, though the new primary may not pass messages on to it yet: so it is asked who has the slot.
    fn leave(&mut self, topic: Topic, link: LinkId) -> Option<Event> {
        self.holds.lose(topic, link).then(|| {
            self.doubt_slots();
            Event::Lost(vec![topic])
        })
    }

    fn take_answer(&mut self, link: LinkId, answer: Answer) -> Option<Event> {
        for (slot, owner) in answer.moved {
            self.slots.note_moved(slot, owner);
        }
        if let Some(refusal) = answer.refusal {
            tracing::warn!(error = %refusal, "a subscription to a channel was refused");
            self.doubt_slots();
        }
        let standing = self.holds.settle(answer.topics, link);
        if self.holds.any_adrift() {
            self.retry_later();
        }
        (!standing.is_empty()).then_some(Event::Subscribed(standing))
    }

    fn take_slots(&mut self, slots: RedisResult<Slots>) {
        self.asking = false;
        match slots {
            Ok(slots) => {
                self.slots = slots;
                self.slots_in_doubt = false;
                self.settle();
            }
            Err(error) => {
                tracing::warn!(%error, "nobody says which server has the channels");
                self.retry_later();
            }
        }
    }

    /// The link is gone; what it held is asked for again, wherever it may be by then.
    fn lose(&mut self, id: LinkId, error: &str) -> Option<Event> {
        let (address, _) = self.links.extract_if(|_, link| link.id == id).next()?;
        tracing::warn!(server = %address, error, "no connection to the server of some channels");
        self.doubt_slots();
        Some(Event::Lost(self.holds.lose_all(id)))
    }

    fn doubt_slots(&mut self) {
        self.slots_in_doubt = self.server.is_discovered();
        self.retry_later();
    }

    fn retry_later(&mut self) {
        self.retry_at.get_or_insert_with(|| Instant::now() + RETRY);
    }

    fn ask_for_slots(&mut self) {
        self.asking = true;
        self.attempts += 1;
        let others = self.slots.nodes().cloned().collect();
        let asked = topology::ask(self.server.clone(), others, self.attempts);
        let reporting = self.reporting.clone();
        tokio::spawn(async move {
            // Nobody listens once the subscriber is gone.
            let _ = reporting.send(Report::Slots(asked.await));
        });
    }
}

fn bytes_of(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}
