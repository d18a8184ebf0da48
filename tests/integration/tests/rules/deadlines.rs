//! Polls open and close by themselves, and whoever watches is told.

use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta, Utc};
use pollster_integration::{DEADLINE, PollView, Stack, Viewer, lunch, token, wait_until};
use pollster_shared::keys;
use redis::AsyncCommands;
use serde_json::{Value, json};

use crate::live::version;
use crate::queues::Queue;

/// A time from now on, as an API takes it.
fn after(milliseconds: i64) -> Value {
    let at = Utc::now() + TimeDelta::milliseconds(milliseconds);
    json!(at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[tokio::test]
async fn a_poll_that_opens_is_told_to_whoever_watches_once() {
    let stack = Stack::builder().backgrounds(2).start().await;
    let mut definition = lunch();
    definition["starts_at"] = after(2000);
    let poll = stack.create_poll(&definition).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    let scheduled = version(&viewer.next("results").await);
    assert_eq!(stack.results(&poll).await.status, "scheduled");

    let opened = version(&viewer.next("results").await);
    assert_eq!(opened, scheduled + 1);
    let results = stack.results(&poll).await;
    assert_eq!((results.status.as_str(), results.version), ("active", opened as u64));
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(version(&viewer.next("results").await), opened + 1, "nothing but the vote came after it");
    let database = stack.database().connect().await;
    let seconds = "SELECT extract(epoch FROM opened_at - starts_at)::float8 FROM polls WHERE poll_id = $1";
    let late: f64 = database.query_one(seconds, &[&poll.poll_id]).await.unwrap().get(0);
    assert!(late >= 0.0, "not before its start: {late} s");
}

#[tokio::test]
async fn a_poll_closed_before_its_start_never_opens() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["starts_at"] = after(1500);
    let poll = stack.create_poll(&definition).await;
    stack.close(&poll).await;
    stack.final_results(&poll).await;
    // Another that starts at the same time, and that is looked at together with it.
    let other = stack.create_poll(&definition).await;
    let database = stack.database().connect().await;
    let opened = "SELECT opened_at IS NOT NULL FROM polls WHERE poll_id = $1";
    wait_until("the other opens", DEADLINE, async || {
        database.query_one(opened, &[&other.poll_id]).await.unwrap().get::<_, bool>(0).then_some(())
    })
    .await;
    assert!(!database.query_one(opened, &[&poll.poll_id]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn the_end_of_every_poll_is_recorded_once_although_whoever_closes_is_killed() {
    let queue = Queue::of(Stack::builder().backgrounds(2).env("CLAIM_IDLE_MS", 500).start().await).await;
    let mut polls = Vec::new();
    for number in 0..20 {
        let mut definition = lunch();
        definition["ends_at"] = after(1000 + 100 * number);
        polls.push(queue.stack.create_poll(&definition).await);
    }
    for service in queue.stack.backgrounds().iter().cycle().take(6) {
        a_poll_is_final(&queue, &polls).await;
        service.kill().await;
        service.restart().await;
    }
    for poll in &polls {
        queue.stack.final_results(poll).await;
    }
    queue.recorded_once(&polls).await;
    assert_eq!(queue.dead_letters().await, []);
}

/// Waits until one more of these polls is final than when it was called, or all are.
async fn a_poll_is_final(queue: &Queue, polls: &[PollView]) {
    let ids: Vec<uuid::Uuid> = polls.iter().map(|poll| poll.poll_id).collect();
    let count = async || -> i64 {
        let statement = "SELECT count(finalized_at) FROM polls WHERE poll_id = ANY($1)";
        queue.sql.query_one(statement, &[&ids]).await.unwrap().get(0)
    };
    let before = count().await;
    wait_until("one more poll is final", DEADLINE, async || {
        let final_now = count().await;
        (final_now > before || final_now == polls.len() as i64).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_recorded_of_an_end_says_what_was_counted() {
    let queue = Queue::of(Stack::start().await).await;
    let poll = queue.stack.create_poll(&lunch()).await;
    for choice in [0, 1, 1] {
        queue.stack.accepted(&poll, &token(), None, poll.ballot(0, choice)).await;
    }
    queue.stack.close(&poll).await;
    queue.stack.final_results(&poll).await;
    queue.recorded_once(std::slice::from_ref(&poll)).await;
    let statement = "SELECT message, data::text FROM notifications WHERE event = $1";
    let event = format!("poll_closed:{}", poll.poll_id);
    let row = queue.sql.query_one(statement, &[&event]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "“Lunch?” is closed: 3 votes.");
    let data: Value = serde_json::from_str(row.get(1)).unwrap();
    assert_eq!((&data["poll_id"], &data["total_votes"]), (&json!(poll.poll_id), &json!(3)));
    for (choice, votes) in poll.questions[0].choices.iter().zip([1, 2]) {
        assert_eq!(data["results"][format!("choice:{}", choice.choice_id)], votes);
    }
    assert!(data["closed_at"].is_string());
}

#[tokio::test]
async fn close_due_closes_what_is_due_and_waits_until_it_is_final() {
    let stack = Stack::builder().without_background().start().await;
    let mut definition = lunch();
    definition["ends_at"] = after(3000);
    let poll = stack.create_poll(&definition).await;
    let open = stack.create_poll(&lunch()).await;
    for _ in 0..3 {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    }
    let early = stack.run(&["close-due", "--json"]).await.succeeded();
    assert_eq!(early.json(), json!({"closed": 0}));
    wait_until("its end", DEADLINE, async || (stack.results(&poll).await.status == "closed").then_some(()))
        .await;
    let done = stack.run(&["close-due", "--json"]).await.succeeded();
    assert_eq!(done.json(), json!({"closed": 1}));
    let results = stack.results(&poll).await;
    assert!(results.is_final && results.total_votes == 3);
    assert_eq!(stack.results(&open).await.status, "active");
    let again = stack.run(&["close-due"]).await.succeeded();
    assert_eq!(again.stdout, "no poll is due\n");

    let mut entries = 0;
    let mut redis = stack.redis().connect().await;
    for shard in 0..pollster_shared::queues::SHARDS {
        let length: usize = redis.xlen(keys::job_stream("archival", shard)).await.unwrap();
        entries += length;
    }
    assert_eq!(entries, 1, "its end is said once");
}

#[tokio::test]
async fn close_due_says_what_it_can_t_reach() {
    let stack = Stack::builder().without_background().start().await;
    let nowhere = [("DATABASE_URL", "postgres://pollster@127.0.0.1:1/pollster")];
    let failed =
        tokio::time::timeout(Duration::from_secs(60), stack.run_with(&["close-due"], &nowhere)).await;
    let failed = failed.unwrap();
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stderr.contains("PostgreSQL"), "{failed:?}");
}
