//! Waiting until all that was begun is done.

use std::time::{Duration, Instant};

use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamInfoGroupsReply, StreamRangeReply};

use super::World;

/// How long that may take, programs' own retries included.
const DEADLINE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(100);

impl World {
    /// Waits until every program is ready and nothing waits in any queue.
    ///
    /// # Errors
    /// What is left after the deadline.
    pub async fn settle(&self) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let left = self.left().await;
            if left.is_empty() {
                return Ok(());
            }
            if start.elapsed() > DEADLINE {
                return Err(left.join("; "));
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// What stands in the dead letters of any queue, an entry a line.
    pub async fn dead_letters(&self) -> Vec<String> {
        let mut letters = Vec::new();
        for mut redis in self.servers.redis().streams().await {
            for stream in streams(&mut redis, "*:dead-*").await {
                let entries: StreamRangeReply = redis.xrange_all(&stream).await.expect("dead letters");
                letters.extend(entries.ids.into_iter().map(|entry| {
                    let error = entry.map.get("error").map(|error| format!("{error:?}"));
                    format!("{stream} {}: {}", entry.id, error.unwrap_or_default())
                }));
            }
        }
        letters
    }

    async fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for member in &self.members {
            if !member.service().is_ready().await {
                left.push(format!("{} is not ready", member.program()));
            }
        }
        for mut redis in self.servers.redis().streams().await {
            for stream in streams(&mut redis, "*:stream-*").await {
                let length: usize = redis.xlen(&stream).await.expect("a stream");
                let groups: StreamInfoGroupsReply = redis.xinfo_groups(&stream).await.expect("groups");
                let pending: usize = groups.groups.iter().map(|group| group.pending).sum();
                if length + pending > 0 {
                    left.push(format!("{stream} holds {length} entries, {pending} of them pending"));
                }
            }
        }
        left
    }
}

async fn streams(redis: &mut MultiplexedConnection, pattern: &str) -> Vec<String> {
    redis.keys(pattern).await.expect("streams")
}
