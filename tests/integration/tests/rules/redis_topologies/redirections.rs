//! Commands find their keys on a Redis Cluster, also while they move.

use std::time::Duration;

use pollster_integration::{ClusterServer, Scratch};
use pollster_shared::redis::{Connection, connection};
use redis::{AsyncCommands, ErrorKind, ServerErrorKind, pipe};
use tokio::task::yield_now;

const KEYS: [&str; 2] = ["one:{moving}", "two:{moving}"];

/// A slot on its way from node to node.
struct Moving<'a> {
    cluster: &'a ClusterServer,
    slot: u16,
    from: usize,
    to: usize,
}

impl<'a> Moving<'a> {
    /// Begins to move the slot of [`KEYS`], without its keys.
    async fn begin(cluster: &'a ClusterServer) -> Self {
        let slot = cluster.slot(KEYS[0]).await;
        let primaries = cluster.primaries().await;
        let from = primaries.iter().position(|(_, slots)| slots.iter().any(|range| range.contains(&slot)));
        let from = primaries[from.expect("a node has it")].0;
        let moving = Self { cluster, slot, from, to: (from + 1) % 3 };
        moving.set(moving.to, "IMPORTING", moving.from).await;
        moving.set(moving.from, "MIGRATING", moving.to).await;
        moving
    }

    /// Moves a key.
    async fn take(&self, key: &str) {
        let address = self.cluster.address(self.to);
        let (host, port) = address.rsplit_once(':').unwrap();
        let mut migrate = redis::cmd("MIGRATE");
        migrate.arg(host).arg(port).arg(key).arg(0).arg(5000);
        migrate.exec_async(&mut self.cluster.connect(self.from).await).await.unwrap();
    }

    /// The slot has moved.
    async fn end(&self) {
        for node in [self.to, self.from] {
            self.set(node, "NODE", self.to).await;
        }
    }

    async fn set(&self, node: usize, state: &str, other: usize) {
        let id: String = redis::cmd("CLUSTER")
            .arg("MYID")
            .query_async(&mut self.cluster.connect(other).await)
            .await
            .unwrap();
        let mut set = redis::cmd("CLUSTER");
        set.arg("SETSLOT").arg(self.slot).arg(state).arg(id);
        set.exec_async(&mut self.cluster.connect(node).await).await.unwrap();
    }
}

async fn cluster(scratch: &Scratch) -> (ClusterServer, Connection) {
    let cluster = ClusterServer::start(scratch.path()).await;
    let connection = connection(cluster.url()).unwrap();
    (cluster, connection)
}

#[tokio::test]
async fn a_key_is_found_before_while_and_after_its_slot_moves() {
    let scratch = Scratch::new("redirected").unwrap();
    let (cluster, mut connection) = cluster(&scratch).await;
    let () = connection.set(KEYS[0], "stays").await.unwrap();
    let moving = Moving::begin(&cluster).await;
    assert_eq!(connection.get::<_, String>(KEYS[0]).await.unwrap(), "stays", "it is still there");
    // A key that is not, is looked for where it would go.
    let () = connection.set(KEYS[1], "goes").await.unwrap();
    let there: usize = redis::cmd("CLUSTER")
        .arg("COUNTKEYSINSLOT")
        .arg(moving.slot)
        .query_async(&mut cluster.connect(moving.to).await)
        .await
        .unwrap();
    assert_eq!(there, 1);
    moving.take(KEYS[0]).await;
    assert_eq!(connection.get::<_, String>(KEYS[0]).await.unwrap(), "stays");
    moving.end().await;
    for key in KEYS {
        assert!(connection.exists::<_, bool>(key).await.unwrap(), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_keys_are_apart_waits_until_they_are_together() {
    let scratch = Scratch::new("apart").unwrap();
    let (cluster, mut connection) = cluster(&scratch).await;
    for key in KEYS {
        let () = connection.set(key, key).await.unwrap();
    }
    let moving = Moving::begin(&cluster).await;
    moving.take(KEYS[0]).await;
    let mut bare = cluster.connect(moving.from).await;
    let apart = bare.mget::<_, Vec<String>>(&KEYS).await.unwrap_err();
    assert_eq!(apart.kind(), ErrorKind::Server(ServerErrorKind::TryAgain));
    let mut asking = connection.clone();
    let asked = tokio::spawn(async move { asking.mget::<_, Vec<String>>(&KEYS).await });
    while tried_again(&cluster, moving.from).await < 2 {
        yield_now().await;
    }
    moving.take(KEYS[1]).await;
    assert_eq!(asked.await.unwrap().unwrap(), KEYS);
}

/// How often the node has said that keys are apart.
async fn tried_again(cluster: &ClusterServer, node: usize) -> usize {
    let stats: String =
        redis::cmd("INFO").arg("errorstats").query_async(&mut cluster.connect(node).await).await.unwrap();
    let count = stats.lines().find_map(|line| line.strip_prefix("errorstat_TRYAGAIN:count="));
    count.map_or(0, |count| count.trim().parse().unwrap())
}

#[tokio::test]
async fn keys_that_stay_apart_are_given_up() {
    let scratch = Scratch::new("apart").unwrap();
    let (cluster, mut connection) = cluster(&scratch).await;
    for key in KEYS {
        let () = connection.set(key, key).await.unwrap();
    }
    Moving::begin(&cluster).await.take(KEYS[0]).await;
    let asked = tokio::time::timeout(Duration::from_secs(20), connection.mget::<_, Vec<String>>(&KEYS)).await;
    let error = asked.expect("it does not wait for ever").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server(ServerErrorKind::TryAgain));
}

#[tokio::test]
async fn the_answers_of_a_pipeline_keep_their_order_though_they_come_from_several_nodes() {
    let scratch = Scratch::new("pipeline").unwrap();
    let (cluster, mut connection) = cluster(&scratch).await;
    let (mut set, mut get) = (pipe(), pipe());
    for number in 0..50 {
        set.set(format!("key-{number}"), number).ignore();
        get.get(format!("key-{number}"));
    }
    set.exec_async(&mut connection).await.unwrap();
    let numbers: Vec<usize> = get.query_async(&mut connection).await.unwrap();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    for node in 0..3 {
        let keys: usize = redis::cmd("DBSIZE").query_async(&mut cluster.connect(node).await).await.unwrap();
        assert!(keys > 0, "node {node}");
    }
}

#[tokio::test]
async fn a_transaction_is_done_where_its_key_has_moved_once_it_is_tried_again() {
    let scratch = Scratch::new("transaction").unwrap();
    let (cluster, mut connection) = cluster(&scratch).await;
    let () = connection.set(KEYS[0], 1).await.unwrap();
    let moving = Moving::begin(&cluster).await;
    moving.take(KEYS[0]).await;
    moving.end().await;
    let mut transaction = pipe();
    transaction.atomic().incr(KEYS[0], 1).incr(KEYS[0], 1);
    assert!(transaction.exec_async(&mut connection).await.is_err(), "it was sent to where the key was");
    assert_eq!(transaction.query_async::<(i64, i64)>(&mut connection).await.unwrap(), (2, 3));
}
