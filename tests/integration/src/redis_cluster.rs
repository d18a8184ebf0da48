//! A test's Redis Cluster.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_stack::{Primary, RedisCluster, Signal};
use redis::aio::MultiplexedConnection;

use crate::wait::blocking;

/// A Redis Cluster of its own: nodes 0 to 2 are primaries, with replicas nodes 3 to 5 are those, in that order.
#[derive(Debug)]
pub struct ClusterServer {
    cluster: Arc<Mutex<RedisCluster>>,
    url: String,
    node_urls: Vec<String>,
}

impl ClusterServer {
    /// Starts three primaries in `folder`.
    ///
    /// # Panics
    /// When they do not start, or do not agree.
    pub async fn start(folder: &Path) -> Self {
        Self::start_with(folder, false, 0).await
    }

    /// Starts three primaries with a replica each.
    ///
    /// # Panics
    /// As [`ClusterServer::start`].
    pub async fn start_with_replicas(folder: &Path) -> Self {
        Self::start_with(folder, true, 0).await
    }

    /// Starts three primaries with a replica each, without which they refuse to write.
    ///
    /// # Panics
    /// As [`ClusterServer::start`].
    pub async fn start_with_needed_replicas(folder: &Path) -> Self {
        Self::start_with(folder, true, 1).await
    }

    async fn start_with(folder: &Path, with_replicas: bool, min_replicas: u32) -> Self {
        let folder = folder.join("cluster");
        let start = move || {
            RedisCluster::start_with(&folder, with_replicas, min_replicas).expect("a Redis Cluster starts")
        };
        let mut cluster = blocking(start).await;
        let url = cluster.url();
        let node_urls = cluster.nodes().iter().map(pollster_stack::Redis::url).collect();
        Self { cluster: Arc::new(Mutex::new(cluster)), url, node_urls }
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port of a node.
    pub fn address(&self, node: usize) -> &str {
        self.node_urls[node].trim_start_matches("redis://").trim_end_matches('/')
    }

    /// The number of its nodes.
    pub fn size(&self) -> usize {
        self.node_urls.len()
    }

    /// A new connection to a node.
    ///
    /// # Panics
    /// When it can't be reached.
    pub async fn connect(&self, node: usize) -> MultiplexedConnection {
        let client = redis::Client::open(self.node_urls[node].as_str()).expect("a Redis URL");
        client.get_multiplexed_async_connection().await.expect("the node is reached")
    }

    /// The slot of a channel.
    ///
    /// # Panics
    /// When no node answers, as all of these.
    pub async fn slot(&self, channel: &str) -> u16 {
        let mut ask = redis::cmd("CLUSTER");
        ask.arg("KEYSLOT").arg(channel);
        ask.query_async(&mut self.connect(0).await).await.expect("a slot")
    }

    /// How many subscribe to this channel on the node.
    pub async fn subscribers(&self, node: usize, channel: &str) -> usize {
        let mut ask = redis::cmd("PUBSUB");
        ask.arg("SHARDNUMSUB").arg(channel);
        let (_, number): (String, usize) =
            ask.query_async(&mut self.connect(node).await).await.expect("a number of subscribers");
        number
    }

    /// Ends every connection to the node that subscribes to something.
    pub async fn cut_subscribers(&self, node: usize) {
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("pubsub");
        kill.exec_async(&mut self.connect(node).await).await.expect("CLIENT KILL");
    }

    /// Kills a node.
    pub async fn kill(&self, node: usize) {
        self.with(move |cluster| cluster.nodes()[node].kill().expect("the node is killed")).await;
    }

    /// Starts a node again.
    pub async fn restart(&self, node: usize) {
        self.with(move |cluster| cluster.nodes()[node].restart().expect("the node starts again")).await;
    }

    /// Freezes a node: connections stand, nothing is answered.
    pub async fn freeze(&self, node: usize) {
        self.with(move |cluster| cluster.nodes()[node].process().signal(Signal::STOP).expect("it is frozen"))
            .await;
    }

    /// Lets a node go on.
    pub async fn thaw(&self, node: usize) {
        self.with(move |cluster| cluster.nodes()[node].process().signal(Signal::CONT).expect("it goes on"))
            .await;
    }

    /// Gives a slot from one primary to another.
    pub async fn move_slot(&self, slot: u16, from: usize, to: usize) {
        self.with(move |cluster| cluster.migrate(slot..slot + 1, from, to).expect("the slot moves")).await;
    }

    /// Makes a replica take its primary's place, in order.
    pub async fn fail_over_to(&self, replica: usize) {
        self.with(move |cluster| cluster.fail_over_to(replica).expect("the replica takes over")).await;
    }

    /// Gives slots with their keys from one primary to another.
    pub async fn migrate(&self, slots: Range<u16>, from: usize, to: usize) {
        self.with(move |cluster| cluster.migrate(slots, from, to).expect("the slots move")).await;
    }

    /// The nodes that are primaries now, each with its slots.
    pub async fn primaries(&self) -> Vec<Primary> {
        self.with(|cluster| cluster.primaries().expect("a node answers")).await
    }

    /// The replicas that follow this primary.
    pub async fn replicas_of(&self, primary: usize) -> Vec<usize> {
        self.with(move |cluster| cluster.replicas_of(primary)).await
    }

    /// Waits until all slots are served, and every node has its place.
    pub async fn works(&self) {
        self.with(|cluster| cluster.wait_until_it_works().expect("the nodes agree")).await;
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut RedisCluster) -> T + Send + 'static) -> T {
        let cluster = self.cluster.clone();
        blocking(move || work(&mut cluster.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
