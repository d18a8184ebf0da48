//! The servers that a connection string names: one, or several of which one is the right one now.
//!
//! All connections go to one of them at a time. It is asked first; when it is silent for a moment, or refuses, the
//! others are asked beside it (as addresses of a name are by RFC 8305), and the first that serves is the one from then
//! on: connections to any other are cut, for a server that was replaced may be stopped and never say so.

use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::connect::{Refused, Session, open};
use super::cut::{Cut, drive};
use super::hosts::{count, split};
use super::{DatabaseError, Pooling, session};
use crate::circuit::Circuit;

/// `connect_timeout` ends when the socket stands: a server that is stopped takes it, and says nothing.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a server may be silent before the next one is asked, too: RFC 8305's.
const HEAD_START: Duration = Duration::from_millis(250);

/// The servers of one connection string. Cheap to clone; clones agree on which of them is the right one.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    /// A configuration each.
    each: Vec<Config>,
    /// Whose the sessions are.
    pooling: Pooling,
    /// The one that connections go to.
    current: watch::Sender<usize>,
}

impl Servers {
    /// Those of a primary: of several, the one that takes writes.
    ///
    /// # Errors
    /// When `url` is not a connection string.
    pub fn primary(url: &str, pooling: Pooling) -> Result<Self, DatabaseError> {
        Self::of_primary(session::bounded(url, pooling)?, pooling)
    }

    /// Those of a replica: of several, the first that serves, or what `target_session_attrs` asks for.
    ///
    /// # Errors
    /// When `url` is not a connection string.
    pub fn replica(url: &str, pooling: Pooling) -> Result<Self, DatabaseError> {
        Self::of(&session::bounded(url, pooling)?, pooling)
    }

    /// As [`primary`](Self::primary), with a configuration that is there.
    pub(super) fn of_primary(mut config: Config, pooling: Pooling) -> Result<Self, DatabaseError> {
        if count(&config) > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Self::of(&config, pooling)
    }

    fn of(config: &Config, pooling: Pooling) -> Result<Self, DatabaseError> {
        let each = split(config)?;
        Ok(Self(Arc::new(Inner { each, pooling, current: watch::Sender::new(0) })))
    }

    /// Whether any is reached through a socket in a folder.
    pub(super) fn are_in_folders(&self) -> bool {
        let is_folder = |host: &Host| matches!(host, Host::Unix(_));
        self.0.each.iter().any(|server| server.get_hosts().iter().any(is_folder))
    }

    /// Whether there is more than one.
    pub(super) fn are_several(&self) -> bool {
        self.0.each.len() > 1
    }

    /// Connects to the right one. What waits for an answer fails at once when `circuit` opens, or when another server
    /// became the right one.
    pub(super) async fn connect(&self, circuit: Option<&Circuit>) -> Result<AsyncPgConnection, Refused> {
        let connected = async {
            let (number, session) = self.first_that_serves().await?;
            self.become_current(number);
            let cut = Cut { circuit: circuit.cloned(), current: self.0.current.subscribe(), number };
            drive(session, cut).await
        };
        let silent = |_| Refused::Gone("the server does not answer".to_owned());
        timeout(CONNECT_WITHIN, connected).await.map_err(silent)?
    }

    /// A session with the first that serves, and its number. Nothing cuts it.
    pub(super) async fn first_that_serves(&self) -> Result<(usize, Session), Refused> {
        let mut waiting = self.order();
        let (mut asked, mut refused) = (FuturesUnordered::new(), None);
        loop {
            if let Some(number) = waiting.next() {
                asked.push(async move { (number, open(&self.0.each[number], self.0.pooling).await) });
            }
            tokio::select! {
                biased;
                Some((number, answer)) = asked.next() => match answer {
                    Ok(session) => return Ok((number, session)),
                    Err(why) => refused = Some(Refused::plainer(refused, why)),
                },
                () = sleep(HEAD_START), if waiting.len() > 0 => {}
                else => break,
            }
        }
        Err(refused.unwrap_or_else(|| unreachable!("a connection string names a server")))
    }

    /// The right one, then the others in the order of the connection string.
    fn order(&self) -> std::vec::IntoIter<usize> {
        let current = *self.0.current.borrow();
        let others = (0..self.0.each.len()).filter(|number| *number != current);
        std::iter::once(current).chain(others).collect::<Vec<_>>().into_iter()
    }

    fn become_current(&self, number: usize) {
        let moved = self.0.current.send_if_modified(|current| std::mem::replace(current, number) != number);
        if moved {
            tracing::info!(server = number, "another server of the connection string is used from now on");
        }
    }
}

impl Debug for Servers {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Servers").field("number", &self.0.each.len()).finish_non_exhaustive()
    }
}
