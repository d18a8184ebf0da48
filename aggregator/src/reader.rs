//! Reads new entries of all shards, in one blocking read.

use std::sync::Arc;
use std::time::Duration;

use pollster_shared::database::{DatabaseError, Pool};
use pollster_shared::polls;
use pollster_shared::redis::{BlockingPool, Connection, is_missing_group};
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{Streams, prepare};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};

use crate::pause;

/// A read in flight can't be called back, so this is what a shutdown may wait for it.
const BLOCK: Duration = Duration::from_millis(250);
const RETRY: Duration = Duration::from_millis(200);

/// The stage that reads.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) blocking: BlockingPool,
    pub(crate) streams: Connection,
    pub(crate) pool: Pool,
    pub(crate) shards: Arc<[u16]>,
    pub(crate) consumer: String,
    pub(crate) batch_size: u32,
    pub(crate) linger: Duration,
}

impl Reader {
    /// Sends on what it reads until the shutdown.
    pub(crate) async fn run(self, entries: Sender<Vec<Entry>>, shutdown: Shutdown) {
        while !shutdown.is_cancelled() {
            let Err(error) = self.read_on(&entries, &shutdown).await else { continue };
            tracing::warn!(error, "reading the streams failed");
            pause(RETRY, &shutdown).await;
        }
    }

    /// Reads over one connection until the shutdown or an error.
    async fn read_on(&self, entries: &Sender<Vec<Entry>>, shutdown: &Shutdown) -> Result<(), String> {
        // At the start, and again whenever something was wrong: Redis may have come back empty.
        self.ensure_streams().await?;
        let mut connection = self.blocking.get().await.map_err(|error| error.to_string())?;
        // The server's limit is a stream's, not a read's.
        let count = (self.batch_size as usize).div_ceil(self.shards.len());
        while !shutdown.is_cancelled() {
            let earliest_next = Instant::now() + self.linger;
            match group::read(&mut connection, Streams::Votes, &self.shards, &self.consumer, count, BLOCK)
                .await
            {
                Ok(read) if read.is_empty() => {}
                Ok(read) => {
                    if entries.send(read).await.is_err() {
                        return Ok(());
                    }
                    sleep_until(earliest_next).await;
                }
                Err(error) if is_missing_group(&error) => self.ensure_streams().await?,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    /// Makes streams and groups where they are missing.
    async fn ensure_streams(&self) -> Result<(), String> {
        let mut streams = self.streams.clone();
        for &shard in self.shards.iter() {
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
