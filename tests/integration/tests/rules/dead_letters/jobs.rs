//! Entries of the background jobs: replayed by their worker.

use pollster_integration::{DEADLINE, Stack, wait_until};
use pollster_shared::keys;
use redis::AsyncCommands;
use redis::streams::StreamRangeReply;
use serde_json::json;
use uuid::Uuid;

use super::{id, listed, only_one, replay_all};
use crate::queues::Queue;

/// Puts a dead letter where a worker would.
async fn bury(stack: &Stack, queue: &str, event: &str) {
    let fields = [("id", "5-1"), ("error", "why"), ("deliveries", "5"), ("event", event)];
    let mut redis = stack.redis().connect().await;
    let _: String = redis.xadd(keys::dead_jobs(queue, 2), "*", &fields).await.unwrap();
}

#[tokio::test]
async fn an_entry_that_is_replayed_is_handled() {
    let queue = Queue::of(Stack::start().await).await;
    let polls = queue.final_polls(1).await;
    let refuse = "ALTER TABLE notifications ADD CONSTRAINT nothing CHECK (type <> 'poll_closed')";
    queue.sql.batch_execute(refuse).await.unwrap();
    queue.enqueue(&polls[0]).await;
    wait_until("it is set aside", DEADLINE, async || (queue.dead_letters().await.len() == 1).then_some(()))
        .await;
    let letter = only_one(&queue.stack).await;
    assert_eq!((&letter["stream"], &letter["deliveries"]), (&json!("archival"), &json!(5)));
    assert_eq!(letter["entry"]["poll_id"], json!(polls[0].poll_id));

    queue.sql.batch_execute("ALTER TABLE notifications DROP CONSTRAINT nothing").await.unwrap();
    let ran = queue.stack.run(&["dead-letters", "replay", "--id", id(&letter), "--json"]).await.succeeded();
    assert_eq!(ran.json(), json!({"replayed": [id(&letter)], "failed": []}));
    queue.recorded_once(&polls).await;
    assert_eq!(queue.dead_letters().await, []);
}

#[tokio::test]
async fn a_replayed_entry_is_in_its_stream_and_no_dead_letter_any_more() {
    let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
    for queue in ["milestone", "notify", "archival"] {
        let event = json!({"of": queue}).to_string();
        bury(&stack, queue, &event).await;
        let letter = only_one(&stack).await;
        assert_eq!((&letter["stream"], &letter["shard"]), (&json!(queue), &json!(2)));
        assert_eq!(letter["entry"], json!({"of": queue}));
        replay_all(&stack).await.succeeded();
        assert!(listed(&stack).await.is_empty());
        let stream: StreamRangeReply =
            stack.redis().connect().await.xrange_all(keys::job_stream(queue, 2)).await.unwrap();
        let events: Vec<String> = stream.ids.iter().map(|entry| entry.get("event").unwrap()).collect();
        assert_eq!(events, [event]);
    }
}

#[tokio::test]
async fn a_replayed_notification_is_attempted_again_where_it_was_given_up() {
    let stack = Stack::builder().gateways(0).aggregators(0).start().await;
    let database = stack.database().connect().await;
    let notification_id = Uuid::now_v7();
    let insert = "WITH n AS (INSERT INTO notifications (notification_id, type, message, event) \
                             VALUES ($1, 'digest', 'text', 'digest:1') RETURNING id) \
                  INSERT INTO deliveries (notification, channel, attempts, delivered_at, given_up_at) \
                  SELECT n.id, d.* FROM n, (VALUES ('in_app', 1, now(), NULL), ('email', 8, NULL, now())) AS d";
    database.execute(insert, &[&notification_id]).await.unwrap();
    bury(&stack, "notify", &json!({"notification_id": notification_id}).to_string()).await;
    replay_all(&stack).await.succeeded();
    let attempts = "SELECT channel, attempts FROM deliveries ORDER BY channel";
    wait_until("what was given up is attempted again", DEADLINE, async || {
        let rows = database.query(attempts, &[]).await.unwrap();
        let attempts: Vec<(String, i32)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        // Nobody is there to be mailed, so the mail is withdrawn; what was delivered is not delivered again.
        (attempts == [("in_app".to_owned(), 1)]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_discarded_is_gone_and_nothing_else() {
    let stack = Stack::builder().gateways(0).aggregators(0).without_background().start().await;
    for queue in ["milestone", "notify", "notify"] {
        bury(&stack, queue, "{}").await;
    }
    let letters = listed(&stack).await;
    let second = letters.iter().filter(|letter| letter["stream"] == "notify").nth(1).unwrap();
    stack.run(&["dead-letters", "discard", "--id", id(second)]).await.succeeded();
    let expected: Vec<_> = letters.iter().filter(|letter| *letter != second).cloned().collect();
    assert_eq!(listed(&stack).await, expected);
    let of_one = stack.run(&["dead-letters", "list", "--stream", "milestone", "--json"]).await.succeeded();
    assert_eq!(of_one.json()["dead_letters"].as_array().unwrap().len(), 1);
}
