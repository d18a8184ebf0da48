//! Outages are waited out, and never count against an entry.

use pollster_integration::{DEADLINE, Stack, wait_until};

use super::Queue;

#[tokio::test]
async fn entries_wait_while_postgresql_is_away() {
    let stack = Stack::builder().own_postgres().env("MAX_DELIVERIES", 1).start().await;
    let mut queue = Queue::of(stack).await;
    let polls = queue.final_polls(5).await;
    queue.stack.database().kill_server().await;
    for poll in &polls {
        queue.enqueue(poll).await;
    }
    // Not the first failure, of a connection that was there: no new one can be had either.
    wait_until("an attempt fails", DEADLINE, async || {
        let log = queue.stack.background().log();
        let failed = |line: &str| line.contains("could not be handled") && line.contains("no connection");
        log.lines().any(failed).then_some(())
    })
    .await;
    queue.stack.database().restart_server().await;
    queue.sql = queue.stack.database().connect().await;
    queue.recorded_once(&polls).await;
    assert_eq!(queue.dead_letters().await, []);
}

#[tokio::test]
async fn after_a_loss_of_redis_the_groups_come_back_and_the_sweep_finds_what_was_lost() {
    let queue = Queue::of(Stack::start().await).await;
    let polls = queue.final_polls(3).await;
    let holder = queue.hold_up(&polls).await;
    for poll in &polls {
        queue.enqueue(poll).await;
    }
    wait_until("they are read", DEADLINE, async || (queue.pending().await.len() == 3).then_some(())).await;
    // Whoever was about to handle them is gone as well, so that nothing but PostgreSQL knows of them.
    queue.stack.background().kill().await;
    queue.stack.redis().flush().await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    queue.stack.background().restart().await;
    queue.recorded_once(&polls).await;
    // And once more under the eyes of the worker.
    queue.stack.redis().flush().await;
    let more = queue.final_polls(2).await;
    queue.recorded_once(&more).await;
    assert_eq!(queue.dead_letters().await, []);
}

#[tokio::test]
async fn entries_that_redis_kept_over_a_restart_are_handled() {
    let queue = Queue::of(Stack::start().await).await;
    let polls = queue.final_polls(3).await;
    queue.stack.background().stop().await;
    for poll in &polls {
        queue.enqueue(poll).await;
    }
    queue.stack.redis().kill().await;
    queue.stack.background().cont().await;
    queue.stack.redis().restart().await;
    queue.recorded_once(&polls).await;
}
