//! The WebSocket itself: what is refused, and how a connection ends.

use hyper::Method;
use pollster_integration::{Stack, Viewer, lunch};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

async fn viewer(stack: &Stack) -> Viewer {
    Viewer::connect(stack.gateway(0).address()).await
}

#[tokio::test]
async fn a_message_that_can_not_be_read_is_an_error_and_no_end() {
    let stack = Stack::start().await;
    let mut viewer = viewer(&stack).await;
    let poll_id = Uuid::now_v7();
    for message in [
        Message::text(""),
        Message::text("subscribe"),
        Message::text("[]"),
        Message::text(r#"{"type":"launch"}"#),
        Message::text(r#"{"poll_id":"x"}"#),
        Message::text(r#"{"type":"subscribe"}"#),
        Message::text(r#"{"type":"subscribe","poll_id":1}"#),
        Message::text(json!({"type": "subscribe", "poll_id": poll_id, "version": "new"}).to_string()),
        Message::text(r#"{"type":"unsubscribe","poll_id":"lunch"}"#),
        Message::binary(&b"{\"type\":\"ping\"}"[..]),
    ] {
        viewer.send(message.clone()).await;
        let error = viewer.next("error").await;
        assert_eq!(error["code"], "malformed_request", "{message}");
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{message}");
    }
    viewer.ping().await;
    assert_eq!(viewer.frames().len(), 11);
}

#[tokio::test]
async fn an_unknown_poll_is_an_error_and_no_end() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewer = viewer(&stack).await;
    for unknown in [Uuid::now_v7().to_string(), "no-such-slug".to_owned(), String::new()] {
        viewer.subscribe(&unknown, None).await;
        assert_eq!(viewer.next("error").await["code"], "poll_not_found", "{unknown}");
    }
    viewer.subscribe(poll.poll_id, None).await;
    viewer.next("results").await;
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection_with_1009() {
    let stack = Stack::start().await;
    let mut long = viewer(&stack).await;
    let mut other = viewer(&stack).await;
    long.send(Message::text("x".repeat(64 * 1024))).await;
    assert_eq!(long.closed().await, Some(1009));
    other.ping().await;
}

#[tokio::test]
async fn a_connection_watches_as_many_polls_as_it_may_and_no_more() {
    let stack = Stack::builder().env("MAX_SUBSCRIPTIONS", 2).start().await;
    let mut polls = Vec::new();
    for _ in 0..3 {
        polls.push(stack.create_poll(&lunch()).await.poll_id);
    }
    let mut viewer = viewer(&stack).await;
    for poll_id in &polls[..2] {
        viewer.subscribe(poll_id, None).await;
        assert_eq!(viewer.next("results").await["poll_id"], poll_id.to_string());
    }
    viewer.subscribe(polls[2], None).await;
    viewer.next("error").await;
    // What is watched already may be subscribed to again.
    viewer.subscribe(polls[0], None).await;
    let either =
        viewer.next_where("an answer", |frame| frame["type"] == "results" || frame["type"] == "error").await;
    assert_eq!((&either["type"], &either["poll_id"]), (&json!("results"), &json!(polls[0])));
    viewer.say(json!({"type": "unsubscribe", "poll_id": polls[0]})).await;
    viewer.next("unsubscribed").await;
    viewer.subscribe(polls[2], None).await;
    assert_eq!(viewer.next("results").await["poll_id"], polls[2].to_string());
}

#[tokio::test]
async fn sigterm_closes_connections_with_1001() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        let mut viewer = viewer(&stack).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewers.push(viewer);
    }
    assert!(stack.gateway(0).terminate().await.success());
    for viewer in &viewers {
        assert_eq!(viewer.closed().await, Some(1001));
    }
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_refused() {
    let stack = Stack::start().await;
    let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket")];
    let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let handshakes: [&[(&str, &str)]; 4] = [
        &[],
        &[upgrade[0], upgrade[1], key],
        &[upgrade[0], upgrade[1], key, ("sec-websocket-version", "8")],
        &[upgrade[0], upgrade[1], ("sec-websocket-version", "13")],
    ];
    for headers in handshakes {
        let reply = stack.request(Method::GET, "/ws", headers, "").await;
        assert_eq!((reply.status.as_u16(), reply.code().as_deref()), (400, Some("malformed_request")));
    }
    let posted = stack.request(Method::POST, "/ws", &upgrade, "").await;
    assert_eq!(posted.status, 405);
    let problem: Value = posted.json().unwrap();
    assert_eq!(problem["code"], "method_not_allowed");
}
