//! The pool of a program's connections, and what guards it.

use std::future::ready;
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError, PoolableConnection, RecyclingMethod, bb8,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;

use super::checkout::{PooledConnection, Suspicion};
use super::connect::Refused;
use super::servers::Servers;
use super::{DatabaseError, Pooling};
use crate::circuit::{Circuit, Open, Probe};
use crate::config::{DatabaseConfig, StartError};

const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool of connections, each an [`AsyncPgConnection`]. Cheap to clone. Where a circuit guards it, nothing waits for
/// the server while the circuit is open: neither a checkout, nor a statement that was sent before.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: bb8::Pool<AsyncPgConnection>,
    servers: Servers,
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
            let suspicion = self.servers.are_several().then(|| Suspicion::of_servers(self.servers.clone()));
            let connection = checkout.await.map_err(CheckoutError::Late)?;
            return Ok(PooledConnection::new(connection, suspicion));
        };
        circuit.enter()?;
        let suspicion = Suspicion::of_circuit(circuit.clone());
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

    /// Whether its server is known not to answer.
    pub fn is_away(&self) -> bool {
        self.circuit.as_ref().is_some_and(Circuit::is_open)
    }

    /// How many connections there are.
    pub fn state(&self) -> PoolState {
        let state = self.connections.state();
        PoolState { connections: state.connections, idle: state.idle_connections }
    }

    fn new(servers: Servers, size: u32, circuit: Option<Circuit>) -> Self {
        let mut manager = ManagerConfig::default();
        // Whether the connection still stands; a query at every checkout would say no more.
        manager.recycling_method =
            RecyclingMethod::CustomFunction(Box::new(|connection: &mut AsyncPgConnection| {
                let stands = if connection.is_broken() { Err(closed()) } else { Ok(()) };
                ready(stands).boxed()
            }));
        let (asked, guard) = (servers.clone(), circuit.clone());
        manager.custom_setup = Box::new(move |_| {
            let (servers, guard) = (asked.clone(), guard.clone());
            async move { Ok(connect_guarded(&servers, guard.as_ref()).await?) }.boxed()
        });
        // The servers know where they are.
        let manager = AsyncDieselConnectionManager::new_with_config("", manager);
        let connections = bb8::Pool::builder()
            .max_size(size)
            .connection_timeout(CHECKOUT_TIMEOUT)
            .retry_connection(false)
            .build_unchecked(manager);
        Self { connections, servers, circuit }
    }
}

/// A pool of up to `size` connections to a primary, each a session of its own, made when first needed.
///
/// # Errors
/// When `url` is not a connection string.
pub fn pool(url: &str, size: u32) -> Result<Pool, DatabaseError> {
    Ok(Pool::new(Servers::primary(url, Pooling::Session)?, size, None))
}

/// The same, as `config` says.
///
/// # Errors
/// When its `DATABASE_URL` is not a connection string.
pub fn primary_pool(config: &DatabaseConfig) -> Result<Pool, StartError> {
    let servers = Servers::primary(&config.database_url, config.database_pooling)
        .map_err(|error| StartError::setting("DATABASE_URL", error))?;
    Ok(Pool::new(servers, config.database_pool_size, None))
}

/// A pool of up to `size` connections, made when first needed and `circuit` lets it.
pub fn guarded_pool(servers: Servers, size: u32, circuit: Circuit) -> Pool {
    Pool::new(servers, size, Some(circuit))
}

/// Asks the server something, each time over a new connection: those of a pool may be in use, or cut off from a server
/// that is there.
pub fn probe(servers: Servers) -> Probe {
    Box::new(move || {
        let servers = servers.clone();
        async move { greet(&servers).await }.boxed()
    })
}

async fn greet(servers: &Servers) -> Result<(), String> {
    match servers.connect(None).await {
        Ok(mut connection) => connection.batch_execute("SELECT 1").await.map_err(|error| error.to_string()),
        Err(Refused::Full(_)) => Ok(()),
        Err(Refused::Gone(why)) => Err(why),
    }
}

fn closed() -> Error {
    Error::DatabaseError(
        DatabaseErrorKind::ClosedConnection,
        Box::new("the connection was closed".to_owned()),
    )
}

/// Connects if the circuit lets it, and tells it how it went. A server that only takes no more connections is there.
async fn connect_guarded(servers: &Servers, circuit: Option<&Circuit>) -> Result<AsyncPgConnection, Refused> {
    let Some(circuit) = circuit else { return servers.connect(None).await };
    let not_asked = |open: Open| Refused::Gone(open.to_string());
    let permit = circuit.enter().map_err(not_asked)?;
    let connected = tokio::select! {
        connected = servers.connect(Some(circuit)) => connected,
        open = circuit.opened() => return Err(not_asked(open)),
    };
    match &connected {
        Err(Refused::Gone(why)) => circuit.failed(permit, why),
        Ok(_) | Err(Refused::Full(_)) => circuit.succeeded(permit),
    }
    connected
}
