//! One connection to one server, which carries all subscriptions there.

use std::time::Duration;

use super::pushes::{Place, Pushes};
use super::topic::Topic;
use crate::keys;
use crate::redis::server::Server;
use crate::redis::slots::{Address, Slots};
use crate::redis::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, PushInfo, RedisError, RedisResult, Value};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often a connection is tried, though nothing is asked of it: a server that vanished without a word
/// is noticed within this and the timeout.
const PING_EVERY: Duration = Duration::from_secs(2);
/// Commands sent together.
const BATCH: usize = 1000;

/// What distinguishes a link from those before it to the same server.
pub(super) type LinkId = u64;

/// What a link tells the subscriber.
#[derive(Debug)]
pub(super) enum Report {
    /// The server sent this by itself, or to confirm a subscription.
    Pushed(LinkId, PushInfo, Place),
    /// The server has answered to these subscriptions; those that it confirmed were pushed before.
    Answered(LinkId, Answer),
    /// The connection is gone, or was never made.
    Lost(LinkId, RedisError),
    /// Who has which slots, as somebody in the cluster says.
    Slots(RedisResult<Slots>),
}

/// A server's answer to some subscriptions.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) topics: Vec<Topic>,
    /// Slots that another node has, and which.
    pub(super) moved: Vec<(u16, Address)>,
    /// Another reason why something was refused.
    pub(super) refusal: Option<RedisError>,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Subscribe(Topic),
    Unsubscribe(Topic),
}

/// A connection that stands, or is being made. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: LinkId,
    orders: UnboundedSender<Order>,
    task: JoinHandle<()>,
}

/// The task behind a [`Link`].
struct Worker {
    id: LinkId,
    server: Server,
    address: Address,
    reports: UnboundedSender<Report>,
}

impl Link {
    /// Connects to the server at `address`.
    pub(super) fn open(
        id: LinkId,
        server: Server,
        address: Address,
        reports: UnboundedSender<Report>,
    ) -> Self {
        // Taken in batches. Bounded by the topics that come and go while the server owes an answer, three seconds at
        // most: then the link is lost, and its queue with it.
        let (orders, to_do) = unbounded_channel();
        let worker = Worker { id, server, address, reports };
        Self { id, orders, task: tokio::spawn(worker.run(to_do)) }
    }

    /// Asks for a topic's channel. The answer is reported, or the link's loss.
    pub(super) fn subscribe(&self, topic: Topic) {
        // A link that has ended has reported so.
        let _ = self.orders.send(Order::Subscribe(topic));
    }

    /// Leaves a topic's channel.
    pub(super) fn unsubscribe(&self, topic: Topic) {
        let _ = self.orders.send(Order::Unsubscribe(topic));
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Worker {
    async fn run(self, orders: UnboundedReceiver<Order>) {
        if let Err(error) = self.serve(orders).await {
            self.report(Report::Lost(self.id, error));
        }
    }

    async fn serve(&self, mut orders: UnboundedReceiver<Order>) -> RedisResult<()> {
        let mut connection = self.connect().await?;
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                taken = orders.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        return Ok(());
                    }
                    self.obey(&mut connection, &batch).await?;
                    batch.clear();
                }
                // Whatever it answers, it lives.
                _ = ping.tick() => drop(connection.send_packed_command(&redis::cmd("PING")).await?),
            }
        }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let pushes = Pushes::new(self.id, self.reports.clone());
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_push_sender(pushes);
        self.server.push_client(&self.address)?.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Sends a command a channel, all at once: one command with many sharded channels would be refused
    /// (CROSSSLOT) as soon as two of them have different slots.
    async fn obey(&self, connection: &mut MultiplexedConnection, orders: &[Order]) -> RedisResult<()> {
        let mut commands = redis::pipe();
        let mut answer = Answer::default();
        for order in orders {
            let (topic, command) = self.command(*order);
            commands.cmd(command).arg(keys::channel(topic));
            if let Order::Subscribe(topic) = order {
                answer.topics.push(*topic);
            }
        }
        // The replies can't be told apart by their place: a server that gives a slot away confirms that
        // channels were left which nobody asked to leave. What it pushed says by name what stands.
        for reply in connection.req_packed_commands(&commands, 0, orders.len()).await? {
            if let Value::ServerError(error) = reply {
                self.note(&mut answer, error.into());
            }
        }
        self.report(Report::Answered(self.id, answer));
        Ok(())
    }

    fn command(&self, order: Order) -> (Topic, &'static str) {
        match (order, self.server.is_cluster()) {
            (Order::Subscribe(topic), false) => (topic, "SUBSCRIBE"),
            (Order::Subscribe(topic), true) => (topic, "SSUBSCRIBE"),
            (Order::Unsubscribe(topic), false) => (topic, "UNSUBSCRIBE"),
            (Order::Unsubscribe(topic), true) => (topic, "SUNSUBSCRIBE"),
        }
    }

    fn note(&self, answer: &mut Answer, error: RedisError) {
        let moved = error
            .redirect_node()
            .and_then(|(owner, slot)| Some((slot, Address::parse(owner, &self.address)?)));
        match moved {
            Some(moved) => answer.moved.push(moved),
            None => answer.refusal = Some(error),
        }
    }

    fn report(&self, report: Report) {
        // Nobody listens once the subscriber is gone.
        let _ = self.reports.send(report);
    }
}
