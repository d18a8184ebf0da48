//! Traces: a vote's way through gateway, stream and aggregator, as a collector hears of it.

use hyper::Method;
use pollster_integration::{Builder, Collector, DEADLINE, Stack, ToldSpan, Viewer, lunch, token, wait_until};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const VOTE: &str = "POST /api/v1/polls/{poll}/votes";

/// A stack that tells `collector` of this share of its requests, soon.
fn tracing_to(collector: &Collector, ratio: &str) -> Builder {
    let stack = Stack::builder().without_background().env("OTLP_ENDPOINT", collector.endpoint());
    stack.env("TRACE_SAMPLE_RATIO", ratio).env("OTEL_BSP_SCHEDULE_DELAY", 50)
}

/// Waits for the only span of this name.
async fn span(collector: &Collector, name: &str) -> ToldSpan {
    wait_until(&format!("the span {name:?}"), DEADLINE, async || {
        collector.spans().into_iter().find(|span| span.name == name)
    })
    .await
}

fn assert_below(span: &ToldSpan, above: &ToldSpan) {
    let (below, above) = ((&span.trace_id, &span.parent_id), (&above.trace_id, &above.span_id));
    assert_eq!(below, above, "{} below it", span.name);
}

#[tokio::test]
async fn a_vote_s_trace_crosses_gateway_stream_and_aggregator() {
    let collector = Collector::start().await;
    let stack = tracing_to(&collector, "1").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let voter = token();
    let vote = stack.accepted(&poll, &voter, None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;

    let request = span(&collector, VOTE).await;
    assert_eq!((request.program.as_str(), request.parent_id.as_str()), ("pollster-gateway", ""));
    assert_eq!(request.attribute("http.response.status_code"), "202");
    assert_eq!(request.attribute("http.route"), "/api/v1/polls/{poll}/votes");
    assert_eq!(request.attribute("pollster.vote_id"), vote);
    assert!(!request.attribute("pollster.request_id").is_empty());
    let accept = span(&collector, "accept vote").await;
    assert_below(&accept, &request);
    let commit = span(&collector, "commit vote").await;
    assert_eq!(commit.program, "pollster-aggregator");
    assert_below(&commit, &accept);
    let publish = span(&collector, "publish counts").await;
    assert_below(&publish, &commit);
    assert!(accept.began <= commit.began && commit.ended <= publish.ended, "each after the one before");
    assert!(commit.began < commit.ended && publish.began < publish.ended);

    // Who voted is in none of it.
    let told = format!("{:?}", collector.spans());
    assert!(!told.contains(&voter) && !told.contains("127.0.0.1"), "{told}");
}

#[tokio::test]
async fn a_vote_over_the_socket_is_traced_as_well() {
    let collector = Collector::start().await;
    let stack = tracing_to(&collector, "1").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = Viewer::connect(stack.gateway(0).address()).await;
    viewer.say(json!({"type": "subscribe", "poll_id": poll.poll_id, "voter_token": token()})).await;
    viewer.next("results").await;
    let mut vote: Value = serde_json::from_slice(&poll.ballot(0, 0)).unwrap();
    vote["type"] = json!("vote");
    vote["request_id"] = json!("one");
    vote["poll_id"] = json!(poll.poll_id);
    viewer.say(vote).await;
    viewer.next("vote_accepted").await;
    let request = span(&collector, "WebSocket vote").await;
    assert_below(&span(&collector, "accept vote").await, &request);
    assert_eq!(span(&collector, "commit vote").await.trace_id, request.trace_id);
}

#[tokio::test]
async fn what_is_not_sampled_is_not_told_but_where_a_trusted_proxy_began_it() {
    let collector = Collector::start().await;
    let stack = tracing_to(&collector, "0").env("TRUSTED_PROXIES", "127.0.0.1").start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    let path = format!("/api/v1/polls/{}/votes", poll.poll_id);
    let headers = [JSON, ("x-voter-token", &token()), ("traceparent", PARENT)];
    let ballot = String::from_utf8(poll.ballot(0, 1).to_vec()).unwrap();
    assert_eq!(stack.request(Method::POST, &path, &headers, &ballot).await.status, 202);
    stack.assert_exact(&poll).await;
    let commit = span(&collector, "publish counts").await;
    assert_eq!(commit.trace_id, &PARENT[3..35]);
    let request = span(&collector, VOTE).await;
    assert_eq!(request.parent_id, &PARENT[36..52]);
    assert!(collector.spans().iter().all(|span| span.trace_id == PARENT[3..35]), "{:?}", collector.spans());
}

#[tokio::test]
async fn nobody_else_can_have_it_traced() {
    let collector = Collector::start().await;
    let stack = tracing_to(&collector, "1").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let path = format!("/api/v1/polls/{}/votes", poll.poll_id);
    let headers = [JSON, ("x-voter-token", &token()), ("traceparent", PARENT)];
    let ballot = String::from_utf8(poll.ballot(0, 1).to_vec()).unwrap();
    assert_eq!(stack.request(Method::POST, &path, &headers, &ballot).await.status, 202);
    let request = span(&collector, VOTE).await;
    assert_eq!(request.parent_id, "", "a trace of our own");
    assert_ne!(request.trace_id, PARENT[3..35]);
}

#[tokio::test]
async fn a_failure_of_ours_is_told_as_one_and_a_refusal_is_not() {
    let collector = Collector::start().await;
    let stack = tracing_to(&collector, "1").own_postgres().start().await;
    let poll = stack.create_poll(&lunch()).await;
    let refused = stack.vote(&poll, &token(), None, "{}".into()).await;
    assert_eq!(refused.status, 400);
    let refusal = span(&collector, VOTE).await;
    assert!(!refusal.failed, "{refusal:?}");
    stack.redis().kill().await;
    stack.database().kill_server().await;
    let failed = stack.vote(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(failed.status, 503);
    wait_until("the failure", DEADLINE, async || {
        let spans = collector.spans();
        spans.into_iter().find(|span| span.name == VOTE && span.failed)
    })
    .await;
}

#[tokio::test]
async fn votes_go_on_while_the_collector_is_away_and_what_is_left_is_told_at_the_end() {
    let collector = Collector::start().await;
    // Nothing is told before the end.
    let stack = tracing_to(&collector, "1").env("OTEL_BSP_SCHEDULE_DELAY", 3_600_000).start().await;
    let poll = stack.create_poll(&lunch()).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    stack.assert_exact(&poll).await;
    assert!(collector.spans().is_empty());
    assert!(stack.aggregator(0).terminate().await.success());
    span(&collector, "commit vote").await;
    drop(collector);
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert!(stack.gateway(0).terminate().await.success(), "nobody takes its spans");
}
