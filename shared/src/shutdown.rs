//! The end of a program: a signal, then a drain within a deadline.

use tokio::signal::unix::{SignalKind, signal};
pub use tokio_util::sync::CancellationToken as Shutdown;
pub use tokio_util::task::TaskTracker;
pub use tokio_util::task::task_tracker::TaskTrackerToken;

/// A token that is cancelled at the first SIGTERM or SIGINT.
///
/// # Panics
/// Outside of a tokio runtime, or where the system refuses signal handlers.
pub fn on_signal() -> Shutdown {
    let shutdown = Shutdown::new();
    let cancelled = shutdown.clone();
    let handler = |kind| signal(kind).unwrap_or_else(|error| panic!("no signal handler: {error}"));
    let (mut terminate, mut interrupt) = (handler(SignalKind::terminate()), handler(SignalKind::interrupt()));
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("shutting down");
        cancelled.cancel();
    });
    shutdown
}
