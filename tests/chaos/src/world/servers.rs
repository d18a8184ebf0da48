//! Redis and PostgreSQL, each on a disk of its own where that can be had.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use pollster_integration::{Database, RedisServer};

use super::disk::Disk;
use crate::planted::Planted;

/// More than a run writes; taken as it is used.
const REDIS_DISK: &str = "1g";
const POSTGRES_DISK: &str = "4g";

/// The servers that our programs need.
#[derive(Debug)]
pub(crate) struct Servers {
    // Before their disks, so that they end first.
    redis: RedisServer,
    database: Database,
    redis_folder: PathBuf,
    redis_disk: Option<Disk>,
    postgres_disk: Option<Disk>,
    planted: Option<Planted>,
}

impl Servers {
    /// Starts both, with a migrated database and what of the bug is theirs.
    pub(super) async fn start(folder: &Path, planted: Option<Planted>) -> Self {
        let (redis_folder, postgres_folder) = (folder.join("redis-disk"), folder.join("postgres-disk"));
        let redis_disk = Disk::mount(&redis_folder, REDIS_DISK);
        let postgres_disk = Disk::mount(&postgres_folder, POSTGRES_DISK);
        let (redis, database) =
            tokio::join!(RedisServer::start(&redis_folder), Database::on_own_server(&postgres_folder));
        if let Some(bug) = planted {
            bug.plant_in_database(&database).await;
            bug.plant_in_redis(&redis).await;
        }
        Self { redis, database, redis_folder, redis_disk, postgres_disk, planted }
    }

    /// Starts Redis again, as it was.
    pub(super) async fn restart_redis(&self) {
        self.redis.restart().await;
        if let Some(bug) = self.planted {
            bug.plant_in_redis(&self.redis).await;
        }
    }

    pub(crate) fn redis(&self) -> &RedisServer {
        &self.redis
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn redis_address(&self) -> SocketAddr {
        address(self.redis.url())
    }

    pub(super) fn postgres_address(&self) -> SocketAddr {
        address(self.database.url())
    }

    /// The database's URL, with another address before the server.
    pub(super) fn database_url_at(&self, proxy: SocketAddr) -> String {
        self.database.url().replace(&self.postgres_address().to_string(), &proxy.to_string())
    }

    /// Whether their disks can be full.
    pub(super) fn have_disks(&self) -> bool {
        self.redis_disk.is_some() && self.postgres_disk.is_some()
    }

    pub(super) fn redis_disk(&self) -> &Disk {
        self.redis_disk.as_ref().expect("full disks are left out where there are none")
    }

    pub(super) fn postgres_disk(&self) -> &Disk {
        self.postgres_disk.as_ref().expect("full disks are left out where there are none")
    }

    /// Removes what Redis wrote, while it does not run.
    pub(crate) fn remove_redis_data(&self) {
        let data = self.redis_folder.join("redis").join("appendonlydir");
        std::fs::remove_dir_all(data).expect("Redis's data is removed");
    }
}

/// The address in a URL.
fn address(url: &str) -> SocketAddr {
    let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()?.parse().ok());
    (Ipv4Addr::LOCALHOST, port.expect("URLs here name their port")).into()
}
