//! How a server of others is hurt.

use super::Server;

/// How a server is hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Killed, and started after a while on the data that it had.
    Kill,
    /// It stands still for a while, its connections stand too.
    Freeze,
    /// Redis only: all its data is gone at once.
    Flush,
    /// Redis only: killed, and started without its data.
    Wipe,
    /// Ended in order, and started.
    Restart,
    /// PostgreSQL only: killed, nobody is there for seconds, then one is.
    Failover,
    /// Its disk has no room for anything new.
    FullDisk,
    /// The primary is killed, a replica takes over, and what was the primary comes back as a replica.
    PrimaryKill,
    /// The primary and its replica lose each other, and soon after it is killed: what it took meanwhile is nowhere else.
    PrimaryLost,
    /// The primary stands still until a replica may have taken over, then it goes on.
    PrimaryFreeze,
    /// A replica is killed, and started after a while.
    ReplicaKill,
    /// A replica receives, and applies nothing.
    ReplicaPause,
    /// The primary and its replicas lose each other; clients reach all.
    ReplicaCut,
    /// In order: a replica takes over while the primary lives.
    Handover,
    /// Slots with their keys go from one primary to another.
    MoveSlots,
}

impl Blow {
    /// How long it lasts, in milliseconds from and to.
    pub(super) fn milliseconds(self, server: Server) -> (u64, u64) {
        match (server, self) {
            (_, Self::Flush | Self::Restart | Self::Handover | Self::MoveSlots) => (0, 0),
            (Server::Postgres, Self::Kill) | (_, Self::Wipe) => (0, 1000),
            (_, Self::Failover) => (3000, 6000),
            // Somebody promotes a standby at once.
            (Server::Postgres, Self::PrimaryKill) => (500, 2000),
            // Who is to take over must have the time to notice.
            (_, Self::PrimaryKill | Self::PrimaryLost | Self::PrimaryFreeze) => (3000, 7000),
            (_, _) => (1000, 4000),
        }
    }

    /// How long it takes then until all is as before, in milliseconds, as far as the next blow has to wait for that.
    pub(super) fn recovers_within(self, server: Server) -> u64 {
        match (server, self) {
            // A primary of Redis that comes back too late is left alone for eight seconds.
            (Server::Redis, Self::PrimaryFreeze | Self::PrimaryKill | Self::PrimaryLost) => 10_000,
            // Its data is made anew.
            (Server::Postgres, Self::PrimaryKill) => 8000,
            (Server::Cluster, Self::PrimaryFreeze | Self::PrimaryKill) => 1000,
            (_, Self::MoveSlots) => 4000,
            (_, Self::Handover | Self::ReplicaKill | Self::ReplicaCut) => 2000,
            _ => 0,
        }
    }

    /// Its kind, as the command line takes it.
    ///
    /// # Panics
    /// Where it is none for that server.
    pub(super) fn name(self, server: Server) -> &'static str {
        match (server, self) {
            (Server::Redis, Self::Kill) => "redis-kill",
            (Server::Redis, Self::Freeze) => "redis-freeze",
            (Server::Redis, Self::Flush) => "redis-flush",
            (Server::Redis, Self::Wipe) => "redis-wipe",
            (Server::Redis, Self::FullDisk) => "redis-full-disk",
            (Server::Redis, Self::PrimaryKill) => "redis-primary-kill",
            (Server::Redis, Self::PrimaryLost) => "redis-primary-lost",
            (Server::Redis, Self::PrimaryFreeze) => "redis-primary-freeze",
            (Server::Redis, Self::ReplicaKill) => "redis-replica-kill",
            (Server::Redis, Self::ReplicaCut) => "redis-replica-cut",
            (Server::Cluster, Self::PrimaryKill) => "cluster-primary-kill",
            (Server::Cluster, Self::PrimaryFreeze) => "cluster-primary-freeze",
            (Server::Cluster, Self::ReplicaKill) => "cluster-replica-kill",
            (Server::Cluster, Self::Handover) => "cluster-handover",
            (Server::Cluster, Self::MoveSlots) => "cluster-move-slots",
            (Server::Sentinel, Self::Kill) => "sentinel-kill",
            (Server::Streams, Self::Kill) => "streams-kill",
            (Server::Streams, Self::Freeze) => "streams-freeze",
            (Server::Streams, Self::Flush) => "streams-flush",
            (Server::Aggregates, Self::Kill) => "aggregates-kill",
            (Server::Aggregates, Self::Freeze) => "aggregates-freeze",
            (Server::Aggregates, Self::Flush) => "aggregates-flush",
            (Server::PubSub, Self::Kill) => "pubsub-kill",
            (Server::PubSub, Self::Freeze) => "pubsub-freeze",
            (Server::PubSub, Self::Flush) => "pubsub-flush",
            (Server::Postgres, Self::Kill) => "postgres-kill",
            (Server::Postgres, Self::Freeze) => "postgres-freeze",
            (Server::Postgres, Self::Restart) => "postgres-restart",
            (Server::Postgres, Self::Failover) => "postgres-failover",
            (Server::Postgres, Self::FullDisk) => "postgres-full-disk",
            (Server::Postgres, Self::PrimaryKill) => "postgres-primary-kill",
            (Server::Postgres, Self::ReplicaKill) => "postgres-standby-kill",
            (Server::ReadReplica, Self::Kill) => "read-replica-kill",
            (Server::ReadReplica, Self::ReplicaPause) => "read-replica-pause",
            (Server::PgBouncer, Self::Kill) => "pgbouncer-kill",
            (Server::PgBouncer, Self::Freeze) => "pgbouncer-freeze",
            (Server::PgBouncer, Self::Restart) => "pgbouncer-restart",
            (server, blow) => unreachable!("{blow:?} is nothing that happens to {server}"),
        }
    }
}
