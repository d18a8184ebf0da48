//! Senders that take their time are cut off; others are served meanwhile.

use std::time::Duration;

use pollster_integration::{DEADLINE, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{assert_alive, statuses};

/// A byte in this time: often enough for whoever only looks whether something comes.
const PACE: Duration = Duration::from_millis(250);

/// Sends `start` and then a byte at a time, until the gateway ends the connection; returns what it said.
async fn drip(stack: &Stack, start: &str) -> String {
    let mut stream = TcpStream::connect(stack.gateway(0).address()).await.unwrap();
    stream.write_all(start.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let dripping = async {
        loop {
            tokio::time::sleep(PACE).await;
            if writer.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = reader.read_to_end(&mut answer) => {}
        () = dripping => {}
        () = tokio::time::sleep(DEADLINE) => panic!("never cut off: {start}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn slow_senders_are_cut_off() {
    let stack = Stack::builder().aggregators(0).without_background().start().await;
    let slow_body = "POST /api/v1/polls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                     Content-Length: 10000\r\n\r\n{\"title\":\"";
    let slow_chunks = "POST /api/v1/polls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                       Transfer-Encoding: chunked\r\n\r\n2000\r\n{\"title\":\"";
    let (silent, head, headers, body, chunks) = tokio::join!(
        drip(&stack, ""),
        drip(&stack, "GET /livez"),
        drip(&stack, "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        drip(&stack, slow_body),
        drip(&stack, slow_chunks),
    );
    for unanswered in [&silent, &head, &headers] {
        assert!(statuses(unanswered).iter().all(|status| status.starts_with('4')), "{unanswered}");
    }
    for answer in [&body, &chunks] {
        assert_eq!(statuses(answer), ["408"], "{answer}");
    }
    assert_alive("slow senders", &stack).await;
}
