//! What a gateway writes at once (results, answers, pongs) comes as whole frames, also where a write takes only a
//! part of one.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hyper::StatusCode;
use pollster_integration::{ClientFrame, Handshake, RawSocket, Received};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;
use uuid::Uuid;

use super::{HELLO, gateway};

/// The results of so many polls, 50 KB each, so often, are more than what the buffers between take.
const POLLS: usize = 20;
const ROUNDS: usize = 5;
/// Polls to a question that is answered.
const POLLS_A_QUESTION: usize = 10;
const QUESTIONS: usize = ROUNDS * POLLS / POLLS_A_QUESTION;
/// From a subscription to the next: the rate of messages is limited.
const PACE: Duration = Duration::from_millis(15);

/// A connection that takes little at a time.
async fn narrow(gateway: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(gateway).await.unwrap()
}

/// A poll whose results are some 50 KB.
fn large() -> Value {
    let choices: Vec<String> = (0..50).map(|number| format!("choice {number}")).collect();
    let questions: Vec<Value> =
        (0..20).map(|number| json!({"text": format!("question {number}?"), "choices": choices})).collect();
    json!({"title": "Large", "questions": questions})
}

/// Subscribes to each poll, anew in each round, and asks something now and then; reads nothing.
async fn subscribe_and_ask(socket: &mut RawSocket, polls: &[Uuid]) {
    let all: Vec<&Uuid> = (0..ROUNDS).flat_map(|_| polls).collect();
    for (question, polls) in all.chunks(POLLS_A_QUESTION).enumerate() {
        for poll_id in polls {
            let subscribe = json!({"type": "subscribe", "poll_id": poll_id}).to_string();
            socket.send(ClientFrame::text(subscribe).bytes()).await;
            sleep(PACE).await;
        }
        let frames = [ClientFrame::text(HELLO), ClientFrame::ping(question.to_string())];
        socket.send(frames.map(|frame| frame.bytes()).concat()).await;
    }
}

#[tokio::test]
async fn results_answers_and_pongs_are_whole_however_little_a_write_takes() {
    let stack = gateway().await;
    let polls = join_all((0..POLLS).map(async |_| stack.create_poll(&large()).await.poll_id)).await;
    let stream = narrow(stack.gateway(0).address()).await;
    let (reply, mut socket) = Handshake::default().send_over(stream).await;
    assert_eq!(reply.status, StatusCode::SWITCHING_PROTOCOLS);
    subscribe_and_ask(&mut socket, &polls).await;
    let (mut watched, mut answers, mut pongs) = (HashSet::new(), 0, Vec::new());
    // Of pings that were not answered yet a pong to the last one is enough.
    while watched.len() < POLLS || answers < QUESTIONS || pongs.last() != Some(&(QUESTIONS - 1)) {
        match socket.next().await {
            Received::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                match message["type"].as_str().unwrap() {
                    "results" => _ = watched.insert(message["poll_id"].to_string()),
                    "pong" => answers += 1,
                    // How many watch, now and then.
                    "viewers" => {}
                    _ => panic!("{text}"),
                }
            }
            Received::Pong(payload) => pongs.push(String::from_utf8(payload).unwrap().parse().unwrap()),
            other => panic!("{other:?}"),
        }
    }
    assert!(pongs.is_sorted(), "{pongs:?}");
}
