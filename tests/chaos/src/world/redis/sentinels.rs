//! A Redis with a replica and Sentinels.

use std::path::Path;
use std::time::Duration;

use pollster_integration::{DEADLINE, SentinelServer, wait_until};
use redis::aio::MultiplexedConnection;
use tokio::sync::Mutex;

use crate::nemesis::{Blow, Server};

const SENTINELS: usize = 3;
/// How long a primary that is to be lost goes on without its replica.
const UNREPLICATED: Duration = Duration::from_millis(1500);

/// All of them.
#[derive(Debug)]
pub(crate) struct Sentinels {
    server: SentinelServer,
    /// The primary before the last blow, and who was struck.
    struck: Mutex<Struck>,
    /// The Sentinel that is struck next.
    next_sentinel: Mutex<usize>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Struck {
    primary: usize,
    member: usize,
}

impl Sentinels {
    pub(super) async fn start(folder: &Path, min_replicas: u32) -> Self {
        let server = SentinelServer::start(folder, 1, min_replicas).await;
        Self { server, struck: Mutex::default(), next_sentinel: Mutex::default() }
    }

    pub(super) fn url(&self) -> &str {
        self.server.url()
    }

    /// To the primary.
    pub(super) async fn connect(&self) -> MultiplexedConnection {
        self.server.connect(self.primary().await).await
    }

    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        if server == Server::Sentinel {
            return self.server.kill_sentinel(*self.next_sentinel.lock().await).await;
        }
        let primary = self.primary().await;
        let replica = 1 - primary;
        let member = if blow == Blow::ReplicaKill { replica } else { primary };
        *self.struck.lock().await = Struck { primary, member };
        match blow {
            Blow::PrimaryKill | Blow::ReplicaKill => self.server.kill(member).await,
            Blow::PrimaryFreeze => self.server.freeze(member).await,
            Blow::ReplicaCut => self.server.set_replication_cut(member, true).await,
            Blow::PrimaryLost => {
                self.server.set_replication_cut(member, true).await;
                tokio::time::sleep(UNREPLICATED).await;
                self.server.kill(member).await;
            }
            _ => unreachable!("{blow:?} is for others"),
        }
    }

    /// Waits until it works again: of two members that hold a vote, only one at a time is taken away.
    pub(super) async fn heal(&self, server: Server, blow: Blow) -> bool {
        if server == Server::Sentinel {
            let mut number = self.next_sentinel.lock().await;
            self.server.restart_sentinel(*number).await;
            *number = (*number + 1) % SENTINELS;
            return false;
        }
        let Struck { primary, member } = *self.struck.lock().await;
        match blow {
            Blow::PrimaryFreeze => self.server.thaw(member).await,
            Blow::ReplicaCut => self.server.set_replication_cut(member, false).await,
            _ => self.server.restart(member).await,
        }
        self.server.works().await;
        self.primary().await != primary
    }

    async fn primary(&self) -> usize {
        wait_until("a primary", DEADLINE, async || self.server.primary().await).await
    }
}
