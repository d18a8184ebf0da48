//! Removes from PostgreSQL what need not stay there: the responses of archived polls once their time is up, whole
//! months of them where that is possible, and all of what was deleted.
//!
//! Killed at any point, the next run goes on where this one stood: what is to be done follows from the rows of
//! `polls` and `archives`, see [`pollster_shared::retention`].

mod deleted;
mod expired;
pub(crate) mod months;
mod pages;

use std::time::{Duration, Instant};

use pollster_shared::archive::Store;

use super::{Context, JobError};
use crate::schedule::Scheduled;

/// Whoever deletes a poll need not wait for long until it is gone; nobody waits for an archived one.
const ARCHIVED_EVERY: Duration = Duration::from_secs(10);

/// The next run goes on after so long: whoever ends the program need not wait for millions of rows.
const RUN: Duration = Duration::from_secs(5);

/// The removal.
#[derive(Debug)]
pub(crate) struct Job {
    store: Store,
    /// How long responses stay once they are archived.
    retention: Duration,
    /// For connections of its own: dropping a partition may take longer than a session of the pool may.
    database_url: String,
    /// When archived polls were looked at last.
    looked: Option<Instant>,
}

impl Job {
    pub(crate) fn new(store: Store, retention: Duration, database_url: String) -> Self {
        Self { store, retention, database_url, looked: None }
    }

    async fn remove_archived(&self, context: &Context) -> Result<(), JobError> {
        let dropped = months::drop_all(&context.pool, &self.store, &self.database_url, self.retention).await;
        // Also where a month could not be dropped.
        let until = Instant::now() + RUN;
        let removed = expired::remove_all(&context.pool, &self.store, self.retention, until).await;
        dropped.map(|_| ()).and(removed)
    }
}

impl Scheduled for Job {
    const NAME: &'static str = "removal";
    const PERIOD: Duration = Duration::from_secs(1);

    async fn run(&mut self, context: &Context) -> Result<(), JobError> {
        let deleted = deleted::remove_all(context, &self.store, Instant::now() + RUN).await;
        if self.looked.is_some_and(|looked| looked.elapsed() < ARCHIVED_EVERY) {
            return deleted;
        }
        let archived = self.remove_archived(context).await;
        self.looked = Some(Instant::now());
        deleted.and(archived)
    }
}
