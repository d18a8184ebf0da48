//! A PostgreSQL that stands alone.

use std::net::SocketAddr;
use std::path::Path;

use pollster_integration::Database;
use pollster_stack::Frozen;
use tokio::sync::Mutex;

use super::Access;
use crate::links::Link;
use crate::nemesis::Blow;
use crate::planted::Planted;
use crate::world::address;

/// One server.
#[derive(Debug)]
pub(crate) struct Single {
    database: Database,
    frozen: Mutex<Option<Frozen>>,
}

impl Single {
    /// Starts it in `folder`, with a migrated database and what of the bug is its.
    pub(super) async fn start(folder: &Path, planted: Option<Planted>) -> Self {
        let database = Database::on_own_server(folder).await;
        if let Some(bug) = planted {
            bug.plant_in_database(&database).await;
        }
        Self { database, frozen: Mutex::default() }
    }

    /// The database itself.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// A new proxy.
    pub(super) async fn access(&self) -> Access {
        self.access_by(address(self.database.url())).await
    }

    /// A new proxy before what stands before the server.
    pub(super) async fn access_by(&self, entrance: SocketAddr) -> Access {
        let link = Link::to(entrance).await;
        let server = address(self.database.url()).to_string();
        let url = self.database.url().replace(&server, &link.address().to_string());
        Access { links: vec![link], url, env: Vec::new() }
    }

    pub(super) async fn strike(&self, blow: Blow) {
        match blow {
            Blow::Kill | Blow::Failover => self.database.kill_server().await,
            Blow::Restart => self.database.stop_server().await,
            Blow::Freeze => {
                let frozen = self.database.freeze_server_and_sessions().await;
                self.frozen.lock().await.replace(frozen);
            }
            _ => unreachable!("{blow:?} is for others"),
        }
    }

    pub(super) async fn heal(&self, blow: Blow) {
        if blow == Blow::Freeze {
            drop(self.frozen.lock().await.take());
        }
        if self.database.server_has_ended().await {
            self.database.restart_server().await;
        }
    }
}
