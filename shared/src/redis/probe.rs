//! Asking whether the servers of a role can do their work.

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use redis::RedisResult;

use super::link::Link;
use super::replication::{too_few, wait};
use super::router::Router;
use super::server::Server;
use super::slots::slot_of;
use crate::circuit::Probe;
use crate::keys;

/// Writes a key of no meaning at each server that has slots, and where `min_replicas` says so to its replicas, each
/// time over a new connection: an old one may be cut off from a server that is there. A PING would be answered also by
/// a server that refuses all writes, because its replicas are gone or it is none's primary any more.
pub(super) fn probe(server: Server, min_replicas: u32) -> Probe {
    // Shared by all probes, so that each asks others than the one before where the keys are.
    let router = Router::new(server);
    Box::new(move || {
        let router = router.clone();
        async move { ask(&router, min_replicas).await.map_err(|error| error.to_string()) }.boxed()
    })
}

async fn ask(router: &Router, min_replicas: u32) -> RedisResult<()> {
    router.forget();
    let asked = router.owners().await?.into_iter().map(|link| write(router, link, min_replicas));
    try_join_all(asked).await?;
    Ok(())
}

async fn write(router: &Router, link: Link, min_replicas: u32) -> RedisResult<()> {
    const LIFE_SECONDS: u64 = 10;
    let is_there = |key: &String| {
        !router.server().is_cluster()
            || router.address(slot_of(key.as_bytes())).as_ref() == Some(link.address())
    };
    let key = (0..=u32::MAX).map(keys::probe).find(is_there).unwrap_or_default();
    let mut connection = link.connection().await?;
    let () =
        redis::cmd("SET").arg(key).arg(1).arg("EX").arg(LIFE_SECONDS).query_async(&mut connection).await?;
    if min_replicas > 0 {
        let replicas = wait(&mut connection, min_replicas).await?;
        if replicas < min_replicas {
            return Err(too_few(replicas));
        }
    }
    Ok(())
}
