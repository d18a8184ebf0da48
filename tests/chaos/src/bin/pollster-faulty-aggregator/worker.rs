//! All stages, one after the other, in an order that depends on the bug.

use std::time::Duration;

use pollster_aggregator::committer::{Committer, Entries};
use pollster_aggregator::publisher::Publisher;
use pollster_shared::redis::Connection;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::Streams;
use pollster_shared::stream::entry;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::vote::Cast;

use crate::Bug;
use crate::increments::Increments;
use crate::source::Source;

const RETRY: Duration = Duration::from_millis(200);

/// The whole of an aggregator, without its sweep.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) bug: Bug,
    pub(crate) source: Source,
    pub(crate) committer: Committer,
    pub(crate) publisher: Publisher,
    pub(crate) increments: Increments,
    pub(crate) streams: Connection,
}

impl Worker {
    /// Works until the shutdown.
    pub(crate) async fn run(mut self, shutdown: &Shutdown) {
        while !shutdown.is_cancelled() {
            match self.source.next().await {
                Ok(entries) if entries.is_empty() => {}
                Ok(entries) => match self.bug {
                    Bug::Increments => self.increment(entries, shutdown).await,
                    Bug::AcknowledgesFirst => self.acknowledge_first(entries, shutdown).await,
                },
                Err(error) => {
                    tracing::warn!(error, "no entries");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Whatever ends the program before the commit takes with it what nobody has any more.
    async fn acknowledge_first(&mut self, entries: Vec<Entry>, shutdown: &Shutdown) {
        let ids: Entries = entries.iter().map(|entry| (entry.shard, entry.id)).collect();
        self.acknowledge(&ids).await;
        let committed = self.committer.commit(entries, shutdown).await;
        if let Err(error) = self.publisher.publish(&committed.poll_ids).await {
            tracing::warn!(%error, "publishing failed");
        }
    }

    /// Whatever is delivered again is committed once, and added again.
    async fn increment(&mut self, entries: Vec<Entry>, shutdown: &Shutdown) {
        let committed = self.committer.commit(entries.clone(), shutdown).await;
        let counted = entries.iter().filter(|entry| committed.entries.contains(&(entry.shard, entry.id)));
        let casts: Vec<Cast> = counted.filter_map(|entry| entry::decode(&entry.packed).ok()).collect();
        if let Err(error) = self.increments.add(&casts, &mut self.publisher).await {
            tracing::warn!(%error, "publishing failed");
        }
        self.acknowledge(&committed.entries).await;
    }

    async fn acknowledge(&self, entries: &Entries) {
        if let Err(error) = group::acknowledge(&self.streams, Streams::Votes, entries).await {
            tracing::warn!(%error, "acknowledging failed");
        }
    }
}
