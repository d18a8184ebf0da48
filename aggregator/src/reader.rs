//! Reads new entries of all shards: in one blocking read, or where the shards are on a Redis Cluster in one each, since
//! they have different slots there.

use std::time::Duration;

use futures_util::future::join_all;
use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::polls;
use pollster_shared::redis::{Connection, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{Streams, prepare};
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::pause;
use crate::shards::Serving;

/// A read in flight can't be called back, so this is what a shutdown may wait for it.
const BLOCK: Duration = Duration::from_millis(250);
const RETRY: Duration = Duration::from_millis(200);

/// The stage that reads.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) streams: Connection,
    pub(crate) pool: Pool,
    pub(crate) shards: watch::Receiver<Serving>,
    pub(crate) consumer: String,
    pub(crate) batch_size: u32,
    pub(crate) linger: Duration,
}

impl Reader {
    /// Sends on what it reads until the shutdown.
    pub(crate) async fn run(mut self, entries: Sender<Vec<Entry>>, shutdown: Shutdown) {
        while !shutdown.is_cancelled() {
            let shards = self.shards.borrow_and_update().served.clone();
            let together = group::readable_together(&self.streams, &shards);
            join_all(together.map(|shards| self.read_shards(shards, &entries, &shutdown))).await;
        }
    }

    /// Whether to go on with the shards that are read.
    fn goes_on(&self, shutdown: &Shutdown) -> bool {
        !shutdown.is_cancelled() && !self.shards.has_changed().unwrap_or(false)
    }

    async fn read_shards(&self, shards: &[u16], entries: &Sender<Vec<Entry>>, shutdown: &Shutdown) {
        while self.goes_on(shutdown) {
            let Err(error) = self.read_on(shards, entries, shutdown).await else { continue };
            tracing::warn!(error, "reading the streams failed");
            pause(RETRY, shutdown).await;
        }
    }

    /// Reads over one connection until the shutdown, an error, or more shards to be read.
    async fn read_on(
        &self,
        shards: &[u16],
        entries: &Sender<Vec<Entry>>,
        shutdown: &Shutdown,
    ) -> Result<(), String> {
        // At the start, and again whenever something was wrong: Redis may have come back empty.
        self.ensure_streams(shards).await?;
        let connected = group::connection(&self.streams, Streams::Votes, shards).await;
        let mut connection = connected.map_err(|error| error.to_string())?;
        // The server's limit is a stream's, not a read's.
        let count = (self.batch_size as usize).div_ceil(self.shards.borrow().served.len());
        while self.goes_on(shutdown) && connection.is_current() {
            let earliest_next = Instant::now() + self.linger;
            match group::read(&mut connection, Streams::Votes, shards, &self.consumer, count, BLOCK).await {
                Ok(read) if read.is_empty() => {}
                Ok(read) => {
                    if entries.send(read).await.is_err() {
                        return Ok(());
                    }
                    sleep_until(earliest_next).await;
                }
                Err(error) if is_missing_group(&error) => self.ensure_streams(shards).await?,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    /// Makes streams and groups where they are missing.
    async fn ensure_streams(&self, shards: &[u16]) -> Result<(), String> {
        let mut streams = self.streams.clone();
        for &shard in shards {
            let mut connection =
                self.pool.get().await.map_err(|error| DatabaseError::from(error).to_string())?;
            let progress =
                polls::shard_progress(&mut connection, shard).await.map_err(|error| error.to_string())?;
            let made = prepare::ensure_stream(&mut streams, Streams::Votes, shard, progress).await;
            made.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
