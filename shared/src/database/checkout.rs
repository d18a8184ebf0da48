//! A connection while it is in use.

use std::fmt::{Debug, Formatter};
use std::future::ready;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::bb8;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::servers::Servers;
use crate::circuit::Circuit;

/// Who waits for a connection, or uses one, for longer may wait for a server that does not answer.
const SUSPECT_EVERY: Duration = Duration::from_millis(500);
/// Who uses one for as long may wait for a server that was replaced meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A connection checked out of a [`Pool`](super::Pool).
pub struct PooledConnection<'a> {
    connection: bb8::PooledConnection<'a, AsyncPgConnection>,
    _suspicion: Option<Suspicion>,
}

impl<'a> PooledConnection<'a> {
    /// In use while `suspicion` grows.
    pub(super) fn new(
        connection: bb8::PooledConnection<'a, AsyncPgConnection>,
        suspicion: Option<Suspicion>,
    ) -> Self {
        Self { connection, _suspicion: suspicion }
    }
}

impl Deref for PooledConnection<'_> {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.connection
    }
}

impl DerefMut for PooledConnection<'_> {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }
}

/// Grows until it is dropped: what is waited for may never come, and a server that is stopped does not say so.
#[derive(Debug)]
pub(super) struct Suspicion(AbortHandle);

impl Suspicion {
    /// Lets the circuit's watch ask its server.
    pub(super) fn of_circuit(circuit: Circuit) -> Self {
        Self::growing(SUSPECT_EVERY, move || {
            circuit.suspect();
            ready(())
        })
    }

    /// Looks which of the servers is the right one now, and cuts connections to any other. Some connections are in use
    /// for minutes, so it is done less often.
    pub(super) fn of_servers(servers: Servers) -> Self {
        Self::growing(LOOK_EVERY, move || {
            let servers = servers.clone();
            async move { drop(servers.connect(None).await) }
        })
    }

    fn growing<F>(every: Duration, act: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send,
    {
        let growing = tokio::spawn(async move {
            loop {
                sleep(every).await;
                act().await;
            }
        });
        Self(growing.abort_handle())
    }
}

impl Drop for Suspicion {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Debug for PooledConnection<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PooledConnection").finish_non_exhaustive()
    }
}
