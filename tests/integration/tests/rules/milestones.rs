//! Milestones, from a poll's settings to the notification.

use hyper::{Method, StatusCode};
use pollster_integration::{DEADLINE, PollView, Stack, TestAccount, lunch, token, wait_until};
use serde_json::{Value, json};

use crate::errors::JSON;

fn with_milestones(milestones: Value) -> Value {
    let mut definition = lunch();
    definition["settings"] = json!({"milestones": milestones});
    definition
}

async fn made_by(stack: &Stack, account: &TestAccount, definition: &Value) -> PollView {
    let headers = [JSON, account.header()];
    let made = stack.request(Method::POST, "/api/v1/polls", &headers, &definition.to_string()).await;
    made.expect(StatusCode::CREATED).unwrap().json().unwrap()
}

async fn vote(stack: &Stack, poll: &PollView, voters: usize) {
    for _ in 0..voters {
        stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
    }
    stack.drained().await;
}

/// The poll's thresholds that were crossed.
async fn crossed(stack: &Stack, poll: &PollView) -> Vec<i64> {
    let select =
        "SELECT m.threshold FROM milestones m JOIN polls p ON p.id = m.poll WHERE p.poll_id = $1 ORDER BY 1";
    let rows = stack.database().connect().await.query(select, &[&poll.poll_id]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The events of all notifications.
async fn notified(stack: &Stack) -> Vec<String> {
    let select = "SELECT event FROM notifications WHERE type = 'milestone' ORDER BY event";
    let rows = stack.database().connect().await.query(select, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Waits until no milestone waits for its notification.
async fn all_recorded(stack: &Stack) {
    let database = stack.database().connect().await;
    wait_until("every milestone is recorded", DEADLINE, async || {
        let waiting = "SELECT count(*) FROM milestones WHERE recorded_at IS NULL";
        (database.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn milestones_are_kept_with_the_poll() {
    let stack = Stack::start().await;
    for (sent, kept) in
        [(json!([500, 20, 100]), json!([20, 100, 500])), (json!([]), json!([])), (json!(null), Value::Null)]
    {
        let poll = stack.create_poll(&with_milestones(sent.clone())).await;
        // From Redis, which caches the definition, and without it.
        for _ in 0..2 {
            let read: Value = stack.get(&format!("/api/v1/polls/{}", poll.poll_id)).await.json().unwrap();
            assert_eq!(read["settings"]["milestones"], kept, "{sent}");
            stack.redis().flush().await;
            stack.gateway(0).restart().await;
        }
    }
}

#[tokio::test]
async fn a_poll_made_before_there_were_milestones_has_those_of_the_installation() {
    let stack = Stack::builder().env("MILESTONES", "2").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let old =
        "UPDATE polls SET settings = '{\"voter_identity\": \"browser\", \"result_visibility\": \"always\",
        \"allow_vote_change\": false, \"captcha\": false, \"verified_email\": false}'";
    assert_eq!(stack.database().connect().await.execute(old, &[]).await.unwrap(), 1);
    let read: Value = stack.get(&format!("/api/v1/polls/{}", poll.slug)).await.json().unwrap();
    assert_eq!(read["settings"].get("milestones"), None);
    vote(&stack, &poll, 2).await;
    assert_eq!(crossed(&stack, &poll).await, [2]);
}

#[tokio::test]
async fn the_installation_s_milestones_are_a_setting_which_polls_may_replace() {
    let stack = Stack::builder().env("MILESTONES", "2,3,5").start().await;
    let (usual, own) = (lunch(), with_milestones(json!([1, 4])));
    let polls = [stack.create_poll(&usual).await, stack.create_poll(&own).await];
    let none = stack.create_poll(&with_milestones(json!([]))).await;
    for poll in polls.iter().chain([&none]) {
        vote(&stack, poll, 4).await;
    }
    assert_eq!(crossed(&stack, &polls[0]).await, [2, 3]);
    assert_eq!(crossed(&stack, &polls[1]).await, [1, 4]);
    assert_eq!(crossed(&stack, &none).await, [0; 0]);
}

#[tokio::test]
async fn an_installation_may_have_no_milestones() {
    let stack = Stack::builder().env("MILESTONES", "").start().await;
    let poll = stack.create_poll(&lunch()).await;
    vote(&stack, &poll, 2).await;
    assert_eq!(crossed(&stack, &poll).await, [0; 0]);
}

#[tokio::test]
async fn a_crossed_milestone_is_recorded_as_one_notification_of_the_poll_s_creator() {
    let stack = Stack::builder().backgrounds(2).aggregators(2).start().await;
    let ada = stack.account("ada").await;
    let poll = made_by(&stack, &ada, &with_milestones(json!([2, 5, 1000]))).await;
    let anonymous = stack.create_poll(&with_milestones(json!([1]))).await;
    vote(&stack, &poll, 6).await;
    vote(&stack, &anonymous, 1).await;
    all_recorded(&stack).await;
    let mut events = [
        format!("milestone:{}:2", poll.poll_id),
        format!("milestone:{}:5", poll.poll_id),
        format!("milestone:{}:1", anonymous.poll_id),
    ];
    events.sort_unstable();
    assert_eq!(notified(&stack).await, events);

    let database = stack.database().connect().await;
    let select = "SELECT n.message, n.data::text, u.subject FROM notifications n
        LEFT JOIN users u ON u.id = n.recipient WHERE n.event = $1";
    let row = database.query_one(select, &[&format!("milestone:{}:5", poll.poll_id)]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "“Lunch?” has reached 5 votes.");
    let data: Value = serde_json::from_str(row.get(1)).unwrap();
    let total = data["total_votes"].as_i64().unwrap();
    assert_eq!(data, json!({"poll_id": poll.poll_id, "threshold": 5, "total_votes": total}));
    assert!((5..=6).contains(&total), "{total}");
    assert_eq!(row.get::<_, Option<&str>>(2), Some(ada.subject.as_str()));
    let row = database.query_one(select, &[&format!("milestone:{}:1", anonymous.poll_id)]).await.unwrap();
    assert_eq!(row.get::<_, Option<&str>>(2), None);
}

#[tokio::test]
async fn a_milestone_that_nobody_was_told_of_is_found() {
    let stack = Stack::builder().backgrounds(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let database = stack.database().connect().await;
    let plant = "INSERT INTO milestones (poll, threshold, total_votes, crossed_at)
        SELECT id, n, n + 3, now() - interval '1 hour' FROM polls, unnest('{1000,1000000}'::bigint[]) n
        WHERE poll_id = $1";
    database.execute(plant, &[&poll.poll_id]).await.unwrap();
    all_recorded(&stack).await;
    let events = [1000, 1_000_000].map(|threshold| format!("milestone:{}:{threshold}", poll.poll_id));
    assert_eq!(notified(&stack).await, events);
    let message = "SELECT message FROM notifications ORDER BY id DESC LIMIT 1";
    let message: String = database.query_one(message, &[]).await.unwrap().get(0);
    assert!(message.contains("1,000"), "{message}");
}

#[tokio::test]
async fn nothing_is_told_of_a_poll_that_is_gone() {
    let stack = Stack::start().await;
    let (gone, there) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let database = stack.database().connect().await;
    database
        .execute("UPDATE polls SET deleted_at = now() WHERE poll_id = $1", &[&gone.poll_id])
        .await
        .unwrap();
    let plant = "INSERT INTO milestones (poll, threshold, total_votes, crossed_at)
        SELECT id, 100, 100, now() - interval '1 hour' + id * interval '1 second' FROM polls";
    database.execute(plant, &[]).await.unwrap();
    // The sweep comes to the one that is gone first.
    wait_until("the other one is recorded", DEADLINE, async || {
        (!notified(&stack).await.is_empty()).then_some(())
    })
    .await;
    assert_eq!(notified(&stack).await, [format!("milestone:{}:100", there.poll_id)]);
}
