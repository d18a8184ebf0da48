//! A test's PgBouncer.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use pollster_stack::{PgBouncer, Pooler, Signal};

use crate::database::Database;
use crate::wait::blocking;

/// A PgBouncer of its own before a test's database.
#[derive(Debug)]
pub struct PgBouncerServer {
    pgbouncer: Arc<Mutex<PgBouncer>>,
    url: String,
}

impl PgBouncerServer {
    /// Starts it in `folder` before the server of `database`, as `setup` changes the usual.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(folder: &Path, database: &Database, setup: impl FnOnce(&mut Pooler)) -> Self {
        let config: tokio_postgres::Config = database.url().parse().expect("a connection string");
        let mut pooler = Pooler::before(config.get_ports()[0]);
        setup(&mut pooler);
        let folder = folder.join("pgbouncer");
        let pgbouncer = blocking(move || PgBouncer::start(&folder, pooler).expect("PgBouncer starts")).await;
        let url = pgbouncer.url(config.get_dbname().expect("a database"));
        Self { pgbouncer: Arc::new(Mutex::new(pgbouncer)), url }
    }

    /// Where clients find the database behind it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills it, with every connection through it.
    pub async fn kill(&self) {
        self.with(|pgbouncer| pgbouncer.kill().expect("PgBouncer is killed")).await;
    }

    /// Freezes it: connections stand, nothing is passed on.
    pub async fn freeze(&self) {
        self.with(|pgbouncer| pgbouncer.process().signal(Signal::STOP).expect("PgBouncer is frozen")).await;
    }

    /// Lets it go on.
    pub async fn thaw(&self) {
        self.with(|pgbouncer| pgbouncer.process().signal(Signal::CONT).expect("PgBouncer goes on")).await;
    }

    /// Starts it again on the same port; ends it first, should it still run.
    pub async fn restart(&self) {
        self.with(|pgbouncer| pgbouncer.restart().expect("PgBouncer starts again")).await;
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut PgBouncer) -> T + Send + 'static) -> T {
        let pgbouncer = self.pgbouncer.clone();
        blocking(move || work(&mut pgbouncer.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
