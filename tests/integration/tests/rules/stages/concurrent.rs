//! Aggregators side by side: no deadlock, and no older count over a newer one.

use std::time::Duration;

use chrono::Utc;
use futures_util::StreamExt;
use pollster_shared::counts::{Counts, projection};
use pollster_shared::keys;
use pollster_shared::milestones::Thresholds;
use pollster_shared::poll::Poll;
use pollster_shared::responses::{self, Fate};
use pollster_shared::stream::StreamId;
use pollster_shared::vote::{AcceptedCast, Cast};

use super::bed::{Bed, cast, casts};
use super::worker::Worker;

const POLLS: usize = 5;
const ROUNDS: u128 = 40;
const VOTERS: u128 = 20;

fn accepted(casts: impl Iterator<Item = Cast>) -> Vec<AcceptedCast> {
    casts.map(|cast| AcceptedCast { cast, accepted_at: Utc::now(), order: 0 }).collect()
}

/// Commits in a session of its own; a deadlock would be an error.
async fn commit(bed: &Bed, casts: &[AcceptedCast], shards: [u16; 2], round: u64) -> Vec<Fate> {
    let mut connection = bed.pool.get().await.unwrap();
    let id = StreamId { milliseconds: round, sequence: 0 };
    let (progress, milestones) = (shards.map(|shard| (shard, id)), Thresholds::default());
    responses::commit(&mut connection, casts, &progress, &milestones).await.unwrap().fates
}

#[tokio::test]
async fn commits_to_the_same_polls_in_opposite_order_do_not_deadlock() {
    let bed = Bed::start().await;
    let mut polls: Vec<Poll> = Vec::new();
    for _ in 0..POLLS {
        polls.push(bed.poll(2, 2).await);
    }
    let mut repeated = 0;
    for round in 0..ROUNDS {
        let voters = round * VOTERS..(round + 1) * VOTERS;
        // The same ballots in both, so that they meet in `responses`, and some of each alone, so that
        // both have news for every poll.
        let ballots = |key: &'static str, own: u128, poll: &Poll| -> Vec<Cast> {
            let common = voters.clone().map(|n| cast(poll, n, "key", &[(0, 1), (1, 2)]));
            common.chain([cast(poll, 1_000_000 + round * 2 + own, key, &[(0, 4)])]).collect()
        };
        let forwards = accepted(polls.iter().flat_map(|poll| ballots("one", 0, poll)));
        let backwards = accepted(polls.iter().rev().flat_map(|poll| {
            let mut ballots = ballots("two", 1, poll);
            ballots.reverse();
            ballots
        }));
        let number = round as u64 + 1;
        let (one, two) =
            tokio::join!(commit(&bed, &forwards, [0, 1], number), commit(&bed, &backwards, [0, 1], number));
        let fates: Vec<Fate> = one.into_iter().chain(two).collect();
        assert!(fates.iter().all(|fate| matches!(fate, Fate::Inserted | Fate::Repeated)));
        repeated += fates.iter().filter(|fate| **fate == Fate::Repeated).count();
    }
    assert_eq!(repeated as u128, ROUNDS * VOTERS * POLLS as u128);
    for poll in &polls {
        let tallied = bed.tallied(poll).await;
        assert_eq!(tallied.total_votes as u128, ROUNDS * (2 * VOTERS + 2));
        assert_eq!(tallied.results, bed.recounted(poll).await);
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(bed.sql(deadlocks).await, [["0"]]);
}

/// The next frame of the poll's channel, `None` where none comes before the one that ends the test.
async fn next(frames: &mut (impl StreamExt<Item = redis::Msg> + Unpin)) -> Counts {
    let message = tokio::time::timeout(Duration::from_secs(5), frames.next()).await.unwrap().unwrap();
    serde_json::from_slice(message.get_payload_bytes()).unwrap()
}

#[tokio::test]
async fn older_counts_never_replace_newer_ones() {
    let bed = Bed::start().await;
    let poll = bed.poll(1, 1).await;
    let votes = casts(&poll, 3);
    let mut worker = Worker::new(&bed, "worker", 1).await;
    let mut pubsub = bed.client.get_async_pubsub().await.unwrap();
    pubsub.subscribe(keys::updates(poll.poll_id)).await.unwrap();
    let mut frames = pubsub.into_on_message();

    let mut history = Vec::new();
    for vote in &votes {
        bed.accept(&poll, vote).await;
        let entries = worker.read().await;
        worker.run_through(entries).await;
        history.push(bed.tallied(&poll).await);
        assert_eq!(Some(&next(&mut frames).await), history.last());
    }
    let mut aggregates = bed.redis.clone();
    for old in &history[..2] {
        projection::publish(&mut aggregates, &bed.channels, old).await.unwrap();
        assert_eq!(bed.projected(&poll).await.as_ref(), history.last());
    }
    // The newest may be told again, after a crash between writing and telling; the old ones are not.
    projection::publish(&mut aggregates, &bed.channels, &history[2]).await.unwrap();
    assert_eq!(next(&mut frames).await, history[2]);
    bed.assert_counted(&poll, &votes).await;
}
