//! What dies, and how it comes back.

use std::fmt;
use std::time::{Duration, Instant};

use pollster_stack::{Program, Signal};
use serde::Serialize;

use super::error::RecoveryError;
use super::phase::{AFTER, AWAY, PhaseSwitch};
use super::timeline::Timeline;
use crate::bench::fan_out::Voters;
use crate::bench::servers::Servers;
use crate::bench::wait::{sleep, unless_interrupted};

/// How long a server is away, beside the time that it takes to start.
const ABSENCE: Duration = Duration::from_secs(3);
/// How long an immediate shutdown, which writes nothing, may take.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);

/// A part of the system that dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// One of two aggregators is killed for good (SIGKILL).
    Aggregator,
    /// Redis is killed (SIGKILL), and started again with what it wrote to disk.
    Redis,
    /// PostgreSQL is shut down at once (SIGQUIT), and started again, which recovers as after a crash.
    Postgres,
}

/// The moment from which a recovery is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mended {
    /// When the aggregator was killed, Redis answered its first PING, or PostgreSQL accepted connections.
    pub(super) at: Instant,
    /// From then until a vote was queued again (202), where votes are not queued meanwhile.
    pub(super) queued_after: Option<Duration>,
}

impl Fault {
    /// Kills the part and brings it back, and changes the phase on the way.
    pub(super) async fn strike(
        self,
        servers: &mut Servers,
        aggregator: &mut Program,
        phase: &PhaseSwitch,
        voters: &mut Voters,
    ) -> Result<Mended, RecoveryError> {
        // These calls block this thread, which has nothing else to do.
        match self {
            Self::Aggregator => {
                let at = Instant::now();
                aggregator.process().kill()?;
                phase.begin(AFTER);
                Ok(Mended { at, queued_after: None })
            }
            Self::Redis => {
                servers.redis.kill()?;
                phase.begin(AWAY);
                sleep(ABSENCE).await?;
                servers.redis.restart()?;
                let at = Instant::now();
                let queued = unless_interrupted(voters.queued_after(at)).await??;
                phase.begin(AFTER);
                Ok(Mended { at, queued_after: Some(queued - at) })
            }
            Self::Postgres => {
                servers.postgres.process().terminate(Signal::QUIT, SHUTDOWN_DEADLINE)?;
                phase.begin(AWAY);
                sleep(ABSENCE).await?;
                servers.postgres.restart()?;
                let at = Instant::now();
                phase.begin(AFTER);
                Ok(Mended { at, queued_after: None })
            }
        }
    }

    /// From the moment `mended` until counts move again, all the way from a vote to its viewer. Without an aggregator:
    /// those of votes sent after the kill. Without Redis, when counts move past it: those of votes sent after it took
    /// votes again. Without PostgreSQL none move.
    ///
    /// # Errors
    /// [`RecoveryError::NoFrame`] where they never do.
    pub(super) fn moved_after(self, mended: Instant, timeline: &Timeline) -> Result<Duration, RecoveryError> {
        match self {
            Self::Aggregator | Self::Redis => timeline.moved_after(mended, AFTER),
            Self::Postgres => timeline.rose_after(mended),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aggregator => "One of two aggregators is killed",
            Self::Redis => "Redis is killed and comes back after 3 s",
            Self::Postgres => "PostgreSQL is shut down at once and comes back after 3 s",
        })
    }
}
