//! Which instance does what only one may: whoever holds its lock in PostgreSQL.
//!
//! All locks of a process are held by one connection of its own, outside of the pool: they live and die with it.
//! Instances without a lock try again every second, so any of them takes over about a second after the holder has died.
//! One that is cut off may go on for a moment after that: what it does must be safe to be done by two.
//!
//! A session's locks need a session: `DATABASE_URL` must not lead through PgBouncer in transaction mode.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{Array, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pollster_shared::database::{self, DatabaseError};
use pollster_shared::shutdown::Shutdown;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::pause;

/// Between two tries to get what others hold; also how often the connection is seen to be alive.
const PERIOD: Duration = Duration::from_secs(1);
/// A server that says nothing for so long may have given the locks to others.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The locks that this instance would have, each with whether it has it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leadership(Arc<Mutex<BTreeMap<&'static str, watch::Sender<bool>>>>);

#[derive(QueryableByName)]
struct Won {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Leadership {
    /// Asks for the lock of this name. What it returns says whether this instance holds it.
    pub(crate) fn seek(&self, name: &'static str) -> watch::Receiver<bool> {
        self.locks().entry(name).or_default().subscribe()
    }

    /// Gets and keeps what is asked for until the shutdown.
    pub(crate) async fn run(self, database_url: String, shutdown: Shutdown) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.hold(&database_url, &shutdown).await {
                tracing::warn!(%error, "no lock can be had, or those held are lost");
            }
            self.lose_all();
            pause(PERIOD, &shutdown).await;
        }
    }

    /// Gets and keeps what is asked for over one connection, until that fails.
    async fn hold(&self, database_url: &str, shutdown: &Shutdown) -> Result<(), DatabaseError> {
        let mut connection = database::connect_for_locks(database_url).await?;
        loop {
            let wanted = self.wanted();
            let won = timeout(ANSWER_TIMEOUT, try_locks(&mut connection, &wanted)).await;
            let silent = |_| DatabaseError::Connection("the server does not answer".to_owned());
            self.win(&won.map_err(silent)??);
            if !pause(PERIOD, shutdown).await {
                return Ok(());
            }
        }
    }

    fn wanted(&self) -> Vec<&'static str> {
        self.locks().iter().filter(|(_, held)| !*held.borrow()).map(|(name, _)| *name).collect()
    }

    fn win(&self, won: &[Won]) {
        let locks = self.locks();
        for held in won.iter().filter_map(|won| locks.get(won.name.as_str())) {
            held.send_replace(true);
        }
    }

    fn lose_all(&self) {
        self.locks().values().for_each(|held| {
            held.send_replace(false);
        });
    }

    fn locks(&self) -> MutexGuard<'_, BTreeMap<&'static str, watch::Sender<bool>>> {
        // What is noted of a lock is valid whatever happened to who noted it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries to get the locks of these names, none of which the session may hold: a lock is counted. Without names it shows
/// that the session is alive.
async fn try_locks(connection: &mut AsyncPgConnection, names: &[&str]) -> Result<Vec<Won>, DatabaseError> {
    let statement = "SELECT name FROM unnest($1) AS name \
                     WHERE pg_try_advisory_lock(hashtextextended('pollster:' || name, 0))";
    Ok(diesel::sql_query(statement).bind::<Array<Text>, _>(names).load(connection).await?)
}
