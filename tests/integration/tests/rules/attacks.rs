//! Hostile requests: refused, cut off or taken as the text that they are, and the gateway lives on.

mod headers;
mod injection;
mod slow;
mod smuggling;

use std::net::SocketAddr;

use hyper::Method;
use pollster_integration::{DEADLINE, Stack, lunch, token};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::errors::{JSON, assert_problem, polls, post};

/// Sends bytes as they are and nothing after them; returns all that comes back until the gateway ends the
/// connection, which it does at last when it has waited long enough for more.
async fn exchange(gateway: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    let mut answer = Vec::new();
    let talk = async {
        // Either may fail on a connection that is closed already; what came before counts.
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    tokio::time::timeout(DEADLINE, talk).await.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of the answers in what came back.
fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|answer| answer.split(' ').next().unwrap()).collect()
}

async fn assert_alive(what: &str, stack: &Stack) {
    assert_eq!(stack.get("/livez").await.status, 200, "{what}");
}

#[tokio::test]
async fn nested_and_endless_json_is_refused() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    let bodies = [
        "[".repeat(100_000),
        r#"{"questions":"#.repeat(7_000),
        format!(r#"{{"settings":{}"#, "[".repeat(100_000)),
        format!(r#"{{"title":"{}"#, "x".repeat(700_000)),
        format!(r#"{{"title":"{}"}}"#, r"\ud800".repeat(1000)),
        "9".repeat(100_000),
        r#"{"title":1e999999999}"#.to_owned(),
        " ".repeat(1_000_000),
    ];
    for body in &bodies {
        let what = &body[..20];
        let made = post(&stack, "/api/v1/polls", body).await;
        assert!(made.status.is_client_error(), "{what}: {}", made.status);
        let cast = stack.vote(&poll, &token(), None, body.clone().into()).await;
        assert!(cast.status.is_client_error(), "{what}: {}", cast.status);
        assert_alive(what, &stack).await;
    }
    assert_eq!(polls(&stack).await, 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_refused() {
    let stack = Stack::start().await;
    let gateway = stack.gateway(0).address();
    let poll = stack.create_poll(&lunch()).await;
    let votes = poll.votes_path().to_string();
    let head = |method: &str, path: &str, length: usize| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        )
    };
    let body = poll.ballot(0, 0);
    let ballot = String::from_utf8(body.to_vec()).unwrap();
    let spoilt = b"{\"title\":\"\xff\xfe\",\"questions\":[{\"text\":\"a\",\"choices\":[\"b\",\"c\"]}]}";
    let with = |head: String, header: &[u8], body: &[u8]| [head.as_bytes(), header, b"\r\n", body].concat();
    let voter = format!("X-Voter-Token: {}\r\n", token());
    let requests: [(&str, Vec<u8>, &[&str]); 6] = [
        ("a poll", with(head("POST", "/api/v1/polls", spoilt.len()), b"", spoilt), &["400"]),
        ("a ballot", with(head("POST", &votes, spoilt.len()), voter.as_bytes(), spoilt), &["400"]),
        ("a token", with(head("POST", &votes, body.len()), b"X-Voter-Token: \xff\r\n", &body), &["400"]),
        (
            "a key",
            with(
                head("POST", &votes, body.len()),
                &[voter.as_bytes(), b"Idempotency-Key: \xc3\x28\r\n"].concat(),
                &body,
            ),
            &["400"],
        ),
        (
            "a path",
            b"GET /api/v1/polls/\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
            &["400", "404"],
        ),
        (
            "a path in percents",
            b"GET /api/v1/polls/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
            &["404"],
        ),
    ];
    for (what, request, expected) in &requests {
        let answer = exchange(gateway, request).await;
        assert_eq!(statuses(&answer).len(), 1, "{what}: {answer}");
        assert!(expected.contains(&statuses(&answer)[0]), "{what}: {answer}");
        assert_alive(what, &stack).await;
    }
    // What is UTF-8 is taken, also where it is not ASCII.
    let headers = [JSON, ("x-voter-token", &token()), ("idempotency-key", "schlüssel")];
    assert_eq!(stack.request(Method::POST, &votes, &headers, &ballot).await.status, 202);
    assert_eq!(polls(&stack).await, 1);
    assert_eq!(stack.assert_exact(&poll).await.total, 1);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let stack = Stack::start().await;
    let gateway = stack.gateway(0).address();
    let many: String = (0..1000).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "y".repeat(1_000_000));
    let path = format!("/{}", "x".repeat(100_000));
    for request in [
        format!("GET /livez HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
        format!("GET /livez HTTP/1.1\r\nHost: x\r\n{long}\r\n"),
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"),
        "\0".repeat(100_000),
        format!("{} / HTTP/1.1\r\nHost: x\r\n\r\n", "A".repeat(100_000)),
    ] {
        let answer = exchange(gateway, request.as_bytes()).await;
        let refused = |status: &&str| ["400", "414", "431"].contains(status);
        assert!(statuses(&answer).len() <= 1 && statuses(&answer).iter().all(refused), "{answer}");
        assert_alive(&request[..20], &stack).await;
    }
}

#[tokio::test]
async fn a_request_that_lies_about_itself_changes_nothing() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    // A method in a header, a path in a header, a poll in a query: none of them is where we look.
    let headers = [
        JSON,
        ("x-http-method-override", "DELETE"),
        ("x-original-url", "/api/v1/polls"),
        ("x-rewrite-url", "/livez"),
    ];
    let path = format!("/api/v1/polls/{}?poll=other&_method=DELETE", poll.poll_id);
    let read = stack.request(Method::GET, &path, &headers, "").await;
    assert_eq!(read.json::<serde_json::Value>().unwrap()["poll_id"], json!(poll.poll_id));
    for path in ["/api/v1/polls/../../../etc/passwd", "/api/v1//polls", "/assets/../../../etc/passwd"] {
        assert_problem(path, &stack.request(Method::GET, path, &[], "").await, 404, "not_found");
    }
    for path in ["/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/../../etc/passwd"] {
        let page = stack.request(Method::GET, path, &[], "").await;
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.text().contains("root:"), "{path}");
    }
}
