//! Mends what publishing missed: a failed publish, or a Redis that lost its counts.

use std::time::Duration;

use pollster_shared::shutdown::Shutdown;

use crate::pause;
use crate::publisher::Publisher;

const PERIOD: Duration = Duration::from_secs(2);

/// Compares and publishes every two seconds until the shutdown.
pub(crate) async fn run(mut publisher: Publisher, shutdown: Shutdown) {
    while pause(PERIOD, &shutdown).await {
        if let Err(error) = publisher.publish_what_is_behind().await {
            tracing::warn!(%error, "sweeping failed");
        }
    }
}
