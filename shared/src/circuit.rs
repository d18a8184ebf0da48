//! Circuit breakers: who asks for a server that is gone is refused at once instead of waiting for it in vain.
//!
//! A circuit is closed while its server answers. A few failures in a row open it: nobody's request goes to the server
//! any more, a task asks it instead, one probe at a time (that is the half-open state), and the first answer closes
//! the circuit. What began before it opened or closed says nothing about the server afterwards, and is not heard.

mod watch;

#[cfg(test)]
mod tests;

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

pub use watch::{Probe, Watch};

/// Failures in a row, without a success between, that open a circuit: one or two may be a connection's own.
const FAILURES: u64 = 3;

/// A dependency's circuit. Cheap to clone; clones are of one circuit.
#[derive(Clone)]
pub struct Circuit(Arc<Inner>);

struct Inner {
    dependency: &'static str,
    /// How often the circuit opened or closed, and in the lower half the failures in a row since then. It starts
    /// closed, so it is open where that number is odd.
    state: AtomicU64,
    /// 1 while open.
    gauge: Gauge,
    opened: Notify,
    /// Wakes the one that asks.
    suspected: Notify,
}

const FAILURE_BITS: u32 = 32;
const FAILURE_MASK: u64 = (1 << FAILURE_BITS) - 1;

/// A permission to ask the dependency once; what came of it is told to the circuit with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    turn: u64,
}

/// The circuit is open: the dependency was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{dependency} does not answer: the circuit is open")]
pub struct Open {
    dependency: &'static str,
}

impl Circuit {
    /// A closed circuit, and what asks the dependency by `probe` while it is open. `gauge` shows its state.
    pub fn new(dependency: &'static str, gauge: Gauge, probe: Probe) -> (Self, Watch) {
        let (opened, suspected) = (Notify::new(), Notify::new());
        let circuit =
            Self(Arc::new(Inner { dependency, state: AtomicU64::new(0), gauge, opened, suspected }));
        (circuit.clone(), Watch::new(circuit, probe))
    }

    /// Leave to ask the dependency.
    ///
    /// # Errors
    /// While the circuit is open.
    pub fn enter(&self) -> Result<Permit, Open> {
        let turn = self.turn();
        if is_open(turn) { Err(self.refusal()) } else { Ok(Permit { turn }) }
    }

    /// Whether the dependency is not asked now.
    pub fn is_open(&self) -> bool {
        is_open(self.turn())
    }

    /// How often the circuit has closed again: another number than before says that the dependency was away meanwhile.
    pub fn closings(&self) -> u64 {
        self.turn() / 2
    }

    /// Waits until the circuit is open.
    pub async fn opened(&self) -> Open {
        loop {
            let mut opened = std::pin::pin!(self.0.opened.notified());
            opened.as_mut().enable();
            if self.is_open() {
                return self.refusal();
            }
            opened.await;
        }
    }

    /// The dependency did what it was asked for, or answered why not.
    pub fn succeeded(&self, permit: Permit) {
        let forget =
            |state| (turn_of(state) == permit.turn && state & FAILURE_MASK > 0).then(|| first(permit.turn));
        // Nothing is to be forgotten of most answers.
        let _ = self.0.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, forget);
    }

    /// The dependency could not be reached, or can't serve, for the reason `why`. It is asked at once whether it is
    /// still there, so that a circuit opens soon also where requests are few.
    pub fn failed(&self, permit: Permit, why: &dyn Display) {
        let count = |state| {
            let is_heard = turn_of(state) == permit.turn && !is_open(permit.turn);
            let is_last = state & FAILURE_MASK == FAILURES - 1;
            is_heard.then(|| if is_last { first(permit.turn + 1) } else { state + 1 })
        };
        let counted = self.0.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, count);
        if counted.is_ok_and(|before| before & FAILURE_MASK == FAILURES - 1) {
            self.show();
            tracing::warn!(dependency = self.0.dependency, error = %why, "circuit opened");
            self.0.opened.notify_waiters();
        }
        self.suspect();
    }

    /// The dependency may be gone: it is asked whether it is.
    pub fn suspect(&self) {
        self.0.suspected.notify_one();
    }

    /// Closes the circuit if it has been open since the permission was given.
    fn close(&self, permit: Permit) {
        let (open, closed) = (first(permit.turn), first(permit.turn + 1));
        let exchange = || self.0.state.compare_exchange(open, closed, Ordering::AcqRel, Ordering::Acquire);
        if is_open(permit.turn) && exchange().is_ok() {
            self.show();
            tracing::info!(dependency = self.0.dependency, "circuit closed");
        }
    }

    fn show(&self) {
        self.0.gauge.set(i64::from(self.is_open()));
    }

    fn turn(&self) -> u64 {
        turn_of(self.0.state.load(Ordering::Acquire))
    }

    fn refusal(&self) -> Open {
        Open { dependency: self.0.dependency }
    }
}

impl Debug for Circuit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Circuit")
            .field("dependency", &self.0.dependency)
            .field("open", &self.is_open())
            .finish()
    }
}

/// The state in which nothing has failed since the turn.
fn first(turn: u64) -> u64 {
    turn << FAILURE_BITS
}

fn turn_of(state: u64) -> u64 {
    state >> FAILURE_BITS
}

fn is_open(turn: u64) -> bool {
    turn % 2 == 1
}
