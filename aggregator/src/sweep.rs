//! Mends what publishing missed: a failed publish, a Redis that lost its counts, votes that went past Redis.

use std::time::Duration;

use pollster_shared::shutdown::Shutdown;

use crate::pause;
use crate::publisher::Publisher;

const PERIOD: Duration = Duration::from_secs(2);

/// Compares and publishes every two seconds until the shutdown.
pub(crate) async fn run(mut publisher: Publisher, shutdown: Shutdown) {
    while pause(PERIOD, &shutdown).await {
        let swept = async {
            publisher.publish_what_went_past_redis().await?;
            publisher.publish_what_is_behind().await
        };
        if let Err(error) = swept.await {
            tracing::warn!(%error, "sweeping failed");
        }
    }
}
