//! Waiting for replicas, for many writers at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisError, RedisResult};
use tokio::sync::Mutex;

/// How long replicas may take to say that they hold what was written. Meanwhile the connection takes nothing else.
pub(super) const REPLICATED_WITHIN: Duration = Duration::from_millis(500);

/// What is written over one connection waits here for the replicas. A `WAIT` is about all that was written over its
/// connection before, so whoever comes while one is on its way shares the next: its cost is a round trip a batch.
#[derive(Debug, Default)]
pub(super) struct Barrier {
    /// Numbers who comes.
    came: AtomicU64,
    /// The last `WAIT`, and the turn to send the next.
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    /// Who had come when it was sent.
    covers: u64,
    /// Replicas that answered.
    replicas: u32,
}

impl Barrier {
    /// Waits until `replicas` hold all that was written over `connection` and answered before.
    ///
    /// # Errors
    /// When they do not in time, or the server can't be asked.
    pub(super) async fn pass(&self, mut connection: MultiplexedConnection, replicas: u32) -> RedisResult<()> {
        let number = self.came.fetch_add(1, Ordering::AcqRel) + 1;
        let mut last = self.last.lock().await;
        if last.covers < number {
            let covers = self.came.load(Ordering::Acquire);
            let answered = wait(&mut connection, replicas).await;
            // Who was covered by one that failed does not wait for the same once more.
            *last = Last { covers, replicas: answered.as_ref().copied().unwrap_or(0) };
            answered?;
        }
        if last.replicas < replicas { Err(too_few(last.replicas)) } else { Ok(()) }
    }
}

/// Asks how many replicas hold what was written over this connection, once `replicas` do or the time is over.
pub(super) async fn wait(connection: &mut MultiplexedConnection, replicas: u32) -> RedisResult<u32> {
    redis::cmd("WAIT").arg(replicas).arg(REPLICATED_WITHIN.as_millis() as u64).query_async(connection).await
}

/// What was written is on too few replicas.
pub(super) fn too_few(replicas: u32) -> RedisError {
    let detail = format!("{replicas} in time, REDIS_MIN_REPLICAS says more");
    RedisError::from((ErrorKind::Io, "a write is on too few replicas", detail))
}
