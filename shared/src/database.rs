//! Connections to PostgreSQL: pooled, encrypted where `sslmode` asks for it, and bounded in time so that
//! a stopped program can't hold a hot poll's row.

mod check;
mod checkout;
mod connect;
mod cut;
mod hosts;
mod pool;
mod pooling;
mod replica;
mod servers;
mod session;
mod statement;
mod unnamed;

use diesel_async::AsyncPgConnection;

use crate::circuit::Open;

pub use check::{checked, needs_sessions};
pub use checkout::PooledConnection;
pub use pool::{CheckoutError, Pool, PoolState, guarded_pool, pool, primary_pool, probe};
pub use pooling::Pooling;
pub use replica::{LagWatch, Reads};
pub use servers::Servers;
pub(crate) use statement::statement;

/// What can go wrong between us and PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection could be had.
    #[error("no connection to PostgreSQL: {0}")]
    Connection(String),
    /// PostgreSQL was not asked. Needs no telling: the circuit has told that it opened.
    #[error(transparent)]
    NotAsked(#[from] Open),
    /// A statement failed.
    #[error("PostgreSQL: {0}")]
    Query(#[from] diesel::result::Error),
}

impl From<CheckoutError> for DatabaseError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Open(open) => Self::NotAsked(open),
            CheckoutError::Late(error) => Self::Connection(error.to_string()),
        }
    }
}

/// One connection outside of any pool, without the sessions' time bounds, also those of the role: for migrations.
///
/// # Errors
/// When `url` is not a connection string or the server can't be reached.
pub async fn connect_unbounded(url: &str) -> Result<AsyncPgConnection, DatabaseError> {
    Ok(Servers::of_primary(session::unbounded(url)?, Pooling::Session)?.connect(None).await?)
}

/// One connection outside of any pool, to hold locks for as long as it lives and speaks: who stops speaking for five
/// seconds, or is gone, loses them. A session's locks need a session: `url` must lead to PostgreSQL itself or through a
/// pooler in session mode, not through PgBouncer in transaction mode.
///
/// # Errors
/// When `url` is not a connection string or the server can't be reached.
pub async fn connect_for_locks(url: &str) -> Result<AsyncPgConnection, DatabaseError> {
    Ok(Servers::of_primary(session::locking(url)?, Pooling::Session)?.connect(None).await?)
}
