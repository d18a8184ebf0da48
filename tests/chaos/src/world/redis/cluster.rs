//! A Redis Cluster.

use std::path::Path;

use futures_util::future::join_all;
use pollster_integration::ClusterServer;
use redis::aio::MultiplexedConnection;
use tokio::sync::Mutex;

use crate::nemesis::Blow;

/// Three primaries, each with a replica.
#[derive(Debug)]
pub(crate) struct Cluster {
    server: ClusterServer,
    struck: Mutex<Struck>,
}

#[derive(Debug, Default)]
struct Struck {
    /// The primaries before.
    primaries: Vec<usize>,
    /// Who is away.
    node: usize,
    /// How often something was done: another primary each time.
    times: usize,
}

impl Cluster {
    pub(super) async fn start(folder: &Path, min_replicas: u32) -> Self {
        let server = match min_replicas {
            0 => ClusterServer::start_with_replicas(folder).await,
            _ => ClusterServer::start_with_needed_replicas(folder).await,
        };
        Self { server, struck: Mutex::default() }
    }

    pub(super) fn url(&self) -> &str {
        self.server.url()
    }

    /// To every primary.
    pub(super) async fn connect(&self) -> Vec<MultiplexedConnection> {
        join_all(self.primaries().await.into_iter().map(|node| self.server.connect(node))).await
    }

    pub(super) async fn strike(&self, blow: Blow) {
        let mut struck = self.struck.lock().await;
        let primaries = self.primaries().await;
        let primary = primaries[struck.times % primaries.len()];
        struck.node = match blow {
            Blow::ReplicaKill | Blow::Handover => self.server.replicas_of(primary).await[0],
            _ => primary,
        };
        struck.times += 1;
        struck.primaries = primaries;
        match blow {
            Blow::PrimaryKill | Blow::ReplicaKill => self.server.kill(struck.node).await,
            Blow::PrimaryFreeze => self.server.freeze(struck.node).await,
            Blow::Handover => self.server.fail_over_to(struck.node).await,
            Blow::MoveSlots => self.move_slots().await,
            _ => unreachable!("{blow:?} is for others"),
        }
    }

    /// Waits until it works again: of two nodes that hold a vote, only one at a time is taken away.
    pub(super) async fn heal(&self, blow: Blow) -> bool {
        let struck = self.struck.lock().await;
        match blow {
            Blow::PrimaryFreeze => self.server.thaw(struck.node).await,
            Blow::PrimaryKill | Blow::ReplicaKill => self.server.restart(struck.node).await,
            _ => {}
        }
        self.server.works().await;
        self.primaries().await != struck.primaries
    }

    /// Half of the longest range of the primary that has the most, to the one that has the least.
    async fn move_slots(&self) {
        let mut primaries = self.server.primaries().await;
        primaries.sort_by_key(|(_, slots)| slots.iter().map(ExactSizeIterator::len).sum::<usize>());
        let (Some((taker, _)), Some((giver, slots))) = (primaries.first(), primaries.last()) else { return };
        let longest = slots.iter().max_by_key(|range| range.len()).expect("a primary has slots").clone();
        let half = longest.start..longest.start + (longest.len() / 2) as u16;
        self.server.migrate(half, *giver, *taker).await;
    }

    async fn primaries(&self) -> Vec<usize> {
        self.server.primaries().await.into_iter().map(|(node, _)| node).collect()
    }
}
