//! Asking who has which slots: the nodes of a Redis Cluster, or the Sentinels where the primary is that has them all.

use std::collections::HashSet;

use futures_util::future::select_ok;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError, RedisResult, Value};

use super::CONNECT_TIMEOUT;
use super::server::Server;
use super::slots::{Address, Slots};

/// Servers asked at once: enough that one that is dead or hangs costs no time.
const ASKED_AT_ONCE: usize = 3;

/// Asks some of those that the URL names, and of `others`, who has which slots; others at each attempt. The first answer
/// is taken: where it is outdated, the servers that it names say so.
pub(crate) async fn ask(server: Server, others: Vec<Address>, attempt: usize) -> RedisResult<Slots> {
    let mut asked = server.named();
    if server.is_cluster() {
        asked.extend(others);
    }
    let mut known = HashSet::new();
    asked.retain(|address| known.insert(address.clone()));
    let first = attempt * ASKED_AT_ONCE % asked.len().max(1);
    asked.rotate_left(first);
    asked.truncate(ASKED_AT_ONCE);
    let (slots, _) = select_ok(asked.iter().map(|address| Box::pin(ask_one(&server, address)))).await?;
    Ok(slots)
}

async fn ask_one(server: &Server, asked: &Address) -> RedisResult<Slots> {
    match server {
        Server::Single(_) => Ok(server.known_slots()),
        Server::Sentinel { name, .. } => ask_sentinel(server, name, asked).await,
        Server::Cluster(_) => ask_node(server, asked).await,
    }
}

async fn ask_node(server: &Server, node: &Address) -> RedisResult<Slots> {
    let client = redis::Client::open(server.at(node))?;
    let mut connection = client.get_multiplexed_async_connection_with_config(&config()).await?;
    let reply: Value = redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await?;
    let unknown = || RedisError::from((ErrorKind::Io, "a node of the cluster knows of no slots"));
    Slots::read(&reply, node).ok_or_else(unknown)
}

async fn ask_sentinel(server: &Server, name: &str, sentinel: &Address) -> RedisResult<Slots> {
    let client = server.sentinel_client(sentinel)?;
    let mut connection = client.get_multiplexed_async_connection_with_config(&config()).await?;
    let primary: Option<(String, u16)> =
        redis::cmd("SENTINEL").arg("get-master-addr-by-name").arg(name).query_async(&mut connection).await?;
    let unknown = || RedisError::from((ErrorKind::Io, "a Sentinel knows of no primary of that name"));
    let (host, port) = primary.ok_or_else(unknown)?;
    Ok(Slots::all_on(Address { host, port }))
}

fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(CONNECT_TIMEOUT))
}
