//! The schema: migrations, embedded into the program, run in order while votes go on.
//!
//! A statement that waits for a table's lock lets everybody wait behind it who wants the table. So a migration waits for
//! a moment only, gives way, and tries again; `migrations/README.md` says what else a migration must keep to.

mod locks;
mod steps;

use std::time::Duration;

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use pollster_shared::database::{self, DatabaseError};

use crate::jobs::partitions;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Why the schema could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// PostgreSQL failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A migration failed; it was rolled back, earlier ones stay.
    #[error("migration failed: {0}")]
    Migration(String),
    /// A migration got no lock; it was rolled back, earlier ones stay.
    #[error(
        "migration {migration} was given up after {attempts} attempts: others hold the tables that it alters for longer \
         than it may let votes wait. Run it again once they have ended; in pg_stat_activity, the session that holds \
         them has an old xact_start"
    )]
    Blocked {
        /// Its name.
        migration: String,
        /// How often it was tried.
        attempts: u32,
    },
}

/// How long a migration waits for others, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The longest that it waits for a lock, and lets votes wait behind it. Votes wait for locks for six seconds, and
    /// it may need several.
    pub lock_timeout: Duration,
    /// How often it is tried.
    pub attempts: u32,
    /// Between the first two attempts; twice as long after each, up to eight times.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { lock_timeout: Duration::from_secs(2), attempts: 10, pause: Duration::from_secs(1) }
    }
}

/// Applies what is pending and makes the partitions of the months ahead. Returns how many migrations
/// were applied.
///
/// # Errors
/// When PostgreSQL can't be reached or a migration fails.
pub async fn up(database_url: &str) -> Result<usize, MigrateError> {
    let applied = up_from(MIGRATIONS, database_url, Patience::default()).await?;
    let mut connection = database::connect_unbounded(database_url).await?;
    partitions::ensure_ahead(&mut connection, partitions::AHEAD).await?;
    Ok(applied)
}

/// Applies what is pending of other migrations than those that the program has.
///
/// # Errors
/// As [`up`].
pub async fn up_from(
    migrations: impl MigrationSource<Pg> + Send + 'static,
    database_url: &str,
    patience: Patience,
) -> Result<usize, MigrateError> {
    let connection = database::connect_unbounded(database_url).await?;
    blocking(move || steps::apply(connection, migrations, patience)).await
}

/// Takes back every migration. Returns how many there were.
///
/// # Errors
/// When PostgreSQL can't be reached or a migration fails.
pub async fn down(database_url: &str) -> Result<usize, MigrateError> {
    let connection = database::connect_unbounded(database_url).await?;
    blocking(move || {
        let mut harness = AsyncMigrationHarness::<AsyncPgConnection>::new(connection);
        Ok(harness.revert_all_migrations(MIGRATIONS).map_err(failed)?.len())
    })
    .await
}

/// Runs `work` on a thread that may block, as diesel's migrations do.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MigrateError> + Send + 'static,
) -> Result<T, MigrateError> {
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn failed(error: impl ToString) -> MigrateError {
    MigrateError::Migration(error.to_string())
}
