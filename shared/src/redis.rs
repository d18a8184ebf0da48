//! Connections to Redis: one shared, pipelined connection for the votes of a process, a pool for reads
//! that block.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, ErrorKind};
pub use redis::{RedisError, RedisResult};

use crate::channels;

/// A connection that is cheap to clone, pipelines the commands of its clones, and reconnects by itself.
pub type Connection = ConnectionManager;
/// A pool of connections whose commands may block.
pub type BlockingPool = bb8::Pool<BlockingManager>;

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer may wait for a slow fsync, but nobody should wait for one that won't come.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Beyond what a blocking read asks for, so that only a dead server runs into it.
const BLOCKING_RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
const RECONNECT_MIN_DELAY: Duration = Duration::from_millis(50);
const RECONNECT_MAX_DELAY: Duration = Duration::from_millis(500);

/// A shared connection, made when first used.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn connection(url: &str) -> RedisResult<Connection> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_min_delay(RECONNECT_MIN_DELAY)
        .set_max_delay(RECONNECT_MAX_DELAY)
        .set_number_of_retries(1);
    ConnectionManager::new_lazy_with_config(client(url)?, config)
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
