//! A synchronous standby takes over under load. Nobody tells the programs: they find the new primary by themselves.

use std::time::Duration;

use pollster_integration::{DEADLINE, PollView, Scratch, Stack, Standby, lunch, wait_until};

use super::with_synchronous_standby;
use crate::faults::load::{Load, assert_all_counted};

/// Everything twice but the gateway, on a database with a standby.
async fn start(folder: &Scratch) -> (Stack, Standby) {
    let (database, standby) = with_synchronous_standby(folder.path()).await;
    let url = database.url_with(&standby);
    let stack = Stack::builder().database(database).aggregators(2).backgrounds(2).env("VOTE_SHARDS", 2);
    (stack.env("DATABASE_URL", url).start().await, standby)
}

/// The standby takes over, and the test itself asks it from now on.
async fn promote(stack: &Stack, standby: &Standby) {
    standby.promote().await;
    stack.database().moved_to(standby);
}

/// Ends the load; fails unless all that was accepted counts once, and the poll's end is recorded, which takes a
/// background program with its locks on the new primary.
async fn assert_nothing_lost(stack: &Stack, poll: &PollView, load: Load) {
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(stack, poll, &accepted).await;
    close(stack, poll).await;
    let finished = stack.final_results(poll).await;
    assert_eq!(finished.total_votes, accepted.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_vote_counts_once_though_a_standby_takes_over() {
    let scratch = Scratch::new("promotion").unwrap();
    let (stack, standby) = start(&scratch).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    load.goes_on(150).await;
    stack.database().kill_server().await;
    load.goes_on(100).await;
    promote(&stack, &standby).await;
    assert_nothing_lost(&stack, &poll, load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_stands_still_is_left_for_the_standby_that_takes_over() {
    let scratch = Scratch::new("frozen").unwrap();
    let (stack, standby) = start(&scratch).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    load.goes_on(150).await;
    let frozen = stack.database().freeze_whole_server().await;
    load.goes_on(100).await;
    promote(&stack, &standby).await;
    assert_nothing_lost(&stack, &poll, load).await;
    // What takes over from a server must see to it that it never goes on.
    stack.database().kill_server().await;
    drop(frozen);
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_confirmed_without_redis_count_once_though_a_standby_takes_over() {
    let scratch = Scratch::new("direct").unwrap();
    let (stack, standby) = start(&scratch).await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    load.goes_on(100).await;
    stack.redis().kill().await;
    confirmed(&load, 100).await;
    let before = load.sent_again();
    stack.database().kill_server().await;
    wait_until("votes are refused", DEADLINE, async || (load.sent_again() > before + 20).then_some(())).await;
    promote(&stack, &standby).await;
    confirmed(&load, 100).await;
    stack.redis().restart().await;
    assert_nothing_lost(&stack, &poll, load).await;
}

/// A gateway that has not asked PostgreSQL since finds out by this that its connections lead to a server that is frozen.
async fn close(stack: &Stack, poll: &PollView) {
    wait_until("the poll is closed", DEADLINE, async || {
        let status = stack.close(poll).await.status;
        assert!(status == 200 || status == 503, "{status}");
        (status == 200).then_some(())
    })
    .await;
}

/// Waits until `more` votes were written past Redis from now on.
async fn confirmed(load: &Load, more: u64) {
    let enough = load.confirmed() + more;
    wait_until("votes are confirmed", DEADLINE, async || (load.confirmed() >= enough).then_some(())).await;
}
