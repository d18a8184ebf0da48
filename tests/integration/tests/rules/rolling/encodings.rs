//! Votes that gateways of another release put on the streams, in an encoding of theirs.

use std::sync::Arc;
use std::time::Duration;

use pollster_aggregator::committer::Committer;
use pollster_aggregator::metrics::Metrics;
use pollster_aggregator::publisher::Publisher;
use pollster_integration::{DEADLINE, PollView, Service, Stack, lunch, token, wait_until};
use pollster_shared::milestones::Thresholds;
use pollster_shared::shutdown::Shutdown;
use pollster_shared::stream::group::{self, Entry};
use pollster_shared::stream::{StreamId, Streams, entry, pending};
use pollster_shared::vote::{Answer, Ballot, Cast, Choices, Digest, HashSecret, Kind, Voter};
use pollster_shared::{channels, database, keys, redis as connections};
use redis::AsyncCommands;
use uuid::Uuid;

use crate::closing::a_round_of_the_closing_job;

/// The first byte of what the next release would write, of what is written now, and of what was written before.
const ENCODINGS: [u8; 3] = [3, 2, 1];
/// What an entry may be left alone for.
const CLAIM_IDLE: Duration = Duration::from_millis(200);
const NEWER: usize = 3;

async fn one_shard(aggregators: usize) -> Stack {
    let stack = Stack::builder().aggregators(aggregators).env("VOTE_SHARDS", 1);
    stack.env("CLAIM_IDLE_MS", CLAIM_IDLE.as_millis()).start().await
}

/// A vote of somebody new for the first choice, packed.
fn packed(poll: &PollView) -> Vec<u8> {
    let voter = Voter::from_browser_token(&HashSecret::new("of another gateway"), Uuid::new_v4());
    let ballot = Ballot::new(vec![Answer { question: 0, choices: Choices(1) }]).unwrap();
    let digest = Digest::new(Some("key"), &ballot);
    entry::encode(&Cast { kind: Kind::Cast, poll_id: poll.poll_id, voter, address: None, digest, ballot })
}

/// Puts it on the stream, as a gateway of another release does.
async fn enqueue(stack: &Stack, packed: &[u8]) {
    let mut redis = stack.redis().connect().await;
    let _: String = redis.xadd(keys::vote_stream(0), "*", &[(keys::ENTRY_FIELD, packed)]).await.unwrap();
}

/// Of each pending entry: for how long nobody touched it, and how often it was delivered.
async fn pending_entries(stack: &Stack) -> Vec<(Duration, u64)> {
    let mut command = redis::cmd("XPENDING");
    command.arg(keys::vote_stream(0)).arg(keys::AGGREGATORS).arg("-").arg("+").arg(1000);
    let mut redis = stack.redis().connect().await;
    let entries: Vec<(String, String, u64, u64)> = command.query_async(&mut redis).await.unwrap();
    entries.into_iter().map(|(_, _, idle, count)| (Duration::from_millis(idle), count)).collect()
}

/// Waits until each of these aggregators knows of all the newer entries.
async fn all_know(aggregators: &[Service]) {
    for aggregator in aggregators {
        wait_until("it knows what is too new for it", DEADLINE, async || {
            (aggregator.metric("pollster_stream_too_new").await == NEWER as f64).then_some(())
        })
        .await;
    }
}

/// An aggregator of the next release, which differs from this one in that it can read that release's entries.
async fn newer_aggregator(stack: &Stack) {
    let mut redis = connections::connection(stack.redis().url()).unwrap();
    let pool = database::pool(stack.database().url(), 1).unwrap();
    let (metrics, milestones) = (Arc::<Metrics>::default(), Thresholds::from(vec![100]));
    let mut committer = Committer::new(pool.clone(), redis.clone(), 5, milestones, metrics.clone());
    let channels = channels::Publisher::new(stack.redis().url()).unwrap();
    let mut publisher = Publisher::new(pool, redis.clone(), channels, metrics);
    let mut entries: Vec<Entry> = wait_until("they are left alone", DEADLINE, async || {
        let listed = pending::list(&mut redis, Streams::Votes, 0, StreamId::default(), 1000).await.unwrap();
        let ids: Vec<StreamId> = listed.iter().map(|pending| pending.id).collect();
        let (shard, name) = (0, "newer");
        let taken =
            pending::take_over(&mut redis, Streams::Votes, shard, name, CLAIM_IDLE, &ids).await.unwrap();
        (!taken.is_empty()).then_some(taken)
    })
    .await;
    assert_eq!(entries.len(), NEWER);
    for entry in &mut entries {
        assert_eq!(entry.packed[0], ENCODINGS[0]);
        entry.packed[0] = ENCODINGS[1];
    }
    let committed = committer.commit(entries, &Shutdown::new()).await;
    publisher.publish(&committed.poll_ids).await.unwrap();
    group::acknowledge(&redis, Streams::Votes, &committed.entries).await.unwrap();
}

