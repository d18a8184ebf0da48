//! Viewers who read slowly, or not at all: they cost a bounded amount, and delay nobody.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use pollster_integration::{DEADLINE, PollView, Stack, token, wait_until};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::watch;
use crate::live::{counts, sees, version};

/// A poll whose results are some 50 KB.
fn large() -> Value {
    let choices: Vec<String> = (0..50).map(|number| format!("choice {number}")).collect();
    let questions: Vec<Value> =
        (0..20).map(|number| json!({"text": format!("question {number}?"), "choices": choices})).collect();
    json!({"title": "Large", "questions": questions})
}

/// A viewer who has little room for what it does not read, and reads only when told.
async fn narrow_viewer(stack: &Stack, poll: &PollView) -> WebSocketStream<TcpStream> {
    let gateway = stack.gateway(0).address();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(gateway).await.unwrap();
    let (mut viewer, _) =
        tokio_tungstenite::client_async(format!("ws://{gateway}/ws"), stream).await.unwrap();
    let subscribe = json!({"type": "subscribe", "poll_id": poll.poll_id});
    viewer.send(Message::text(subscribe.to_string())).await.unwrap();
    viewer
}

/// Reads the next frame, which must be whole; `None` where the connection is closed, with the code.
async fn read(viewer: &mut WebSocketStream<TcpStream>) -> Result<Value, Option<u16>> {
    loop {
        match timeout(DEADLINE, viewer.next()).await.expect("a frame or the end") {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(reason))) => return Err(reason.map(|reason| reason.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Err(None),
        }
    }
}

#[tokio::test]
async fn who_reads_nothing_is_left_with_3008_and_delays_no_other() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&large()).await;
    let mut others = watch(&stack, 0, &poll, 3).await;
    let mut silent = narrow_viewer(&stack, &poll).await;
    let mut votes = 0;
    let is_left = async || {
        stack.gateway(0).metrics().await.contains(r#"pollster_ws_closed_total{code="3008"} 1"#).then_some(())
    };
    wait_until("it is left", DEADLINE, async || {
        votes += 1;
        stack.accepted(&poll, &token(), None, poll.ballot(0, 0)).await;
        for other in &mut others {
            sees(other, &poll, votes).await;
        }
        is_left().await
    })
    .await;
    assert!(votes > 10, "{votes} votes were seen meanwhile");
    // What it reads long after is whole, and ends with the reason.
    let mut frames = Vec::new();
    let end = loop {
        match read(&mut silent).await {
            Ok(frame) => frames.push(version(&frame)),
            Err(end) => break end,
        }
    };
    assert_eq!(end, Some(3008));
    assert!(frames.is_sorted_by(|one, next| one < next), "{frames:?}");
    assert!(frames.len() < 10, "{} frames were held for it", frames.len());
}

#[tokio::test]
async fn who_reads_slowly_gets_whole_frames_skips_versions_and_ends_with_the_newest() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&large()).await;
    let mut slow = narrow_viewer(&stack, &poll).await;
    let mut other = watch(&stack, 0, &poll, 1).await.remove(0);
    let reading = tokio::spawn(async move {
        let mut frames = Vec::new();
        loop {
            let frame = read(&mut slow).await.expect("it is not left");
            frames.push((version(&frame), counts(&frame)));
            if frame["total_votes"] == 200 {
                return frames;
            }
            // Several versions come meanwhile.
            sleep(Duration::from_millis(300)).await;
        }
    });
    for votes in 1..=200 {
        stack.accepted(&poll, &token(), None, poll.ballot(votes % 20, votes % 50)).await;
        if votes % 20 == 0 {
            sees(&mut other, &poll, votes as i64).await;
        }
    }
    let exact = stack.assert_exact(&poll).await;
    let frames = reading.await.unwrap();
    assert!(frames.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(frames.last().unwrap().1, exact);
    assert!(frames.len() < other.frames_of("results").len(), "{} frames", frames.len());
    assert!(stack.gateway(0).metric("pollster_ws_skipped_total").await > 0.0);
    assert_eq!(stack.gateway(0).metric("pollster_ws_closed_total").await, 0.0);
}
