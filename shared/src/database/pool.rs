//! The pool of a program's connections, and what guards it.

use std::time::Duration;

use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod, bb8,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio_postgres::Config;

use super::checkout::{PooledConnection, Suspicion};
use super::connect::{Refused, connect};
use super::{DatabaseError, session_config};
use crate::circuit::{Circuit, Open, Probe};

const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool of connections, each an [`AsyncPgConnection`]. Cheap to clone. Where a circuit guards it, nothing waits for
/// the server while the circuit is open: neither a checkout, nor a statement that was sent before.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: bb8::Pool<AsyncPgConnection>,
    circuit: Option<Circuit>,
}

/// Why no connection was checked out.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The server was not asked.
    #[error(transparent)]
    Open(#[from] Open),
    /// The server could not be reached in time, or all connections are in use.
    #[error("no connection to PostgreSQL in time: {0}")]
    Late(::bb8::RunError<PoolError>),
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// All of them.
    pub connections: u32,
    /// Those that nobody uses.
    pub idle: u32,
}

impl Pool {
    /// Checks a connection out; waits up to five seconds for it.
    ///
    /// # Errors
    /// When none could be made or given back in this time; at once while the circuit is open, or when it opens.
    pub async fn get(&self) -> Result<PooledConnection<'_>, CheckoutError> {
        let checkout = self.connections.get();
        let Some(circuit) = &self.circuit else {
            let connection = checkout.await.map_err(CheckoutError::Late)?;
            return Ok(PooledConnection::new(connection, None));
        };
        circuit.enter()?;
        let suspicion = Suspicion::of(circuit.clone());
        tokio::select! {
            biased;
            checked_out = checkout => {
                let connection = checked_out.map_err(CheckoutError::Late)?;
                Ok(PooledConnection::new(connection, Some(suspicion)))
            }
            open = circuit.opened() => Err(open.into()),
        }
    }

    /// A connection that is not the pool's, and not guarded.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub async fn dedicated_connection(&self) -> Result<AsyncPgConnection, PoolError> {
        self.connections.dedicated_connection().await
    }

    /// How many connections there are.
    pub fn state(&self) -> PoolState {
        let state = self.connections.state();
        PoolState { connections: state.connections, idle: state.idle_connections }
    }

    fn new(url: &str, size: u32, circuit: Option<Circuit>) -> Result<Self, DatabaseError> {
        let config = session_config(url)?;
        let mut manager = ManagerConfig::default();
        // Whether the connection still stands; a query at every checkout would say no more.
        manager.recycling_method = RecyclingMethod::Fast;
        let guard = circuit.clone();
        manager.custom_setup = Box::new(move |_| {
            let (config, guard) = (config.clone(), guard.clone());
            async move { Ok(connect_guarded(&config, guard.as_ref()).await?) }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(url, manager);
        let connections = bb8::Pool::builder()
            .max_size(size)
            .connection_timeout(CHECKOUT_TIMEOUT)
            .retry_connection(false)
            .build_unchecked(manager);
        Ok(Self { connections, circuit })
    }
}

/// A pool of up to `size` connections, made when first needed.
///
/// # Errors
/// When `url` is not a connection string.
pub fn pool(url: &str, size: u32) -> Result<Pool, DatabaseError> {
    Pool::new(url, size, None)
}

/// A pool of up to `size` connections, made when first needed and `circuit` lets it.
///
/// # Errors
/// When `url` is not a connection string.
pub fn guarded_pool(url: &str, size: u32, circuit: Circuit) -> Result<Pool, DatabaseError> {
    Pool::new(url, size, Some(circuit))
}

/// Asks the server something, each time over a new connection: those of a pool may be in use, or cut off from a server
/// that is there.
///
/// # Errors
/// When `url` is not a connection string.
pub fn probe(url: &str) -> Result<Probe, DatabaseError> {
    let config = session_config(url)?;
    Ok(Box::new(move || {
        let config = config.clone();
        async move { greet(&config).await }.boxed()
    }))
}

async fn greet(config: &Config) -> Result<(), String> {
    match connect(config, None).await {
        Ok(mut connection) => connection.batch_execute("SELECT 1").await.map_err(|error| error.to_string()),
        Err(Refused::Full(_)) => Ok(()),
        Err(Refused::Gone(why)) => Err(why),
    }
}

/// Connects if the circuit lets it, and tells it how it went. A server that only takes no more connections is there.
async fn connect_guarded(config: &Config, circuit: Option<&Circuit>) -> Result<AsyncPgConnection, Refused> {
    let Some(circuit) = circuit else { return connect(config, None).await };
    let not_asked = |open: Open| Refused::Gone(open.to_string());
    let permit = circuit.enter().map_err(not_asked)?;
    let connected = tokio::select! {
        connected = connect(config, Some(circuit)) => connected,
        open = circuit.opened() => return Err(not_asked(open)),
    };
    match &connected {
        Err(Refused::Gone(why)) => circuit.failed(permit, why),
        Ok(_) | Err(Refused::Full(_)) => circuit.succeeded(permit),
    }
    connected
}
