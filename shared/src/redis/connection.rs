//! The connection that votes share.

use std::fmt::{Debug, Formatter};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::FutureExt;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, Pipeline, RedisFuture, RedisResult, Value};

use super::outage::{is_outage, refusal};
use super::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};
use crate::circuit::{Circuit, Permit};

/// A connection that is cheap to clone, pipelines the commands of its clones, and reconnects by itself. Where a circuit
/// guards it, commands fail at once while the circuit is open, and each closing begins with a new connection.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    client: Client,
    circuit: Option<Circuit>,
    link: RwLock<Link>,
    /// Whether the last command failed because the server was away.
    is_away: AtomicBool,
    /// How often that began: once for all the commands in flight.
    outages: AtomicU64,
}

struct Link {
    /// How often the circuit had closed when it was made.
    closings: u64,
    manager: ConnectionManager,
}

impl Connection {
    pub(super) fn new(client: Client, circuit: Option<Circuit>) -> RedisResult<Self> {
        let link = RwLock::new(Link { closings: 0, manager: connect(&client)? });
        let (is_away, outages) = (AtomicBool::new(false), AtomicU64::new(0));
        Ok(Self(Arc::new(Inner { client, circuit, link, is_away, outages })))
    }

    /// A number that grows whenever the server may have been away: what was read before, others may have changed
    /// without saying so.
    pub fn absences(&self) -> u64 {
        let closings = self.0.circuit.as_ref().map_or(0, Circuit::closings);
        self.0.outages.load(Ordering::Acquire) + closings
    }

    /// The connection to ask over, and the circuit's permission.
    fn enter(&self) -> RedisResult<(ConnectionManager, Option<Permit>)> {
        let Some(circuit) = &self.0.circuit else { return Ok((self.manager(0)?, None)) };
        let permit = circuit.enter().map_err(refusal)?;
        Ok((self.manager(circuit.closings())?, Some(permit)))
    }

    /// The manager's connection, made anew where it is from before a closing: it may be cut off, or lead to a server
    /// that another has replaced since.
    fn manager(&self, closings: u64) -> RedisResult<ConnectionManager> {
        let link = self.0.link.read().unwrap_or_else(PoisonError::into_inner);
        if link.closings >= closings {
            return Ok(link.manager.clone());
        }
        drop(link);
        let mut link = self.0.link.write().unwrap_or_else(PoisonError::into_inner);
        if link.closings < closings {
            *link = Link { closings, manager: connect(&self.0.client)? };
        }
        Ok(link.manager.clone())
    }

    /// Tells the circuit how it went.
    fn heard<T>(&self, permit: Option<Permit>, answer: &RedisResult<T>) {
        let outage = answer.as_ref().err().filter(|error| is_outage(error));
        let is_away = outage.is_some();
        // Written only where it changes: most answers are like the one before.
        if self.0.is_away.load(Ordering::Acquire) != is_away
            && !self.0.is_away.swap(is_away, Ordering::AcqRel)
            && is_away
        {
            self.0.outages.fetch_add(1, Ordering::AcqRel);
        }
        if let (Some(circuit), Some(permit)) = (&self.0.circuit, permit) {
            match outage {
                Some(error) => circuit.failed(permit, error),
                None => circuit.succeeded(permit),
            }
        }
    }
}

/// One attempt at a time: the next command makes the next.
fn connect(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        async move {
            let (mut manager, permit) = self.enter()?;
            let answer = manager.send_packed_command(command).await;
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
            let (mut manager, permit) = self.enter()?;
            let answer = manager.send_packed_commands(pipeline, offset, count).await;
            self.heard(permit, &answer);
            answer
        }
        .boxed()
    }

    fn get_db(&self) -> i64 {
        self.0.client.get_connection_info().redis_settings().db()
    }
}

impl Debug for Connection {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("circuit", &self.0.circuit).finish_non_exhaustive()
    }
}
