//! The schema: migrations, embedded into the program, run in order.

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
}

/// Applies what is pending and makes the partitions of the months ahead. Returns how many migrations
/// were applied.
///
/// # Errors
/// When PostgreSQL can't be reached or a migration fails.
pub async fn up(database_url: &str) -> Result<usize, MigrateError> {
    let connection = database::connect_unbounded(database_url).await?;
    let (mut connection, applied) =
        harness(connection, |harness| Ok(harness.run_pending_migrations(MIGRATIONS).map_err(failed)?.len()))
            .await?;
    partitions::ensure_ahead(&mut connection, partitions::AHEAD).await?;
    Ok(applied)
}

/// Takes back every migration. Returns how many there were.
///
/// # Errors
/// When PostgreSQL can't be reached or a migration fails.
pub async fn down(database_url: &str) -> Result<usize, MigrateError> {
    let connection = database::connect_unbounded(database_url).await?;
    let (_, reverted) =
        harness(connection, |harness| Ok(harness.revert_all_migrations(MIGRATIONS).map_err(failed)?.len()))
            .await?;
    Ok(reverted)
}

/// Runs `work` on a thread that may block, as diesel's migrations do.
async fn harness<T: Send + 'static>(
    connection: AsyncPgConnection,
    work: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> Result<T, MigrateError> + Send + 'static,
) -> Result<(AsyncPgConnection, T), MigrateError> {
    let blocking = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let result = work(&mut harness)?;
        Ok((harness.into_inner(), result))
    });
    blocking.await.map_err(failed)?
}

fn failed(error: impl ToString) -> MigrateError {
    MigrateError::Migration(error.to_string())
}
