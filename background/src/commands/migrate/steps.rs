//! One migration after the other, each tried until it gets its locks.

use std::thread::sleep;
use std::time::Duration;

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::MigrationHarness;

use super::{MigrateError, Patience, failed, locks};

pub(super) type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// The longest pause, in first pauses.
const MAX_PAUSES: u32 = 8;

/// Applies what is pending; returns how many that were. Blocks.
pub(super) fn apply(
    connection: AsyncPgConnection,
    migrations: impl MigrationSource<Pg>,
    patience: Patience,
) -> Result<usize, MigrateError> {
    let mut connection = Connection::from(connection);
    let pending = connection.pending_migrations(migrations).map_err(failed)?;
    for migration in &pending {
        apply_one(&mut connection, migration.as_ref(), patience)?;
        tracing::info!(migration = %migration.name(), "migration applied");
    }
    Ok(pending.len())
}

fn apply_one(
    connection: &mut Connection,
    migration: &dyn Migration<Pg>,
    patience: Patience,
) -> Result<(), MigrateError> {
    let in_transaction = migration.metadata().run_in_transaction();
    for attempt in 1..=patience.attempts {
        if in_transaction {
            locks::wait_no_longer_than(connection, patience.lock_timeout).map_err(failed)?;
        } else {
            // What is built or dropped concurrently lets nobody wait, and has to wait for every transaction that is open.
            locks::wait_no_longer_than(connection, Duration::ZERO).map_err(failed)?;
            locks::drop_unfinished_indexes(connection).map_err(failed)?;
        }
        match connection.run_migration(migration) {
            Ok(_) => return Ok(()),
            Err(error) if locks::is_missing(&*error) => {
                let (migration, of) = (migration.name(), patience.attempts);
                tracing::warn!(%migration, attempt, of, "others hold what the migration alters; it gave way to votes");
            }
            Err(error) => return Err(failed(error)),
        }
        if attempt < patience.attempts {
            sleep(patience.pause * MAX_PAUSES.min(1 << (attempt - 1).min(16)));
        }
    }
    let (migration, attempts) = (migration.name().to_string(), patience.attempts);
    Err(MigrateError::Blocked { migration, attempts })
}
