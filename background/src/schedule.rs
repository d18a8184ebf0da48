//! Work that comes with time: done by one instance, whichever holds the schedule's lock in PostgreSQL.

use std::time::Duration;

use pollster_shared::shutdown::Shutdown;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::jobs::{Context, JobError, caught};

/// Work is tried again so soon after it failed, where its period is longer.
const RETRY: Duration = Duration::from_secs(10);

/// Work that is to be done every so often.
///
/// Two instances may do it at the same time for a moment, when one loses its lock and another gets it: that must be as
/// safe as doing it twice.
pub(crate) trait Scheduled: Send + 'static {
    /// Its name, in the logs and metrics and as the name of its lock.
    const NAME: &'static str;
    /// From the end of one run to the next.
    const PERIOD: Duration;

    /// Does it once. A failure is logged, and it is done again a period later, ten seconds at most.
    fn run(&mut self, context: &Context) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Runs the work every period for as long as this instance holds its lock, until the shutdown.
pub(crate) async fn lead<S: Scheduled>(context: Context, mut work: S, shutdown: Shutdown) {
    let mut held = context.leadership.seek(S::NAME);
    let leading = context.metrics.leading(S::NAME);
    while becomes(&mut held, true, &shutdown).await {
        tracing::info!(schedule = S::NAME, "leading");
        leading.set(1);
        run_while(&context, &mut work, &mut held, &shutdown).await;
        leading.set(0);
    }
}

/// Runs the work every period until the lock is lost or the shutdown comes.
async fn run_while<S: Scheduled>(
    context: &Context,
    work: &mut S,
    held: &mut watch::Receiver<bool>,
    shutdown: &Shutdown,
) {
    while *held.borrow() && !shutdown.is_cancelled() {
        let run = caught(work.run(context)).await;
        context.metrics.ran(S::NAME, run.is_ok());
        let until_next = match run {
            Ok(()) => S::PERIOD,
            Err(error) => {
                tracing::warn!(schedule = S::NAME, %error, "scheduled work failed");
                S::PERIOD.min(RETRY)
            }
        };
        if let Ok(true) = timeout(until_next, becomes(held, false, shutdown)).await {
            tracing::warn!(schedule = S::NAME, "not leading any more");
        }
    }
}

/// Waits until the lock is held, or is not; `false` if the shutdown comes first.
async fn becomes(held: &mut watch::Receiver<bool>, wanted: bool, shutdown: &Shutdown) -> bool {
    matches!(shutdown.run_until_cancelled(held.wait_for(|held| *held == wanted)).await, Some(Ok(_)))
}
