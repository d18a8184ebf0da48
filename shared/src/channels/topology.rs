//! Asking a Redis Cluster who has which slots.

use std::collections::HashSet;

use futures_util::future::select_ok;
use redis::{AsyncConnectionConfig, ErrorKind, RedisError, RedisResult, Value};

use super::server::Server;
use super::slots::{Address, Slots};
use crate::redis::CONNECT_TIMEOUT;

/// Nodes asked at once: enough that one that is dead or hangs costs no time.
const ASKED_AT_ONCE: usize = 3;

/// Asks some of these nodes who has which slots, others at each attempt. The first answer is taken: where it is
/// outdated, the nodes that it names say so.
pub(super) async fn ask(server: Server, nodes: Vec<Address>, attempt: usize) -> RedisResult<Slots> {
    let mut known = HashSet::new();
    let mut nodes: Vec<Address> = nodes.into_iter().filter(|node| known.insert(node.clone())).collect();
    let first = attempt * ASKED_AT_ONCE % nodes.len().max(1);
    nodes.rotate_left(first);
    nodes.truncate(ASKED_AT_ONCE);
    let (slots, _) = select_ok(nodes.iter().map(|node| Box::pin(ask_one(&server, node)))).await?;
    Ok(slots)
}

async fn ask_one(server: &Server, node: &Address) -> RedisResult<Slots> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(CONNECT_TIMEOUT));
    let mut connection = server.client(node)?.get_multiplexed_async_connection_with_config(&config).await?;
    let reply: Value = redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await?;
    let unknown = || RedisError::from((ErrorKind::Client, "a node of the cluster knows of no slots"));
    Slots::read(&reply, node).ok_or_else(unknown)
}
