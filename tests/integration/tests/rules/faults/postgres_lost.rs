//! PostgreSQL goes away, in order or at once, and comes back.

use std::time::Duration;

use pollster_integration::{Stack, lunch};

use super::load::{Load, assert_all_counted};
use super::watch::{assert_only_forward, watch};

const OUTAGE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn votes_are_taken_while_postgresql_is_away_and_all_count_once_it_is_back() {
    let stack = Stack::builder().own_postgres().env("VOTE_SHARDS", 2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 4, Duration::from_millis(40));
    // Every shard has taken a vote for this poll, so that no one needs PostgreSQL for it any more.
    load.goes_on(60).await;
    stack.database().stop_server().await;
    let before = load.accepted();
    tokio::time::sleep(OUTAGE).await;
    assert_eq!(load.sent_again(), 0, "all were taken at once");
    let taken = load.accepted() - before;
    assert!(taken > 100, "{taken} votes during the outage");
    stack.database().restart_server().await;
    load.goes_on(50).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_eq!(stack.aggregator(0).metric("pollster_dead_letters_total").await, 0.0);
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_postgresql_crashes() {
    let stack = Stack::builder().own_postgres().aggregators(2).env("VOTE_SHARDS", 2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..3 {
        load.goes_on(150).await;
        stack.database().kill_server().await;
        load.goes_on(100).await;
        stack.database().restart_server().await;
    }
    load.goes_on(50).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}
