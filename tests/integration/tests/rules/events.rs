//! Live results as server-sent events.

mod connection;
mod ends;
mod hidden;

use pollster_integration::{
    Counts, DEADLINE, EventStream, PollView, SentEvent, Stack, Viewer, cast, lunch, survey, token, wait_until,
};
use serde_json::Value;

async fn open(stack: &Stack, gateway: usize, poll: &PollView) -> EventStream {
    EventStream::open(stack.gateway(gateway).address(), poll.poll_id).await
}

async fn resume(stack: &Stack, gateway: usize, poll: &PollView, id: &str) -> EventStream {
    EventStream::resume(stack.gateway(gateway).address(), poll.poll_id, id).await
}

/// Waits for results with so many votes.
async fn sees(stream: &mut EventStream, total: i64) -> SentEvent {
    let fits = |event: &SentEvent| event.kind == "results" && event.data["total_votes"] == total;
    stream.next_where(&format!("results with {total} votes"), fits).await
}

/// All that it was sent but how many watch, which comes now and then.
fn told(stream: &EventStream) -> Vec<SentEvent> {
    stream.events().into_iter().filter(|event| event.kind != "viewers").collect()
}

/// The id of the event that says so by its own version.
fn version(event: &SentEvent) -> String {
    event.data["version"].as_i64().unwrap().to_string()
}

#[tokio::test]
async fn results_come_at_once_and_after_every_change() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let mut by_id = open(&stack, 0, &poll).await;
    let mut by_slug = EventStream::open(stack.gateway(0).address(), &poll.slug).await;
    for total in 0..=3 {
        if total > 0 {
            stack.accepted(&poll, &token(), None, poll.ballot(0, 1)).await;
        }
        let event = sees(&mut by_id, total).await;
        assert_eq!(event, sees(&mut by_slug, total).await);
        assert_eq!(event.last_event_id, version(&event));
        assert_eq!(event.data["type"], "results");
        assert_eq!(event.data["results"], serde_json::json!(stack.assert_exact(&poll).await.results));
    }
}

#[tokio::test]
async fn three_ways_down_tell_the_same_of_a_version() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&survey()).await;
    let path = format!("/api/v1/polls/{}/results", poll.poll_id);
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.subscribe(poll.poll_id, None).await;
    let mut stream = open(&stack, 0, &poll).await;
    let mut known = "\"\"".to_owned();
    for total in 0..=2 {
        if total > 0 {
            stack.accepted(&poll, &token(), None, poll.ballot(1, 2)).await;
        }
        let event = sees(&mut stream, total).await;
        assert_eq!(event.data, viewer.next("results").await);

        let polled = stack.request(hyper::Method::GET, &path, &[("if-none-match", &known)], "").await;
        let results: Value = polled.json().unwrap();
        assert_eq!(results["version"], event.data["version"]);
        let counted = Counts::from(&polled.json().unwrap());
        assert_eq!(event.data["results"], serde_json::json!(counted.results));
        assert_eq!(counted.total, total);
        known = polled.headers["etag"].to_str().unwrap().to_owned();
        assert!(known.starts_with(&format!("\"{}-", version(&event))), "{known}");
        let polled = stack.request(hyper::Method::GET, &path, &[("if-none-match", &known)], "").await;
        assert_eq!(polled.status, 304);
    }
}

#[tokio::test]
async fn who_resumes_is_sent_what_is_newer_and_only_the_newest_of_that() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut watching = open(&stack, 0, &poll).await;
    let first = sees(&mut watching, 0).await;
    let mut last = first.clone();
    for total in 1..=3 {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        last = sees(&mut watching, total).await;
    }
    let mut is_current = resume(&stack, 0, &poll, &last.last_event_id).await;
    let mut is_behind = resume(&stack, 0, &poll, &first.last_event_id).await;
    assert_eq!(sees(&mut is_behind, 3).await, last);
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let newer = sees(&mut is_current, 4).await;
    assert_eq!(sees(&mut is_behind, 4).await, newer);
    assert_eq!(is_behind.events_of("results"), [last, newer.clone()], "what led to the newest");
    assert_eq!(is_current.events_of("results"), [newer], "what it had");
}

#[tokio::test]
async fn an_empty_last_event_id_is_none() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    sees(&mut resume(&stack, 0, &poll, "").await, 0).await;
}

#[tokio::test]
async fn streams_follow_a_redis_that_was_killed_and_started_again() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut streams = [open(&stack, 0, &poll).await, open(&stack, 1, &poll).await];
    for stream in &mut streams {
        sees(stream, 0).await;
    }
    stack.redis().kill().await;
    stack.redis().restart().await;
    let voter = token();
    wait_until("votes are taken again", DEADLINE, async || {
        let reply = cast(&mut stack.client(1), &poll, &voter, Some("key"), poll.ballot(0, 0)).await;
        (reply.status == 202).then_some(())
    })
    .await;
    for stream in &mut streams {
        sees(stream, 1).await;
        assert!(!stream.has_ended());
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}
