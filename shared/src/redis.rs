//! Connections to Redis: one shared, pipelined connection for the votes of a process, a pool for reads
//! that block.

mod connection;
mod outage;

use std::time::Duration;

use futures_util::FutureExt;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind};
pub use redis::{RedisError, RedisResult};

use crate::channels;
use crate::circuit::{Circuit, Probe};

pub use connection::Connection;
pub use outage::is_refused;

/// A pool of connections whose commands may block.
pub type BlockingPool = bb8::Pool<BlockingManager>;

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer may wait for a slow fsync, but nobody should wait for one that won't come.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Beyond what a blocking read asks for, so that only a dead server runs into it.
const BLOCKING_RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A shared connection, made when first used.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn connection(url: &str) -> RedisResult<Connection> {
    Connection::new(client(url)?, None)
}

/// A shared connection, made when first used, that asks the server only while `circuit` lets it.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn guarded(url: &str, circuit: Circuit) -> RedisResult<Connection> {
    Connection::new(client(url)?, Some(circuit))
}

/// Asks the server for a PING, each time over a new connection: an old one may be cut off from a server that is there.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn probe(url: &str) -> RedisResult<Probe> {
    let client = client(url)?;
    Ok(Box::new(move || {
        let client = client.clone();
        async move { greet(&client).await.map_err(|error| error.to_string()) }.boxed()
    }))
}

async fn greet(client: &Client) -> RedisResult<()> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    redis::cmd("PING").query_async(&mut connection).await
}

/// A pool of up to `size` connections for reads that block up to some seconds.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn blocking_pool(url: &str, size: u32) -> RedisResult<BlockingPool> {
    Ok(bb8::Pool::builder()
        .max_size(size)
        .connection_timeout(CONNECT_TIMEOUT)
        .retry_connection(false)
        .build_unchecked(BlockingManager(client(url)?)))
}

fn client(url: &str) -> RedisResult<Client> {
    if channels::is_cluster(url) {
        let problem = "only the channels can be on a Redis Cluster for now: name it in REDIS_PUBSUB_URL";
        return Err(RedisError::from((ErrorKind::InvalidClientConfig, problem)));
    }
    Client::open(url)
}

/// Makes the connections of a [`BlockingPool`]. `bb8_redis`'s own manager leaves the client's response
/// timeout of half a second in place, which loses what a blocked read returns after it.
#[derive(Debug)]
pub struct BlockingManager(Client);

impl bb8::ManageConnection for BlockingManager {
    type Connection = MultiplexedConnection;
    type Error = RedisError;

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(BLOCKING_RESPONSE_TIMEOUT));
        self.0.get_multiplexed_async_connection_with_config(&config).await
    }

    async fn is_valid(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        redis::cmd("PING").query_async(connection).await
    }

    fn has_broken(&self, _: &mut MultiplexedConnection) -> bool {
        // A multiplexed connection does not tell; `is_valid` finds out at the next checkout.
        false
    }
}

/// Whether the server answers.
///
/// # Errors
/// When it does not.
pub async fn ping(connection: &mut Connection) -> RedisResult<()> {
    redis::cmd("PING").query_async(connection).await
}

/// Whether `error` says that a stream or its group is gone, as after a loss of Redis's memory.
pub fn is_missing_group(error: &RedisError) -> bool {
    error.code() == Some("NOGROUP")
}
