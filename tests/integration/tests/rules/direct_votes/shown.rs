//! What votes past Redis show, and to whom.

use bytes::Bytes;
use hyper::{Method, StatusCode};
use pollster_integration::{DEADLINE, PollView, Stack, Viewer, lunch, token, wait_until};
use pollster_shared::{database, unpublished};
use serde_json::json;

use super::{confirmed, goes_through_redis, lose_redis};

async fn sees(viewer: &mut Viewer, total: i64) {
    wait_until(&format!("the viewer sees {total} votes"), DEADLINE, async || {
        let last = viewer.frames_of("results").pop()?;
        (last["total_votes"] == total).then_some(())
    })
    .await;
}

#[tokio::test]
async fn viewers_of_every_gateway_see_them() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = Vec::new();
    for gateway in [0, 1] {
        let mut viewer = Viewer::connect(stack.gateway(gateway).address()).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewers.push(viewer);
    }
    lose_redis(&stack).await;
    confirmed(&stack, &poll, &token(), "key", poll.ballot(0, 0)).await;
    sees(&mut viewers[0], 1).await;
    let metrics = stack.gateway(0).metrics().await;
    let behind = "pollster_refreshed_polls_total{reason=\"behind\"}";
    assert!(!metrics.contains(behind), "whoever watches where it was committed is not found behind");
    sees(&mut viewers[1], 1).await;
}

/// The version of the poll's counts in Redis.
async fn published(stack: &Stack, poll: &PollView) -> i64 {
    stack.hash_counts(poll).await.map_or(-1, |(version, _)| version)
}

#[tokio::test]
async fn counts_are_published_once_redis_is_back_though_the_gateway_died() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    lose_redis(&stack).await;
    confirmed(&stack, &poll, &token(), "key", poll.ballot(0, 1)).await;
    stack.gateway(0).kill().await;
    // Nor does an aggregator remember anything.
    stack.aggregator(0).kill().await;
    stack.redis().restart().await;
    let version = stack.version(&poll).await;
    assert!(published(&stack, &poll).await < version, "Redis has the counts from before");
    stack.aggregator(0).restart().await;
    wait_until("the counts are published", DEADLINE, async || {
        (published(&stack, &poll).await == version).then_some(())
    })
    .await;
    let database = stack.database().connect().await;
    wait_until("nothing is left to be published", DEADLINE, async || {
        let left = "SELECT count(*) FROM unpublished_counts";
        (database.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0).then_some(())
    })
    .await;
}

/// The version and tag of the poll's results at a gateway, for who has the results of the tag `known`.
async fn results_at(
    stack: &Stack,
    gateway: usize,
    poll: &PollView,
    known: Option<&str>,
) -> Option<(i64, String)> {
    let path = format!("/api/v1/polls/{}/results", poll.poll_id);
    let headers: Vec<(&str, &str)> = known.map(|known| ("if-none-match", known)).into_iter().collect();
    let reply = stack.client(gateway).request(Method::GET, &path, &headers, Bytes::new()).await.unwrap();
    let tag = reply.headers["etag"].to_str().unwrap().to_owned();
    (reply.status == StatusCode::OK)
        .then(|| (reply.json::<serde_json::Value>().unwrap()["version"].as_i64().unwrap(), tag))
}

#[tokio::test]
async fn counts_that_move_on_while_they_are_published_are_still_to_be_published() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.aggregator(0).kill().await;
    lose_redis(&stack).await;
    let pool = database::pool(stack.database().url(), 1).unwrap();
    confirmed(&stack, &poll, &token(), "key", poll.ballot(0, 0)).await;
    let listed = unpublished::list(&mut pool.get().await.unwrap(), 10).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.poll_id).collect::<Vec<_>>(), [poll.poll_id]);
    confirmed(&stack, &poll, &token(), "key", poll.ballot(0, 0)).await;
    unpublished::remove(&mut pool.get().await.unwrap(), &listed).await.unwrap();
    let listed = unpublished::list(&mut pool.get().await.unwrap(), 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    unpublished::remove(&mut pool.get().await.unwrap(), &listed).await.unwrap();
    assert_eq!(unpublished::list(&mut pool.get().await.unwrap(), 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_version_that_was_shown_from_postgresql_is_not_followed_by_an_older_one_from_redis() {
    let stack = Stack::builder().gateways(2).start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    for poll in [&poll, &other] {
        stack.accepted(poll, &token(), None, poll.ballot(0, 0)).await;
        stack.assert_exact(poll).await;
    }
    // Nobody publishes meanwhile.
    stack.aggregator(0).kill().await;
    lose_redis(&stack).await;
    let mut seen = Vec::new();
    for poll in [&poll, &other] {
        confirmed(&stack, poll, &token(), "key", poll.ballot(0, 1)).await;
        seen.push(results_at(&stack, 0, poll, None).await.unwrap());
    }
    stack.redis().restart().await;
    goes_through_redis(&stack).await;
    for (poll, (version, _)) in [&poll, &other].into_iter().zip(&seen) {
        assert!(published(&stack, poll).await < *version, "Redis has the counts from before");
    }
    // Whoever asks the same gateway, or says what it has seen.
    let (again, _) = results_at(&stack, 0, &poll, None).await.unwrap();
    assert_eq!(again, seen[0].0);
    assert_eq!(results_at(&stack, 1, &other, Some(&seen[1].1)).await, None, "not modified");
}

#[tokio::test]
async fn milestones_that_they_cross_are_told() {
    let stack = Stack::builder().env("MILESTONES", "2").start().await;
    let account = stack.account("ada").await;
    let poll = stack.create_poll_as(&account, &lunch()).await;
    lose_redis(&stack).await;
    for _ in 0..3 {
        confirmed(&stack, &poll, &token(), "key", poll.ballot(0, 0)).await;
    }
    stack.redis().restart().await;
    let database = stack.database().connect().await;
    let events = wait_until("the creator is told", DEADLINE, async || {
        let rows = database.query("SELECT event FROM notifications", &[]).await.unwrap();
        let events: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        (!events.is_empty()).then_some(events)
    })
    .await;
    assert_eq!(json!(events), json!([format!("milestone:{}:2", poll.poll_id)]));
}
