//! The connection that votes share.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::try_join_all;
use redis::aio::ConnectionLike;
use redis::{Cmd, Pipeline, RedisFuture, RedisResult, Value};

use super::dedicated::Dedicated;
use super::link::Link;
use super::outage::{is_outage, refusal};
use super::router::Router;
use super::server::Server;
use crate::circuit::{Circuit, Permit};

/// A connection to what a URL leads to, one server or several. It is cheap to clone, pipelines the commands of its
/// clones, and finds its servers again by itself. Where a circuit guards it, commands fail at once while the circuit is
/// open, and each closing begins with new connections.
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
    /// Replicas that must hold what is to last.
    min_replicas: u32,
    /// Whether what is written is to last.
    is_lasting: bool,
}

struct Shared {
    router: Router,
    circuit: Option<Circuit>,
    /// How often the circuit had closed when the links were made.
    closings: AtomicU64,
    /// Whether the last command failed because the server was away.
    is_away: AtomicBool,
    /// How often that began: once for all the commands in flight.
    outages: AtomicU64,
}

impl Connection {
    pub(super) fn new(server: Server, circuit: Option<Circuit>) -> Self {
        let shared = Shared {
            router: Router::new(server),
            circuit,
            closings: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            outages: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared), min_replicas: 0, is_lasting: false }
    }

    /// The same connection, whose [lasting](Self::lasting) writes are on `min_replicas` replicas.
    pub fn with_min_replicas(self, min_replicas: u32) -> Self {
        Self { min_replicas, ..self }
    }

    /// The same connection for writes that are to outlast their server: a command fails where too few replicas hold
    /// what it wrote, though it may have been done. Beside others it costs no round trip of its own.
    pub fn lasting(&self) -> Self {
        Self { is_lasting: true, ..self.clone() }
    }

    /// Whether the keys are on the nodes of a Redis Cluster: keys without a common tag can't share a command then.
    pub fn is_cluster(&self) -> bool {
        self.shared.router.server().is_cluster()
    }

    /// A connection of one's own to the server that has `key`, for commands that block.
    ///
    /// # Errors
    /// When the server can't be found or reached.
    pub async fn dedicated(&self, key: &str) -> RedisResult<Dedicated> {
        Dedicated::connect(self.shared.router.clone(), key).await
    }

    /// A number that grows whenever the server may have been away: what was read before, others may have changed
    /// without saying so.
    pub fn absences(&self) -> u64 {
        let closings = self.shared.circuit.as_ref().map_or(0, Circuit::closings);
        self.shared.outages.load(Ordering::Acquire) + closings
    }

    /// The circuit's permission. Links from before its last closing are given up: they may be cut off, or lead to a
    /// server that another has replaced since.
    fn enter(&self) -> RedisResult<Option<Permit>> {
        let Some(circuit) = &self.shared.circuit else { return Ok(None) };
        let permit = circuit.enter().map_err(refusal)?;
        let closings = circuit.closings();
        if self.shared.closings.load(Ordering::Acquire) != closings
            && self.shared.closings.fetch_max(closings, Ordering::AcqRel) < closings
        {
            self.shared.router.forget();
        }
        Ok(Some(permit))
    }

    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let (answer, link) = self.shared.router.send(command).await?;
        if self.is_lasting && self.min_replicas > 0 {
            self.replicated(&link).await?;
        }
        Ok(answer)
    }

    async fn send_all(&self, pipeline: &Pipeline, offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        let router = &self.shared.router;
        let (answers, links) = router.send_all(pipeline, offset, count).await?;
        if self.is_lasting && self.min_replicas > 0 {
            try_join_all(links.iter().map(|link| self.replicated(link))).await?;
        }
        Ok(answers)
    }

    async fn replicated(&self, link: &Link) -> RedisResult<()> {
        let replicated = link.replicated(self.min_replicas).await;
        // Its server may be cut off, and replaced by one of those that did not answer.
        replicated.inspect_err(|_| self.shared.router.give_up(link))
    }

    /// Tells the circuit how it went.
    fn heard<T>(&self, permit: Option<Permit>, answer: &RedisResult<T>) {
        let Shared { circuit, is_away: was_away, outages, .. } = &*self.shared;
        let outage = answer.as_ref().err().filter(|error| is_outage(error));
        let is_away = outage.is_some();
        // Written only where it changes: most answers are like the one before.
        if was_away.load(Ordering::Acquire) != is_away && !was_away.swap(is_away, Ordering::AcqRel) && is_away
        {
            outages.fetch_add(1, Ordering::AcqRel);
        }
        if let (Some(circuit), Some(permit)) = (circuit, permit) {
            match outage {
                Some(error) => circuit.failed(permit, error),
                None => circuit.succeeded(permit),
            }
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        async move {
            let permit = self.enter()?;
            let answer = self.send(command).await;
            self.heard(permit, &answer);
            answer
        }
        .boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        async move {
            let permit = self.enter()?;
            let answers = self.send_all(pipeline, offset, count).await;
            self.heard(permit, &answers);
            answers
        }
        .boxed()
    }

    fn get_db(&self) -> i64 {
        match self.shared.router.server() {
            Server::Single(info) => info.redis_settings().db(),
            Server::Sentinel { .. } | Server::Cluster(_) => 0,
        }
    }
}

impl Debug for Connection {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("circuit", &self.shared.circuit).finish_non_exhaustive()
    }
}
