//! Redis as a topology has it.

mod cluster;
mod plain;
mod sentinels;

use std::net::SocketAddr;
use std::path::Path;

use redis::aio::MultiplexedConnection;

use crate::nemesis::{Blow, Server};
use crate::planted::Planted;
use crate::topology::Topology;
use cluster::Cluster;
pub(super) use plain::Plain;
use sentinels::Sentinels;

/// The roles that may be apart, in the order of their URLs.
const ROLES: [Server; 3] = [Server::Streams, Server::Aggregates, Server::PubSub];

/// All of Redis.
#[derive(Debug)]
pub(crate) enum RedisSide {
    Single(Plain),
    /// One a role.
    Split([Plain; 3]),
    Sentinel(Sentinels),
    Cluster(Cluster),
}

/// Where programs find a role.
pub(super) enum Place {
    /// At this address, which a proxy may stand for.
    Address(SocketAddr),
    /// By this URL. Its servers say themselves where they are: clients do not use a proxy for long.
    Url(String),
}

impl RedisSide {
    /// Starts it in `folder`. Where it has replicas, `min_replicas` must follow a primary that is to write.
    pub(super) async fn start(
        topology: Topology,
        min_replicas: u32,
        folder: &Path,
        planted: Option<Planted>,
    ) -> Self {
        match topology {
            Topology::Sentinel => Self::Sentinel(Sentinels::start(folder, min_replicas).await),
            Topology::Cluster => Self::Cluster(Cluster::start(folder, min_replicas).await),
            Topology::Split => {
                let start = async |role: &str| Plain::start(&folder.join(role), None).await;
                Self::Split(tokio::join!(start("streams"), start("aggregates"), start("pubsub")).into())
            }
            Topology::Single | Topology::Pgbouncer | Topology::Standby => {
                Self::Single(Plain::start(folder, planted).await)
            }
        }
    }

    /// Where streams, aggregates and pub/sub are, with the servers that they are on.
    pub(super) fn places(&self) -> [(Server, Place); 3] {
        let url = match self {
            Self::Single(redis) => {
                return ROLES.map(|_| (Server::Redis, Place::Address(redis.address())));
            }
            Self::Split(servers) => {
                let mut addresses = servers.iter().map(Plain::address);
                return ROLES.map(|role| (role, Place::Address(addresses.next().expect("a server a role"))));
            }
            Self::Sentinel(sentinels) => sentinels.url(),
            Self::Cluster(cluster) => cluster.url(),
        };
        ROLES.map(|_| (Server::Redis, Place::Url(url.to_owned())))
    }

    /// Connections to all that hold streams.
    pub(super) async fn streams(&self) -> Vec<MultiplexedConnection> {
        self.holding(Server::Streams).await
    }

    /// Connections to all that hold counts.
    pub(super) async fn aggregates(&self) -> Vec<MultiplexedConnection> {
        self.holding(Server::Aggregates).await
    }

    async fn holding(&self, role: Server) -> Vec<MultiplexedConnection> {
        match self {
            Self::Single(redis) => vec![redis.server().connect().await],
            Self::Split(_) => vec![self.plain(role).server().connect().await],
            Self::Sentinel(sentinels) => vec![sentinels.connect().await],
            Self::Cluster(cluster) => cluster.connect().await,
        }
    }

    /// The server of that role, where there are plain ones.
    ///
    /// # Panics
    /// Where there are none.
    pub(super) fn plain(&self, role: Server) -> &Plain {
        match self {
            Self::Single(redis) => redis,
            Self::Split(servers) => {
                let place = ROLES.iter().position(|known| *known == role);
                &servers[place.expect("a role of Redis")]
            }
            Self::Sentinel(_) | Self::Cluster(_) => panic!("these are replicated"),
        }
    }

    /// Begins a blow.
    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        match self {
            Self::Single(_) | Self::Split(_) => self.plain(server).strike(blow).await,
            Self::Sentinel(sentinels) => sentinels.strike(server, blow).await,
            Self::Cluster(cluster) => cluster.strike(blow).await,
        }
    }

    /// Ends it, and waits until all is as before; returns whether another server has taken the place of one.
    pub(super) async fn heal(&self, server: Server, blow: Blow) -> bool {
        match self {
            Self::Single(_) | Self::Split(_) => {
                self.plain(server).heal(blow).await;
                false
            }
            Self::Sentinel(sentinels) => sentinels.heal(server, blow).await,
            Self::Cluster(cluster) => cluster.heal(blow).await,
        }
    }
}
