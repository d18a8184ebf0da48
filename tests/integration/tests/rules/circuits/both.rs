//! Neither Redis nor PostgreSQL.

use std::time::Instant;

use pollster_integration::{DEADLINE, Stack, lunch, token, wait_until};

use super::{assert_refused, closes, opens};

#[tokio::test]
async fn without_both_a_vote_is_refused_at_once_and_taken_once_one_is_back() {
    let stack = Stack::builder().own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.drained().await;
    stack.redis().kill().await;
    stack.database().kill_server().await;
    let voter = token();
    for dependency in ["redis", "postgresql"] {
        // The vote that finds out may wait for it.
        stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
        opens(&stack, dependency).await;
    }
    for _ in 0..5 {
        let asked = Instant::now();
        assert_refused(asked, &stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await);
    }
    assert!(!stack.gateway(0).is_ready().await);
    stack.database().restart_server().await;
    closes(&stack, "postgresql").await;
    let confirmed = stack.vote(&poll, &voter, Some("key"), poll.ballot(0, 1)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    wait_until("it is ready", DEADLINE, async || stack.gateway(0).is_ready().await.then_some(())).await;
    stack.redis().restart().await;
    closes(&stack, "redis").await;
    assert_eq!(stack.assert_exact(&poll).await.total, 2);
}
