//! Connections to PostgreSQL: pooled, encrypted where `sslmode` asks for it, and bounded in time so that
//! a stopped program can't hold a hot poll's row.

mod statement;

use std::sync::Arc;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod, bb8,
};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{DatabaseConfig, StartError};

pub(crate) use statement::statement;

/// A pool of connections, each an [`AsyncPgConnection`].
pub type Pool = bb8::Pool<AsyncPgConnection>;
/// A connection checked out of a [`Pool`].
pub type PooledConnection<'a> = bb8::PooledConnection<'a, AsyncPgConnection>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(5);
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
    /// A statement failed.
    #[error("PostgreSQL: {0}")]
    Query(#[from] diesel::result::Error),
}

impl From<::bb8::RunError<PoolError>> for DatabaseError {
    fn from(error: ::bb8::RunError<PoolError>) -> Self {
        Self::Connection(error.to_string())
    }
}

/// The pool for what may be a moment behind: of the replica, of the primary where there is none.
///
/// # Errors
/// When its URL is not a connection string.
pub fn replica(config: &DatabaseConfig, primary: &Pool) -> Result<Pool, StartError> {
    let Some(url) = &config.database_replica_url else { return Ok(primary.clone()) };
    // It fails for nothing else, and names the primary's variable.
    let bad = |_| StartError::setting("DATABASE_REPLICA_URL", "is not a connection string");
    pool(url, config.database_pool_size).map_err(bad)
}

/// A pool of up to `size` connections, made when first needed.
///
/// # Errors
/// When `url` is not a connection string.
pub fn pool(url: &str, size: u32) -> Result<Pool, DatabaseError> {
    let config = session_config(url)?;
    let mut manager = ManagerConfig::default();
    // Whether the connection still stands; a query at every checkout would say no more.
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_| Box::pin(connect(config.clone())));
    let manager = AsyncDieselConnectionManager::new_with_config(url, manager);
    Ok(bb8::Pool::builder()
        .max_size(size)
        .connection_timeout(CHECKOUT_TIMEOUT)
        .retry_connection(false)
        .build_unchecked(manager))
}

/// One connection outside of any pool, without the sessions' time bounds: for migrations.
///
/// # Errors
/// When `url` is not a connection string or the server can't be reached.
pub async fn connect_unbounded(url: &str) -> Result<AsyncPgConnection, DatabaseError> {
    let mut config = session_config(url)?;
    config.options("");
    connect(config).await.map_err(|error| DatabaseError::Connection(error.to_string()))
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
    connect(config).await.map_err(|error| DatabaseError::Connection(error.to_string()))
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

/// Connects as `sslmode` says; diesel-async's own `establish` would never encrypt.
async fn connect(config: Config) -> ConnectionResult<AsyncPgConnection> {
    let refused = |error: tokio_postgres::Error| ConnectionError::BadConnection(describe(&error));
    if config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect(NoTls).await.map_err(refused)?;
        return AsyncPgConnection::try_from_client_and_connection(client, connection).await;
    }
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls_config())).await.map_err(refused)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

fn tls_config() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap_or_else(|error| unreachable!("ring speaks the default TLS versions: {error}"))
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The error with its cause: the outer one alone says little more than "error connecting".
fn describe(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
