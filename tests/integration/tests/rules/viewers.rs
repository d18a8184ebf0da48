//! Viewer counts: how many watch a poll, at all gateways together.

mod reports;

use std::time::{Duration, Instant};

use pollster_integration::{DEADLINE, PollView, RedisServer, Stack, Viewer, lunch, wait_until};
use pollster_shared::{keys, viewers};
use redis::AsyncCommands;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::closing::a_round_of_the_closing_job;

/// A new viewer of the poll.
async fn viewer(stack: &Stack, gateway: usize, poll: &PollView) -> Viewer {
    let mut viewer = Viewer::connect(stack.gateway(gateway).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
    viewer
}

/// Waits until the viewer is told that so many watch the poll.
async fn is_told(viewer: &mut Viewer, poll: &PollView, count: u64) {
    let expected = json!({"type": "viewers", "poll_id": poll.poll_id, "count": count});
    viewer.next_where(&format!("told that {count} watch"), |frame| *frame == expected).await;
}

async fn are_told(viewers: &mut [Viewer], poll: &PollView, count: u64) {
    for viewer in viewers {
        is_told(viewer, poll, count).await;
    }
}

fn kinds(viewer: &Viewer) -> Vec<Value> {
    viewer.frames().iter().map(|frame| frame["type"].clone()).collect()
}

/// The gateways that have reported viewers of the poll.
async fn reporting(redis: &RedisServer, poll_id: Uuid) -> usize {
    redis.connect().await.hlen(keys::viewers(poll_id)).await.unwrap()
}

async fn report(stack: &Stack, poll: &PollView, gateways: usize) {
    wait_until(&format!("{gateways} gateways report"), DEADLINE, async || {
        (reporting(stack.redis(), poll.poll_id).await == gateways).then_some(())
    })
    .await;
}

/// Dates all reports of a poll's viewers by so many seconds later, or earlier.
async fn redate(redis: &RedisServer, poll_id: Uuid, seconds: i64) {
    let mut redis = redis.connect().await;
    let key = keys::viewers(poll_id);
    let reports: Vec<(Vec<u8>, String)> = redis.hgetall(&key).await.unwrap();
    assert!(!reports.is_empty());
    for (gateway, report) in reports {
        let (count, told) = report.split_once(' ').unwrap();
        let told = told.parse::<i64>().unwrap() + seconds;
        let _: () = redis.hset(&key, gateway, format!("{count} {told}")).await.unwrap();
    }
}

/// Makes all reports of a poll's viewers older than they may be.
async fn outlive(redis: &RedisServer, poll_id: Uuid) {
    redate(redis, poll_id, -(viewers::LIFE.as_secs() as i64)).await;
}

#[tokio::test]
async fn everybody_is_told_how_many_watch_at_all_gateways() {
    let stack = Stack::builder().gateways(2).start().await;
    let (poll, other) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let mut viewers =
        [viewer(&stack, 0, &poll).await, viewer(&stack, 0, &poll).await, viewer(&stack, 1, &poll).await];
    are_told(&mut viewers, &poll, 3).await;
    let [mut leaver, gone, mut stayer] = viewers;
    drop(gone);
    is_told(&mut stayer, &poll, 2).await;
    // The last viewer of a gateway has left as soon as others: it does not take until reports expire.
    redate(stack.redis(), poll.poll_id, 3600).await;
    leaver.say(json!({"type": "unsubscribe", "poll_id": poll.poll_id})).await;
    leaver.subscribe(other.poll_id, None).await;
    is_told(&mut stayer, &poll, 1).await;
    is_told(&mut leaver, &other, 1).await;
    // No count moved: numbers of viewers bring no results along.
    assert_eq!(stayer.frames_of("results").len(), 1);
}

#[tokio::test]
async fn who_may_not_see_results_is_told_how_many_watch() {
    let stack = Stack::start().await;
    let mut definition = lunch();
    definition["settings"] = json!({"result_visibility": "after_close"});
    let poll = stack.create_poll(&definition).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    is_told(&mut viewer, &poll, 1).await;
    assert_eq!(kinds(&viewer), ["error", "viewers"]);
}

#[tokio::test]
async fn nobody_is_told_more_often_than_every_few_seconds() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let start = Instant::now();
    let mut stayer = viewer(&stack, 0, &poll).await;
    is_told(&mut stayer, &poll, 1).await;
    let others = [viewer(&stack, 0, &poll).await, viewer(&stack, 0, &poll).await];
    is_told(&mut stayer, &poll, 3).await;
    drop(others);
    is_told(&mut stayer, &poll, 1).await;
    let again = stayer.frames_of("viewers").len() - 1;
    assert!(start.elapsed() >= Duration::from_secs(4) * again as u32, "{:?}", stayer.frames());
}

#[tokio::test]
async fn while_redis_is_away_the_last_number_stays_and_then_it_goes_on() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut early = viewer(&stack, 0, &poll).await;
    is_told(&mut early, &poll, 1).await;
    stack.redis().stop().await;
    // It is also what a new viewer is told, right after the results.
    let mut late = viewer(&stack, 0, &poll).await;
    is_told(&mut late, &poll, 1).await;
    assert_eq!(kinds(&late), ["results", "viewers"]);
    assert_eq!(kinds(&early), ["results", "viewers"]);
    stack.redis().restart().await;
    is_told(&mut early, &poll, 2).await;
    is_told(&mut late, &poll, 2).await;
    let log = stack.gateway(0).log();
    assert!(!log.contains("not reported"), "{log}");
}

#[tokio::test]
async fn an_emptied_redis_is_told_again() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = vec![viewer(&stack, 0, &poll).await, viewer(&stack, 1, &poll).await];
    are_told(&mut viewers, &poll, 2).await;
    stack.redis().flush().await;
    report(&stack, &poll, 2).await;
    viewers.push(viewer(&stack, 1, &poll).await);
    are_told(&mut viewers, &poll, 3).await;
}

#[tokio::test]
async fn viewers_of_a_killed_gateway_count_until_its_report_expires() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = [viewer(&stack, 0, &poll).await, viewer(&stack, 1, &poll).await];
    are_told(&mut viewers, &poll, 2).await;
    stack.gateway(1).kill().await;
    assert_eq!(reporting(stack.redis(), poll.poll_id).await, 2);
    outlive(stack.redis(), poll.poll_id).await;
    is_told(&mut viewers[0], &poll, 1).await;
    assert_eq!(reporting(stack.redis(), poll.poll_id).await, 1);
}

#[tokio::test]
async fn viewers_of_a_gateway_that_ends_count_no_more_at_once() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = [viewer(&stack, 0, &poll).await, viewer(&stack, 1, &poll).await];
    are_told(&mut viewers, &poll, 2).await;
    assert!(stack.gateway(1).terminate().await.success());
    assert_eq!(reporting(stack.redis(), poll.poll_id).await, 1);
    is_told(&mut viewers[0], &poll, 1).await;
}

#[tokio::test]
async fn after_the_end_viewers_are_not_counted() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut early = viewer(&stack, 0, &poll).await;
    is_told(&mut early, &poll, 1).await;
    stack.close(&poll).await;
    a_round_of_the_closing_job(&stack).await;
    early.next("poll_closed").await;
    report(&stack, &poll, 0).await;
    let mut late = viewer(&stack, 0, &poll).await;
    late.next("poll_closed").await;
    late.ping().await;
    assert_eq!(kinds(&late), ["results", "poll_closed", "pong"]);
}
