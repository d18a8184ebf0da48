//! Viewers through faults: all of them end on the exact counts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use pollster_integration::{DEADLINE, PollView, Stack, lunch, token, wait_until};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

use super::load::{Load, assert_all_counted};
use super::watch::assert_only_forward;
use crate::live::{counts, version, viewer};

const VIEWERS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn all_viewers_end_on_the_exact_counts_without_reconnecting_though_redis_is_killed() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let viewers = join_all((0..VIEWERS).map(async |number| {
        let mut viewer = viewer(&stack, number % 2).await;
        viewer.subscribe(poll.poll_id, None).await;
        viewer.next("results").await;
        viewer
    }))
    .await;
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for _ in 0..2 {
        load.goes_on(100).await;
        stack.redis().kill().await;
        stack.redis().restart().await;
    }
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    let exact = stack.counts(&poll).await;
    for viewer in &viewers {
        assert_only_forward(viewer, &exact).await;
        assert!(!viewer.has_ended());
    }
}

/// A client as `api.md` asks for: it reconnects with exponential backoff and full jitter, and says the version
/// that it has. All results that it is sent go to `frames`.
async fn follow(gateways: Vec<SocketAddr>, poll_id: Uuid, frames: Arc<Mutex<Vec<Value>>>) {
    const BASE: u64 = 20;
    const MOST: u64 = 1000;
    let mut failures = 0;
    for attempt in 0.. {
        let known = frames.lock().unwrap().last().map(version);
        if let Some(mut socket) = subscribe(gateways[attempt % gateways.len()], poll_id, known).await {
            failures = 0;
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    frames.lock().unwrap().push(serde_json::from_str(&text).unwrap());
                }
            }
        }
        let longest = MOST.min(BASE << failures.min(6));
        failures += 1;
        sleep(Duration::from_millis(Uuid::new_v4().as_u64_pair().0 % longest)).await;
    }
}

async fn subscribe(
    gateway: SocketAddr,
    poll_id: Uuid,
    version: Option<i64>,
) -> Option<WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(gateway).await.ok()?;
    let (mut socket, _) = client_async(format!("ws://{gateway}/ws"), stream).await.ok()?;
    let subscribe = json!({"type": "subscribe", "poll_id": poll_id, "version": version});
    socket.send(Message::text(subscribe.to_string())).await.ok()?;
    Some(socket)
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_reconnect_end_on_the_exact_counts_though_their_gateway_is_killed() {
    let stack = Stack::builder().gateways(2).start().await;
    let poll = stack.create_poll(&lunch()).await;
    let gateways = [stack.gateway(0).address(), stack.gateway(1).address()];
    let mut clients = JoinSet::new();
    let seen: Vec<Arc<Mutex<Vec<Value>>>> = (0..VIEWERS).map(|_| Arc::default()).collect();
    for (number, frames) in seen.iter().enumerate() {
        let mut gateways = gateways.to_vec();
        gateways.rotate_left(number % 2);
        clients.spawn(follow(gateways, poll.poll_id, frames.clone()));
    }
    let load = Load::start(&stack, &poll, 8, Duration::ZERO);
    for killed in [1, 0] {
        load.goes_on(100).await;
        stack.gateway(killed).kill().await;
        // All are at the other one.
        connections(&stack, 1 - killed, VIEWERS).await;
        stack.gateway(killed).restart().await;
    }
    load.goes_on(100).await;
    let accepted = load.end().await;
    assert_all_counted(&stack, &poll, &accepted).await;
    assert_seen(&stack, &poll, &seen).await;
    // Who has the newest already is sent nothing by the other gateway before there is something newer.
    stack.gateway(1).kill().await;
    connections(&stack, 0, VIEWERS).await;
    stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
    assert_eq!(stack.assert_exact(&poll).await.total, accepted.len() as i64 + 1);
    assert_seen(&stack, &poll, &seen).await;
}

/// Waits until each client ends on the exact counts, then fails if any was sent something twice.
async fn assert_seen(stack: &Stack, poll: &PollView, seen: &[Arc<Mutex<Vec<Value>>>]) {
    let exact = stack.counts(poll).await;
    for frames in seen {
        wait_until("the last counts are seen", DEADLINE, async || {
            frames.lock().unwrap().last().is_some_and(|last| counts(last) == exact).then_some(())
        })
        .await;
        let versions: Vec<i64> = frames.lock().unwrap().iter().map(version).collect();
        assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    }
}

async fn connections(stack: &Stack, gateway: usize, wanted: usize) {
    wait_until(&format!("{wanted} connections"), DEADLINE, async || {
        let open = stack.gateway(gateway).metric("pollster_ws_connections").await;
        (open == wanted as f64).then_some(())
    })
    .await;
}
