//! Measures what waits: entries in the queues, and dead letters.

use std::time::Duration;

use pollster_shared::queues::{self, Queue};
use pollster_shared::redis::RedisResult;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::{Streams, dead_letters};

use crate::jobs::Context;
use crate::pause;

const PERIOD: Duration = Duration::from_secs(10);

/// Sets the gauges every ten seconds until the shutdown.
pub(crate) async fn run(context: Context, shutdown: Shutdown) {
    loop {
        if let Err(error) = measure(&context).await {
            tracing::debug!(%error, "measuring the queues failed");
        }
        if !pause(PERIOD, &shutdown).await {
            return;
        }
    }
}

async fn measure(context: &Context) -> RedisResult<()> {
    let mut redis = context.streams.clone();
    for queue in Queue::ALL {
        context.metrics.waiting(queue, queues::length(&mut redis, queue).await?);
    }
    for streams in Streams::ALL {
        let shards = dead_letters::counts(&mut redis, streams).await?;
        context.metrics.dead_letters_waiting(streams, shards.iter().map(|(_, letters)| letters).sum());
    }
    Ok(())
}
