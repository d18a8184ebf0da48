//! Many voters at once.

use std::time::Duration;

use futures_util::future::join_all;
use pollster_integration::{Stack, cast, lunch, token};

use super::lose_redis;
use crate::faults::load::{Load, assert_all_counted};

#[tokio::test(flavor = "multi_thread")]
async fn votes_that_come_at_once_are_committed_together_and_each_counts_once() {
    const VOTERS: usize = 200;
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    lose_redis(&stack).await;
    // Each voter sends two different votes at once.
    let voters = (0..VOTERS).map(async |_| {
        let voter = token();
        let (mut first, mut second) = (stack.client(0), stack.client(0));
        let (one, other) = tokio::join!(
            cast(&mut first, &poll, &voter, Some("one"), poll.ballot(0, 0)),
            cast(&mut second, &poll, &voter, Some("other"), poll.ballot(0, 1)),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        statuses
    });
    let statuses = join_all(voters).await;
    assert!(statuses.iter().all(|statuses| *statuses == [200, 409]), "{statuses:?}");
    assert_eq!(stack.recounted(&poll).await.total, VOTERS as i64);
    assert_eq!(stack.counts(&poll).await, stack.recounted(&poll).await);
    let confirmed = format!("pollster_votes_total{{outcome=\"confirmed\"}} {VOTERS}\n");
    assert!(stack.gateway(0).metrics().await.contains(&confirmed));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vote_counts_once_though_redis_comes_and_goes() {
    let stack = Stack::builder().gateways(2).aggregators(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..2 {
        load.goes_on(150).await;
        stack.redis().kill().await;
        load.goes_on(300).await;
        stack.redis().restart().await;
        load.goes_on(150).await;
        stack.redis().freeze().await;
        load.goes_on(300).await;
        stack.redis().thaw().await;
    }
    load.goes_on(150).await;
    let confirmed = load.confirmed();
    assert!(confirmed > 0, "some went past Redis");
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
}
