//! The one that asks a dependency whether it is there: while its circuit is open, or when something failed.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{sleep, timeout};

use super::{Circuit, Permit};
use crate::shutdown::Shutdown;

/// A probe that takes longer has failed.
const PROBE_WITHIN: Duration = Duration::from_secs(1);
/// Between two probes.
const PROBE_EVERY: Duration = Duration::from_millis(200);

/// Asks a dependency whether it can serve, over a connection of its own; if not, says why.
pub type Probe = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Asks the dependency of a circuit, one probe at a time.
pub struct Watch {
    circuit: Circuit,
    probe: Probe,
}

impl Watch {
    pub(super) fn new(circuit: Circuit, probe: Probe) -> Self {
        Self { circuit, probe }
    }

    /// Asks when there is reason to, until `end`.
    pub async fn run(self, end: Shutdown) {
        let watching = async {
            loop {
                self.circuit.0.suspected.notified().await;
                self.ask().await;
            }
        };
        let _: Option<()> = end.run_until_cancelled(watching).await;
    }

    /// Asks until there is an answer, and the circuit closed.
    async fn ask(&self) {
        loop {
            let permit = Permit { turn: self.circuit.turn() };
            let answer = timeout(PROBE_WITHIN, (self.probe)()).await;
            match answer.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
                Ok(()) => {
                    self.circuit.close(permit);
                    if !self.circuit.is_open() {
                        return;
                    }
                    // It opened after the probe had begun: what was answered may be from before that.
                }
                Err(why) => {
                    self.circuit.failed(permit, &why);
                    sleep(PROBE_EVERY).await;
                }
            }
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("circuit", &self.circuit).finish_non_exhaustive()
    }
}
