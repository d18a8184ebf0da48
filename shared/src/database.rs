//! Connections to PostgreSQL: pooled, encrypted where `sslmode` asks for it, and bounded in time so that
//! a stopped program can't hold a hot poll's row.

mod checkout;
mod connect;
mod pool;
mod statement;

use std::time::Duration;

use diesel_async::AsyncPgConnection;
use tokio_postgres::Config;

use crate::circuit::Open;
use connect::connect;

pub use checkout::PooledConnection;
pub use pool::{CheckoutError, Pool, PoolState, guarded_pool, pool, probe};
pub(crate) use statement::statement;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(3);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
const KEEPALIVE_RETRIES: u32 = 3;
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(6);

/// Server-side bounds of every session. A stopped program holds its locks for the idle timeout at most;
/// a statement that waits for these locks must outlast it. A generic plan spares planning at every batch.
const SESSION: &str = "-c idle_in_transaction_session_timeout=3s -c statement_timeout=8s \
                       -c lock_timeout=6s -c plan_cache_mode=force_generic_plan";

/// The server's side of the bounds on a session that holds locks: it must find out too that the other end is gone.
const LOCK_SESSION: &str = "-c idle_session_timeout=5s -c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 \
                            -c tcp_keepalives_count=3";

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

/// One connection outside of any pool, without the sessions' time bounds: for migrations.
///
/// # Errors
/// When `url` is not a connection string or the server can't be reached.
pub async fn connect_unbounded(url: &str) -> Result<AsyncPgConnection, DatabaseError> {
    let mut config = session_config(url)?;
    config.options("");
    Ok(connect(&config, None).await?)
}

/// One connection outside of any pool, to hold locks for as long as it lives and speaks: who stops speaking for five
/// seconds, or is gone, loses them. A session's locks need a session: `url` must lead to PostgreSQL itself or through a
/// pooler in session mode, not through PgBouncer in transaction mode.
///
/// # Errors
/// When `url` is not a connection string or the server can't be reached.
pub async fn connect_for_locks(url: &str) -> Result<AsyncPgConnection, DatabaseError> {
    let mut config = session_config(url)?;
    let options = [config.get_options().unwrap_or_default(), LOCK_SESSION].join(" ");
    config.options(options);
    Ok(connect(&config, None).await?)
}

fn session_config(url: &str) -> Result<Config, DatabaseError> {
    let mut config: Config = url
        .parse()
        .map_err(|_| DatabaseError::Connection("DATABASE_URL is not a connection string".into()))?;
    let options = [config.get_options().unwrap_or_default(), SESSION].join(" ");
    config
        .options(options.trim())
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .tcp_user_timeout(UNACKNOWLEDGED_TIMEOUT);
    Ok(config)
}
