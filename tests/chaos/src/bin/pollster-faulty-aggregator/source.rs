//! Where entries come from: new ones, and those that another consumer has left lying.

use std::time::Duration;

use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::polls;
use pollster_shared::redis::{Connection, Dedicated, RedisResult, is_missing_group};
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{StreamId, Streams, prepare};
use tokio::time::Instant;
use uuid::Uuid;

/// As long as the real aggregator waits.
const BLOCK: Duration = Duration::from_millis(250);
/// Entries of a shard taken at once.
const COUNT: usize = 100;

/// A consumer of the vote streams.
#[derive(Debug)]
pub(crate) struct Source {
    streams: Connection,
    /// For reads, until one fails.
    reading: Option<Dedicated>,
    pool: Pool,
    shards: Vec<u16>,
    consumer: String,
    /// Entries that lie longer are taken over.
    idle: Duration,
    next_claim: Instant,
}

impl Source {
    pub(crate) fn new(streams: Connection, pool: Pool, shards: Vec<u16>, idle: Duration) -> Self {
        let consumer = Uuid::now_v7().simple().to_string();
        Self { streams, reading: None, pool, shards, consumer, idle, next_claim: Instant::now() }
    }

    /// What is there to do next; nothing, if nothing came for a while.
    pub(crate) async fn next(&mut self) -> Result<Vec<Entry>, String> {
        let taken = if Instant::now() >= self.next_claim { self.claim().await } else { self.read().await };
        match taken {
            Ok(entries) => Ok(entries),
            Err(error) if is_missing_group(&error) => self.ensure_streams().await.map(|()| Vec::new()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn read(&mut self) -> RedisResult<Vec<Entry>> {
        let (streams, shards) = (Streams::Votes, &self.shards);
        let mut reading = match self.reading.take() {
            Some(reading) => reading,
            None => group::connection(&self.streams, streams, shards).await?,
        };
        let read = group::read(&mut reading, streams, shards, &self.consumer, COUNT, BLOCK).await;
        if read.as_ref().err().is_none_or(is_missing_group) {
            self.reading = Some(reading);
        }
        read
    }

    async fn claim(&mut self) -> RedisResult<Vec<Entry>> {
        self.next_claim = Instant::now() + self.idle / 2;
        let mut entries = Vec::new();
        for &shard in &self.shards {
            let mut cursor = Some(StreamId::default());
            while let Some(from) = cursor {
                let (streams, consumer) = (&mut self.streams, &self.consumer);
                let claimed = group::claim(streams, Streams::Votes, shard, consumer, self.idle, from, COUNT);
                let (claimed, next) = claimed.await?;
                entries.extend(claimed);
                cursor = next;
            }
        }
        Ok(entries)
    }

    /// Makes streams and groups where they are missing.
    async fn ensure_streams(&mut self) -> Result<(), String> {
        let mut database = self.pool.get().await.map_err(|error| DatabaseError::from(error).to_string())?;
        for &shard in &self.shards {
            let progress =
                polls::shard_progress(&mut database, shard).await.map_err(|error| error.to_string())?;
            let made = prepare::ensure_stream(&mut self.streams, Streams::Votes, shard, progress).await;
            made.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
