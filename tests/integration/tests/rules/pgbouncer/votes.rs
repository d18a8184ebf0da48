//! Votes through it.

use std::time::Duration;

use futures_util::future::join_all;
use pollster_integration::{DEADLINE, Stack, lunch, token, wait_until};
use pollster_stack::PgBouncer;

use super::{SERVER_CONNECTIONS, server_connections};
use crate::changes::{change, changeable, is, revoke};
use crate::faults::load::{Load, assert_all_counted};

/// Connections that the stack's programs have to PgBouncer.
async fn client_connections(stack: &Stack) -> f64 {
    let programs = stack.gateways().iter().chain(stack.aggregators());
    let counted = programs.map(|program| program.metric("pollster_database_pool_connections"));
    join_all(counted).await.iter().sum()
}

/// What fails is tried again, and nobody would see why it is slow: no program may have missed a statement.
fn assert_no_statement_was_missed(stack: &Stack) {
    for program in stack.gateways().iter().chain(stack.aggregators()) {
        let log = program.log();
        let missed = log.lines().find(|line| line.contains("prepared statement"));
        assert_eq!(missed, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vote_counts_once_with_fewer_connections_than_clients_also_without_redis() {
    if PgBouncer::is_missing() {
        return;
    }
    let builder = Stack::builder().pooled(SERVER_CONNECTIONS).gateways(4).aggregators(4).without_background();
    let stack = builder.env("VOTE_SHARDS", 8).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 16, Duration::ZERO);
    load.goes_on(300).await;
    // Readers of the others share the server's connections with them.
    let mut readers = [stack.client(1), stack.client(2), stack.client(3)];
    for reader in &mut readers {
        assert_eq!(reader.get("/readyz").await.unwrap().status, 200);
        assert_eq!(reader.get(&format!("/api/v1/polls/{}", poll.poll_id)).await.unwrap().status, 200);
    }
    stack.redis().kill().await;
    load.goes_on(300).await;
    assert!(load.confirmed() > 0, "some went past Redis");
    let clients = client_connections(&stack).await;
    assert!(clients > f64::from(SERVER_CONNECTIONS), "{clients} connections of clients");
    assert!(server_connections(stack.database()).await <= i64::from(SERVER_CONNECTIONS));
    stack.redis().restart().await;
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_no_statement_was_missed(&stack);
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_are_changed_and_revoked_through_it() {
    const VOTERS: usize = 12;
    if PgBouncer::is_missing() {
        return;
    }
    let builder = Stack::builder().pooled(1).aggregators(2).without_background();
    let stack = builder.env("VOTE_SHARDS", 2).start().await;
    let poll = stack.create_poll(&changeable(lunch())).await;
    join_all((0..VOTERS).map(async |number| {
        let voter = token();
        stack.accepted(&poll, &voter, Some("1"), poll.ballot(0, 0)).await;
        is(&change(&stack, &poll, &voter, "2", 1).await, 202, None);
        // A third stays changed, a third is revoked, a third votes again after that.
        if number % 3 > 0 {
            is(&revoke(&stack, &poll, &voter, "3").await, 202, None);
        }
        if number % 3 > 1 {
            stack.accepted(&poll, &voter, Some("4"), poll.ballot(0, 0)).await;
        }
    }))
    .await;
    let counts = stack.assert_exact(&poll).await;
    let of =
        |choice: usize| counts.results[&format!("choice:{}", poll.questions[0].choices[choice].choice_id)];
    assert_eq!((of(0), of(1)), (VOTERS as i64 / 3, VOTERS as i64 / 3));
    assert_no_statement_was_missed(&stack);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vote_counts_once_though_it_dies_and_hangs_under_load() {
    if PgBouncer::is_missing() {
        return;
    }
    let stack = Stack::builder().pooled(SERVER_CONNECTIONS).aggregators(2).without_background().start().await;
    let poll = stack.create_poll(&lunch()).await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..2 {
        load.goes_on(150).await;
        stack.pgbouncer().kill().await;
        load.goes_on(100).await;
        stack.pgbouncer().restart().await;
        load.goes_on(150).await;
        stack.pgbouncer().freeze().await;
        load.goes_on(100).await;
        stack.pgbouncer().thaw().await;
    }
    stack.redis().kill().await;
    load.goes_on(100).await;
    stack.pgbouncer().restart().await;
    // Past Redis, over new connections.
    let before = load.confirmed();
    wait_until("votes go past Redis", DEADLINE, async || (load.confirmed() > before + 50).then_some(()))
        .await;
    stack.redis().restart().await;
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_no_statement_was_missed(&stack);
}
