//! Who works on an entry.

use std::collections::BTreeSet;

use pollster_integration::{DEADLINE, Stack, wait_until};

use super::Queue;

#[tokio::test]
async fn an_entry_of_a_killed_worker_is_taken_over() {
    let queue = Queue::of(Stack::builder().backgrounds(2).env("CLAIM_IDLE_MS", 500).start().await).await;
    let [dies, takes_over] = queue.stack.backgrounds() else { panic!("there are two") };
    takes_over.kill().await;
    let polls = queue.final_polls(1).await;
    let holder = queue.hold_up(&polls).await;
    queue.enqueue(&polls[0]).await;
    wait_until("it is read", DEADLINE, async || (queue.pending().await.len() == 1).then_some(())).await;
    dies.kill().await;
    takes_over.restart().await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    queue.recorded_once(&polls).await;
    assert_eq!(takes_over.metric("pollster_reclaimed_total").await, 1.0);
}

#[tokio::test]
async fn workers_share_a_queue_and_none_takes_what_another_is_busy_with() {
    // More than one worker takes on.
    const POLLS: usize = 30;
    let queue = Queue::of(Stack::builder().backgrounds(2).env("CLAIM_IDLE_MS", 2000).start().await).await;
    let polls = queue.final_polls(POLLS).await;
    // The sweep is not to add more.
    let young = "UPDATE polls SET finalized_at = now() + interval '1 minute'";
    queue.sql.batch_execute(young).await.unwrap();
    let holder = queue.hold_up(&polls).await;
    for poll in &polls {
        queue.enqueue(poll).await;
    }
    wait_until("both have entries in hand", DEADLINE, async || {
        let consumers: BTreeSet<String> = queue.pending().await.into_iter().map(|(name, _)| name).collect();
        (consumers.len() == 2).then_some(())
    })
    .await;
    // PostgreSQL gives up on the lock after 6 s: the entries have been in hand for long then.
    wait_until("an attempt fails", DEADLINE, async || {
        let metrics = queue.stack.background().metrics().await;
        metrics.contains(r#"entries_handled_total{queue="archival",outcome="delayed"}"#).then_some(())
    })
    .await;
    assert!(queue.pending().await.iter().all(|(_, deliveries)| *deliveries == 1));
    for worker in queue.stack.backgrounds() {
        assert_eq!(worker.metric("pollster_reclaimed_total").await, 0.0);
    }
    holder.batch_execute("ROLLBACK").await.unwrap();
    queue.recorded_once(&polls).await;
}

#[tokio::test]
async fn a_slow_entry_holds_up_no_other() {
    let queue = Queue::of(Stack::start().await).await;
    let slow = queue.final_polls(1).await;
    let others = queue.final_polls(20).await;
    let holder = queue.hold_up(&slow).await;
    queue.enqueue(&slow[0]).await;
    wait_until("it is read", DEADLINE, async || (queue.pending().await.len() == 1).then_some(())).await;
    for poll in &others {
        queue.enqueue(poll).await;
    }
    wait_until("the others are handled", DEADLINE, async || (queue.waiting().await == 1).then_some(())).await;
    assert_eq!(queue.notifications(&slow[0]).await, 0);
    holder.batch_execute("ROLLBACK").await.unwrap();
    queue.recorded_once(&slow).await;
    queue.recorded_once(&others).await;
}

#[tokio::test]
async fn at_sigterm_a_worker_finishes_what_it_has_in_hand_and_leaves_the_group() {
    let queue = Queue::of(Stack::start().await).await;
    let polls = queue.final_polls(1).await;
    // It would read and block as well.
    assert!(queue.stack.aggregator(0).terminate().await.success());
    let holder = queue.hold_up(&polls).await;
    queue.enqueue(&polls[0]).await;
    wait_until("it is read", DEADLINE, async || (queue.pending().await.len() == 1).then_some(())).await;
    queue.stack.background().ask_to_end().await;
    let mut redis = queue.stack.redis().connect().await;
    wait_until("it reads no more", DEADLINE, async || {
        let clients: String = redis::cmd("INFO").arg("clients").query_async(&mut redis).await.unwrap();
        let reads_none = clients.contains("blocked_clients:0\r");
        (reads_none && queue.stack.background().log().contains("shutting down")).then_some(())
    })
    .await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(queue.stack.background().ended().await.success());
    queue.recorded_once(&polls).await;
    for shard in 0..pollster_shared::queues::SHARDS {
        let mut info = redis::cmd("XINFO");
        info.arg("CONSUMERS").arg(pollster_shared::keys::job_stream("archival", shard)).arg("archivers");
        let reply: redis::streams::StreamInfoConsumersReply = info.query_async(&mut redis).await.unwrap();
        assert!(reply.consumers.is_empty(), "{:?}", reply.consumers);
    }
}
