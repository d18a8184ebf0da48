//! One connection to one server, which all commands to it share.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, RedisError, RedisResult, Value};

use super::replication::Barrier;
use super::server::Server;
use super::slots::Address;
use super::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};

/// A connection that stands, is being made, or could not be made: it is never made again. Cheap to clone.
#[derive(Clone)]
pub(super) struct Link(Arc<Inner>);

struct Inner {
    address: Address,
    connecting: Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>,
    /// Until when its writes are known to be on replicas.
    barrier: Barrier,
}

impl Link {
    /// A link to `address`, one of `server`'s, made when first used.
    pub(super) fn new(server: &Server, address: Address) -> Self {
        let (info, must_be_primary) = (server.at(&address), matches!(server, Server::Sentinel { .. }));
        let connecting = async move {
            let mut connection = connect(info, config()).await?;
            if must_be_primary {
                require_primary(&mut connection).await?;
            }
            Ok(connection)
        };
        Self(Arc::new(Inner {
            address,
            connecting: connecting.boxed().shared(),
            barrier: Barrier::default(),
        }))
    }

    /// Where it leads.
    pub(super) fn address(&self) -> &Address {
        &self.0.address
    }

    /// The connection, once it stands.
    pub(super) async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        match self.0.connecting.peek() {
            Some(connected) => connected.clone(),
            None => self.0.connecting.clone().await,
        }
    }

    /// Waits until `replicas` of the server hold all that was written over this link before.
    ///
    /// # Errors
    /// When they do not in time, or the server can't be asked: whether they will is then unknown.
    pub(super) async fn replicated(&self, replicas: u32) -> RedisResult<()> {
        self.0.barrier.pass(self.connection().await?, replicas).await
    }

    /// Whether both are one link, not only two to one server.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Connects to a server.
pub(super) async fn connect(
    info: ConnectionInfo,
    config: AsyncConnectionConfig,
) -> RedisResult<MultiplexedConnection> {
    Client::open(info)?.get_multiplexed_async_connection_with_config(&config).await
}

fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
}

/// Sentinels may name a server that is not, or not any more, what they say.
pub(super) async fn require_primary(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let role: Vec<Value> = redis::cmd("ROLE").query_async(connection).await?;
    match role.first() {
        Some(Value::BulkString(role)) if role == b"master" => Ok(()),
        _ => Err(RedisError::from((ErrorKind::Io, "the server that Sentinels name is no primary"))),
    }
}
