//! What the servers of a run are, and how they stand to each other.

use clap::ValueEnum;
use pollster_stack::PgBouncer;

/// How Redis and PostgreSQL are set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Topology {
    /// One Redis and one PostgreSQL.
    #[default]
    Single,
    /// A Redis with a replica and three Sentinels.
    Sentinel,
    /// A Redis Cluster of three primaries with a replica each.
    Cluster,
    /// A Redis for streams, one for aggregates, one for pub/sub.
    Split,
    /// PgBouncer in transaction mode before PostgreSQL.
    Pgbouncer,
    /// A PostgreSQL with a synchronous standby, and an asynchronous one that is read from.
    Standby,
}

impl Topology {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Single, Self::Sentinel, Self::Cluster, Self::Split, Self::Pgbouncer, Self::Standby];

    /// As the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Sentinel => "sentinel",
            Self::Cluster => "cluster",
            Self::Split => "split",
            Self::Pgbouncer => "pgbouncer",
            Self::Standby => "standby",
        }
    }

    /// Whether its Redis has replicas, which may hold a vote before it is answered.
    pub fn has_replicas(self) -> bool {
        matches!(self, Self::Sentinel | Self::Cluster)
    }

    /// Whether something that it needs is not on this machine; says so then.
    pub fn is_missing(self) -> bool {
        self == Self::Pgbouncer && PgBouncer::is_missing()
    }
}