#[tokio::test]
async fn a_newer_entry_waits_for_a_newer_aggregator_and_holds_up_nobody() {
    let stack = one_shard(2).await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    for _ in 0..NEWER {
        let mut newer = packed(&poll);
        newer[0] = ENCODINGS[0];
        enqueue(&stack, &newer).await;
        stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    }
    all_know(stack.aggregators()).await;
    wait_until("all others count", DEADLINE, async || {
        (stack.counts(&poll).await.total == 1 + NEWER as i64).then_some(())
    })
    .await;
    // Read once, and taken over once by the other one at most, or once more by its reader.
    let delivered: u64 = pending_entries(&stack).await.iter().map(|(_, count)| count).sum();
    let left_alone = async |what: &str| {
        wait_until(what, DEADLINE, async || {
            let entries = pending_entries(&stack).await;
            (entries.len() == NEWER && entries.iter().all(|(idle, _)| *idle > 10 * CLAIM_IDLE)).then_some(())
        })
        .await;
    };
    left_alone("nobody touches them").await;
    assert_eq!(pending_entries(&stack).await.iter().map(|(_, count)| count).sum::<u64>(), delivered);

    // Neither who leaves nor who dies takes them along.
    assert!(stack.aggregator(0).terminate().await.success());
    stack.aggregator(1).kill().await;
    for aggregator in stack.aggregators() {
        aggregator.restart().await;
    }
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    all_know(stack.aggregators()).await;
    left_alone("nobody touches them after restarts either").await;
    let dead: usize = stack.redis().connect().await.xlen(keys::dead_votes(0)).await.unwrap();
    assert_eq!(dead, 0);

    newer_aggregator(&stack).await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2 + 2 * NEWER as i64);
    for aggregator in stack.aggregators() {
        wait_until("it forgets them", DEADLINE, async || {
            (aggregator.metric("pollster_stream_too_new").await == 0.0).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_poll_is_not_final_and_not_archived_before_its_newer_entries_count() {
    let stack = one_shard(1).await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    for _ in 0..NEWER {
        let mut newer = packed(&poll);
        newer[0] = ENCODINGS[0];
        enqueue(&stack, &newer).await;
    }
    all_know(stack.aggregators()).await;
    assert_eq!(stack.close(&poll).await.status, 200);
    a_round_of_the_closing_job(&stack).await;
    let results = stack.results(&poll).await;
    assert_eq!((results.status.as_str(), results.is_final, results.total_votes), ("closed", false, 1));
    let id = poll.poll_id.to_string();
    let archiving = stack.run(&["archive", "--poll", &id]).await;
    assert!(archiving.code == 1 && archiving.stderr.contains("not final yet"), "{archiving:?}");
    // What waits is no difference.
    stack.run(&["reconcile", "--poll", &id, "--fix"]).await.succeeded();
    assert_eq!(pending_entries(&stack).await.len(), NEWER);

    newer_aggregator(&stack).await;
    assert_eq!(stack.final_results(&poll).await.total_votes, 1 + NEWER as u64);
    stack.run(&["reconcile", "--poll", &id]).await.succeeded();
    let archived = stack.run(&["archive", "--poll", &id, "--json"]).await.succeeded().json();
    assert_eq!(archived["rows"], 1 + NEWER);
}

#[tokio::test]
async fn an_older_entry_counts() {
    let stack = one_shard(1).await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
    // Before there were addresses, of eight bytes before the number of answers.
    let mut older = packed(&poll);
    older[0] = ENCODINGS[2];
    older.drain(42..50);
    enqueue(&stack, &older).await;
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 2);
    assert_eq!(counts.results[&format!("choice:{}", poll.questions[0].choices[0].choice_id)], 1);
}
