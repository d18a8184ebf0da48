//! The ways to have Redis and PostgreSQL.

use std::fmt;

use pollster_stack::PgBouncer;

/// One that is not one Redis and one PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setup {
    /// A Redis with a replica and Sentinels. So many replicas hold a vote before it is answered.
    Sentinel { min_replicas: u32 },
    /// A Redis Cluster of three primaries with a replica each. The same.
    Cluster { min_replicas: u32 },
    /// A Redis for each of the three roles.
    Split,
    /// PgBouncer in transaction mode before PostgreSQL.
    Pgbouncer,
    /// A PostgreSQL that waits for a synchronous standby.
    Standby,
}

impl Setup {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::Sentinel { min_replicas: 0 },
        Self::Sentinel { min_replicas: 1 },
        Self::Cluster { min_replicas: 0 },
        Self::Cluster { min_replicas: 1 },
        Self::Split,
        Self::Pgbouncer,
        Self::Standby,
    ];

    /// Replicas that must hold a vote.
    pub(super) fn min_replicas(self) -> u32 {
        match self {
            Self::Sentinel { min_replicas } | Self::Cluster { min_replicas } => min_replicas,
            Self::Split | Self::Pgbouncer | Self::Standby => 0,
        }
    }

    /// The database of its own, on the PostgreSQL that they share.
    pub(super) fn database(self) -> String {
        let name = match self {
            Self::Sentinel { .. } => "sentinel",
            Self::Cluster { .. } => "cluster",
            Self::Split => "split",
            Self::Pgbouncer => "pgbouncer",
            Self::Standby => "standby",
        };
        format!("{name}_{}", self.min_replicas())
    }

    /// Whether something that it needs is not on this machine; says so then.
    pub(super) fn is_missing(self) -> bool {
        self == Self::Pgbouncer && PgBouncer::is_missing()
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sentinel { .. } => "Sentinel",
            Self::Cluster { .. } => "Cluster",
            Self::Split => "3 Redis, one a role",
            Self::Pgbouncer => "PgBouncer",
            Self::Standby => "synchronous standby",
        })?;
        match self.min_replicas() {
            0 => Ok(()),
            number => write!(f, ", waits for {number}"),
        }
    }
}
