//! Redis and PostgreSQL, each on a disk of its own where that can be had.

use std::path::Path;

use super::disk::Disk;
use super::postgres::PostgresSide;
use super::redis::RedisSide;
use crate::nemesis::{Blow, Server};
use crate::settings::Settings;

/// More than a run writes; taken as it is used.
const REDIS_DISK: &str = "1g";
const POSTGRES_DISK: &str = "4g";

/// The servers that our programs need.
#[derive(Debug)]
pub(crate) struct Servers {
    // Before their disks, so that they end first.
    redis: RedisSide,
    postgres: PostgresSide,
    redis_disk: Option<Disk>,
    postgres_disk: Option<Disk>,
}

impl Servers {
    /// Starts them, with a migrated database and what of the bug is theirs.
    pub(super) async fn start(folder: &Path, settings: &Settings) -> Self {
        let (redis_folder, postgres_folder) = (folder.join("redis-disk"), folder.join("postgres-disk"));
        let redis_disk = Disk::mount(&redis_folder, REDIS_DISK);
        let postgres_disk = Disk::mount(&postgres_folder, POSTGRES_DISK);
        let Settings { topology, planted, .. } = *settings;
        let (redis, postgres) = tokio::join!(
            RedisSide::start(topology, refuses_without(settings), &redis_folder, planted),
            PostgresSide::start(topology, &postgres_folder, planted)
        );
        Self { redis, postgres, redis_disk, postgres_disk }
    }

    pub(super) fn redis(&self) -> &RedisSide {
        &self.redis
    }

    pub(super) fn postgres(&self) -> &PostgresSide {
        &self.postgres
    }

    /// Whether their disks can be full.
    pub(super) fn have_disks(&self) -> bool {
        self.redis_disk.is_some() && self.postgres_disk.is_some()
    }

    /// Begins a blow.
    pub(super) async fn strike(&self, server: Server, blow: Blow) {
        match (server, blow) {
            (_, Blow::FullDisk) => self.disk(server).fill(),
            _ if is_postgres(server) => self.postgres.strike(server, blow).await,
            _ => self.redis.strike(server, blow).await,
        }
    }

    /// Ends it, and waits until all is as before; returns whether another server has taken the place of one.
    pub(super) async fn heal(&self, server: Server, blow: Blow) -> bool {
        if blow == Blow::FullDisk {
            self.disk(server).free();
        }
        match is_postgres(server) {
            true => self.postgres.heal(server, blow).await,
            false => self.redis.heal(server, blow).await,
        }
    }

    fn disk(&self, server: Server) -> &Disk {
        let disk = if is_postgres(server) { &self.postgres_disk } else { &self.redis_disk };
        disk.as_ref().expect("full disks are left out where there are none")
    }
}

/// Replicas without which a Redis primary refuses to write. That protects votes too, so well that it would hide whether
/// our programs wait for replicas: only every other seed has it.
fn refuses_without(settings: &Settings) -> u32 {
    if settings.seed.is_multiple_of(2) { settings.min_replicas } else { 0 }
}

fn is_postgres(server: Server) -> bool {
    matches!(server, Server::Postgres | Server::ReadReplica | Server::PgBouncer)
}
