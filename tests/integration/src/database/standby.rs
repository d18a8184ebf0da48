//! Standbys of a test's own PostgreSQL.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_stack::{Frozen, Postgres};
use tokio_postgres::{Client, NoTls};

use super::Database;
use crate::wait::blocking;

/// A streaming standby, which may take over.
#[derive(Debug)]
pub struct Standby {
    postgres: Arc<Mutex<Postgres>>,
    url: String,
    port: u16,
}

impl Database {
    /// Starts a standby of its server, which must be one of its own, in `folder`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_standby(&self, folder: &Path, name: &'static str) -> Standby {
        let folder = folder.join(name);
        let start = move |postgres: &mut Postgres| postgres.start_standby(&folder, name);
        let standby = self.with_own_server(start).await.expect("a standby starts");
        let database = self.url.rsplit_once('/').map_or("", |(_, name)| name);
        let (url, port) = (standby.url(database), standby.port());
        Standby { postgres: Arc::new(Mutex::new(standby)), url, port }
    }

    /// Lets its server's commits wait for one of these standbys.
    ///
    /// # Panics
    /// When none of them follows.
    pub async fn wait_for_standbys(&self, names: &'static [&'static str]) {
        self.with_own_server(move |postgres| postgres.wait_for_standbys(names).expect("a standby follows"))
            .await;
    }

    /// Its connection string with that standby's address after its own.
    pub fn url_with(&self, standby: &Standby) -> String {
        let (before, database) = self.url.rsplit_once('/').expect("the name of the database");
        format!("{before},127.0.0.1:{}/{database}", standby.port)
    }

    /// From now on the test itself asks that standby, which was promoted.
    pub fn moved_to(&self, standby: &Standby) {
        self.moved.set(standby.url.clone()).expect("it moves once");
    }
}

impl Standby {
    /// Its connection string.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new connection.
    ///
    /// # Panics
    /// When it can't be reached.
    pub async fn connect(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url, NoTls).await.expect("the standby is reached");
        tokio::spawn(connection);
        client
    }

    /// Makes it the primary.
    pub async fn promote(&self) {
        self.with(|standby| standby.promote().expect("the standby is promoted")).await;
    }

    /// Leaves what is read there as it is.
    pub async fn pause_replay(&self) {
        self.with(|standby| standby.pause_replay().expect("the standby is paused")).await;
    }

    /// Lets it go on.
    pub async fn resume_replay(&self) {
        self.with(|standby| standby.resume_replay().expect("the standby is resumed")).await;
    }

    /// Kills it.
    pub async fn kill(&self) {
        self.with(|standby| standby.kill().expect("the standby is killed")).await;
    }

    /// Starts it again on the same port and data.
    pub async fn restart(&self) {
        self.with(|standby| standby.restart().expect("the standby starts again")).await;
    }

    /// Freezes it with all its sessions, until what this returns is dropped.
    pub async fn freeze(&self) -> Frozen {
        self.with(|standby| standby.freeze().expect("it is frozen")).await
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Postgres) -> T + Send + 'static) -> T {
        let standby = self.postgres.clone();
        blocking(move || work(&mut standby.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
