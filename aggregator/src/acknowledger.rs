//! Acknowledges what is committed, once its counts are published.

use pollster_shared::redis::Connection;
use pollster_shared::stream::group;
use tokio::sync::mpsc::Receiver;

use crate::committer::Entries;

/// Takes entries off their streams until the channel closes. What can't be taken off is delivered again,
/// which changes nothing.
pub(crate) async fn run(streams: Connection, mut published: Receiver<Entries>) {
    while let Some(mut entries) = published.recv().await {
        while let Ok(more) = published.try_recv() {
            entries.extend(more);
        }
        if let Err(error) = group::acknowledge(&streams, &entries).await {
            tracing::warn!(%error, entries = entries.len(), "acknowledging failed");
        }
    }
}
