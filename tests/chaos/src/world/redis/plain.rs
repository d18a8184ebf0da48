//! A Redis that stands alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use pollster_integration::RedisServer;

use crate::nemesis::Blow;
use crate::planted::Planted;
use crate::world::address;

/// One server.
#[derive(Debug)]
pub(crate) struct Plain {
    server: RedisServer,
    folder: PathBuf,
    planted: Option<Planted>,
}

impl Plain {
    /// Starts it in `folder`, with what of the bug is its.
    pub(super) async fn start(folder: &Path, planted: Option<Planted>) -> Self {
        let server = RedisServer::start(folder).await;
        let started = Self { server, folder: folder.to_owned(), planted };
        started.plant().await;
        started
    }

    /// The server itself.
    pub(in crate::world) fn server(&self) -> &RedisServer {
        &self.server
    }

    pub(super) fn address(&self) -> SocketAddr {
        address(self.server.url())
    }

    pub(super) async fn strike(&self, blow: Blow) {
        match blow {
            Blow::Kill => self.server.kill().await,
            Blow::Freeze => self.server.freeze().await,
            Blow::Flush => self.server.flush().await,
            Blow::Wipe => {
                self.server.kill().await;
                let data = self.folder.join("redis").join("appendonlydir");
                std::fs::remove_dir_all(data).expect("Redis's data is removed");
            }
            _ => unreachable!("{blow:?} is for others"),
        }
    }

    pub(super) async fn heal(&self, blow: Blow) {
        if blow == Blow::Freeze {
            self.server.thaw().await;
        }
        // It also ends by itself, rather than promise what it can't write.
        if self.server.has_ended().await {
            self.server.restart().await;
            self.plant().await;
        }
    }

    async fn plant(&self) {
        if let Some(bug) = self.planted {
            bug.plant_in_redis(&self.server).await;
        }
    }
}
