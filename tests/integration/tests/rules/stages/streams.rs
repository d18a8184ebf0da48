//! What the streams keep: ids that never go back, and a consumer's pending entries.

use std::time::Duration;

use pollster_shared::keys::{self, AGGREGATORS};
use pollster_shared::stream::{StreamId, Streams, group};
use redis::streams::StreamInfoConsumersReply;

use super::bed::{Bed, cast, casts};
use super::worker::Worker;

const SHARDS: u16 = 1;
/// In the year 2100.
const FAR_AHEAD: StreamId = StreamId { milliseconds: 4_102_444_800_000, sequence: 7 };

#[tokio::test]
async fn a_stream_made_anew_goes_on_above_the_highest_committed_id() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    bed.sql(&format!(
        "INSERT INTO shard_progress VALUES (0, {}, {})",
        FAR_AHEAD.milliseconds, FAR_AHEAD.sequence
    ))
    .await;
    let mut highest = FAR_AHEAD;
    let votes = casts(&poll, 6);
    for (round, votes) in votes.chunks(2).enumerate() {
        bed.redis(&["FLUSHALL"]).await;
        // Whoever comes first makes the stream: the gateway in one round, the aggregator in the next.
        if round % 2 == 1 {
            assert_eq!(worker.read().await, []);
        }
        for vote in votes {
            bed.accept(&poll, vote).await;
        }
        let entries = worker.read().await;
        assert_eq!(entries.len(), votes.len());
        for entry in &entries {
            assert!(entry.id > highest, "{} after {highest}", entry.id);
            highest = entry.id;
        }
        worker.run_through(entries).await;
        let progress = bed.sql("SELECT milliseconds, sequence FROM shard_progress WHERE shard = 0").await;
        assert_eq!(progress, [[highest.milliseconds.to_string(), highest.sequence.to_string()]]);
    }
    bed.assert_counted(&poll, &votes).await;
}

#[tokio::test]
async fn progress_is_never_lowered() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let votes = casts(&poll, 4);
    for vote in &votes {
        bed.accept(&poll, vote).await;
    }
    let entries = worker.read().await;
    let highest = entries[3].id;
    let (earlier, later) = entries.split_at(2);
    worker.run_through(later.to_vec()).await;
    worker.run_through(earlier.to_vec()).await;
    let progress = bed.sql("SELECT milliseconds || '-' || sequence FROM shard_progress").await;
    assert_eq!(progress, [[highest.to_string()]]);
}

/// The names of the group's consumers with what each has pending.
async fn consumers(bed: &Bed) -> Vec<(String, usize)> {
    let mut connection = bed.client.get_multiplexed_async_connection().await.unwrap();
    let mut info = redis::cmd("XINFO");
    info.arg("CONSUMERS").arg(keys::vote_stream(0)).arg(AGGREGATORS);
    let reply: StreamInfoConsumersReply = info.query_async(&mut connection).await.unwrap();
    reply.consumers.into_iter().map(|consumer| (consumer.name, consumer.pending)).collect()
}

#[tokio::test]
async fn a_consumer_with_pending_entries_does_not_leave() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, SHARDS).await;
    let vote = cast(&poll, 1, "key", &[(0, 1)]);
    bed.accept(&poll, &vote).await;
    let mut worker = Worker::new(&bed, "worker", SHARDS).await;
    let entries = worker.read().await;

    let mut redis = bed.redis.clone();
    group::leave(&mut redis, Streams::Votes, 0, "worker").await.unwrap();
    group::remove_idle(&mut redis, Streams::Votes, 0, Duration::ZERO).await.unwrap();
    assert_eq!(consumers(&bed).await, [("worker".to_owned(), 1)]);

    worker.run_through(entries).await;
    group::leave(&mut redis, Streams::Votes, 0, "worker").await.unwrap();
    assert_eq!(consumers(&bed).await, []);
    bed.assert_counted(&poll, [&vote]).await;
}
