//! The stream itself: what it begins with, what is refused, what a silent, slow or gone client costs.

use hyper::Method;
use pollster_integration::{
    DEADLINE, EventParser, EventStream, PollView, Stack, Viewer, lunch, token, wait_until,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use uuid::Uuid;

use super::{open, sees};
use crate::errors::assert_problem;

/// Waits until so many streams are open at the first gateway.
async fn streams(stack: &Stack, wanted: f64) {
    wait_until(&format!("{wanted} streams"), DEADLINE, async || {
        (stack.gateway(0).metric("pollster_sse_connections").await == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_stream_passes_through_caches_and_proxies_and_says_when_to_reconnect() {
    let stack = Stack::builder().env("ALLOWED_ORIGINS", "https://app.example").start().await;
    let poll = stack.create_poll(&lunch()).await;
    let origin = [("origin", "https://app.example")];
    let mut stream = EventStream::ask(stack.gateway(0).address(), poll.poll_id, &origin).await.unwrap();
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
        ("x-content-type-options", "nosniff"),
        ("access-control-allow-origin", "https://app.example"),
    ] {
        assert_eq!(stream.headers[name], value, "{name}");
    }
    sees(&mut stream, 0).await;
    assert!(stream.retry().is_some_and(|milliseconds| (1000..5000).contains(&milliseconds)));
    streams(&stack, 1.0).await;
    drop(stream);
    streams(&stack, 0.0).await;
}

#[tokio::test]
async fn what_can_not_be_streamed_is_a_problem_and_no_stream() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gateway = stack.gateway(0).address();
    let unknown = Uuid::now_v7().to_string();
    let known = poll.poll_id.to_string();
    for (poll, header, status, code) in [
        (&unknown, ("accept", "*/*"), 404, "poll_not_found"),
        (&known, ("last-event-id", "new"), 400, "malformed_request"),
        (&known, ("last-event-id", "-1"), 400, "malformed_request"),
        (&known, ("last-event-id", "99999999999999999999"), 400, "malformed_request"),
        (&known, ("x-voter-token", "me"), 400, "malformed_request"),
        (&known, ("authorization", "Bearer no.such.token"), 401, "unauthenticated"),
    ] {
        let reply = EventStream::ask(gateway, poll, &[header]).await.unwrap_err();
        assert_problem(&format!("{header:?}"), &reply, status, code);
    }
    let posted = stack.request(Method::POST, &format!("/api/v1/polls/{known}/events"), &[], "").await;
    assert_problem("POST", &posted, 405, "method_not_allowed");
    streams(&stack, 0.0).await;
}

#[tokio::test]
async fn a_head_opens_no_stream() {
    let stack = Stack::start().await;
    let (asked, watched) = (stack.create_poll(&lunch()).await, stack.create_poll(&lunch()).await);
    let path = format!("/api/v1/polls/{}/events", asked.poll_id);
    let head = stack.request(Method::HEAD, &path, &[], "").await;
    assert_eq!(
        (head.status.as_u16(), &head.headers["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    assert!(!head.headers.contains_key("content-length"), "{:?}", head.headers);
    let missing = format!("/api/v1/polls/{}/events", Uuid::now_v7());
    assert_eq!(stack.request(Method::HEAD, &missing, &[], "").await.status, 404);

    // Once this one is told of a vote, all watches made before it are counted.
    let mut stream = open(&stack, 0, &watched).await;
    sees(&mut stream, 0).await;
    stack.accepted(&watched, &token(), None, watched.ballot(0, 0)).await;
    sees(&mut stream, 1).await;
    assert_eq!(stack.gateway(0).metric("pollster_watched_polls").await, 1.0);
}

#[tokio::test]
async fn silent_streams_are_kept_open_by_comments() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let mut streams = Vec::new();
    // Each gets one every 25 s, all of them spread over that time.
    for _ in 0..50 {
        streams.push(open(&stack, 0, &poll).await);
    }
    let mut kept = wait_until("a comment", DEADLINE, async || {
        let heard = streams.iter().position(|stream| stream.comments() > 0)?;
        Some(streams.swap_remove(heard))
    })
    .await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    sees(&mut kept, 1).await;
}

/// A poll whose results are long: some 50 KB.
async fn long_poll(stack: &Stack) -> PollView {
    let choices: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let question = json!({"text": "Which?", "choices": choices});
    stack.create_poll(&json!({"title": "Long", "questions": vec![question; 20]})).await
}

/// Asks for the stream over a connection that holds little, and reads none of it.
async fn ask_without_reading(stack: &Stack, poll: &PollView) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(stack.gateway(0).address()).await.unwrap();
    // HTTP/1.0 knows no chunks: what follows the headers are the events themselves.
    let request = format!("GET /api/v1/polls/{}/events HTTP/1.0\r\nhost: test\r\n\r\n", poll.poll_id);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn who_is_slow_is_sent_the_newest_and_spared_the_rest() {
    const VOTES: i64 = 40;
    let stack = Stack::builder().env("RESULTS_INTERVAL_MS", 0).start().await;
    let poll = long_poll(&stack).await;
    let mut slow = ask_without_reading(&stack, &poll).await;
    let mut fast = open(&stack, 0, &poll).await;
    streams(&stack, 2.0).await;
    for total in 1..=VOTES {
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        sees(&mut fast, total).await;
    }
    stack.close(&poll).await;
    let end = fast.next("poll_closed").await;

    let mut answer = Vec::new();
    tokio::time::timeout(DEADLINE, slow.read_to_end(&mut answer)).await.unwrap().unwrap();
    let body = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let mut read = EventParser::default();
    read.feed(&answer[body..]);
    let (last, before) = read.events().split_last().unwrap();
    assert_eq!(*last, end);
    let before: Vec<_> = before.iter().filter(|event| event.kind == "results").collect();
    let versions: Vec<i64> = before.iter().map(|event| event.data["version"].as_i64().unwrap()).collect();
    assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
    assert_eq!(before.last().unwrap().data["results"], end.data["results"]);
    // What the kernel and the connection's buffer held when nothing more went.
    assert!(versions.len() <= 12, "{versions:?}");
    assert!(stack.gateway(0).metric("pollster_ws_skipped_total").await >= 20.0);
}

#[tokio::test]
async fn streams_through_a_proxy_count_for_their_clients() {
    let env = Stack::builder().aggregators(0).without_background();
    let env = env.env("TRUSTED_PROXIES", "127.0.0.1").env("MAX_CONNECTIONS_PER_ADDRESS", 2);
    let stack = env.start().await;
    let gateway = stack.gateway(0).address();
    let poll = stack.create_poll(&lunch()).await;
    let from = |address: &'static str| [("x-forwarded-for", address)];
    let mut socket = Viewer::connect_with(gateway, &from("203.0.113.1")).await;
    socket.ping().await;
    let stream = EventStream::ask(gateway, poll.poll_id, &from("203.0.113.1")).await.unwrap();
    let refused = EventStream::ask(gateway, poll.poll_id, &from("203.0.113.1")).await.unwrap_err();
    assert_problem("one too many", &refused, 503, "overloaded");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(stack.gateway(0).metric("pollster_connections_refused_total").await, 1.0);
    EventStream::ask(gateway, poll.poll_id, &from("203.0.113.2")).await.unwrap();
    drop(stream);
    wait_until("there is room", DEADLINE, async || {
        EventStream::ask(gateway, poll.poll_id, &from("203.0.113.1")).await.ok()
    })
    .await;
}
