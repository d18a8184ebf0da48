//! Connections to Redis: one shared, pipelined connection a role for the votes of a process, others for reads that
//! block. Behind a URL may be one server, a primary that Sentinels name, or a Redis Cluster.
//!
//! A command's walk: [`connection`] (may it be asked, is it on enough replicas) → [`route`] (to which server, and where
//! that one sends it) → [`link`].

mod command;
mod connection;
mod dedicated;
mod link;
mod outage;
mod probe;
mod replication;
mod route;
mod router;
pub(crate) mod server;
pub(crate) mod slots;
pub(crate) mod topology;

use std::time::Duration;

pub use redis::{RedisError, RedisResult};

use crate::circuit::{Circuit, Probe};
use server::Server;

pub use connection::Connection;
pub use dedicated::Dedicated;
pub use outage::is_refused;

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer may wait for a slow fsync, but nobody should wait for one that won't come.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);

/// A shared connection, made when first used.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn connection(url: &str) -> RedisResult<Connection> {
    Ok(Connection::new(Server::parse(url)?, None))
}

/// The same, but the servers are asked only while `circuit` lets it.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn guarded(url: &str, circuit: Circuit) -> RedisResult<Connection> {
    Ok(Connection::new(Server::parse(url)?, Some(circuit)))
}

/// Asks whether the servers at `url` take writes, and have `min_replicas` replicas that take them too.
///
/// # Errors
/// When `url` is not a Redis URL.
pub fn probe(url: &str, min_replicas: u32) -> RedisResult<Probe> {
    Ok(probe::probe(Server::parse(url)?, min_replicas))
}

/// Whether the server answers; of a cluster, every primary.
///
/// # Errors
/// When one does not.
pub async fn ping(connection: &mut Connection) -> RedisResult<()> {
    redis::cmd("PING").query_async(connection).await
}

/// Whether `error` says that a stream or its group is gone, as after a loss of Redis's memory.
pub fn is_missing_group(error: &RedisError) -> bool {
    error.code() == Some("NOGROUP")
}
