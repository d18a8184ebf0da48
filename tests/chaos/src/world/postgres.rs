//! PostgreSQL as a topology has it.

mod pooled;
mod single;
mod standbys;

use std::path::Path;

use tokio_postgres::{Client, NoTls};

use crate::links::Link;
use crate::nemesis::{Blow, Program, Server};
use crate::planted::Planted;
use crate::topology::Topology;
use pooled::Pooled;
use single::Single;
use standbys::Standbys;

/// All of PostgreSQL.
#[derive(Debug)]
pub(crate) enum PostgresSide {
    Single(Single),
    Pooled(Pooled),
    Standbys(Standbys),
}

/// How a program reaches it: over proxies, by variables.
pub(super) struct Access {
    pub(super) links: Vec<Link>,
    pub(super) url: String,
    pub(super) env: Vec<(String, String)>,
}

impl PostgresSide {
    /// Starts it in `folder`, with a migrated database and what of the bug is its.
    pub(super) async fn start(topology: Topology, folder: &Path, planted: Option<Planted>) -> Self {
        match topology {
            Topology::Pgbouncer => Self::Pooled(Pooled::start(folder).await),
            Topology::Standby => Self::Standbys(Standbys::start(folder).await),
            _ => Self::Single(Single::start(folder, planted).await),
        }
    }

    /// New proxies for a program.
    pub(super) async fn access(&self, program: Program) -> Access {
        match self {
            Self::Single(single) => single.access().await,
            Self::Pooled(pooled) => pooled.access(program).await,
            Self::Standbys(standbys) => standbys.access().await,
        }
    }

    /// Where the primary is now, past all proxies.
    pub(super) async fn url(&self) -> String {
        match self {
            Self::Single(single) => single.database().url().to_owned(),
            Self::Pooled(pooled) => pooled.single().database().url().to_owned(),
            Self::Standbys(standbys) => standbys.url().await,
        }
    }

    /// A new connection to the primary.
    ///
    /// # Panics
    /// When it can't be reached.
    pub(super) async fn connect(&self) -> Client {
        let connected = tokio_postgres::connect(&self.url().await, NoTls).await;
        let (client, connection) = connected.expect("PostgreSQL is reached");
        // What ends it is seen by the statement that it carries.
        tokio::spawn(connection);
        client
    }

    /// Begins a blow.
    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        match self {
            Self::Single(single) => single.strike(blow).await,
            Self::Pooled(pooled) => pooled.strike(server, blow).await,
            Self::Standbys(standbys) => standbys.strike(server, blow).await,
        }
    }

    /// Ends it, and waits until all is as before; returns whether another server has taken the place of one.
    pub(super) async fn heal(&self, server: Server, blow: Blow) -> bool {
        match self {
            Self::Single(single) => {
                single.heal(blow).await;
                false
            }
            Self::Pooled(pooled) => {
                pooled.heal(server, blow).await;
                false
            }
            Self::Standbys(standbys) => standbys.heal(server, blow).await,
        }
    }
}

/// Runs what blocks off the threads that serve others.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("blocking work does not panic")
}
