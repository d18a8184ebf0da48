//! Acknowledges what is committed, once its counts are published.

use std::time::Duration;

use pollster_shared::redis::Connection;
use pollster_shared::stream::{Streams, group};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use crate::committer::Entries;

/// Nobody waits for an acknowledgement, and many at once cost Redis a fraction of one after the other.
const PERIOD: Duration = Duration::from_millis(30);

/// Takes entries off their streams until the channel closes. What can't be taken off is delivered again,
/// which changes nothing.
pub(crate) async fn run(streams: Connection, mut published: Receiver<Entries>) {
    while let Some(mut entries) = published.recv().await {
        while let Ok(more) = published.try_recv() {
            entries.extend(more);
        }
        let earliest_next = Instant::now() + PERIOD;
        if let Err(error) = group::acknowledge(&streams, Streams::Votes, &entries).await {
            tracing::warn!(%error, entries = entries.len(), "acknowledging failed");
        }
        sleep_until(earliest_next).await;
    }
}
