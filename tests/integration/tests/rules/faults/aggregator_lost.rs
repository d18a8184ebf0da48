//! An aggregator is killed, or stands still in the middle of a transaction.

use std::time::{Duration, Instant};

use pollster_integration::{DEADLINE, Stack, ballot, lunch, token, wait_until};

use super::load::{Load, assert_all_counted, assert_nothing_left};
use super::watch::{assert_only_forward, watch};

/// What an aggregator that stands still may cost: 3 s until PostgreSQL ends its transaction, as long
/// until another claims what it holds, and a busy machine.
const HELD_UP: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_aggregators_are_killed() {
    let stack = Stack::builder().aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for killed in [0, 1, 0] {
        load.goes_on(150).await;
        stack.aggregator(killed).kill().await;
        load.goes_on(150).await;
        stack.aggregator(killed).restart().await;
    }
    load.goes_on(50).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregator_stopped_in_its_transaction_holds_a_poll_up_for_seconds_at_most() {
    let stack = Stack::builder().aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let (stopped, other) = (stack.aggregator(0), stack.aggregator(1));
    other.kill().await;
    let vote = async || {
        stack.accepted(&poll, &token(), None, ballot(&poll, &[(0, &[0])])).await;
    };
    let sessions = |condition: &str| {
        format!(
            "SELECT 1 FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        )
    };
    vote().await;
    stack.drained().await;

    // The poll's row is locked, so the aggregator waits for it in the middle of its transaction.
    let database = stack.database().connect().await;
    let row =
        "SELECT 1 FROM poll_tallies JOIN polls ON id = poll WHERE poll_id = $1 FOR UPDATE OF poll_tallies";
    database.batch_execute("BEGIN").await.unwrap();
    database.query_one(row, &[&poll.poll_id]).await.unwrap();
    for _ in 0..5 {
        vote().await;
    }
    let watcher = stack.database().connect().await;
    let waits_for_row = sessions("wait_event_type = 'Lock'");
    wait_until("the aggregator waits for the row", DEADLINE, async || {
        watcher.query(&waits_for_row, &[]).await.unwrap().pop()
    })
    .await;
    stopped.stop().await;
    database.batch_execute("ROLLBACK").await.unwrap();
    let holds_row = sessions("state LIKE 'idle in transaction%'");
    wait_until("the stopped aggregator holds the row", DEADLINE, async || {
        watcher.query(&holds_row, &[]).await.unwrap().pop()
    })
    .await;

    let since = Instant::now();
    other.restart().await;
    for _ in 0..5 {
        vote().await;
    }
    wait_until("all votes count", DEADLINE, async || (stack.counts(&poll).await.total == 11).then_some(()))
        .await;
    assert!(since.elapsed() < HELD_UP, "held up for {:?}", since.elapsed());

    // It wakes up with a batch that others have counted.
    stopped.cont().await;
    vote().await;
    assert_eq!(stack.assert_exact(&poll).await.total, 12);
    other.kill().await;
    for _ in 0..5 {
        vote().await;
    }
    let counts = stack.assert_exact(&poll).await;
    assert_eq!(counts.total, 17, "it goes on working");
    assert_nothing_left(&stack).await;
    assert_only_forward(&viewer, &counts).await;
}
