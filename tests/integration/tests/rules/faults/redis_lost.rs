//! Redis dies and comes back with its data, or comes back with nothing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pollster_integration::{PollView, Stack, ballot, lunch, token};
use uuid::Uuid;

use super::load::{Load, assert_all_counted, assert_nothing_left};
use super::watch::{assert_only_forward, watch};

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_redis_is_killed() {
    let stack = Stack::builder().aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewer = watch(&stack, &poll).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..3 {
        load.goes_on(150).await;
        stack.redis().kill().await;
        stack.redis().restart().await;
    }
    load.goes_on(150).await;
    assert!(load.confirmed() > 0, "the votes in flight went past Redis");
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_only_forward(&viewer, &stack.counts(&poll).await).await;
}

/// The rows that count: who answered what.
async fn responses(stack: &Stack) -> BTreeSet<(i64, Uuid, i64)> {
    let rows =
        stack.database().connect().await.query("SELECT question, voter, choices FROM responses", &[]).await;
    rows.unwrap().iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

async fn status(stack: &Stack, poll: &PollView, token: &str, vote_id: &str) -> String {
    let view: serde_json::Value = stack.vote_status(poll, token, vote_id).await.json().unwrap();
    view["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_loses_no_committed_vote_and_everything_comes_back_by_itself() {
    let stack = Stack::builder().aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let closed = stack.create_poll(&lunch()).await;
    stack.accepted(&closed, &token(), None, closed.ballot(0, 0)).await;
    assert_eq!(stack.close(&closed).await.status, 200);
    let closed_results = stack.final_results(&closed).await;
    let early = token();
    stack.accepted(&poll, &early, Some("first"), poll.ballot(0, 0)).await;
    stack.drained().await;
    let viewer = watch(&stack, &poll).await;

    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    load.goes_on(200).await;
    let committed = responses(&stack).await;
    stack.redis().flush().await;
    let flushed = Instant::now();
    load.goes_on(200).await;

    // Redis has forgotten that they voted, PostgreSQL has not.
    let second = stack.accepted(&poll, &early, Some("second"), poll.ballot(0, 1)).await;
    let late = stack.vote(&closed, &token(), None, ballot(&closed, &[(0, &[0])])).await;
    assert_eq!(late.status, 409, "{}", late.text());
    let accepted = load.end().await;
    let counts = stack.assert_exact(&poll).await;
    assert_nothing_left(&stack).await;

    let counted = responses(&stack).await;
    assert!(counted.is_superset(&committed), "a committed vote is gone or changed");
    assert_eq!(status(&stack, &poll, &early, &second).await, "rejected");
    let mut lost = 0;
    for vote in &accepted {
        match status(&stack, &poll, &vote.token, &vote.vote_id).await.as_str() {
            "confirmed" => {}
            "accepted" if vote.sent < flushed => lost += 1,
            status => panic!("{status}: {vote:?}, sent {:?} after the loss", vote.sent - flushed),
        }
    }
    assert_eq!(counts.total, 1 + accepted.len() as i64 - lost);
    assert_only_forward(&viewer, &counts).await;
    assert_eq!(stack.assert_exact(&closed).await.total, 1);
    assert_eq!(stack.results(&closed).await.version, closed_results.version);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_vote_after_a_loss_is_counted_though_no_other_shard_is_used() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    for votes in 1..=3 {
        stack.redis().flush().await;
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        assert_eq!(stack.assert_exact(&poll).await.total, votes);
    }
}
